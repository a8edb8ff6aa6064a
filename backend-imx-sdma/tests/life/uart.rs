//! The UART: characters come when they come, and a descriptor ends early when the line falls idle.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::RequestLine;
use dmaengine_core::error::TransferError;
use dmaengine_core::{BusWidth, Cyclic, Direction, EventKind, Outcome, Transfer};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{CharError, Uart, UartLines};
use sim_imx_sdma::time::Clock;

use crate::bench::{Bench, Driver, Ring, buffer, go_round, line, slave};

const BASE: u32 = 0x0202_0000;
const WAYS: [fn(RequestLine) -> Peripheral; 2] = [Peripheral::uart, Peripheral::uart_shared];
/// A character at 1 Mbaud takes 10 us.
const BAUD: u32 = 1_000_000;

fn uart(bench: &Bench) -> Handle<Uart> {
    let uart = bench.add(BASE, Uart::new(Clock::IMX6, BAUD, UartLines::UART1));
    bench.device(uart, |uart, now| uart.set_up(now, 8, 8));
    uart
}

/// Four periods of 32 characters.
fn listen(bench: &Bench, peripheral: Peripheral) -> Ring<'_> {
    let config = slave(BASE, BusWidth::One, 8, peripheral);
    let request = Cyclic { direction: Direction::DevToMem, period: 32, config };
    go_round(bench.idle(0), &request, buffer(&[0; 128]))
}

fn heard(transfer: &Transfer<'_, Driver, &'static mut [u32]>, period: usize, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    transfer.copy_out(32 * period, &mut bytes).unwrap();
    bytes
}

#[test]
fn a_period_ends_early_when_the_line_falls_idle_and_the_next_begins_at_its_own_place() {
    for peripheral in WAYS.map(|way| way(line(25))) {
        let bench = Bench::with_firmware();
        let uart = uart(&bench);
        bench.run(|cpu, context| {
            let (active, transfer) = listen(&bench, peripheral);
            let say = |text: &[u8]| {
                bench.device(uart, |uart, now| uart.feed(now, text));
                bench.pass(cpu, 1_000);
            };
            say(b"twenty characters...");
            assert_eq!(bench.periods(), [(1, 20)]);
            assert_eq!(heard(&transfer, 0, 20), b"twenty characters...");
            say(b"x");
            assert_eq!(bench.periods(), [(1, 32 + 1)]);
            assert_eq!(heard(&transfer, 1, 1), b"x");
            // A full period and a bit: two ends, the second when the line is idle.
            say(b"thirty-two of them and then three");
            assert_eq!(bench.periods(), [(1, 64 + 32), (1, 96 + 1)]);
            assert_eq!(heard(&transfer, 2, 33), b"thirty-two of them and then three");
            // Round the corner.
            say(b"hello");
            assert_eq!(bench.periods(), [(1, 128 + 5)]);
            assert_eq!(heard(&transfer, 0, 5), b"hello");
            active.terminate_sync(context).unwrap();
        });
        bench.device(uart, |uart, _| assert_eq!((uart.overruns(), uart.underruns()), (0, 0)));
    }
}

/// One event can tell of several periods, but has one position: of periods that ended early, each is told by itself.
#[test]
fn several_short_periods_in_one_interrupt_are_told_one_by_one() {
    let bench = Bench::with_firmware();
    let uart = uart(&bench);
    bench.run(|cpu, context| {
        let (active, transfer) = listen(&bench, Peripheral::uart(line(25)));
        cpu.hold_off_interrupts(true);
        for text in ["one", "twelve", "a hundred"] {
            bench.device(uart, |uart, now| uart.feed(now, text.as_bytes()));
            bench.pass(cpu, 1_000);
        }
        assert_eq!(bench.periods(), []);
        let interrupts = bench.interrupts();
        cpu.hold_off_interrupts(false);
        cpu.take_interrupt();
        let lengths: Vec<_> = bench.periods().iter().zip(0..).map(|(told, n)| (told.0, told.1 - 32 * n)).collect();
        // The ninth character ends a burst of 8 and then a period of 9.
        assert_eq!(lengths, [(1, 3), (1, 6), (1, 9)]);
        assert_eq!(heard(&transfer, 2, 9), b"a hundred");
        assert_eq!(bench.interrupts() - interrupts, 1);
        active.terminate_sync(context).unwrap();
    });
}

