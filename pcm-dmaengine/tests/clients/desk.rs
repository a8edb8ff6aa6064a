//! A client's desk: a capture and a playback of one device, linked, and what it was told and heard so far.

use std::cell::RefCell;

use dmaengine_core::{Atomic, Direction, Dma, Engine, EngineCyclic, Micros, SlaveConfig, Sleepable};
use pcm_dmaengine::dynamic::{DynPcm, Errno, State};
use pcm_dmaengine::{Capture, Dai, Frames, Link, Pcm, PcmStatistics, Playback, Recovery, SwParams, Way};

use crate::Fate;
use crate::common::{SEED, number, numbered};

/// More than any ring has: never by itself.
pub const NEVER: Frames = Frames(1 << 40);

/// A machine with a microphone at channel 0 and a loudspeaker at channel 1.
pub trait Stage {
    type Engine: EngineCyclic;

    /// The two policies that not every engine has.
    const ATOMIC: Recovery<Self::Engine>;
    const QUEUE_AFTER_STOP: Recovery<Self::Engine>;

    fn dma(&self) -> &Dma<Self::Engine, 2>;
    fn device(&self, direction: Direction) -> SlaveConfig<<Self::Engine as Engine>::Peripheral>;
    fn dai(&self, direction: Direction) -> &dyn Dai;
    /// A stream that pauses, if its engine does.
    fn able<'a, D: Way>(pcm: DynPcm<'a, Self::Engine, D>) -> DynPcm<'a, Self::Engine, D>;
    /// Runs a thread. It is handed what lets time pass without it.
    fn thread<R>(&self, handler: &dyn Fn(&Atomic<'_>), body: impl FnOnce(&dyn Fn(Micros), &Sleepable<'_>) -> R) -> R;
    /// What the loudspeaker has played, start by start.
    fn played(&self) -> Vec<Vec<u8>>;
    fn late_accesses(&self) -> u64;
}

pub struct Desk<'p, 'a, E: EngineCyclic> {
    pub capture: DynPcm<'a, E, Capture>,
    pub playback: DynPcm<'a, E, Playback>,
    pass: &'p dyn Fn(Micros),
    heard: Vec<Heard>,
    /// The next frame to write; and where each start was.
    written: u32,
    pub starts: Vec<u32>,
}

/// Frames that were read, from a start on.
#[derive(Debug, Default)]
struct Heard {
    frames: Vec<u8>,
    /// How often the stream was resumed: the sound went on without it.
    gaps: usize,
}

/// Opens both, linked or not, lets a script run, plays out, and looks whether everything is right.
pub fn run<S: Stage, R>(
    stage: &S,
    recovery: Recovery<S::Engine>,
    linked: bool,
    script: impl FnOnce(&mut Desk<'_, '_, S::Engine>, &Sleepable<'_>) -> R,
) -> (R, [PcmStatistics; 2]) {
    let (mut pcm_in, mut pcm_out) = (Pcm::new(), Pcm::new());
    let answer = {
        let channel = |number| stage.dma().channel(number).expect("nobody has it");
        let (input, output) = (Direction::DevToMem, Direction::MemToDev);
        let (open_in, half_in) = pcm_in.open_with(channel(0), stage.device(input), stage.dai(input));
        let (open_out, half_out) = pcm_out.open_with(channel(1), stage.device(output), stage.dai(output));
        let halves = [half_in, half_out];
        let link = if linked { Link::new(&halves) } else { Link::unlinked(&halves) };
        let handler = |atomic: &Atomic<'_>| {
            stage.dma().interrupt(atomic, &mut |callback, event| _ = link.elapsed(callback, event));
        };
        let memory = || vec![0; SEED.buffer_bytes() as usize].leak();
        let open_in = open_in.with_recovery(recovery).with_link(link);
        let open_out = open_out.with_recovery(recovery).with_link(link);
        let (capture, playback) = (DynPcm::new(open_in, half_in, memory()), DynPcm::new(open_out, half_out, memory()));
        let heard = RefCell::new(Vec::new());
        let answer = stage.thread(&handler, |pass, context| {
            let (capture, playback) = (S::able(capture), S::able(playback));
            let mut desk = Desk { capture, playback, pass, heard: Vec::new(), written: 0, starts: Vec::new() };
            let answer = script(&mut desk, context);
            desk.capture.close(context).expect("it stops");
            desk.playback.close(context).expect("it stops");
            heard.replace(desk.heard);
            (answer, desk.starts)
        });
        assert_heard(&heard.borrow());
        assert_played(&stage.played(), &answer.1);
        answer.0
    };
    (answer, [pcm_in.statistics(), pcm_out.statistics()])
}

