//! The UART receiver: through random bursts, too slow, given up, and stopped in the middle of everything.

use std::future::Future;
use std::ops::Range;
use std::pin::pin;

use backend_mock::Mock;
use backend_mock::hw::{Nanos, News, NewsKind, StopLatency};
use dmaengine_core::{ErrorKind, Kept, Micros, TransferError, Unfinished};

use crate::common::{L, assert_all_slots_free, assert_clean, assert_left_alone, now, us, zeroed};
use crate::demo::{Board, Executor, attach_line, board, cpu};
use crate::uart::{self, ReadError, Receiver, Timer, UartConfig};
use crate::{Dice, RATE, Script, device};

const RING: usize = 256;
const PERIOD: u32 = 16;
const IDLE: u64 = 500;

impl Timer for Executor<'_, '_> {
    fn after(&self, time: Micros) -> impl Future<Output = ()> {
        Executor::after(self, time)
    }
}

fn uart_config() -> UartConfig<()> {
    UartConfig { device: device(), period: PERIOD, idle: Micros(IDLE) }
}

/// A receiver that listens to a script from now on.
fn listen<'d>(dma: &'d Board, script: &Script) -> Receiver<'d, Mock> {
    attach_line(dma.engine(), 0, RATE, &script.bursts);
    Receiver::start(dma.channel(0).unwrap(), zeroed(RING), &uart_config()).unwrap()
}

/// Reads up to the end of a script, now asleep and now as a task. Tells of each read when it was asked for and when it was
/// answered, what it delivered, and whether that filled the buffer.
fn hear(script: &Script, dice: &mut Dice, mut each: impl FnMut(Nanos, Nanos, Range<usize>, bool)) {
    let dma = board();
    let cpu = cpu(&dma);
    let executor = Executor::new(&cpu, dma.engine());
    let mut uart = listen(&dma, script);
    let mut heard = Vec::new();
    let mut out = [0; 128];
    while heard.len() < script.all.len() {
        let out = &mut out[..1 + dice.below(128) as usize];
        let asked = dma.engine().hw().now();
        let count = if dice.below(2) == 0 {
            cpu.thread(|context| uart.read(context, out, Micros(1_000_000))).unwrap()
        } else {
            let late = script.end() + us(1_000_000);
            executor.poll_until(uart.read_async(&executor, out), late).expect("nothing comes any more").unwrap()
        };
        let delivered = heard.len()..heard.len() + count;
        each(asked, dma.engine().hw().now(), delivered, count == out.len());
        heard.extend_from_slice(&out[..count]);
    }
    assert_eq!(heard, script.all);
    let timed_out = cpu.thread(|context| uart.read(context, &mut out, Micros(2 * IDLE)));
    assert_eq!(timed_out, Err(ReadError::TimedOut), "and nothing else");
    assert_clean(dma.engine());
}

#[test]
fn every_byte_is_delivered_once_and_in_order() {
    for seed in 1..=200 {
        let dice = &mut Dice(seed);
        let script = Script::random(dice);
        hear(&script, dice, |_, _, delivered, _| assert!(!delivered.is_empty()));
    }
}

/// What fills neither the buffer nor a period is delivered when the line has been idle for the time, and before twice the
/// time.
#[test]
fn the_idle_time_out_keeps_its_bounds() {
    let mut by_idle = 0;
    for seed in 1..=200 {
        let dice = &mut Dice(seed);
        let script = Script::random(dice);
        hear(&script, dice, |asked, now, delivered, filled| {
            let last = script.arrival(delivered.end - 1);
            let latest = last.max(asked) + us(2 * IDLE) + Nanos(1_000);
            assert!(now <= latest, "seed {seed}: {last}, delivered at {now}");
            let periods = [delivered.start, delivered.end].map(|index| index as u64 / u64::from(PERIOD));
            if asked < last && !filled && periods[0] == periods[1] {
                by_idle += 1;
                assert!(now >= last + us(IDLE) - Nanos(1_000), "seed {seed}: {last}, delivered at {now}");
            }
        });
    }
    assert!(by_idle > 200, "only {by_idle}");
}

