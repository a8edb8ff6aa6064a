//! [`Pcm`]: what the thread and the interrupt of one stream share, under the platform's lock: the two pointers and what
//! the interrupt has found out.
//!
//! Positions count frames from the start of the run and never wrap: `hw_ptr` is how far the engine has come, `appl_ptr`
//! how far the client has. The ring position is either of them modulo the buffer.
//!
//! A *run* is one cyclic transfer. `run` is its number as long as the engine has not been told to stop it, and `None` after that: an
//! event of any other run, one that was stopped or one of whoever has the channel next, moves nothing and stops nothing.
//!
//! A run that is paused or suspended is *held*: it may be stopped, and does not move.

use core::fmt;

use dmaengine_core::lock::Locked;
use dmaengine_core::{Engine, Generation, Micros, Platform};

use crate::error::{Fault, StartError};
use crate::statistics::{PcmStatistics, XrunCause, XrunReport};
use crate::sw_params::SwParams;
use crate::units::{Frames, HwParams};

pub(crate) type LockOf<E> = <<E as Engine>::Platform as Platform>::Lock;

/// What ended the run, as found by the interrupt half or by the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Xrun(XrunReport),
    Drained,
    Dead(Fault),
    Disconnected,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) playback: bool,
    pub(crate) params: HwParams,
    pub(crate) sw: SwParams,
    pub(crate) draining: bool,
    pub(crate) run: Option<Generation>,
    pub(crate) held: bool,
    /// The peripheral was started, and owes a stop.
    pub(crate) dai_started: bool,
    pub(crate) hw_ptr: Frames,
    pub(crate) appl_ptr: Frames,
    /// The most that was available since somebody last asked for it.
    pub(crate) avail_max: Frames,
    /// When the engine was last seen to move, or was told to.
    pub(crate) moved_at: Micros,
    /// When the engine was told to stop, until it is known to have.
    pub(crate) stopped_at: Option<Micros>,
    pub(crate) end: Option<End>,
    /// The device is gone, for as long as the stream is open.
    pub(crate) disconnected: bool,
    /// The XRUN after which nothing has started yet.
    pub(crate) silent_since: Option<Micros>,
    /// Which streams it is linked with: those of the same number. 0 with none.
    pub(crate) group: u8,
    pub(crate) statistics: PcmStatistics,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            playback: false,
            params: HwParams::NONE,
            sw: SwParams::new(&HwParams::NONE),
            draining: false,
            run: None,
            held: false,
            dai_started: false,
            hw_ptr: Frames(0),
            appl_ptr: Frames(0),
            avail_max: Frames(0),
            moved_at: Micros::ZERO,
            stopped_at: None,
            end: None,
            disconnected: false,
            silent_since: None,
            group: 0,
            statistics: PcmStatistics::default(),
        }
    }
}

impl Shared {
    /// New parameters, and the thresholds that come with them.
    pub(crate) fn set_up(&mut self, params: &HwParams, playback: bool) {
        (self.params, self.playback) = (*params, playback);
        self.sw = SwParams::new(params);
        self.prepare();
    }

    /// Pointers to the beginning, nothing found out yet.
    pub(crate) fn prepare(&mut self) {
        self.appl_ptr = Frames(0);
        self.rewind_hardware();
    }

    /// The hardware will begin at the beginning again; the client has not moved.
    pub(crate) fn rewind_hardware(&mut self) {
        (self.hw_ptr, self.avail_max) = (Frames(0), Frames(0));
        (self.draining, self.held, self.end) = (false, false, None);
        self.run = None;
    }

    /// Frames available to the client: to read, or room to write. More than the buffer after an XRUN.
    pub(crate) fn avail(&self) -> Frames {
        if self.playback {
            self.hw_ptr + self.params.buffer_size() - self.appl_ptr
        } else {
            self.hw_ptr - self.appl_ptr
        }
    }

    /// Frames queued, or room for the hardware; negative after an XRUN.
    pub(crate) fn hw_avail(&self) -> i64 {
        self.params.buffer_size().0 as i64 - self.avail().0 as i64
    }

    /// Frames between the client and the device, in the ring.
    pub(crate) fn delay(&self) -> i64 {
        if self.playback { self.hw_avail() } else { self.avail().0 as i64 }
    }