/// Within a run every frame follows the one before it, but for the gaps that it may have; and no run begins before the last one ended.
fn assert_heard(heard: &[Heard]) {
    let mut last = 0;
    for run in heard {
        let mut gaps = run.gaps;
        for (at, frame) in run.frames.chunks_exact(4).enumerate() {
            let number = number(frame).unwrap_or_else(|| panic!("{frame:?} is no frame, {at} into a run"));
            if at > 0 && number != last + 1 {
                assert!(gaps > 0, "{number} after {last}");
                gaps -= 1;
            }
            assert!(number > last, "{number} after {last}");
            last = number;
        }
    }
}

/// Every run begins with the first frame that was written for it, and goes on frame by frame; where the client had written none, there is
/// silence.
fn assert_played(played: &[Vec<u8>], starts: &[u32]) {
    let runs: Vec<_> = played.iter().filter(|run| run.chunks_exact(4).any(|frame| number(frame).is_some())).collect();
    let mut starts = starts.iter().copied();
    for run in runs {
        let mut next = None;
        for frame in run.chunks_exact(4) {
            match (number(frame), next) {
                (None, _) => assert_eq!(frame, [0; 4], "neither ours nor silence"),
                (Some(number), None) => {
                    let is_start = starts.by_ref().any(|start| start == number);
                    assert!(is_start, "a run begins with frame {number}, which was not written for its start");
                    next = Some(number + 1);
                }
                (Some(number), Some(expected)) => {
                    assert_eq!(number, expected, "played out of order");
                    next = Some(number + 1);
                }
            }
        }
    }
}

impl<E: EngineCyclic> Desk<'_, '_, E> {
    /// What comes over it, from outside.
    pub fn suffer(&mut self, fate: Fate) {
        match fate {
            Fate::Nothing => {}
            Fate::Late(time) => (self.pass)(time),
            Fate::Sleeps(time) => {
                // As the card's power management does: streams without parameters are left out.
                let answers = [self.capture.suspend(), self.playback.suspend()];
                assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(Errno::EBUSY))), "{answers:?}");
                (self.pass)(time);
            }
        }
    }

    /// So many frames, from the next one on. They are written when [`wrote`](Self::wrote) says so.
    pub fn next_frames(&self, count: u64) -> Vec<u8> {
        numbered(self.written + 1, count as u32)
    }

    /// The stream took so many of them.
    pub fn wrote(&mut self, frames: Frames) {
        self.written += frames.0 as u32;
    }

    /// What is written now is the beginning of a run.
    pub fn begins_to_play(&mut self) {
        self.starts.push(self.written + 1);
    }

    /// What is read now is the beginning of a run.
    pub fn begins_to_hear(&mut self) {
        self.heard.push(Heard::default());
    }

    /// What is read next may have a gap, once: the stream stood still, and the sound did not.
    pub fn was_resumed(&mut self) {
        self.heard.last_mut().expect("a run has begun").gaps += 1;
    }

    pub fn read(&mut self, context: &Sleepable<'_>, frames: u64) -> Result<Frames, Errno> {
        let mut out = vec![0; 4 * frames as usize];
        let got = self.capture.readi(context, &mut out)?;
        out.truncate(4 * got.0 as usize);
        self.heard.last_mut().expect("a run has begun").frames.extend(out);
        Ok(got)
    }

    pub fn write(&mut self, context: &Sleepable<'_>, frames: u64) -> Result<Frames, Errno> {
        let frames = self.next_frames(frames);
        let took = self.playback.writei(context, &frames)?;
        self.wrote(took);
        Ok(took)
    }
}

/// Parameters and thresholds, and prepared.
pub fn set_up<E: EngineCyclic, D: Way>(pcm: &mut DynPcm<'_, E, D>, context: &Sleepable<'_>, start_threshold: Frames) {
    pcm.hw_params(context, SEED).unwrap();
    pcm.sw_params(SwParams { start_threshold, ..SwParams::new(&SEED) }).unwrap();
    pcm.prepare(context).unwrap();
}

/// What alsa-lib and aplay do with a stream that was suspended: resume it, again and again while it is not time yet; else prepare it. True if it
/// goes on where it was.
pub fn wake<E: EngineCyclic, D: Way>(pcm: &mut DynPcm<'_, E, D>, context: &Sleepable<'_>) -> bool {
    assert_eq!(pcm.state(), State::Suspended);
    loop {
        match pcm.resume() {
            Err(Errno::EAGAIN) => context.sleep(Micros::from_millis(1_000)),
            Ok(()) => return true,
            Err(_) => {
                pcm.prepare(context).unwrap();
                return false;
            }
        }
    }
}
