//! [`Pointers`]: ALSA's arithmetic of positions that begin again at a boundary. Pure: no clock, no lock, no engine.
//!
//! The hardware has come to `hw_ptr`, the application to `appl_ptr`; both run in `[0, boundary)`, and the boundary is a
//! whole number of buffers, so the place in the ring is either of them modulo the buffer. Everything else is a difference
//! of these two, taken round the boundary (Linux 6.12, include/sound/pcm.h and sound/core/pcm_lib.c).
//!
//! The streams of this crate do not need it: their positions count bytes of a run in 64 bits, as the engine tells them, and
//! never begin again. It is for pointers that others see or that come from hardware which only knows its place in the ring:
//! a run-time façade, a plug-in of alsa-lib.

mod update;

pub use update::{Update, Verdict};

use crate::error::BeyondBoundary;
use crate::units::{Frames, HwParams};

/// Which side of the ring the application is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Capture: it reads what the hardware has written.
    Reader,
    /// Playback: it writes what the hardware will read.
    Writer,
}

/// The two pointers of one stream, and what the next update is judged by.
///
/// ```
/// use dmaengine_core::Micros;
/// use pcm_dmaengine::pointers::{Pointers, Side, Update, Verdict};
/// use pcm_dmaengine::{Frames, HwParams, SampleFormat};
/// let format = SampleFormat::S16Le;
/// let params = HwParams { format, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
/// let mut pointers = Pointers::new(Side::Reader, &params, params.boundary()).unwrap();
///
/// // Two laps of interrupts, and nobody reads.
/// for period in 1..=30 {
///     let moved = pointers.period_elapsed(Frames(32 * period % 480), Micros(667));
///     assert_eq!(moved, Update::Moved { by: Frames(32), periods: 1, lost: false });
/// }
/// assert_eq!((pointers.hw_ptr(), pointers.avail()), (Frames(960), Frames(960)));
/// assert_eq!(pointers.hw_avail(), -480);
/// assert_eq!(pointers.judge(Frames(480), Frames(32), false), Verdict::Xrun);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "snd_pcm_runtime")]
pub struct Pointers {
    side: Side,
    buffer: u64,
    period: u64,
    rate: u32,
    boundary: u64,
    /// What positions in the ring are rounded down to.
    align: u64,
    hw_ptr: u64,
    appl_ptr: u64,
    /// `hw_ptr` at the beginning of the ring, in this lap.
    base: u64,
    /// How far the period interrupts have come: a whole number of periods, never ahead of `hw_ptr`.
    interrupt: u64,
}

impl Pointers {
    /// Both at 0. The boundary is a whole number of buffers, as [`boundary`](crate::sw_params::boundary) makes it.
    ///
    /// `None` if the rate, the period or the buffer is zero, or the boundary is not such a number of at least two, or is
    /// beyond [`i64::MAX`]: then a sum could overflow.
    #[must_use]
    pub fn new(side: Side, params: &HwParams, boundary: Frames) -> Option<Self> {
        let (buffer, period, rate) = (params.buffer_size().0, params.period_size.0, params.rate);
        let whole = boundary.0.checked_rem(buffer)? == 0 && boundary.0 / buffer >= 2;
        let countable = boundary.0 <= i64::MAX as u64 - buffer.min(i64::MAX as u64);
        let zero = Self {
            side,
            buffer,
            period,
            rate,
            boundary: boundary.0,
            align: 1,
            hw_ptr: 0,
            appl_ptr: 0,
            base: 0,
            interrupt: 0,
        };
        (whole && countable && rate > 0).then_some(zero)
    }

    /// With positions of the hardware rounded down to a multiple of so many frames; 0 is 1.
    #[doc(alias = "min_align")]
    #[must_use]
    pub fn with_align(self, frames: Frames) -> Self {
        Self { align: frames.0.max(1), ..self }
    }

    /// How far the hardware has come.
    pub const fn hw_ptr(&self) -> Frames {
        Frames(self.hw_ptr)
    }

    /// How far the application has come.
    pub const fn appl_ptr(&self) -> Frames {
        Frames(self.appl_ptr)
    }

    /// A position as a place in the ring.
    pub const fn offset(&self, position: Frames) -> Frames {
        Frames(position.0 % self.buffer)
    }

    /// Frames to read, or room to write. More than the buffer after an XRUN.
    #[doc(alias = "snd_pcm_avail")]
    pub const fn avail(&self) -> Frames {
        match self.side {
            Side::Reader => Frames(self.ahead(self.hw_ptr, self.appl_ptr)),
            Side::Writer => Frames(self.ahead(self.plus(self.hw_ptr, self.buffer), self.appl_ptr)),
        }
    }

    /// Frames queued, or room for the hardware. Negative after an XRUN: by how much the hardware has overtaken.
    pub const fn hw_avail(&self) -> i64 {
        // Both are below the boundary, which fits.
        self.buffer as i64 - self.avail().0 as i64
    }

    /// Frames between the application and the wire: those in the ring, and `beyond` it.
    #[doc(alias = "snd_pcm_delay")]
    pub const fn delay(&self, beyond: i64) -> i64 {
        let ring = match self.side {
            Side::Reader => self.avail().0 as i64,
            Side::Writer => self.hw_avail(),
        };
        ring.saturating_add(beyond)
    }

    /// How far the application may go back.
    #[doc(alias = "snd_pcm_rewindable")]
    pub const fn rewindable(&self) -> Frames {
        let queued = self.hw_avail();
        Frames(if queued > 0 { queued as u64 } else { 0 })
    }

    /// How far it may go on.
    #[doc(alias = "snd_pcm_forwardable")]
    pub const fn forwardable(&self) -> Frames {
        self.avail()
    }

    /// The application goes back, as far as it may. Gives back how far that was; after an XRUN it is nothing, and no error.
    #[doc(alias = "snd_pcm_rewind")]
    pub fn rewind(&mut self, frames: Frames) -> Frames {
        let moved = frames.min(self.rewindable());
        self.appl_ptr = self.plus(self.appl_ptr, self.boundary - moved.0);
        moved
    }

    /// The application goes on, as far as it may: it has read or written, or skips. Gives back how far that was.
    #[doc(alias = "snd_pcm_forward")]
    pub fn forward(&mut self, frames: Frames) -> Frames {
        let moved = frames.min(self.forwardable());
        self.appl_ptr = self.plus(self.appl_ptr, moved.0);
        moved
    }

    /// The application says where it is.
    ///
    /// # Errors
    /// [`BeyondBoundary`]; the pointer stays where it was.
    #[doc(alias = "snd_pcm_sync_ptr")]
    pub fn set_appl_ptr(&mut self, position: Frames) -> Result<(), BeyondBoundary> {
        if position.0 >= self.boundary {
            return Err(BeyondBoundary { position, boundary: Frames(self.boundary) });
        }
        self.appl_ptr = position.0;
        Ok(())
    }

    /// Nothing is queued and nothing is to be read. The hardware begins at the start of its ring, so it must not be
    /// running.
    #[doc(alias = "snd_pcm_reset")]
    pub fn reset(&mut self) {
        (self.hw_ptr, self.appl_ptr, self.base, self.interrupt) = (0, 0, 0, 0);
    }

    /// A position and at most a boundary.
    const fn plus(&self, position: u64, frames: u64) -> u64 {
        let sum = position + frames;
        if sum >= self.boundary { sum - self.boundary } else { sum }
    }

    /// How far one position is ahead of the other, round the boundary.
    const fn ahead(&self, of: u64, from: u64) -> u64 {
        if of >= from { of - from } else { of + self.boundary - from }
    }
}
