//! The client's playback: it writes the sine, and looks at what was heard.

use alloc::boxed::Box;
use alloc::vec;
use core::ops::Range;

use board::context;
use board::platform::Board;
use board::sdma::Sdma;
use board::ssi::{FRAME, LEAD_IN_FRAMES, Ssi};
use dmaengine_core::{Idle, Micros, Platform, Sleepable};
use pcm_dmaengine::{Broken, Frames, Pcm, PeriodHalf, Playback, Prepared, Recovery, Running, XrunCause};

use crate::hand_back::HandedBack;
use crate::{FIFO, Gap, PARAMS, PERIOD, RING, check_gap, sine};

pub type Ready = Prepared<'static, Sdma, Playback>;
pub type Plays = Running<'static, Sdma, Playback>;

pub struct Player {
    pub half: PeriodHalf<'static, Sdma>,
    ssi: &'static Ssi,
    ring: Range<u32>,
    /// Which start of the SSI the first run was.
    before: usize,
    runs: u64,
    /// The run under way: the number of its first frame, and how many were written.
    first: u32,
    written: u32,
    handed_back: Option<HandedBack>,
    /// How the last run ended, and when the stream was prepared.
    gap: Option<(Gap, Micros)>,
}

impl Player {
    pub fn open(channel: Idle<'static, Sdma>, ssi: &'static Ssi, recovery: Recovery<Sdma>) -> (Self, Ready) {
        let pcm = Box::leak(Box::new(Pcm::new()));
        let (open, half) = pcm.open_with::<Playback>(channel, ssi.config(), ssi);
        let ring = vec![0; PARAMS.buffer_bytes() as usize].leak();
        let at = ring.as_ptr().addr() as u32;
        let ring_at = at..at + ring.len() as u32;
        let setup = open.with_recovery(recovery).hw_params(PARAMS, ring).map_err(|kept| kept.error).unwrap();
        let before = ssi.wire(|wire| wire.played().len());
        let (first, written, runs) = (0, 0, 0);
        let this = Self { half, ssi, ring: ring_at, before, runs, first, written, handed_back: None, gap: None };
        (this, setup.prepare())
    }

    /// A full ring, and off it goes.
    pub fn start(&mut self, ready: Ready) -> Plays {
        let mut ready = ready;
        let (first, written) = (self.first + self.written, RING);
        assert_eq!(ready.writei(sine::piece(first, written)), Frames(written.into()));
        if let Some(handed_back) = self.handed_back.take() {
            handed_back.check();
        }
        let plays = ready.start().unwrap();
        if let Some((gap, since)) = self.gap.take() {
            self.check(Some(Gap { start: Board.now() - since, ..gap }));
        }
        (self.first, self.written) = (first, written);
        self.runs += 1;
        plays
    }

    /// One more period.
    pub fn write(&mut self, context: &Sleepable<'_>, plays: Plays) -> Plays {
        let piece = sine::piece(self.first + self.written, PERIOD);
        let (plays, written) = plays.writei(context, piece).map_err(|broken| panic!("{broken}")).unwrap();
        assert_eq!(written, Frames(PERIOD.into()));
        self.written += PERIOD;
        plays
    }

    /// Finds the XRUN, and makes the stream ready to go on.
    pub fn recover(&mut self, context: &Sleepable<'_>, plays: Plays, is_handed_back: bool) -> Ready {
        let Err(Broken::Xrun(xrun)) = plays.try_writei(sine::piece(0, 1)) else { panic!("no XRUN") };
        let report = *xrun.report();
        assert_eq!((report.cause, report.appl_ptr), (XrunCause::Overtaken, Frames(self.written.into())));
        let (ready, lost) = xrun.recover(context).unwrap();
        self.handed_back = is_handed_back.then(|| HandedBack::watch(&self.ring));
        self.gap = Some((Gap { report, lost, start: Micros(0) }, Board.now()));
        ready
    }

    /// What was heard of the run: its frames in order. It was stopped at the end of a period, when the ring had nothing new any more; what
    /// was in the FIFO then nobody has heard. And the next run, if there is one, began as much later as `Lost` says.
    fn check(&self, gap: Option<Gap>) {
        let nth = self.before + self.runs as usize - 1;
        let missing = self.ssi.wire(|wire| {
            let run = &wire.played()[nth];
            assert_eq!((run.torn, run.dry), (0, 0), "words were missing in run {}", self.runs);
            let (silence, heard) = run.bytes.split_at(LEAD_IN_FRAMES * FRAME);
            assert!(silence.iter().all(|byte| *byte == 0));
            let frames = (heard.len() / FRAME) as u32;
            let most = self.written + PERIOD;
            assert!(frames + FIFO >= self.written && frames < most, "{frames} heard of {}", self.written);
            let (new, old) = heard.split_at(self.written.min(frames) as usize * FRAME);
            sine::check(new, self.first, "that was heard");
            sine::check(old, self.first + self.written - RING, "that was heard again");
            wire.played().get(nth + 1).map(|next| next.first_frame - run.first_frame - run.frames)
        });
        if let (Some(gap), Some(missing)) = (&gap, missing) {
            assert_eq!(gap.lost.frames, PARAMS.frames_in(gap.lost.time));
            assert!(gap.report.avail >= Frames(RING.into()));
            check_gap(missing, gap, 0);
        }
        assert_eq!(gap.is_some(), missing.is_some(), "starts of the SSI");
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
        self.check(None);
        let statistics = self.half.statistics();
        assert_eq!((statistics.xruns, statistics.late_periods), (self.runs, 0));
    }
}
