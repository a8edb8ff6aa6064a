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
//!
//! # Two locks, and who may come between
//!
//! The stream's lock is the outer one, the channel's the inner: whoever starts, stops, holds or releases a run takes the first, tells the
//! peripheral, and through the engine's handle takes the second. Nobody takes them the other way round: events are handed out with
//! no lock held. Two streams' locks are never held together; a [`Link`](crate::Link) goes from one to the next.
//!
//! The thread's calls are made of pieces, and between two pieces an interrupt, on this core or another, may end the run, or the device may
//! go. So what a piece does to the hardware depends on what it finds under the lock it does it with, never on what an
//! earlier one found: `run` is `Some` for a run that may be held or released, and nothing starts once `disconnected` is
//! set. Either the device goes first, and the start finds it gone; or the start comes first, and the one who reports the
//! device gone finds a run and stops it. There is no third order, for there is one lock.

mod positions;

use core::fmt;

use dmaengine_core::lock::Locked;
use dmaengine_core::{Engine, Generation, Micros, Platform};

use crate::error::{Fault, StartError};
use crate::silence::Silence;
use crate::statistics::{PcmStatistics, XrunCause, XrunReport};
use crate::sw_params::SwParams;
use crate::units::{Frames, HwParams};
use crate::waiter::Waiter;

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
    /// The client is at so many frames from `appl_ptr` on, if that is where it was then.
    pub(crate) claim: (Frames, Frames),
    /// What is silent behind what a playback's client has written.
    pub(crate) silence: Silence,
    /// The most that was available since somebody last asked for it.
    pub(crate) avail_max: Frames,
    /// The run waits for the last one's stop, or was not yet seen to have begun.
    pub(crate) behind: bool,
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
    /// Its run has ended so that the linked ones end, too, and nobody has told them.
    pub(crate) owes_link: bool,
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
            claim: (Frames(0), Frames(0)),
            silence: Silence::default(),
            avail_max: Frames(0),
            behind: false,
            moved_at: Micros::ZERO,
            stopped_at: None,
            end: None,
            disconnected: false,
            silent_since: None,
            group: 0,
            owes_link: false,
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
        self.silence = Silence::of_silent_ring(&self.params);
    }

    /// The hardware will begin at the beginning again; the client has not moved.
    pub(crate) fn rewind_hardware(&mut self) {
        (self.hw_ptr, self.avail_max) = (Frames(0), Frames(0));
        (self.draining, self.held, self.behind, self.owes_link) = (false, false, false, false);
        (self.run, self.end) = (None, None);
        (self.claim, self.silence) = ((Frames(0), Frames(0)), Silence::default());
    }

    /// The stream runs free: it starts with nothing written, and is never too late.
    pub(crate) fn runs_free(&self) -> bool {
        self.sw.stop_threshold >= self.params.boundary()
    }

    /// The engine has moved so many bytes in this run.
    pub(crate) fn follow(&mut self, bytes: u64, now: Micros) {
        self.under_way(now);
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

    /// What the clock says of a run that is not held; if it waits for a stop, that takes so long at most.
    pub(crate) fn stalled(&self, now: Micros, stop: Micros) -> Option<End> {
        let waited = now - self.moved_at;
        let patience = self.params.patience();
        (waited >= if self.behind { patience.max(stop) } else { patience })
            .then_some(End::Dead(Fault::Stalled { waited }))
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

    /// The run has begun; or waits behind the last one's stop, if that is not known to be complete.
    pub(crate) fn begin(&mut self, run: Generation, now: Micros) {
        (self.run, self.dai_started, self.moved_at) = (Some(run), true, now);
        self.behind = self.stopped_at.is_some();
    }

    /// The engine is at the run, and not at the stop before it.
    pub(crate) fn under_way(&mut self, now: Micros) {
        if core::mem::take(&mut self.behind) {
            self.moved_at = now;
            self.settled(now);
            self.begun(now);
        }
    }

    /// The start that [`begin`](Self::begin) was part of has gone well, all of it: the gap since the last XRUN is over, unless the run still
    /// waits for a stop.
    pub(crate) fn begun(&mut self, now: Micros) {
        if self.behind {
            return;
        }
        if let Some(since) = self.silent_since.take() {
            let gap = now - since;
            self.statistics.longest_gap = self.statistics.longest_gap.max(gap);
            self.statistics.frames_missed += self.params.frames_in(gap).0;
        }
    }

    /// A drained capture has stopped, with so many bytes left of its last round: what was written behind the end went over the oldest
    /// frames, if there was no room.
    ///
    /// That the engine did not go round a whole ring while it stopped is taken for granted: a ring is longer than a stop.
    pub(crate) fn overwritten(&mut self, residue: u64) {
        if self.playback || !self.draining {
            return;
        }
        let (buffer, frame) = (self.params.buffer_size().0, u64::from(self.params.frame_bytes()));
        // Of a frame that has begun, the old one is gone.
        let end = (buffer * frame - residue).div_ceil(frame);
        let behind = (end + buffer - self.hw_ptr.0 % buffer) % buffer;
        let oldest = Frames((self.hw_ptr.0 + behind).saturating_sub(buffer));
        self.appl_ptr = self.appl_ptr.max(oldest);
    }

    /// Whether an engine that was told to stop and may not have cannot be at what is available: by the clock, and with a period for what
    /// the device had kept.
    pub(crate) fn is_out_of_reach(&self, now: Micros) -> bool {
        let come = |since| self.params.frames_in(now - since) + Frames(1) + self.params.period_size;
        let room = self.params.buffer_size().0.saturating_sub(self.avail().0);
        self.stopped_at.is_some_and(|since| come(since).0 <= room)
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
        self.owes_link = match end {
            End::Xrun(report) => report.cause != XrunCause::Linked,
            End::Dead(_) => true,
            End::Drained | End::Disconnected => false,
        };
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
    pub(crate) waiter: Waiter<LockOf<E>>,
}

impl<E: Engine> Default for Pcm<E> {
    fn default() -> Self {
        Self { shared: Locked::new(Shared::default()), waiter: Waiter::new() }
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