/// Who asks all the time gets what has come as soon as the line has been idle long enough, and not before. So does who sleeps
/// and is woken in between for something else.
#[test]
fn silence_is_measured_from_the_last_byte() {
    let script = Script::new([(100, 3), (20_000, 3)]);
    let dma = board();
    let cpu = cpu(&dma);
    let mut uart = listen(&dma, &script);
    let (mut out, hw) = ([0; 8], dma.engine().hw());
    while uart.try_read(&mut out) == Ok(None) {
        cpu.run_until(hw.now() + us(10));
    }
    let silent = hw.now() - script.arrival(2);
    assert!((us(IDLE)..=us(IDLE + 20)).contains(&silent), "{silent}");

    // Somebody else's copies end 100 µs and 300 µs into the silence. The first lets the sleeper see the last byte.
    cpu.run_until(script.end() - us(100));
    let other = dma.channel(1).unwrap();
    let copy = || other.prep_memcpy(zeroed(200_000), zeroed(200_000)).unwrap();
    let (first, second) = (copy(), copy());
    let (pending, _first) = other.submit(first).unwrap();
    let _second = pending.submit(second).unwrap();
    let _active = pending.issue();
    assert_eq!(cpu.thread(|context| uart.read(context, &mut out, Micros(9_000))), Ok(3));
    let silent = hw.now() - script.end();
    assert!((us(IDLE - 1)..=us(IDLE + 101)).contains(&silent), "{silent}");
}

/// When the time is up, what has come is delivered, however little it is.
#[test]
fn a_read_that_runs_out_of_time_delivers_what_there_is() {
    let dma = board();
    let cpu = cpu(&dma);
    let mut uart = listen(&dma, &Script::new([(100, 3)]));
    let mut out = [0; 8];
    assert_eq!(cpu.thread(|context| uart.read(context, &mut out, Micros(90))), Err(ReadError::TimedOut));
    assert_eq!(cpu.thread(|context| uart.read(context, &mut out, Micros(300))), Ok(3));
    assert_eq!(now(dma.engine()), 390);
}

/// The ring has room for all of its bytes but the one that may be coming.
#[test]
fn an_overrun_begins_where_the_ring_ends() {
    for (count, lost) in [(RING - 1, None), (RING, Some(RING)), (RING + 700, Some(RING + 700))] {
        let dma = board();
        let cpu = cpu(&dma);
        let script = Script::new([(100, count as u64), (20_000, 5)]);
        let mut uart = listen(&dma, &script);
        cpu.run_until(script.arrival(count - 1) + us(1));
        let mut out = [0; 5 * RING];
        let first = uart.try_read(&mut out);
        match lost {
            None => {
                assert_eq!(first, Ok(Some(count)));
                assert_eq!(out[..count], script.all[..count]);
            }
            Some(lost) => assert_eq!(first, Err(ReadError::Overrun { lost: lost as u64 })),
        }
        cpu.run_until(script.end());
        assert_eq!(cpu.thread(|context| uart.read(context, &mut out, Micros(2 * IDLE))), Ok(5));
        assert_eq!(out[..5], script.all[count..]);
    }
}

/// A reader that is now and then too slow: what it gets is where it should be, and what it is told is what it has lost.
#[test]
fn an_overrun_is_counted_exactly() {
    let mut overruns = 0;
    for seed in 1..=100 {
        let dice = &mut Dice(seed);
        let script = Script::new((0..6).map(|_| (dice.below(9_000), 1 + dice.below(900))).collect::<Vec<_>>());
        let dma = board();
        let cpu = cpu(&dma);
        let mut uart = listen(&dma, &script);
        let (mut at, mut out) = (0, [0; 200]);
        while at < script.all.len() {
            let moment = dma.engine().hw().now() + us(dice.below(40_000));
            cpu.run_until(moment);
            let out = &mut out[..1 + dice.below(200) as usize];
            match cpu.thread(|context| uart.read(context, out, Micros(dice.below(3_000)))) {
                Ok(count) => {
                    assert_eq!(out[..count], script.all[at..at + count], "seed {seed} from {at}");
                    at += count;
                }
                Err(ReadError::Overrun { lost }) => {
                    overruns += 1;
                    assert!(lost >= RING as u64);
                    at += lost as usize;
                    assert_eq!(at, script.come(dma.engine().hw().now()), "on at the newest");
                }
                Err(error) => assert_eq!(error, ReadError::TimedOut),
            }
        }
        assert_eq!(at, script.all.len());
    }
    assert!(overruns > 50, "only {overruns}");
}

/// A read that is given up, whenever that is, has taken nothing.
#[test]
fn a_cancelled_read_loses_nothing() {
    for seed in 1..=200 {
        let dice = &mut Dice(seed);
        let script = Script::random(dice);
        let dma = board();
        let cpu = cpu(&dma);
        let executor = Executor::new(&cpu, dma.engine());
        let mut uart = listen(&dma, &script);
        let (mut heard, mut out, mut cancelled) = (Vec::new(), [0; 64], 0);
        while heard.len() < script.all.len() {
            assert!(dma.engine().hw().now() < script.end() + us(1_000_000), "nothing comes any more");
            let moment = dma.engine().hw().now() + Nanos(dice.below(700_000));
            match executor.poll_until(uart.read_async(&executor, &mut out), moment) {
                Some(count) => heard.extend_from_slice(&out[..count.unwrap()]),
                None => cancelled += 1,
            }
        }
        assert_eq!(heard, script.all, "seed {seed}");
        assert!(cancelled > 0);
    }
}

