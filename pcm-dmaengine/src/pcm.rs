//! [`Pcm`]: what the thread and the interrupt of one stream share, under the platform's lock: the two pointers and what
//! the interrupt has found out.
//!
//! Positions count frames from the start of the run and never wrap: `hw_ptr` is how far the engine has come, `appl_ptr`
//! how far the client has. The ring position is either of them modulo the buffer.
//!
//! A *run* is one cyclic transfer. `run` is its number while the stream runs, and `None` while it does not: an event of any
//! other run, one that was stopped or one of whoever has the channel next, moves nothing and stops nothing.

use core::fmt;

use dmaengine_core::lock::Locked;
use dmaengine_core::{Engine, Generation, Micros, Platform};

use crate::error::Fault;
use crate::units::{Frames, HwParams};

pub(crate) type LockOf<E> = <<E as Engine>::Platform as Platform>::Lock;

/// What a stream has been through; counted always, readable at any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PcmStatistics {
    /// XRUNs.
    pub xruns: u64,
    /// Frames that were captured and dropped because of XRUNs, up to the moment each was found.
    pub frames_dropped: u64,
    /// Period events of a run that was over when they arrived.
    pub late_periods: u64,
}

/// An XRUN, as the one who found it saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XrunReport {
    /// How far the engine had come in this run.
    pub hw_ptr: Frames,
    /// How far the client had come in this run.
    pub appl_ptr: Frames,
    /// Frames available to the client: to read (capture), or room to write (playback).
    pub avail: Frames,
    /// When it was found, on the platform's clock.
    pub at: Micros,
}

/// What ended the run, as found by the interrupt half or by the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Xrun(XrunReport),
    Drained,
    Dead(Fault),
}

#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) playback: bool,
    pub(crate) frame_bytes: u32,
    pub(crate) buffer: Frames,
    pub(crate) stop_threshold: Frames,
    pub(crate) draining: bool,
    pub(crate) run: Option<Generation>,
    pub(crate) hw_ptr: Frames,
    pub(crate) appl_ptr: Frames,
    pub(crate) end: Option<End>,
    pub(crate) statistics: PcmStatistics,
}

impl Shared {
    /// Pointers to the beginning, nothing accepted yet.
    pub(crate) fn prepare(&mut self, params: &HwParams, stop_threshold: Frames, playback: bool) {
        *self = Self {
            playback,
            frame_bytes: params.frame_bytes(),
            buffer: params.buffer_size(),
            stop_threshold,
            statistics: self.statistics,
            ..Self::default()
        };
    }

    /// Frames available to the client: to read, or room to write. More than the buffer after an XRUN.
    pub(crate) fn avail(&self) -> Frames {
        if self.playback { self.hw_ptr + self.buffer - self.appl_ptr } else { self.hw_ptr - self.appl_ptr }
    }

    /// The engine has moved so many bytes in this run.
    pub(crate) fn follow(&mut self, bytes: u64) {
        self.hw_ptr = self.hw_ptr.max(Frames(bytes / u64::from(self.frame_bytes)));
    }

    /// Ends the run if the client is too late, or if everything was played. Whoever calls this stops the engine then.
    pub(crate) fn judge(&mut self, now: Micros) {
        let avail = self.avail();
        let threshold = if self.draining { self.buffer } else { self.stop_threshold };
        if self.end.is_some() || avail < threshold {
            return;
        }
        if self.draining {
            self.finish(End::Drained);
        } else {
            self.statistics.xruns += 1;
            self.statistics.frames_dropped += if self.playback { 0 } else { avail.0 };
            self.finish(End::Xrun(XrunReport { hw_ptr: self.hw_ptr, appl_ptr: self.appl_ptr, avail, at: now }));
        }
    }

    /// The run is over; nothing of it counts any more.
    pub(crate) fn finish(&mut self, end: End) {
        self.end.get_or_insert(end);
        self.run = None;
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
