//! Two streams on one card: the rows of the table that are about links, and what linked streams do together.

use backend_mock::hw::{Hw, Nanos};
use backend_mock::{Cpu, Mock, MockConfig};
use dmaengine_core::{Atomic, Dma, Micros, Sleepable};
use pcm_dmaengine::dynamic::{AnyPcm, Card, DynPcm, Errno, State};
use pcm_dmaengine::{Capture, DaiError, Frames, Link, Open, Pcm, PeriodHalf, Playback, Trigger};

use crate::common::wayward::Wayward;
use crate::common::{SEED, counting, device, number, numbered, numbers, ring, stops_after};
use crate::rig::{Side, Witness, drive, line, thresholds};
use crate::table::{Cell, normal};

struct Pair<'a> {
    card: Card<'a, Wayward, 2>,
    context: &'a Sleepable<'a>,
    witnesses: &'a [Witness; 2],
    pass: &'a dyn Fn(Micros),
    hw: &'a Hw,
}

impl Pair<'_> {
    fn states(&mut self) -> [State; 2] {
        [0, 1].map(|at| self.card.stream(at).state())
    }

    fn told(&self) -> [Vec<Trigger>; 2] {
        [0, 1].map(|at| std::mem::take(&mut *self.witnesses[at].told.lock().unwrap()))
    }

    fn drive(&mut self, at: usize, state: State) {
        match self.card.stream(at) {
            AnyPcm::Capture(pcm) => drive(pcm, self.context, self.pass, state),
            AnyPcm::Playback(pcm) => drive(pcm, self.context, self.pass, state),
        }
    }
}

