//! The UART: characters at the wire's pace, and the timers that tell that no more come.

use sim_imx_sdma::bus::{BusError, Peripheral, Width};
use sim_imx_sdma::peripheral::{CharError, Uart, UartLines};
use sim_imx_sdma::time::{Clock, Cycles};

const BAUD: u32 = 115_200;
const T0: Cycles = Cycles(5_000);
const RX: u64 = 1 << 25;
const TX: u64 = 1 << 26;
const RRDY: u32 = 1 << 9;
const AGTIM: u32 = 1 << 8;
const IDLE: u32 = 1 << 12;

/// When the `n`th character of a line that began at `from` has come or gone.
fn character(from: Cycles, n: u64) -> Cycles {
    Clock::IMX6.tick(from, BAUD, 10 * n)
}

/// Asks at eight characters, and two left to send. The transmitter is off.
fn uart() -> Uart {
    let mut uart = Uart::new(Clock::IMX6, BAUD, UartLines::UART1);
    uart.set_up(Cycles(0), 8, 2);
    write(&mut uart, Cycles(0), 0x80, 1 << 8 | 1 << 2);
    uart
}

fn read(uart: &mut Uart, now: Cycles, offset: u32) -> u32 {
    uart.read(now, offset, Width::Four).unwrap()
}

fn write(uart: &mut Uart, now: Cycles, offset: u32, value: u32) {
    uart.write(now, offset, Width::Four, value).unwrap();
}

#[test]
fn the_line_rises_with_the_character_that_reaches_the_watermark() {
    let mut uart = uart();
    uart.feed(T0, b"0123456789");
    assert_eq!((uart.lines(), uart.next_change()), (0, Some(character(T0, 8))));
    uart.advance(Cycles(character(T0, 8).0 - 1));
    assert_eq!((uart.lines(), read(&mut uart, T0, 0x94) & RRDY), (0, 0));
    uart.advance(character(T0, 8));
    assert_eq!((uart.lines(), read(&mut uart, T0, 0x94) & RRDY), (RX, RRDY));
    assert_eq!(read(&mut uart, character(T0, 8), 0x00), 1 << 15 | u32::from(b'0'));
    assert_eq!((uart.lines(), uart.next_change()), (0, Some(character(T0, 9))));
}

/// Fewer than the watermark came, and then nothing: a script that waits for the watermark would wait for ever.
#[test]
fn characters_that_lie_too_long_raise_the_line_by_aging() {
    let mut uart = uart();
    write(&mut uart, Cycles(0), 0x8C, 0); // no request for idle
    uart.feed(T0, b"abc");
    let last = character(T0, 3);
    assert_eq!(uart.next_change(), Some(character(last, 8)));
    uart.advance(character(last, 8));
    assert_eq!((uart.lines(), read(&mut uart, T0, 0x94) & (RRDY | AGTIM)), (RX, AGTIM));
    // As the script does it: clear, then read what is there.
    write(&mut uart, character(last, 8), 0x94, AGTIM);
    assert_eq!(uart.lines(), 0);
    let mut text = Vec::new();
    while read(&mut uart, character(last, 8), 0x98) & 1 == 1 {
        text.push(read(&mut uart, character(last, 8), 0x00) as u8);
    }
    assert_eq!(text, b"abc");
    assert_eq!((uart.lines(), uart.next_change()), (0, None));
}

#[test]
fn reading_a_character_starts_aging_anew_and_an_empty_fifo_does_not_age() {
    let mut uart = uart();
    write(&mut uart, Cycles(0), 0x8C, 0);
    uart.feed(T0, b"ab");
    let now = character(T0, 7);
    uart.advance(now);
    read(&mut uart, now, 0x00);
    assert_eq!(uart.next_change(), Some(character(now, 8)));
    read(&mut uart, now, 0x00);
    assert_eq!(uart.next_change(), None);
}

#[test]
fn an_idle_wire_raises_the_line_after_as_many_characters_as_icd_says() {
    for (icd, characters) in [(0, 4), (1, 8), (2, 16), (3, 32)] {
        let mut uart = uart();
        write(&mut uart, Cycles(0), 0x80, 1 << 8 | icd << 10); // no request for aging
        uart.feed(T0, b"a");
        let idle = character(character(T0, 1), characters);
        assert_eq!(uart.next_change(), Some(idle));
        uart.advance(idle);
        assert_eq!((uart.lines(), read(&mut uart, idle, 0x98) & IDLE), (RX, IDLE));
        write(&mut uart, idle, 0x98, IDLE);
        // Only the next character arms it again.
        assert_eq!((uart.lines(), uart.next_change()), (0, None));
        uart.feed(idle, b"b");
        assert_eq!(uart.next_change(), Some(character(character(idle, 1), characters)));
    }
}

