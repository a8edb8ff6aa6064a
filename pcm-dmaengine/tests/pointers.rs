//! Pointers that begin again at a boundary, against a model that counts on for ever.

use dmaengine_core::{ErrorKind, Micros};
use pcm_dmaengine::pointers::{Pointers, Side, Update, Verdict};
use pcm_dmaengine::{Frames, HwParams, SampleFormat};
use proptest::prelude::*;

fn params(period: u64, periods: u32) -> HwParams {
    HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(period), periods }
}

/// Positions as they are: they count on.
struct Model {
    side: Side,
    params: HwParams,
    boundary: u128,
    hw: u128,
    appl: u128,
}

impl Model {
    fn buffer(&self) -> u128 {
        self.params.buffer_size().0.into()
    }

    fn place(&self) -> Frames {
        Frames((self.hw % self.buffer()) as u64)
    }

    fn avail(&self) -> i128 {
        let between = self.hw as i128 - self.appl as i128;
        if self.side == Side::Writer { between + self.buffer() as i128 } else { between }
    }

    fn check(&self, pointers: &Pointers) -> Result<(), TestCaseError> {
        prop_assert_eq!(u128::from(pointers.hw_ptr().0), self.hw % self.boundary, "hw_ptr");
        prop_assert_eq!(u128::from(pointers.appl_ptr().0), self.appl % self.boundary, "appl_ptr");
        let avail = self.avail();
        prop_assert_eq!(i128::from(pointers.avail().0), avail, "avail");
        prop_assert_eq!(i128::from(pointers.hw_avail()), self.buffer() as i128 - avail, "hw_avail");
        let queued = if self.side == Side::Writer { self.buffer() as i128 - avail } else { avail };
        prop_assert_eq!(i128::from(pointers.delay(7)), queued + 7, "delay");
        prop_assert_eq!(i128::from(pointers.rewindable().0), (self.buffer() as i128 - avail).max(0));
        prop_assert_eq!(i128::from(pointers.forwardable().0), avail);
        prop_assert_eq!(pointers.offset(pointers.hw_ptr()), self.place());
        Ok(())
    }

    /// How long the hardware takes for so many frames.
    fn time(&self, frames: u128) -> Micros {
        Micros((frames * 1_000_000 / 48_000) as u64)
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    /// The hardware moves by so many thousandths of a lap, less than one, and tells at the period's end, or is asked.
    Moves {
        thousandths: u64,
        interrupt: bool,
    },
    Forward(u64),
    Rewind(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0..1_000_u64, any::<bool>()).prop_map(|(thousandths, interrupt)| Act::Moves { thousandths, interrupt }),
        2 => (0..700_u64).prop_map(Act::Forward),
        1 => (0..700_u64).prop_map(Act::Rewind),
    ]
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Reader), Just(Side::Writer)]
}

