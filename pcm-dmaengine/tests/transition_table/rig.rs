//! A board with one façade stream on it, and how it gets into each state: by what a client does, and by letting time pass.

use std::cell::{Cell, RefCell};
use std::sync::Mutex;

use backend_mock::hw::{Hw, Nanos, Peripheral, Source, StreamConfig};
use backend_mock::{Cpu, Mock};
use dmaengine_core::{Atomic, Dma, Micros, Sleepable};
use pcm_dmaengine::dynamic::{DynPcm, Errno, State};
use pcm_dmaengine::{Capture, Dai, DaiError, Frames, Pcm, PeriodHalf, Playback, SwParams, Trigger, Way};

use crate::common::wayward::Wayward;
use crate::common::{SEED, device, numbered, ring, stops_after};

const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };
/// More than any ring has.
pub const NEVER: Frames = Frames(1 << 20);

/// A peripheral that notes what it is told, and may refuse.
#[derive(Default)]
pub struct Witness {
    pub told: Mutex<Vec<Trigger>>,
    pub answer: Mutex<Option<DaiError>>,
}

impl Dai for Witness {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        self.told.lock().unwrap().push(trigger);
        self.answer.lock().unwrap().take().map_or(Ok(()), Err)
    }
}

/// What the interrupt does besides following the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accident {
    DeviceGoes,
    Xrun,
}

/// What the streams of both ways have in common.
pub trait Side: Way + Sized + 'static {
    const PLAYBACK: bool;
    fn transfer(pcm: &mut DynPcm<'_, Wayward, Self>, context: &Sleepable<'_>, frames: u32) -> Result<Frames, Errno>;
    /// The same, with a slice for each channel.
    fn transfer_channels(
        pcm: &mut DynPcm<'_, Wayward, Self>,
        context: &Sleepable<'_>,
        frames: u32,
    ) -> Result<Frames, Errno>;
}

impl Side for Capture {
    const PLAYBACK: bool = false;
    fn transfer(pcm: &mut DynPcm<'_, Wayward, Self>, context: &Sleepable<'_>, frames: u32) -> Result<Frames, Errno> {
        pcm.readi(context, &mut vec![0; 4 * frames as usize])
    }

    fn transfer_channels(
        pcm: &mut DynPcm<'_, Wayward, Self>,
        context: &Sleepable<'_>,
        frames: u32,
    ) -> Result<Frames, Errno> {
        pcm.readn(context, &mut [vec![0; 2 * frames as usize], vec![0; 2 * frames as usize]])
    }
}

impl Side for Playback {
    const PLAYBACK: bool = true;
    fn transfer(pcm: &mut DynPcm<'_, Wayward, Self>, context: &Sleepable<'_>, frames: u32) -> Result<Frames, Errno> {
        pcm.writei(context, &numbered(1, frames))
    }

    fn transfer_channels(
        pcm: &mut DynPcm<'_, Wayward, Self>,
        context: &Sleepable<'_>,
        frames: u32,
    ) -> Result<Frames, Errno> {
        pcm.writen(context, &[vec![1; 2 * frames as usize], vec![2; 2 * frames as usize]])
    }
}

type Processor<'a> = Cpu<'a, &'a dyn Fn(&Atomic<'_>)>;

pub struct Rig<'a, D: Side> {
    pub pcm: DynPcm<'a, Wayward, D>,
    pub context: &'a Sleepable<'a>,
    pub engine: &'a Wayward,
    pub witness: &'a Witness,
    pub accident: &'a Cell<Option<Accident>>,
    cpu: &'a Processor<'a>,
}

impl<D: Side> Rig<'_, D> {
    pub fn hw(&self) -> &Hw {
        self.engine.mock.hw()
    }

    pub fn pass(&self, time: Micros) {
        self.cpu.run_until(self.hw().now() + Nanos::from_micros(time.0));
    }

    pub fn pass_unseen(&self, time: Micros) {
        self.cpu.hold_off_interrupts(true);
        self.pass(time);
        self.cpu.hold_off_interrupts(false);
    }

    /// The device is exchanged for one that was never started: not a frame moves any more.
    pub fn nothing_moves(&self) {
        self.hw().attach(0, line::<D>());
    }

    pub fn set_thresholds(&mut self, change: impl FnOnce(SwParams) -> SwParams) -> Result<(), Errno> {
        self.pcm.sw_params(change(thresholds()))
    }

    pub fn transfer(&mut self, frames: u32) -> Result<Frames, Errno> {
        D::transfer(&mut self.pcm, self.context, frames)
    }

    /// The same, with a slice for each channel.
    pub fn transfer_channels(&mut self, frames: u32) -> Result<Frames, Errno> {
        D::transfer_channels(&mut self.pcm, self.context, frames)
    }

    /// What the peripheral was told.
    pub fn told(&self) -> std::sync::MutexGuard<'_, Vec<Trigger>> {
        self.witness.told.lock().unwrap()
    }

    /// Reads all that is there, or fills the ring.
    pub fn use_up(&mut self) {
        self.pcm.set_nonblock(true);
        while self.transfer(1).is_ok() {}
        self.pcm.set_nonblock(false);
    }

    /// From OPEN to a state.
    pub fn drive(&mut self, state: State) {
        let cpu = self.cpu;
        let pass = |time: Micros| cpu.run_until(self.engine.mock.hw().now() + Nanos::from_micros(time.0));
        drive(&mut self.pcm, self.context, &pass, state);
    }
}

