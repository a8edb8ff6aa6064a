//! [`HwSpace`]: all configurations that a stream may still have, and how constraints narrow it down to one.
//!
//! As in ALSA, nobody asks for a configuration and gets a yes or a no. There is a space of them, and each party takes away
//! what it cannot do: the engine its alignment and its longest period ([`limit_to_engine`](HwSpace::limit_to_engine)), the
//! peripheral the rates and channels that it has ([`limit_rates`](HwSpace::limit_rates),
//! [`limit_to_list`](HwSpace::limit_to_list)), the client whatever it cares about (the setters). After each step the space is *refined*: what one quantity may be
//! says something about the others, until nothing changes any more. In the end [`choose`](HwSpace::choose) takes the
//! first configuration in ALSA's order; it is never in a hole.
//!
//! ```text
//!   masks      access, format
//!   intervals  channels, rate, {time, size, bytes} of a period and of the buffer, periods
//!   grids      where an interval has holes: lists, usual rates, ratios of a clock, steps, powers of two
//!   rules      between the intervals: bytes = frames * bits / 8, time = frames / rate, buffer = period * periods
//! ```
//!
//! Every bound knows the [`Constraints`] it follows from, so when an interval becomes empty the error names both sides.
//!
//! ```
//! use dmaengine_core::engine::StopKind;
//! use dmaengine_core::{BusWidths, Caps, Facts, Micros, ResidueGranularity};
//! use pcm_dmaengine::hw_params::{Constraints, HwSpace, Quantity};
//! use pcm_dmaengine::{Access, Frames, HwParams, RefineError, SampleFormat};
//!
//! // An engine with descriptors for 16 periods of at most 64 KiB, in words of 4 bytes.
//! let facts = Facts {
//!     channels: 1,
//!     caps: Caps::CYCLIC,
//!     stop: StopKind::AtOnce,
//!     residue: ResidueGranularity::Burst,
//!     widths: BusWidths::TWO | BusWidths::FOUR,
//!     align: 4,
//!     max_segment: 0xffff,
//!     max_segments: 16,
//! };
//! let mut space = HwSpace::any();
//! space.limit_to_engine(&facts).unwrap();
//! space.set_channels(2).unwrap();
//! space.set_rate_near(48_000).unwrap();
//! space.set_format(SampleFormat::S16Le).unwrap();
//! space.set_period_time_near(Micros(667)).unwrap(); // 32 frames take 666.67 us
//! space.set_buffer_time_max(Micros(10_000)).unwrap();
//!
//! // 32 frames of 4 bytes, and the most periods that fit in 10 ms.
//! let format = SampleFormat::S16Le;
//! let chosen = HwParams { format, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
//! assert_eq!(space.choose(), Ok(chosen));
//! assert_eq!(space.accesses().first(), Some(Access::RwInterleaved));
//!
//! // A refusal changes nothing, and says whose constraints met.
//! let Err(RefineError::Empty { quantity, least, most }) = space.set_periods(17) else { panic!() };
//! assert_eq!((quantity, least.value, most.value), (Quantity::Periods, 17, 15));
//! assert_eq!(least.because, Constraints::PERIODS);
//! ```

mod choose;
mod constraints;
mod engine;
mod grid;
mod interval;
mod limit;
mod mask;
mod near;
mod rates;
mod ratnum;
mod refused;
mod rules;
mod set;
mod window;

pub use constraints::Constraints;
pub use interval::{Bound, Interval};
pub use mask::{Mask, Maskable};
pub use rates::RateMask;
pub use ratnum::Ratnum;
pub use refused::RefineError;
pub use rules::Quantity;

use crate::access::Access;
use crate::format::SampleFormat;
use crate::units::HwParams;
use grid::{MOST_GRIDS, Placed};
use rules::RULES;

/// The most rounds of rules in one refinement. Real spaces settle within ten. Two ratios that contradict each other by
/// a hair could creep towards empty for a billion rounds; what is left after these may be too much, never too little.
const MOST_ROUNDS: u32 = 500;

/// The configurations that are still possible. The [module's page](self) has the story and an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "snd_pcm_hw_params_t")]
pub struct HwSpace {
    accesses: Mask<Access>,
    accesses_because: Constraints,
    formats: Mask<SampleFormat>,
    formats_because: Constraints,
    quantities: [Interval; 11],
    /// Which values there are, where an interval has holes. The engine's alignment is one of them.
    grids: [Option<Placed>; MOST_GRIDS],
}

impl HwSpace {
    /// Everything that this crate can describe: every access and format, 1 to 65535 channels, at least two periods, and
    /// no count of frames, bytes or microseconds that does not fit 32 bits.
    #[doc(alias = "snd_pcm_hw_params_any")]
    #[must_use]
    pub fn any() -> Self {
        let mut quantities = Quantity::ALL.map(|quantity| match quantity {
            Quantity::PeriodTime | Quantity::BufferTime => Interval::TIME,
            _ => Interval::COUNT,
        });
        let nobody = Constraints::empty();
        quantities[Quantity::Channels as usize].lower(Bound::at(u16::MAX.into(), false, nobody));
        quantities[Quantity::Periods as usize].raise(Bound::at(2, false, nobody));
        let (accesses, formats) = (Mask::all(), Mask::all());
        let (accesses_because, formats_because, grids) = (nobody, nobody, [None; MOST_GRIDS]);
        let mut space = Self { accesses, accesses_because, formats, formats_because, quantities, grids };
        let refined = space.refine();
        debug_assert_eq!(refined, Ok(()), "one frame in each of two periods is in it");
        space
    }