/// A pair of pointers and its model. The boundary is a few laps away, so that it is passed often.
fn pair(side: Side, period: u64, periods: u32, laps: u64) -> (Pointers, Model) {
    let params = params(period, periods);
    let boundary = params.buffer_size().0 * laps;
    let pointers = Pointers::new(side, &params, Frames(boundary)).unwrap();
    (pointers, Model { side, params, boundary: boundary.into(), hw: 0, appl: 0 })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    /// Asked at least once a lap, by whomever and at whatever place, pointers are right for ever.
    #[test]
    fn asked_once_a_lap_they_are_right(
        side in side(), period in 1..70_u64, periods in 2..9_u32, laps in 6..20_u64, acts in prop::collection::vec(act(), 1..60),
    ) {
        let (mut pointers, mut model) = pair(side, period, periods, laps);
        for act in acts {
            match act {
                Act::Moves { thousandths, interrupt } => {
                    let by = model.buffer() * u128::from(thousandths) / 1_000;
                    // An application that is several laps behind is beyond what a boundary can tell.
                    if model.avail() + (by as i128) >= model.boundary as i128 {
                        continue;
                    }
                    model.hw += by;
                    let told = if interrupt {
                        pointers.period_elapsed(model.place(), model.time(by))
                    } else {
                        pointers.hwsync(model.place())
                    };
                    match told {
                        Update::Still => prop_assert_eq!(by, 0),
                        Update::Moved { by: frames, lost, periods } => {
                            prop_assert_eq!(u128::from(frames.0), by);
                            prop_assert_eq!(lost, by > u128::from(period + period / 2));
                            prop_assert!(interrupt || periods == 0);
                        }
                    }
                }
                Act::Forward(frames) => {
                    let moved = pointers.forward(Frames(frames)).0;
                    prop_assert_eq!(i128::from(moved), i128::from(frames).min(model.avail()));
                    model.appl += u128::from(moved);
                }
                Act::Rewind(frames) => {
                    // Before the first frame there is none.
                    let frames = u128::from(frames).min(model.appl) as u64;
                    let moved = pointers.rewind(Frames(frames)).0;
                    let most = (model.buffer() as i128 - model.avail()).max(0);
                    prop_assert_eq!(i128::from(moved), i128::from(frames).min(most));
                    model.appl -= u128::from(moved);
                }
            }
            model.check(&pointers)?;
        }
    }

    /// Interrupts on time, then one or several that nobody took, and the next: the whole periods add up.
    #[test]
    fn periods_that_were_not_told_are_counted_with_the_next(
        period in 1..70_u64, periods in 3..9_u32, laps in 6..20_u64, missed in prop::collection::vec(1..9_u64, 1..60),
    ) {
        let (mut pointers, mut model) = pair(Side::Reader, period, periods, laps);
        let mut told = 0;
        for missed in missed {
            let missed = missed.min(u64::from(periods) - 1);
            let by = u128::from(period * missed);
            model.hw += by;
            let Update::Moved { periods, .. } = pointers.period_elapsed(model.place(), model.time(by)) else {
                return Err(TestCaseError::fail("it moved"));
            };
            prop_assert_eq!(periods, missed);
            told += missed;
            model.appl = model.hw;
            pointers.forward(Frames(u64::MAX));
            model.check(&pointers)?;
            prop_assert_eq!(u128::from(told * period), model.hw);
        }
    }

    /// A whole lap of interrupts was lost. The next comes at the same place or a little farther, and the clock tells.
    #[test]
    fn a_lost_lap_is_found_by_the_clock(
        period in 2..70_u64, periods in 2..9_u32, laps in 6..20_u64, before in 0..60_u64, on in 0..70_u64,
    ) {
        let (mut pointers, mut model) = pair(Side::Reader, period, periods, laps);
        for _ in 0..before {
            model.hw += u128::from(period);
            pointers.period_elapsed(model.place(), model.time(u128::from(period)));
            model.appl = model.hw;
            pointers.forward(Frames(u64::MAX));
        }
        let by = model.buffer() + u128::from(on % period);
        model.hw += by;
        let told = pointers.period_elapsed(model.place(), model.time(by));
        prop_assert_eq!(told, Update::Moved { by: Frames(by as u64), periods: periods.into(), lost: true });
        model.check(&pointers)?;
    }

    /// Hardware that tells nonsense, and a clock that does: the pointer stays where the place says, below the boundary, and
    /// an interrupt moves it by less than a buffer and a period.
    #[test]
    fn nonsense_keeps_within_the_ring(
        period in 1..70_u64, periods in 2..9_u32, laps in 2..6_u64,
        told in prop::collection::vec((0..1_000_u64, any::<u64>(), 0..3_u8, 0..3_000_u64), 1..40),
    ) {
        let (mut pointers, model) = pair(Side::Writer, period, periods, laps);
        let buffer = period * u64::from(periods);
        for (place, since, how, forward) in told {
            let since = Micros(if place % 2 == 0 { since } else { since % 20_000 });
            let update = match how {
                0 => pointers.hwsync(Frames(place)),
                1 => pointers.hwsync_by_clock(Frames(place), since),
                _ => pointers.period_elapsed(Frames(place), since),
            };
            let expected = if place < buffer { place } else { 0 };
            prop_assert_eq!(pointers.offset(pointers.hw_ptr()), Frames(expected));
            prop_assert!(u128::from(pointers.hw_ptr().0) < model.boundary);
            if let (Update::Moved { by, .. }, false) = (update, how == 1) {
                prop_assert!(by.0 < buffer + period, "{:?}", update);
            }
            pointers.forward(Frames(forward));
            prop_assert!(u128::from(pointers.appl_ptr().0) < model.boundary);
        }
    }

    /// Without period interrupts: asked whenever, the laps are counted by a clock that is wrong by less than half of one.
    #[test]
    fn without_interrupts_the_clock_counts_the_laps(
        side in side(), period in 10..70_u64, periods in 2..9_u32,
        moves in prop::collection::vec((0..9_000_u64, -45..=45_i64), 1..40),
    ) {
        let (mut pointers, mut model) = pair(side, period, periods, 16);
        for (thousandths, wrong) in moves {
            let by = model.buffer() * u128::from(thousandths) / 1_000;
            model.hw += by;
            let lap = model.time(model.buffer()).0 as i64;
            let since = model.time(by).0.saturating_add_signed(lap * wrong / 100);
            let told = pointers.hwsync_by_clock(model.place(), Micros(since));
            match told {
                Update::Still => prop_assert_eq!(by, 0),
                told => prop_assert_eq!(told, Update::Moved { by: Frames(by as u64), periods: 0, lost: false }),
            }
            model.appl = model.hw;
            pointers.set_appl_ptr(pointers.hw_ptr()).unwrap();
            model.check(&pointers)?;
        }
    }
}

/// A ring of two periods: each interrupt comes half a buffer after the last, and a little late. That is no lost lap.
#[test]
fn an_interrupt_that_is_a_little_late_is_no_lap() {
    let mut pointers = Pointers::new(Side::Reader, &params(240, 2), Frames(4_800)).unwrap();
    for period in 1..50 {
        let told = pointers.period_elapsed(Frames(240 * period % 480), Micros(5_400));
        assert_eq!(told, Update::Moved { by: Frames(240), periods: 1, lost: false });
    }
}

