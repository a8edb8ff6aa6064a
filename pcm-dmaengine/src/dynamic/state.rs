//! [`State`]: ALSA's states, with their numbers and names.

use core::fmt;
use core::str::FromStr;

use crate::error::UnknownName;

/// The state of a stream, as ALSA tells it. The numbers are ABI.
///
/// Where this crate's types know more, ALSA's state is the coarser one:
///
/// | state | types |
/// | --- | --- |
/// | `OPEN` | [`Open`](crate::Open) |
/// | `SETUP` | [`Setup`](crate::Setup); [`Stopped`](crate::Stopped), whose stop may be unfinished |
/// | `PREPARED` | [`Prepared`](crate::Prepared); [`Undone`](crate::Undone), whose start was taken back |
/// | `RUNNING` | [`Running`](crate::Running), as long as nothing has ended the run |
/// | `XRUN` | [`Xrun`](crate::Xrun); [`Faulted`](crate::Faulted) |
/// | `DRAINING` | [`Draining`](crate::Draining), playback; [`Leftover`](crate::Leftover), capture |
/// | `PAUSED` | [`Paused`](crate::Paused) |
/// | `SUSPENDED` | [`Suspended`](crate::Suspended) |
/// | `DISCONNECTED` | [`Disconnected`](crate::Disconnected) |
///
/// ```
/// use pcm_dmaengine::dynamic::State;
/// assert_eq!((State::Xrun.number(), State::Xrun.name()), (4, "XRUN"));
/// assert_eq!("xrun".parse(), Ok(State::Xrun));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[doc(alias = "snd_pcm_state_t")]
pub enum State {
    /// Open, without parameters.
    #[doc(alias = "SNDRV_PCM_STATE_OPEN")]
    Open = 0,
    /// It has parameters.
    #[doc(alias = "SNDRV_PCM_STATE_SETUP")]
    Setup = 1,
    /// Ready to start.
    #[doc(alias = "SNDRV_PCM_STATE_PREPARED")]
    Prepared = 2,
    /// The engine goes round the ring.
    #[doc(alias = "SNDRV_PCM_STATE_RUNNING")]
    Running = 3,
    /// The client was too late, and the engine was stopped.
    #[doc(alias = "SNDRV_PCM_STATE_XRUN")]
    Xrun = 4,
    /// Playback: what was written is played. Capture: it was stopped, and there is something left to read.
    #[doc(alias = "SNDRV_PCM_STATE_DRAINING")]
    Draining = 5,
    /// It stands still and can go on.
    #[doc(alias = "SNDRV_PCM_STATE_PAUSED")]
    Paused = 6,
    /// The system sleeps.
    #[doc(alias = "SNDRV_PCM_STATE_SUSPENDED")]
    Suspended = 7,
    /// The device is gone.
    #[doc(alias = "SNDRV_PCM_STATE_DISCONNECTED")]
    Disconnected = 8,
}

impl State {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Open,
        Self::Setup,
        Self::Prepared,
        Self::Running,
        Self::Xrun,
        Self::Draining,
        Self::Paused,
        Self::Suspended,
        Self::Disconnected,
    ];

    /// ALSA's number of it.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// ALSA's name of it, without `SNDRV_PCM_STATE_`.
    #[doc(alias = "snd_pcm_state_name")]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Setup => "SETUP",
            Self::Prepared => "PREPARED",
            Self::Running => "RUNNING",
            Self::Xrun => "XRUN",
            Self::Draining => "DRAINING",
            Self::Paused => "PAUSED",
            Self::Suspended => "SUSPENDED",
            Self::Disconnected => "DISCONNECTED",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for State {
    type Err = UnknownName;

    /// Reads ALSA's name, in capitals or not.
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|state| state.name().eq_ignore_ascii_case(name)).ok_or(UnknownName)
    }
}