/// Thresholds with which a stream does not start by itself.
pub fn thresholds() -> SwParams {
    SwParams { start_threshold: NEVER, ..SwParams::new(&SEED) }
}

/// From OPEN to a state. A prepared playback has 320 of 480 frames; what runs has done so for two periods, and is 64 frames on.
pub fn drive<D: Side>(pcm: &mut DynPcm<'_, Wayward, D>, context: &Sleepable<'_>, pass: &dyn Fn(Micros), state: State) {
    match state {
        State::Open => {}
        State::Setup => {
            pcm.hw_params(context, SEED).unwrap();
            pcm.sw_params(thresholds()).unwrap();
        }
        State::Prepared => {
            drive(pcm, context, pass, State::Setup);
            pcm.prepare(context).unwrap();
            if D::PLAYBACK {
                assert_eq!(D::transfer(pcm, context, 320), Ok(Frames(320)));
            }
        }
        State::Running => {
            drive(pcm, context, pass, State::Prepared);
            pcm.start(context).unwrap();
            pass(Micros(1_350));
        }
        State::Xrun => {
            drive(pcm, context, pass, State::Running);
            pass(Micros(20_000));
        }
        State::Draining => {
            drive(pcm, context, pass, State::Running);
            pcm.set_nonblock(true);
            assert_eq!(pcm.drain(context), Err(Errno::EAGAIN));
            pcm.set_nonblock(false);
        }
        State::Paused => {
            drive(pcm, context, pass, State::Running);
            pcm.pause(true).unwrap();
        }
        State::Suspended => {
            drive(pcm, context, pass, State::Running);
            pcm.suspend().unwrap();
        }
        State::Disconnected => {
            drive(pcm, context, pass, State::Running);
            pcm.disconnect();
        }
    }
    assert_eq!(pcm.state(), state);
}

pub fn line<D: Side>() -> Peripheral {
    if D::PLAYBACK {
        return Peripheral::player(LINE);
    }
    Peripheral::recorder(LINE, Source { frames: numbered(1, 20_000).into(), repeat: 1 })
}

/// Runs a client of a new board. After it the stream must close, and nothing may have touched memory that it should not.
pub fn board<D: Side, R>(pauses: bool, body: impl FnOnce(&mut Rig<'_, D>) -> R) -> R {
    let dma: Dma<Wayward, 1> = Dma::new(Wayward::new(Mock::new(stops_after(Micros(1_000)))));
    let engine = dma.engine();
    engine.mock.hw().attach(0, line::<D>());
    let (mut pcm, witness) = (Pcm::new(), Witness::default());
    let halves: RefCell<Option<PeriodHalf<'_, Wayward>>> = RefCell::new(None);
    let accident = Cell::new(None);
    let handler = |atomic: &Atomic<'_>| {
        dma.interrupt(atomic, &mut |callback, event| {
            let half = halves.borrow().expect("opened before it is started");
            half.elapsed(callback, event);
            match accident.take() {
                Some(Accident::DeviceGoes) => half.disconnect(),
                Some(Accident::Xrun) => assert!(half.xrun()),
                None => {}
            }
        });
    };
    let cpu = Cpu::new(&engine.mock, &handler as &dyn Fn(&Atomic<'_>));
    cpu.thread(|context| {
        let (open, half) = pcm.open_with::<D>(dma.channel(0).unwrap(), device(), &witness);
        *halves.borrow_mut() = Some(half);
        let pcm = DynPcm::new(open, half, ring(&SEED));
        let pcm = if pauses { pcm.with_pause() } else { pcm };
        let mut rig = Rig { pcm, context, engine, witness: &witness, accident: &accident, cpu: &cpu };
        let answer = body(&mut rig);
        let Rig { pcm, .. } = rig;
        let (_idle, ring) = pcm.close(context).expect("whatever it was, it can be closed");
        assert_eq!(ring.len() as u64, SEED.buffer_bytes(), "the ring comes back");
        assert_eq!((engine.mock.hw().late_accesses(), engine.mock.hw().faults()), (0, 0));
        answer
    })
}