/// Capture, 480 frames, two laps unread, as the log of the thread of August 2020 shows it.
#[test]
fn the_seeds_xrun() {
    let params = params(32, 15);
    let mut pointers = Pointers::new(Side::Reader, &params, Frames(2_013_265_920)).unwrap();
    for lap in 1..=2 {
        for period in 1..=15 {
            pointers.period_elapsed(Frames(32 * period % 480), Micros(667));
        }
        assert_eq!(pointers.hw_ptr(), Frames(480 * lap));
    }
    assert_eq!((pointers.hw_ptr(), pointers.appl_ptr(), pointers.avail()), (Frames(960), Frames(0), Frames(960)));
    assert_eq!(pointers.judge(Frames(480), Frames(32), false), Verdict::Xrun);
    assert_eq!(pointers.judge(params.boundary(), Frames(32), false), Verdict::Wake, "it runs free");
    assert_eq!((pointers.hw_avail(), pointers.rewind(Frames(1))), (-480, Frames(0)));
    pointers.reset();
    assert_eq!((pointers.hw_ptr(), pointers.avail()), (Frames(0), Frames(0)));
}

#[test]
fn verdicts_turn_at_their_thresholds() {
    let mut pointers = Pointers::new(Side::Writer, &params(32, 15), Frames(9_600)).unwrap();
    pointers.forward(Frames(480));
    let judge = |pointers: &Pointers, draining| pointers.judge(Frames(480), Frames(32), draining);
    pointers.hwsync(Frames(31));
    assert_eq!(judge(&pointers, false), Verdict::Going);
    pointers.hwsync(Frames(32));
    assert_eq!(judge(&pointers, false), Verdict::Wake);
    pointers.hwsync(Frames(479));
    assert_eq!((judge(&pointers, false), judge(&pointers, true)), (Verdict::Wake, Verdict::Wake));
    pointers.hwsync(Frames(0));
    assert_eq!((judge(&pointers, false), judge(&pointers, true)), (Verdict::Xrun, Verdict::Drained));
    assert_eq!(pointers.judge(Frames(960), Frames(32), true), Verdict::Drained, "whatever the stop threshold");
}

#[test]
fn places_are_rounded_down_and_those_beyond_the_ring_are_0() {
    let mut pointers = Pointers::new(Side::Reader, &params(32, 15), Frames(9_600)).unwrap().with_align(Frames(16));
    pointers.hwsync(Frames(47));
    assert_eq!(pointers.hw_ptr(), Frames(32));
    assert_eq!(pointers.hwsync(Frames(40)), Update::Still);
    assert_eq!(pointers.hwsync(Frames(480)), Update::Moved { by: Frames(448), periods: 0, lost: true }, "a new lap");
    assert_eq!(
        pointers.with_align(Frames(0)).hwsync(Frames(1)),
        Update::Moved { by: Frames(1), periods: 0, lost: false }
    );
}

#[test]
fn a_place_behind_the_last_one_is_in_the_next_lap() {
    let mut pointers = Pointers::new(Side::Reader, &params(32, 4), Frames(1_280)).unwrap();
    pointers.hwsync(Frames(100));
    let mut interrupted = pointers;
    let told = interrupted.period_elapsed(Frames(31), Micros(0));
    assert_eq!(told, Update::Moved { by: Frames(59), periods: 4, lost: true });
    assert_eq!(pointers.hwsync(Frames(99)), Update::Moved { by: Frames(127), periods: 0, lost: true });
    assert_eq!(pointers.hw_ptr(), Frames(227));
}

#[test]
fn positions_at_or_beyond_the_boundary_are_refused() {
    let mut pointers = Pointers::new(Side::Writer, &params(32, 15), Frames(9_600)).unwrap();
    assert_eq!(pointers.set_appl_ptr(Frames(9_599)), Ok(()));
    let error = pointers.set_appl_ptr(Frames(9_600)).unwrap_err();
    assert_eq!((error.position, error.boundary, error.kind()), (Frames(9_600), Frames(9_600), ErrorKind::InvalidInput));
    assert_eq!(pointers.appl_ptr(), Frames(9_599));
}

#[test]
fn rings_and_boundaries_that_make_no_sense_are_refused() {
    let new = |params: HwParams, boundary| Pointers::new(Side::Reader, &params, Frames(boundary));
    for boundary in [0, 480, 481, 9_601, u64::MAX, (i64::MAX as u64) / 480 * 480] {
        assert_eq!(new(params(32, 15), boundary), None, "{boundary}");
    }
    assert!(new(params(32, 15), (i64::MAX as u64) / 480 * 480 - 480).is_some());
    assert_eq!(new(params(0, 15), 480), None);
    assert_eq!(new(params(32, 0), 480), None);
    assert_eq!(new(params(u64::MAX, u32::MAX), u64::MAX), None);
    assert_eq!(new(HwParams { rate: 0, ..params(32, 15) }, 9_600), None);
}
