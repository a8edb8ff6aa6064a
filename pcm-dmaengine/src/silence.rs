//! [`Silence`]: what of a playback's ring to silence, so that a client that is late is not heard as the lap before. Pure: no
//! clock, no lock, no memory.
//!
//! An engine goes round its ring whether somebody writes or not. Where the client has not been in time there is the last
//! lap, and that is what is heard. ALSA's two remedies are two [rules](Rule) (Linux 6.12, sound/core/pcm_lib.c):
//!
//! ```text
//!  Ahead, silence_size below the boundary: when the engine comes close, silence behind what was written.
//!
//!          hw_ptr           written_to
//!  ───────────┼── to be played ──┼─ silence ─┼─ the lap before ───
//!             └───── less than silence_threshold? then more ─────┘
//!
//!  Played, silence_size at the boundary: whatever was played is silenced at once.
//!
//!      last hw_ptr        hw_ptr
//!  ───────────┼── silence ───┼── to be played ───
//! ```
//!
//! The positions are those of a run, as in the whole crate: they count from its start and never begin again.

use crate::sw_params::SwParams;
use crate::units::{Frames, HwParams};

/// When silence is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Never: whoever is late hears the lap before.
    Never,
    /// When less than so many frames are left to be played, silence among them. Each time as much as is missing, at most `size`.
    Ahead {
        /// How far ahead of the engine there should be no old frames; at most the ring.
        #[doc(alias = "silence_threshold")]
        threshold: Frames,
        /// How much is silenced at once.
        #[doc(alias = "silence_size")]
        size: Frames,
    },
    /// What was played is silenced at once. For clients that write where the engine will be, and do not say how far they are.
    Played,
}

impl Rule {
    /// That of a stream.
    #[must_use]
    pub const fn new(sw: &SwParams, params: &HwParams) -> Self {
        match sw.silence_size {
            Frames(0) => Self::Never,
            Frames(size) if size >= params.boundary().0 => Self::Played,
            size => Self::Ahead { threshold: sw.silence_threshold, size },
        }
    }

    /// That of a stream which plays the rest: nothing but silence behind it.
    #[must_use]
    pub const fn of_drain(params: &HwParams) -> Self {
        Self::Ahead { threshold: params.buffer_size(), size: params.buffer_size() }
    }
}

/// A piece of the ring, by position: [`HwParams::buffer_size`] later it is the same piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first frame.
    pub from: Frames,
    /// How many.
    pub count: Frames,
}

/// What is known to be silent behind what the client has written.
///
/// ```
/// use pcm_dmaengine::silence::{Rule, Silence, Stretch};
/// use pcm_dmaengine::Frames;
/// let rule = Rule::Ahead { threshold: Frames(100), size: Frames(60) };
/// let mut silence = Silence::default();
///
/// // 150 frames are left: enough. 90 are left: ten more. Nobody writes, and the engine comes on by 64.
/// assert_eq!(silence.due(rule, Frames(0), Frames(50), Frames(200)), None);
/// let ten = Stretch { from: Frames(200), count: Frames(10) };
/// assert_eq!(silence.due(rule, Frames(50), Frames(110), Frames(200)), Some(ten));
/// silence.done(ten);
/// let sixty = Stretch { from: Frames(210), count: Frames(60) };
/// assert_eq!(silence.due(rule, Frames(110), Frames(174), Frames(200)), Some(sixty));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silence {
    /// Where the client was when somebody last looked.
    #[doc(alias = "silence_start")]
    start: Frames,
    /// How much behind that is silent.
    #[doc(alias = "silence_filled")]
    filled: Frames,
}

impl Silence {
    /// That of a run which begins with a silent ring.
    #[must_use]
    pub const fn of_silent_ring(params: &HwParams) -> Self {
        Self { start: Frames(0), filled: params.buffer_size() }
    }

    /// The client has come to here, with all that it has written or is writing. If it went back, what lies behind is none of our
    /// silence.
    pub fn written_to(&mut self, position: Frames) {
        let went_back = position < self.start;
        // What it wrote over silence is none any more.
        self.filled = if went_back { Frames(0) } else { self.filled - (position - self.start) };
        self.start = position;
    }

    /// What is to be silenced now that the engine has come from one position to another, and the client to `written_to`.
    ///
    /// Nothing that is still to be played is in it. Of what [`Rule::Played`] answers, the caller silences no more than a ring.
    #[doc(alias = "snd_pcm_playback_silence")]
    pub fn due(&mut self, rule: Rule, last_hw_ptr: Frames, hw_ptr: Frames, written_to: Frames) -> Option<Stretch> {
        self.written_to(written_to);
        let (from, count) = match rule {
            Rule::Never => (hw_ptr, Frames(0)),
            Rule::Played => (last_hw_ptr, hw_ptr - last_hw_ptr),
            Rule::Ahead { threshold, size } => {
                // What the engine has passed is not ahead any more.
                let from = (self.start + self.filled).max(hw_ptr);
                (from, size.min(threshold - (from - hw_ptr)))
            }
        };
        (count > Frames(0)).then_some(Stretch { from, count })
    }

    /// A stretch that was due behind what was written is silent.
    pub fn done(&mut self, stretch: Stretch) {
        let end = stretch.from + stretch.count;
        self.filled = self.filled.max(end - self.start);
    }
}
