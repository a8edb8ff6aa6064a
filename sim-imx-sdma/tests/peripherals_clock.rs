//! The parts that devices are made of: a clock that is exact for ever, and FIFOs on it.

use sim_imx_sdma::peripheral::{Order, RxFifo, SampleClock, Stream, TxFifo};
use sim_imx_sdma::time::{Clock, Cycles};

const T0: Cycles = Cycles(1_000);

/// The sum of a thousand roundings would show here: 44.1 kHz does not divide 66 MHz.
#[test]
fn the_44100_hz_of_an_hour_are_exact_in_whatever_steps_they_are_taken() {
    let hour = 3_600 * 66_000_000;
    for step in [hour, 1_000_003, 66_000_000] {
        let mut stream = Stream::new(SampleClock::new(Clock::IMX6, 44_100), Order::Together, vec![RxFifo::new(15, 16)]);
        stream.start(T0);
        let mut now = 0;
        while now < hour {
            stream.advance(T0 + Cycles(now));
            now += step;
        }
        stream.advance(T0 + Cycles(hour - 1));
        assert_eq!(stream.fifo(0).unwrap().overruns() + 15, 44_100 * 3_600 - 1);
        stream.advance(T0 + Cycles(hour));
        assert_eq!(stream.fifo(0).unwrap().overruns() + 15, 44_100 * 3_600);
    }
}

#[test]
fn the_clock_starts_and_stops_and_forgets_nothing_in_between() {
    let mut clock = SampleClock::new(Clock { hz: 1_000 }, 100).every(5);
    assert_eq!((clock.is_running(), clock.after(1), clock.advance(Cycles(500))), (false, None, 0));
    clock.start(Cycles(7));
    assert_eq!((clock.after(1), clock.after(3)), (Some(Cycles(57)), Some(Cycles(157))));
    clock.start(Cycles(40));
    assert_eq!((clock.advance(Cycles(56)), clock.advance(Cycles(57)), clock.advance(Cycles(57))), (0, 1, 0));
    assert_eq!((clock.advance(Cycles(20)), clock.advance(Cycles(257))), (0, 4));
    clock.stop();
    assert_eq!((clock.advance(Cycles(1_000)), clock.after(1)), (0, None));
    clock.start(Cycles(1_000));
    assert_eq!(clock.after(1), Some(Cycles(1_050)));
    let mut never = SampleClock::new(Clock::IMX6, 0);
    never.start(Cycles(0));
    assert_eq!(never.advance(Cycles(u64::MAX / 2)), 0);
}

/// A rate and a core clock whose products do not fit into 64 bit after a while: the arithmetic goes on as before.
#[test]
fn the_clock_is_exact_after_a_century_too() {
    let (clock, century) = (Clock { hz: 104_000_000 }, 3_155_760_000_u64);
    let mut samples = SampleClock::new(clock, 192_000);
    samples.start(Cycles(3));
    assert_eq!(samples.advance(Cycles(century * 104_000_000 + 2)), century * 192_000 - 1);
    assert_eq!(samples.after(1), Some(Cycles(century * 104_000_000 + 3)));
    assert_eq!(samples.after(2), Some(Cycles(century * 104_000_000 + 3 + 542))); // 541.67
}

/// More is asked for than there is room: the line never rises, and nobody waits for a moment that is named in vain.
#[test]
fn a_watermark_that_lies_above_the_fifo_is_never_reached() {
    let mut stream = Stream::new(SampleClock::new(Clock::IMX6, 48_000), Order::Together, vec![RxFifo::new(4, 5)]);
    stream.start(Cycles(0));
    assert_eq!((stream.next_request(1), stream.last_request()), (None, None));
    stream.advance(Cycles(66_000_000));
    assert_eq!(stream.requests(), 0);
}

#[test]
fn what_is_not_kept_is_still_counted() {
    let mut stream = Stream::new(SampleClock::new(Clock::IMX6, 48_000), Order::Together, vec![TxFifo::new(4, 0)]);
    stream.fifo_mut(0).unwrap().keep(false);
    stream.start(Cycles(0));
    stream.fifos_mut().for_each(|fifo| (0..4).for_each(|n| fifo.write(n)));
    stream.advance(Cycles(66_000_000));
    let fifo = stream.fifo(0).unwrap();
    assert_eq!((fifo.taken().len(), fifo.count(), fifo.underruns()), (0, 4, 47_996));
}