/// At whatever moment: the ring comes back, not before the engine has stopped, and nobody writes it any more.
#[test]
fn a_receiver_can_be_stopped_in_the_middle_of_everything() {
    for seed in 1..=100 {
        let dice = &mut Dice(seed);
        let script = Script::random(dice);
        let dma = board();
        let cpu = cpu(&dma);
        let executor = Executor::new(&cpu, dma.engine());
        let mut uart = listen(&dma, &script);
        let moment = Nanos(dice.below(script.end().0));
        while dma.engine().hw().now() < moment {
            let _ = executor.poll_until(uart.read_async(&executor, &mut [0; 40]), moment);
        }
        let by_another = dice.below(2) == 0;
        if by_another {
            assert!(uart.stop_handle().terminate_async());
            assert_eq!(uart.try_read(&mut [0; 8]), Err(ReadError::Stopped));
            let read = executor.block_on(uart.read_async(&executor, &mut [0; 8]));
            assert_eq!(read, Err(ReadError::Stopped));
        }
        let since = now(dma.engine());
        let mut halting = uart.stop().try_finish().unwrap_err();
        let (idle, ring) = match dice.below(2) {
            0 => cpu.thread(|context| halting.synchronize(context).unwrap()),
            _ => {
                let early = executor.poll_until(halting.quiescent(), us(since + L / 2));
                assert!(early.is_none());
                executor.block_on(halting.quiescent()).unwrap();
                halting.try_finish().unwrap()
            }
        };
        assert_eq!(now(dma.engine()) - since, L);
        cpu.run_until(script.end() + us(3 * L));
        assert_left_alone(dma.engine(), ring);
        assert_all_slots_free(&idle, 8);
    }
}

/// A read that waits as a task is told of a stop, too.
#[test]
fn a_read_ends_with_the_reception() {
    let dma = board();
    let cpu = cpu(&dma);
    let executor = Executor::new(&cpu, dma.engine());
    let mut uart = listen(&dma, &Script::new([(100_000, 1)]));
    let handle = uart.stop_handle();
    let answer = executor.block_on(async {
        let mut out = [0; 4];
        let mut read = pin!(uart.read_async(&executor, &mut out));
        assert!(executor.race(read.as_mut(), Micros(1_234)).await.is_none());
        assert!(handle.terminate_async());
        read.await
    });
    assert_eq!(answer, Err(ReadError::Stopped));
    assert!(now(dma.engine()) <= 1_234 + IDLE);
    assert_eq!(cpu.thread(|cx| uart.read(cx, &mut [0; 4], Micros(9))), Err(ReadError::Stopped));

    // And one that failed.
    drop(cpu.thread(|cx| uart.stop().synchronize(cx)).unwrap());
    let mut uart = Receiver::start(dma.channel(0).unwrap(), zeroed(RING), &uart_config()).unwrap();
    let hw = dma.engine().hw();
    let tag = hw.progress(0).tag;
    hw.reset(0);
    hw.post_news(0, News { tag, at: hw.now(), kind: NewsKind::Fault });
    let read = executor.block_on(uart.read_async(&executor, &mut [0; 4]));
    assert_eq!(read, Err(ReadError::Failed(TransferError::Bus)));
}

#[test]
fn a_receiver_that_does_not_stop_keeps_its_ring() {
    let dma = board();
    let cpu = cpu(&dma);
    dma.engine().hw().set_stop_latency(StopLatency::Never);
    let uart = listen(&dma, &Script::new([(100, 9)]));
    cpu.run_until(us(300));
    let kept = cpu.thread(|context| uart.stop().synchronize(context)).unwrap_err();
    assert_eq!(kept.error.reason, Unfinished::Engine);
    let halting = kept.value.try_finish().unwrap_err();
    let (_idle, ring) = halting.reset().unwrap();
    assert_left_alone(dma.engine(), ring);
}

#[test]
fn a_receiver_that_is_refused_gives_everything_back() {
    let dma = board();
    let mut config = uart_config();
    config.period = 100;
    let Kept { value: (idle, ring), error } =
        Receiver::start(dma.channel(0).unwrap(), zeroed(RING), &config).unwrap_err();
    let uart::StartError::Prepare(error) = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let mut uart = Receiver::start(idle, ring, &uart_config()).unwrap();
    assert_eq!(uart.try_read(&mut []), Ok(Some(0)));
}