#[test]
fn a_gap_on_the_wire_lets_the_timers_run_and_a_character_that_comes_just_in_time_stops_them() {
    let mut uart = uart();
    uart.feed(T0, b"a");
    uart.gap(T0, 2);
    uart.feed(T0, b"b"); // three character times behind `a`: not idle
    uart.gap(T0, 9);
    uart.feed(T0, b"c");
    assert_eq!(uart.next_change(), Some(character(character(T0, 4), 4)));

    // To be exact to the cycle: the character and the timer are due in the same one.
    let clock = Clock { hz: 1_000_000 };
    let mut exact = Uart::new(clock, 10_000, UartLines::UART1);
    exact.set_up(Cycles(0), 8, 2);
    exact.feed(Cycles(0), b"a");
    exact.gap(Cycles(0), 3);
    exact.feed(Cycles(0), b"b");
    exact.advance(Cycles(5_000));
    assert_eq!(exact.read(Cycles(5_000), 0x98, Width::Four).unwrap() & IDLE, 0);
    assert_eq!(exact.next_change(), Some(Cycles(9_000)));
}

#[test]
fn a_bad_character_bears_its_flag() {
    let mut uart = uart();
    uart.feed_error(T0, b'x', CharError::Parity);
    uart.feed_error(T0, b'y', CharError::Frame);
    uart.feed_error(T0, 0, CharError::Break);
    uart.feed(T0, b"z");
    let now = character(T0, 4);
    uart.advance(now);
    let read: Vec<_> = (0..5).map(|_| read(&mut uart, now, 0x00)).collect();
    let good = 1 << 15;
    let bad = good | 1 << 14;
    assert_eq!(read, [bad | 1 << 10 | 0x78, bad | 1 << 12 | 0x79, bad | 1 << 11, good | 0x7A, 0]);
    assert_eq!(uart.underruns(), 1);
}

#[test]
fn the_thirty_third_character_is_lost_and_noted() {
    let mut uart = uart();
    uart.feed(T0, &[b'a'; 35]);
    uart.advance(character(T0, 35));
    assert_eq!((uart.rx_level(), uart.overruns()), (32, 3));
    assert_eq!(read(&mut uart, character(T0, 35), 0x98) & 2, 2);
    write(&mut uart, character(T0, 35), 0x98, 2);
    assert_eq!(read(&mut uart, character(T0, 35), 0x98) & 2, 0);
}

#[test]
fn characters_that_are_written_are_sent_one_after_the_other_and_the_line_follows() {
    let mut uart = uart();
    write(&mut uart, T0, 0x80, 1 << 3);
    assert_eq!(uart.lines(), TX);
    for n in 0..6 {
        uart.write(T0, 0x40, Width::One, 0x100 + n).unwrap();
    }
    assert_eq!((uart.lines(), uart.next_change()), (0, Some(character(T0, 4))));
    uart.advance(character(T0, 4));
    assert_eq!((uart.lines(), uart.taken()), (TX, &[0, 1, 2, 3][..]));
    let later = character(T0, 100);
    uart.advance(later);
    assert_eq!(uart.taken().len(), 6);
    // The wire was free: the next one begins when it is written.
    for n in 0..3 {
        write(&mut uart, later, 0x40, n);
    }
    assert_eq!(uart.next_change(), Some(character(later, 1)));
    assert_eq!(uart.tx().underruns(), 0);
}

#[test]
fn a_wrong_width_or_register_is_a_bus_error() {
    let mut uart = uart();
    for (address, width) in [(0x40, Width::Four), (0x94, Width::Two), (0x98, Width::One), (0x9C, Width::Four)] {
        assert_eq!(uart.read(T0, address, width), Err(BusError { address }));
    }
    for (address, width) in [(0x00, Width::Four), (0x90, Width::One), (0x84, Width::Four)] {
        assert_eq!(uart.write(T0, address, width, 0), Err(BusError { address }));
    }
}
