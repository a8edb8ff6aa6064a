//! [`Dai`]: what a stream's peripheral does when the stream starts and stops. The hook of the driver for an SSI, an SAI or a codec.
//!
//! ```text
//!   start, release, resume   link ──▶ DMA ──▶ DAI         undone in reverse if one of them refuses
//!   stop, push, suspend      DAI ──▶ DMA ──▶ link
//! ```
//!
//! So the DMA is ready before the peripheral asks, and nobody asks any more when it stops (Linux since 5.5, sound/soc/soc-pcm.c,
//! commit 4378f1fbe924). A peripheral that must run before its DMA does says so with [`TriggerOrder::LinkDaiDma`].

use core::fmt;

use dmaengine_core::{Atomic, ErrorKind};

/// What is to happen to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// It starts from the beginning.
    #[doc(alias = "SNDRV_PCM_TRIGGER_START")]
    Start,
    /// It stops for good.
    #[doc(alias = "SNDRV_PCM_TRIGGER_STOP")]
    Stop,
    /// It stops and may go on where it was.
    #[doc(alias = "SNDRV_PCM_TRIGGER_PAUSE_PUSH")]
    PausePush,
    /// It goes on.
    #[doc(alias = "SNDRV_PCM_TRIGGER_PAUSE_RELEASE")]
    PauseRelease,
    /// The system goes to sleep.
    #[doc(alias = "SNDRV_PCM_TRIGGER_SUSPEND")]
    Suspend,
    /// The system is back, and the stream goes on.
    #[doc(alias = "SNDRV_PCM_TRIGGER_RESUME")]
    Resume,
}

impl Trigger {
    /// Whether sound moves after it.
    pub const fn starts(self) -> bool {
        matches!(self, Self::Start | Self::PauseRelease | Self::Resume)
    }

    /// What takes it back.
    pub const fn undo(self) -> Self {
        match self {
            Self::Start => Self::Stop,
            Self::Stop => Self::Start,
            Self::PausePush => Self::PauseRelease,
            Self::PauseRelease => Self::PausePush,
            Self::Suspend => Self::Resume,
            Self::Resume => Self::Suspend,
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::PausePush => "pause push",
            Self::PauseRelease => "pause release",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
        })
    }
}

/// Who comes when at a start; a stop goes the other way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "snd_soc_trigger_order")]
pub enum TriggerOrder {
    /// The link, the DMA channel, the DAI.
    #[default]
    #[doc(alias = "SND_SOC_TRIGGER_ORDER_DEFAULT")]
    LinkDmaDai,
    /// The link, the DAI, the DMA channel.
    #[doc(alias = "SND_SOC_TRIGGER_ORDER_LDC")]
    LinkDaiDma,
}

/// Why a peripheral did not do what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DaiError {
    /// It cannot, for a reason that its driver gives a number.
    #[error("the peripheral refused: {code}")]
    Refused {
        /// The driver's number; what it means, its documentation says.
        code: i32,
    },
    /// It has run over or dry already.
    #[error("the peripheral has an XRUN")]
    #[doc(alias = "EPIPE")]
    Xrun,
}

impl DaiError {
    /// Always [`ErrorKind::Hardware`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::Hardware
    }
}

/// The peripheral at the far end of a stream, and the machine's wiring to it.
///
/// Called with the stream's lock held, maybe in an interrupt: it can not sleep, must be short, and must not call the stream.
/// What cannot be done with registers alone, a clock that needs time to settle for instance, belongs before the stream's start.
///
/// ```text
///            ┌── PausePush, Suspend ◀─┐
///            ▼                        │
///          held ── release, resume ──▶ started ◀── Start ── stopped
///            └──────────── Stop ──────────┴──────── Stop ─────▶
/// ```
///
/// Every [`Start`](Trigger::Start) that was answered with `Ok` is followed by exactly one [`Stop`](Trigger::Stop), also if the stream was
/// paused or suspended in between and never went on. The answer to a `Stop` or a `Suspend` keeps nothing from stopping; that to a
/// `PausePush` may.
///
/// ```
/// use core::sync::atomic::{AtomicBool, Ordering};
/// use dmaengine_core::Atomic;
/// use pcm_dmaengine::{Dai, DaiError, Trigger};
///
/// /// A transmitter that one bit turns on.
/// struct Transmitter(AtomicBool);
///
/// impl Dai for Transmitter {
///     fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
///         self.0.store(trigger.starts(), Ordering::Relaxed);
///         Ok(())
///     }
/// }
/// ```
#[doc(alias = "snd_soc_dai_ops")]
pub trait Dai: Sync {
    /// Starts or stops the peripheral.
    ///
    /// # Errors
    /// [`DaiError`]; then the peripheral is as it was.
    fn trigger(&self, trigger: Trigger, context: &Atomic<'_>) -> Result<(), DaiError>;

    /// Does what the machine's wiring needs: first at a start, last at a stop. Most need nothing.
    ///
    /// # Errors
    /// [`DaiError`]; then everything is as it was.
    #[doc(alias = "snd_soc_link_trigger")]
    fn link(&self, trigger: Trigger, context: &Atomic<'_>) -> Result<(), DaiError> {
        let _ = (trigger, context);
        Ok(())
    }

    /// Whether it comes after the DMA at a start, as most do.
    fn order(&self) -> TriggerOrder {
        TriggerOrder::default()
    }
}

/// A peripheral that starts and stops with its DMA channel, or by other means.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDai;

impl Dai for NoDai {
    fn trigger(&self, _trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        Ok(())
    }
}