/// All four periods are used up before anybody looks: the script stops, and is started again as they are handed back.
#[test]
fn a_receiver_that_starved_goes_on() {
    let bench = Bench::with_firmware();
    let uart = uart(&bench);
    bench.run(|cpu, context| {
        let (active, transfer) = listen(&bench, Peripheral::uart(line(25)));
        cpu.hold_off_interrupts(true);
        for text in [b"1st", b"2nd", b"3rd", b"4th", b"5th"] {
            bench.device(uart, |uart, now| uart.feed(now, text));
            bench.pass(cpu, 1_000);
        }
        cpu.hold_off_interrupts(false);
        bench.pass(cpu, 1_000);
        let told: u32 = bench.periods().iter().map(|told| told.0).sum();
        assert_eq!((told, heard(&transfer, 3, 3)), (5, b"4th".to_vec()));
        assert_eq!(heard(&transfer, 0, 3), b"5th");
        bench.device(uart, |uart, now| uart.feed(now, b"6th"));
        bench.pass(cpu, 1_000);
        assert_eq!((bench.periods(), heard(&transfer, 1, 3)), (vec![(1, 5 * 32 + 3)], b"6th".to_vec()));
        active.terminate_sync(context).unwrap();
    });
}

/// The script closes the descriptor with R at a character that has an error. The ring stops, and says that it has failed.
#[test]
fn a_character_with_an_error_fails_the_ring() {
    for error in [CharError::Parity, CharError::Frame, CharError::Break] {
        let bench = Bench::with_firmware();
        let uart = uart(&bench);
        bench.run(|cpu, context| {
            let (active, transfer) = listen(&bench, Peripheral::uart(line(25)));
            bench.device(uart, |uart, now| {
                uart.feed(now, b"fine");
                uart.feed_error(now, b'?', error);
                uart.feed(now, b"more");
            });
            bench.pass(cpu, 2_000);
            let failed = EventKind::Failed(TransferError::Bus);
            assert_eq!(bench.events().iter().map(|event| event.kind).collect::<Vec<_>>(), [failed]);
            let ended = transfer.try_resolve().unwrap();
            assert_eq!(ended.outcome, Outcome::Failed(TransferError::Bus));
            assert_eq!(ended.buffer[0].to_le_bytes(), *b"fine");
            drop(active.try_idle().unwrap());
            // And it can be listened to again.
            let (active, transfer) = listen(&bench, Peripheral::uart(line(25)));
            bench.device(uart, |uart, now| uart.feed(now, b"again"));
            bench.pass(cpu, 2_000);
            assert!(!bench.periods().is_empty());
            active.terminate_sync(context).unwrap();
            drop(transfer);
        });
    }
}

#[test]
fn characters_are_sent() {
    for peripheral in WAYS.map(|way| way(line(26))) {
        let bench = Bench::with_firmware();
        let uart = uart(&bench);
        let text = b"the quick brown fox jumps over the lazy dog; how vexingly quick.";
        bench.run(|cpu, context| {
            let config = slave(BASE + 0x40, BusWidth::One, 16, peripheral);
            assert_eq!(bench.send(context, &config, text, || ()), Outcome::Completed);
            bench.pass(cpu, 1_000);
        });
        bench.device(uart, |uart, _| {
            assert!(uart.taken().iter().copied().eq(text.iter().map(|byte| u32::from(*byte))), "{:?}", uart.taken());
        });
    }
}
