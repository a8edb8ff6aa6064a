//! The operations of a sound stream on the benchmarks' SDMA: a period's interrupt, a period written, an XRUN and the three ways out of
//! it. The ring has four periods of 64 frames.
//!
//! The module has `unsafe` because it makes a [`Sleepable`].

use alloc::boxed::Box;
use alloc::vec;
use core::fmt::Debug;

use benches::plain::{Plain, Sdma};
use benches::rig::Rig;
use dmaengine_core::lock::MasksInterrupts;
use dmaengine_core::{Atomic, Dma, Micros, Sleepable, Sleeper};
use pcm_dmaengine::{
    Broken, Elapsed, Frames, HwParams, Pcm, PeriodHalf, Playback, Prepared, Recovery, Running, SampleFormat, Xrun,
};

const PERIOD_BYTES: usize = 256;
const PARAMS: HwParams =
    HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(64), periods: 4 };

/// A stream's surroundings.
pub struct Stream<L: MasksInterrupts + Debug + 'static> {
    plain: &'static Plain,
    dma: &'static Dma<Sdma<L>, 1>,
    half: PeriodHalf<'static, Sdma<L>>,
}

/// A stream that runs, with its surroundings.
pub type Sounding<L> = (Stream<L>, Running<'static, Sdma<L>, Playback>);
/// One that was stopped by an XRUN.
pub type Late<L> = (Stream<L>, Xrun<'static, Sdma<L>, Playback>);

/// A sleeper that is not asked.
struct Awake;

impl Sleeper for Awake {
    fn sleep(&self, _at_most: Micros) {}
}

fn context() -> Sleepable<'static> {
    // SAFETY: this is a thread that holds no lock.
    unsafe { Sleepable::assume(&Awake) }
}

impl<L: MasksInterrupts + Debug + 'static> Stream<L> {
    /// The interrupt.
    fn interrupt(&self) -> Elapsed {
        let mut last = Elapsed::NotOurs;
        self.dma.interrupt(&Atomic::new(), &mut |callback, event| last = self.half.elapsed(callback, event));
        last
    }

    fn finish(&self, periods: u16) {
        self.dma.engine().finish(self.plain, periods);
    }
}

/// A stream that has played one period, and has two more.
pub fn sounding<L: MasksInterrupts + Debug + 'static>(recovery: Recovery<Sdma<L>>) -> Sounding<L> {
    let (plain, engine) = <Sdma<L> as Rig>::new();
    let dma: &'static Dma<_, 1> = Box::leak(Box::new(Dma::new(engine)));
    let (open, half) = Box::leak(Box::new(Pcm::new()))
        .open_playback(dma.channel(0).expect("nobody has it"), <Sdma<L> as Rig>::request().config);
    let ring = vec![0; PARAMS.buffer_bytes() as usize].leak();
    let setup = open.with_recovery(recovery).hw_params(PARAMS, ring);
    let mut ready = setup.unwrap_or_else(|kept| panic!("{}", kept.error)).prepare();
    ready.writei(&[0; 3 * PERIOD_BYTES]);
    let running = start(ready);
    let stream = Stream { plain, dma, half };
    // Channel 0 has loaded the program.
    plain.answer();
    _ = stream.interrupt();
    stream.finish(1);
    assert_eq!(stream.interrupt(), Elapsed::Moved);
    (stream, running)
}

fn start<L: MasksInterrupts + Debug + 'static>(
    ready: Prepared<'static, Sdma<L>, Playback>,
) -> Running<'static, Sdma<L>, Playback> {
    ready.start().unwrap_or_else(|kept| panic!("{}", kept.error))
}

/// A stream whose next interrupt tells of its second period.
pub fn to_move<L: MasksInterrupts + Debug + 'static>() -> Sounding<L> {
    let (stream, running) = sounding(Recovery::SYNC_STOP);
    stream.finish(2);
    (stream, running)
}

/// A stream whose next interrupt finds that the client is too late.
pub fn to_be_late<L: MasksInterrupts + Debug + 'static>(recovery: Recovery<Sdma<L>>) -> Sounding<L> {
    let (stream, running) = sounding(recovery);
    stream.finish(4);
    (stream, running)
}

/// The interrupt of a period, with the stream's half.
pub fn moved<L: MasksInterrupts + Debug + 'static>((stream, running): Sounding<L>) -> Sounding<L> {
    assert_eq!(stream.interrupt(), Elapsed::Moved);
    (stream, running)
}

/// The interrupt that finds an XRUN.
pub fn stopped<L: MasksInterrupts + Debug + 'static>((stream, running): Sounding<L>) -> Sounding<L> {
    assert_eq!(stream.interrupt(), Elapsed::Xrun);
    (stream, running)
}

/// Writes a period, for which there is room.
pub fn write<L: MasksInterrupts + Debug + 'static>((stream, running): Sounding<L>) -> Sounding<L> {
    match running.writei(&context(), &[0; PERIOD_BYTES]) {
        Ok((running, _)) => (stream, running),
        Err(broken) => panic!("{broken}"),
    }
}

/// A stream that an XRUN has stopped, and the client has seen it. What the stop asks for is done, and nobody has looked.
pub fn late<L: MasksInterrupts + Debug + 'static>(recovery: Recovery<Sdma<L>>) -> Late<L> {
    let (stream, running) = stopped(to_be_late(recovery));
    stream.plain.answer();
    match running.writei(&context(), &[0; PERIOD_BYTES]) {
        Err(Broken::Xrun(xrun)) => (stream, xrun),
        _ => panic!("the client has not seen the XRUN"),
    }
}

/// Gets past the XRUN, fills the ring and starts again.
pub fn recover<L: MasksInterrupts + Debug + 'static>((stream, xrun): Late<L>) -> Sounding<L> {
    let Ok((mut ready, _)) = xrun.recover(&context()) else { panic!("it does not stop") };
    ready.writei(&[0; 4 * PERIOD_BYTES]);
    (stream, start(ready))
}