/// Runs a client of a new card with two streams, not linked yet.
fn card<One: Side, Two: Side, R>(pauses: bool, body: impl FnOnce(&mut Pair<'_>) -> R) -> R
where
    for<'a> AnyPcm<'a, Wayward>: From<DynPcm<'a, Wayward, One>> + From<DynPcm<'a, Wayward, Two>>,
{
    let config = MockConfig { channels: 2, ..stops_after(Micros(1_000)) };
    let dma: Dma<Wayward, 2> = Dma::new(Wayward::new(Mock::new(config)));
    let mock = &dma.engine().mock;
    mock.hw().attach(0, line::<One>());
    mock.hw().attach(1, line::<Two>());
    let (mut one, mut two, witnesses) = (Pcm::new(), Pcm::new(), [Witness::default(), Witness::default()]);
    let (open, half): (Open<'_, _, One>, _) = one.open_with(dma.channel(0).unwrap(), device(), &witnesses[0]);
    let (other, other_half): (Open<'_, _, Two>, _) = two.open_with(dma.channel(1).unwrap(), device(), &witnesses[1]);
    let halves: [PeriodHalf<'_, Wayward>; 2] = [half, other_half];
    let link = Link::unlinked(&halves);
    let handler = |atomic: &Atomic<'_>| dma.interrupt(atomic, &mut |callback, event| _ = link.elapsed(callback, event));
    let cpu = Cpu::new(mock, &handler as &dyn Fn(&Atomic<'_>));
    cpu.thread(|context| {
        let pass = |time: Micros| cpu.run_until(mock.hw().now() + Nanos::from_micros(time.0));
        let one = DynPcm::new(open.with_link(link), half, ring(&SEED));
        let two = DynPcm::new(other.with_link(link), other_half, ring(&SEED));
        let streams = if pauses {
            [AnyPcm::from(one.with_pause()), AnyPcm::from(two.with_pause())]
        } else {
            [AnyPcm::from(one), AnyPcm::from(two)]
        };
        let mut pair =
            Pair { card: Card::new(streams, link), context, witnesses: &witnesses, pass: &pass, hw: mock.hw() };
        let answer = body(&mut pair);
        for stream in pair.card.into_streams() {
            match stream {
                AnyPcm::Capture(pcm) => drop(pcm.close(context).expect("it can be closed")),
                AnyPcm::Playback(pcm) => drop(pcm.close(context).expect("it can be closed")),
            }
        }
        assert_eq!((mock.hw().late_accesses(), mock.hw().faults()), (0, 0));
        answer
    })
}

/// As [`crate::perform::ask`], for the rows about links.
pub fn ask<D: Side>(cell: &Cell, pauses: bool) -> String
where
    for<'a> AnyPcm<'a, Wayward>: From<DynPcm<'a, Wayward, D>>,
{
    card::<D, D, _>(pauses, |pair| {
        pair.drive(1, if cell.when == "the other is PREPARED" { State::Prepared } else { cell.state });
        // Time passes meanwhile, and what runs must not run over.
        pair.drive(0, cell.state);
        if ["the other is linked", "it is linked"].contains(&&*cell.when) {
            assert_eq!(pair.card.link(0, 1), Ok(()));
        }
        assert_eq!(pair.states()[0], cell.state);
        let _ = pair.told();
        let answer = match (cell.operation.as_str(), cell.when.as_str()) {
            ("link", "with itself") => pair.card.link(0, 0),
            ("link", _) => pair.card.link(0, 1),
            _ => pair.card.unlink(0),
        };
        let words = answer.err().map(|errno| errno.to_string()).unwrap_or_default();
        assert_eq!(pair.told(), [vec![], vec![]]);
        normal(&format!("{words} {}", pair.states()[0]), cell.state)
    })
}

fn duplex<R>(body: impl FnOnce(&mut Pair<'_>) -> R) -> R {
    card::<Playback, Capture, _>(true, |pair| {
        pair.drive(0, State::Prepared);
        pair.drive(1, State::Prepared);
        pair.card.link(0, 1).unwrap();
        let _ = pair.told();
        body(pair)
    })
}

#[test]
fn linked_streams_start_pause_resume_and_stop_together() {
    duplex(|pair| {
        let context = pair.context;
        pair.card.start(1, context).unwrap();
        assert_eq!(pair.states(), [State::Running; 2]);
        (pair.pass)(Micros(1_350));
        pair.card.pause(0, true).unwrap();
        assert_eq!(pair.states(), [State::Paused; 2]);
        pair.card.pause(1, false).unwrap();
        pair.card.suspend_all();
        assert_eq!(pair.states(), [State::Suspended; 2]);
        pair.card.resume(0).unwrap();
        assert_eq!(pair.states(), [State::Running; 2]);
        let run = vec![Trigger::Start, Trigger::PausePush, Trigger::PauseRelease, Trigger::Suspend, Trigger::Resume];
        assert_eq!(pair.told(), [run.clone(), run]);
        pair.card.drop_frames(1, context).unwrap();
        assert_eq!((pair.states(), pair.told()), ([State::Setup; 2], [vec![Trigger::Stop], vec![Trigger::Stop]]));
    });
}

#[test]
fn one_that_refuses_keeps_all_from_starting() {
    duplex(|pair| {
        let context = pair.context;
        *pair.witnesses[1].answer.lock().unwrap() = Some(DaiError::Refused { code: -19 });
        assert_eq!(pair.card.start(0, context), Err(Errno::ENODEV));
        assert_eq!(pair.states(), [State::Prepared; 2]);
        assert_eq!(pair.told(), [vec![Trigger::Start, Trigger::Stop], vec![Trigger::Start]]);

        // What was written is still there, and is played from its first frame.
        pair.card.start(0, context).unwrap();
        (pair.pass)(Micros(20_000));
        assert_eq!(pair.states(), [State::Xrun; 2]);
        let played = pair.hw.with_peripheral(0, |player| player.taken()[1].bytes[..4 * 320].to_vec());
        assert_eq!(played, Some(numbered(1, 320)));
    });
}

/// Each is asked before one of them does anything.
#[test]
fn one_that_could_not_keeps_all_from_being_told() {
    card::<Capture, Playback, _>(true, |pair| {
        let context = pair.context;
        pair.drive(0, State::Prepared);
        pair.drive(1, State::Setup);
        assert_eq!(pair.card.link(0, 1), Err(Errno::EBADFD));
        let AnyPcm::Playback(pcm) = pair.card.stream(1) else { unreachable!() };
        pcm.prepare(context).unwrap();
        pair.card.link(0, 1).unwrap();
        assert_eq!(pair.card.start(0, context), Err(Errno::EPIPE), "the playback has nothing to play");
        assert_eq!(pair.card.pause(0, true), Err(Errno::EBADFD));
        assert_eq!(pair.card.resume(1), Err(Errno::EBADFD));
        assert_eq!((pair.states(), pair.told()), ([State::Prepared; 2], [vec![], vec![]]));

        // What runs is not prepared, and so its partner is not; what does not run is not paused, and so its partner is not.
        let AnyPcm::Capture(pcm) = pair.card.stream(0) else { unreachable!() };
        pcm.start(context).unwrap();
        let _ = pair.told();
        assert_eq!((pair.card.pause(0, true), pair.card.prepare(1, context)), (Err(Errno::EBADFD), Err(Errno::EBUSY)));
        assert_eq!((pair.states(), pair.told()), ([State::Running, State::Prepared], [vec![], vec![]]));
        pair.card.unlink(0).unwrap();
        pair.card.drop_frames(1, context).unwrap();
        assert_eq!(pair.states(), [State::Running, State::Setup]);
        assert_eq!(pair.card.prepare(1, context), Ok(()));
        assert_eq!(pair.card.prepare(0, context), Err(Errno::EBUSY));
    });
}

#[test]
fn one_xrun_stops_both_and_one_prepare_prepares_both() {
    duplex(|pair| {
        let context = pair.context;
        pair.card.start(0, context).unwrap();
        // 320 frames are 6.7 ms; the capture has room for 10 ms.
        (pair.pass)(Micros(8_000));
        assert_eq!(pair.states(), [State::Xrun; 2]);
        let run = vec![Trigger::Start, Trigger::Stop];
        assert_eq!(pair.told(), [run.clone(), run]);
        pair.card.prepare(1, context).unwrap();
        assert_eq!(pair.states(), [State::Prepared; 2]);

        // A stream on its own again has its XRUNs alone.
        pair.card.unlink(1).unwrap();
        pair.card.writei(0, context, &numbered(1, 320)).unwrap();
        pair.card.start(0, context).unwrap();
        assert_eq!(pair.states(), [State::Running, State::Prepared]);
        pair.card.start(1, context).unwrap();
        (pair.pass)(Micros(8_000));
        assert_eq!(pair.states(), [State::Xrun, State::Running]);
    });
}

#[test]
fn a_pause_that_one_refuses_is_taken_back() {
    duplex(|pair| {
        pair.card.start(0, pair.context).unwrap();
        let _ = pair.told();
        *pair.witnesses[1].answer.lock().unwrap() = Some(DaiError::Refused { code: -19 });
        assert_eq!(pair.card.pause(0, true), Err(Errno::ENODEV));
        assert_eq!(pair.states(), [State::Running; 2]);
        let undone = vec![Trigger::PausePush, Trigger::PauseRelease];
        assert_eq!(pair.told(), [undone, vec![Trigger::PausePush]]);
    });
}

#[test]
fn the_start_threshold_of_one_starts_both() {
    duplex(|pair| {
        let context = pair.context;
        assert_eq!(pair.card.readi(0, context, &mut [0; 4]), Err(Errno::EINVAL));
        assert_eq!(pair.card.writei(1, context, &[0; 4]), Err(Errno::EINVAL));
        // 480 frames fit, 320 are there; at 400 it starts.
        let AnyPcm::Playback(pcm) = pair.card.stream(0) else { unreachable!() };
        let at_400 = pcm_dmaengine::SwParams { start_threshold: Frames(400), ..thresholds() };
        pcm.sw_params(at_400).unwrap();
        assert_eq!(pair.card.writei(0, context, &numbered(321, 40)), Ok(Frames(40)));
        assert_eq!(pair.states(), [State::Prepared; 2]);
        // A start that one refuses is told by the next call: these frames were taken.
        *pair.witnesses[1].answer.lock().unwrap() = Some(DaiError::Refused { code: -19 });
        assert_eq!(pair.card.writei(0, context, &numbered(361, 40)), Ok(Frames(40)));
        assert_eq!(pair.states(), [State::Prepared; 2]);
        let AnyPcm::Playback(pcm) = pair.card.stream(0) else { unreachable!() };
        assert_eq!(pcm.rewind(Frames(1)), Ok(Frames(1)));
        assert_eq!(pair.card.writei(0, context, &numbered(400, 1)), Ok(Frames(1)));
        assert_eq!(pair.states(), [State::Running; 2], "at 400, and not above");
        assert_eq!(pair.card.writei(0, context, &numbered(401, 300)), Ok(Frames(300)));
        pair.card.drain(0, context).unwrap();
        assert_eq!(pair.states(), [State::Setup, State::Draining], "the one has played, the other has frames to read");
        let AnyPcm::Capture(pcm) = pair.card.stream(1) else { unreachable!() };
        let mut out = vec![0; 4 * 480];
        let read = pcm.readi(context, &mut out).unwrap();
        let first = number(&out[..4]).unwrap();
        assert_eq!(numbers(&out[..4 * read.0 as usize]), counting(first, read.0 as u32));
    });
}
