//! The client's capture: it reads, and knows which part of the sine it has to be.

use alloc::boxed::Box;
use alloc::vec;
use core::ops::Range;
use core::sync::atomic::{AtomicU32, Ordering};

use board::platform::Board;
use board::sdma::Sdma;
use board::ssi::{FRAME, Receiver, Ssi};
use board::{context, hardware};
use dmaengine_core::{Atomic, Idle, Micros, Platform, Sleepable};
use pcm_dmaengine::{
    Broken, Capture, Dai, DaiError, Frames, Pcm, PeriodHalf, Prepared, Recovery, Running, Trigger, XrunCause,
};
use sim_imx_sdma::Trouble;
use sim_imx_sdma::peripheral::SsiSound;
use sim_imx_sdma::time::Cycles;

use crate::hand_back::HandedBack;
use crate::{FIFO, Gap, PARAMS, PERIOD, RING, check_gap, sine};

pub type Ready = Prepared<'static, Sdma, Capture>;
pub type Records = Running<'static, Sdma, Capture>;

/// The SDMA's channel, which is not the driver's number: 0 is for commands.
const CHANNEL: u8 = 2;
/// How often it looks whether a burst has begun: more often than it takes.
const LOOK: Micros = Micros(10);

/// The receiver. Now and then it does not stop with its stream, but goes on to ask the SDMA for bursts: then nothing but the stop of the
/// channel keeps the ring from being written. And the stop comes when a burst has begun that takes its time.
struct Microphone {
    receiver: &'static Receiver,
    /// Cycles of the SDMA that the burst takes; 0 if it stops with its stream.
    held_up: AtomicU32,
}

impl Dai for Microphone {
    fn trigger(&self, trigger: Trigger, context: &Atomic<'_>) -> Result<(), DaiError> {
        let held_up = self.held_up.load(Ordering::Relaxed);
        if trigger != Trigger::Stop || held_up == 0 {
            return self.receiver.trigger(trigger, context);
        }
        hardware::hw(|sdma| sdma.cause(Trouble::HoldCore { channel: CHANNEL, time: Cycles(held_up.into()) }));
        let limit = Board.now() + Micros(2_000);
        while hardware::hw(|sdma| sdma.view().current()) != Some(CHANNEL) {
            assert!(Board.now() < limit, "no burst in the time of four");
            Board.delay(LOOK);
        }
        Ok(())
    }
}

pub struct Recorder {
    pub half: PeriodHalf<'static, Sdma>,
    ssi: &'static Ssi,
    microphone: &'static Microphone,
    ring: Range<u32>,
    runs: u64,
    /// The run under way: which frame of the sine was its first, and how many were read.
    first: u64,
    read: u32,
    handed_back: Option<HandedBack>,
    /// How the last run ended, and when the stream was prepared.
    gap: Option<(Gap, Micros)>,
}

impl Recorder {
    pub fn open(channel: Idle<'static, Sdma>, ssi: &'static Ssi, recovery: Recovery<Sdma>) -> (Self, Ready) {
        ssi.wire(|wire| wire.set_sound(SsiSound::Frames(sine::whole().into())));
        let held_up = AtomicU32::new(0);
        let microphone = &*Box::leak(Box::new(Microphone { receiver: &ssi.receiver, held_up }));
        let pcm = Box::leak(Box::new(Pcm::new()));
        let (open, half) = pcm.open_with::<Capture>(channel, ssi.receiver.config(), microphone);
        let ring = vec![0; PARAMS.buffer_bytes() as usize].leak();
        let at = ring.as_ptr().addr() as u32;
        let ring_at = at..at + ring.len() as u32;
        let setup = open.with_recovery(recovery).hw_params(PARAMS, ring).map_err(|kept| kept.error).unwrap();
        let (runs, first, read) = (0, 0, 0);
        let this = Self { half, ssi, microphone, ring: ring_at, runs, first, read, handed_back: None, gap: None };
        (this, setup.prepare())
    }

    /// Off it goes. Whether its receiver will stop with it is said here, by 0, or how long the last burst takes.
    pub fn start(&mut self, ready: Ready, held_up: u32) -> Records {
        if let Some(handed_back) = self.handed_back.take() {
            handed_back.check();
        }
        self.microphone.receiver.stop();
        self.microphone.held_up.store(held_up, Ordering::Relaxed);
        let records = ready.start().unwrap();
        let first = self.ssi.wire(|wire| wire.recorded().last().unwrap().first_frame - wire.origin().unwrap());
        if let Some((gap, since)) = self.gap.take() {
            let gap = Gap { start: Board.now() - since, ..gap };
            assert!(gap.report.avail >= Frames(RING.into()));
            assert_eq!(gap.lost.frames, gap.report.avail + PARAMS.frames_in(gap.lost.time));
            // And those that the FIFO had.
            check_gap(first - self.first - u64::from(self.read), &gap, FIFO.into());
        }
        (self.first, self.read) = (first, 0);
        self.runs += 1;
        records
    }

    /// One more period, which is the sine from where the last one ended.
    pub fn read(&mut self, context: &Sleepable<'_>, records: Records) -> Records {
        let mut piece = [0; PERIOD as usize * FRAME];
        let (records, read) = records.readi(context, &mut piece).map_err(|broken| panic!("{broken}")).unwrap();
        assert_eq!(read, Frames(PERIOD.into()));
        sine::check(&piece, self.first as u32 + self.read, "that was recorded");
        self.read += PERIOD;
        records
    }

    /// Finds the XRUN, and makes the stream ready to go on.
    pub fn recover(&mut self, context: &Sleepable<'_>, records: Records, is_handed_back: bool) -> Ready {
        let Err(Broken::Xrun(xrun)) = records.try_readi(&mut [0; FRAME]) else { panic!("no XRUN") };
        let report = *xrun.report();
        assert_eq!((report.cause, report.appl_ptr), (XrunCause::Overtaken, Frames(self.read.into())));
        let (ready, lost) = xrun.recover(context).unwrap();
        self.handed_back = is_handed_back.then(|| HandedBack::watch(&self.ring));
        self.gap = Some((Gap { report, lost, start: Micros(0) }, Board.now()));
        ready
    }

    /// Everything is handed back, and stays as it is.
    pub fn end(self, context: &Sleepable<'_>, ready: Ready) {
        let setup = ready.stop().or_else(|stopped| stopped.synchronize(context).map_err(|kept| kept.error)).unwrap();
        let (open, ring) = setup.hw_free();
        ring.fill(0xA5);
        let handed_back = HandedBack::watch(&self.ring);
        context::sleep_for(context, Micros(2_000));
        handed_back.check();
        assert!(ring.iter().all(|byte| *byte == 0xA5));
        drop(open.close());
        let statistics = self.half.statistics();
        assert_eq!((statistics.xruns, statistics.late_periods), (self.runs, 0));
        self.microphone.receiver.stop();
    }
}