    /// The client goes back, as far as the engine has not been there; gives back how far.
    pub(crate) fn rewind(&mut self, frames: Frames) -> Frames {
        let room = Frames(u64::try_from(self.hw_avail()).unwrap_or(0));
        let moved = frames.min(room).min(self.appl_ptr);
        self.appl_ptr = self.appl_ptr - moved;
        moved
    }

    /// The client goes on, as far as there is something available; gives back how far.
    pub(crate) fn forward(&mut self, frames: Frames) -> Frames {
        let moved = frames.min(self.avail());
        self.appl_ptr += moved;
        moved
    }

    /// The stream runs free: it starts with nothing written, and is never too late.
    pub(crate) fn runs_free(&self) -> bool {
        self.sw.stop_threshold >= self.params.boundary()
    }

    /// The engine has moved so many bytes in this run.
    pub(crate) fn follow(&mut self, bytes: u64, now: Micros) {
        let come = Frames(bytes / u64::from(self.params.frame_bytes()));
        if come > self.hw_ptr {
            (self.hw_ptr, self.moved_at) = (come, now);
            self.avail_max = self.avail_max.max(self.avail());
        }
    }

    /// What the pointers say of a run that is not held: whether the client is too late, or everything was played.
    pub(crate) fn verdict(&self, now: Micros) -> Option<End> {
        let avail = self.avail();
        if self.draining {
            return (avail >= self.params.buffer_size()).then_some(End::Drained);
        }
        (avail >= self.sw.stop_threshold).then(|| End::Xrun(self.report(XrunCause::Overtaken, now)))
    }

    /// What the clock says of a run that is not held.
    pub(crate) fn stalled(&self, now: Micros) -> Option<End> {
        let waited = now - self.moved_at;
        (waited >= self.params.patience()).then_some(End::Dead(Fault::Stalled { waited }))
    }

    pub(crate) fn report(&self, cause: XrunCause, now: Micros) -> XrunReport {
        XrunReport { hw_ptr: self.hw_ptr, appl_ptr: self.appl_ptr, avail: self.avail(), at: now, cause }
    }

    /// What keeps it from starting.
    pub(crate) fn obstacle(&self) -> Option<StartError> {
        if self.disconnected {
            return Some(StartError::Disconnected);
        }
        let empty = self.playback && self.appl_ptr == Frames(0) && !self.runs_free();
        empty.then_some(StartError::Empty)
    }

    /// The run has begun.
    pub(crate) fn begin(&mut self, run: Generation, now: Micros) {
        (self.run, self.dai_started, self.moved_at, self.stopped_at) = (Some(run), true, now, None);
        if let Some(since) = self.silent_since.take() {
            let gap = now - since;
            self.statistics.longest_gap = self.statistics.longest_gap.max(gap);
            self.statistics.frames_missed += self.params.frames_in(gap).0;
        }
    }

    /// The stop is known to be complete.
    pub(crate) fn settled(&mut self, now: Micros) {
        if let Some(since) = self.stopped_at.take() {
            let total = &mut self.statistics.time_in_stop;
            *total = Micros(total.0 + (now - since).0);
        }
    }

    /// Notes what ended the run; the first to find out wins. Whoever calls this stops the engine then.
    pub(crate) fn finish(&mut self, end: End) {
        if self.end.is_some() {
            return;
        }
        self.end = Some(end);
        if let End::Xrun(report) = end {
            self.statistics.xruns += 1;
            self.statistics.frames_dropped += if self.playback { 0 } else { report.avail.0 };
            self.silent_since = Some(report.at);
        }
    }
}

/// The shared half of one PCM stream. It lives where both its thread and its interrupt can see it, usually in a
/// `static`.
pub struct Pcm<E: Engine> {
    shared: Locked<LockOf<E>, Shared>,
}

impl<E: Engine> Default for Pcm<E> {
    fn default() -> Self {
        Self { shared: Locked::new(Shared::default()) }
    }
}

impl<E: Engine> Pcm<E> {
    /// A stream that nobody has opened yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What it has been through. Any context.
    pub fn statistics(&self) -> PcmStatistics {
        self.with(|shared| shared.statistics)
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut Shared) -> R) -> R {
        self.shared.with(f)
    }
}

impl<E: Engine> fmt::Debug for Pcm<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pcm")
    }
}