    /// The accesses that are still possible.
    pub fn accesses(&self) -> Mask<Access> {
        self.accesses
    }

    /// The formats that are still possible.
    pub fn formats(&self) -> Mask<SampleFormat> {
        self.formats
    }

    /// What a quantity may still be. Its two ends are values that there are, but between them may be holes: values that
    /// no list has, no divider makes, or that no configuration has for reasons of all the others.
    pub fn interval(&self, quantity: Quantity) -> Interval {
        self.quantities[quantity as usize]
    }

    /// Whether this very configuration is in the space.
    pub fn contains(&self, access: Access, params: &HwParams) -> bool {
        let (sample_bits, channels) = (u128::from(params.format.physical_width()), u128::from(params.channels));
        let frame_bits = sample_bits * channels;
        let period = u128::from(params.period_size.0);
        // 64 bits by 32 by 21 is in range; a buffer of 96 bits is in no interval, so it may as well saturate.
        let buffer = period * u128::from(params.periods);
        let rate = u64::from(params.rate);
        let bytes = |frames: u128| frames.saturating_mul(frame_bits / 8);
        let holds = |quantity| {
            let (numerator, denominator) = match quantity {
                Quantity::SampleBits => (sample_bits, 1),
                Quantity::FrameBits => (frame_bits, 1),
                Quantity::Channels => (channels, 1),
                Quantity::Rate => (u128::from(params.rate), 1),
                Quantity::PeriodTime => (period.saturating_mul(1_000_000), rate),
                Quantity::PeriodSize => (period, 1),
                Quantity::PeriodBytes => (bytes(period), 1),
                Quantity::Periods => (u128::from(params.periods), 1),
                Quantity::BufferTime => (buffer.saturating_mul(1_000_000), rate),
                Quantity::BufferSize => (buffer, 1),
                Quantity::BufferBytes => (bytes(buffer), 1),
            };
            self.allows(quantity, numerator, denominator)
        };
        self.accesses.has(access) && self.formats.has(params.format) && Quantity::ALL.into_iter().all(holds)
    }

    /// Whether `numerator / denominator` is in the interval and in none of its holes.
    fn allows(&self, quantity: Quantity, numerator: u128, denominator: u64) -> bool {
        self.interval(quantity).contains(numerator, denominator)
            && self.grids(quantity).all(|placed| placed.grid.has(numerator, denominator))
    }

    /// Draws every conclusion, until nothing changes any more. Only what no configuration has is taken away.
    #[doc(alias = "snd_pcm_hw_refine")]
    fn refine(&mut self) -> Result<(), RefineError> {
        Quantity::ALL.into_iter().try_for_each(|quantity| self.settle(quantity))?;
        for _ in 0..MOST_ROUNDS {
            let mut changed = self.settle_formats()?;
            for rule in &RULES {
                let [x, y, z] = [rule.x, rule.y, rule.z].map(|term| term.interval(&self.quantities));
                let (low, high) = Interval::product(&x, &y, &z);
                let target = &mut self.quantities[rule.target as usize];
                changed |= target.raise(low) | target.lower(high);
                self.settle(rule.target)?;
            }
            changed |= self.settle_grids()?;
            if !changed {
                break;
            }
        }
        Ok(())
    }

    fn settle(&self, quantity: Quantity) -> Result<(), RefineError> {
        let interval = self.interval(quantity);
        if interval.is_empty() {
            return Err(RefineError::Empty { quantity, least: interval.min(), most: interval.max() });
        }
        Ok(())
    }

    /// The formats and the bits of a sample say the same. True if that changed something.
    fn settle_formats(&mut self) -> Result<bool, RefineError> {
        let bits = self.interval(Quantity::SampleBits);
        let fitting = |format: SampleFormat| self.allows(Quantity::SampleBits, format.physical_width().into(), 1);
        let fitting = Mask::all().filter(fitting);
        let mut changed = self.formats.and(fitting) != self.formats;
        if changed {
            let grids = self.grids(Quantity::SampleBits).fold(Constraints::empty(), |all, placed| all | placed.because);
            self.only_formats(fitting, bits.min().because | bits.max().because | grids)?;
        }
        let widths = || self.formats.iter().map(SampleFormat::physical_width);
        let (Some(least), Some(most)) = (widths().min(), widths().max()) else { return Ok(changed) };
        let because = self.formats_because;
        let bits = &mut self.quantities[Quantity::SampleBits as usize];
        changed |= bits.raise(Bound::at(least.into(), false, because));
        changed |= bits.lower(Bound::at(most.into(), false, because));
        Ok(changed)
    }
}
