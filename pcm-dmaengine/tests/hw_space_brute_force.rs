//! Refinement and choice against a plain list of all configurations of a small world: nothing right is ever taken away,
//! nothing wrong is ever chosen, and what is chosen is the first in ALSA's order.

use dmaengine_core::engine::StopKind;
use dmaengine_core::{BusWidths, Caps, Facts, ResidueGranularity};
use pcm_dmaengine::hw_params::{Interval, Mask, Quantity, Ratnum};
use pcm_dmaengine::{Access, Frames, HwParams, HwSpace, RefineError, SampleFormat};
use proptest::prelude::*;

const FORMATS: [SampleFormat; 4] = [SampleFormat::U8, SampleFormat::S16Le, SampleFormat::S32Le, SampleFormat::S24_3Le];
const RATES: u32 = 6;
const CHANNELS: u16 = 3;
const PERIOD: u64 = 12;
const PERIODS: u32 = 7;

/// All that the small world has, in ALSA's order: format, channels, rate, shortest period, and the largest buffer first.
fn world() -> Vec<HwParams> {
    let mut all = Vec::new();
    for format in FORMATS {
        for channels in 1..=CHANNELS {
            for rate in 1..=RATES {
                for period in 1..=PERIOD {
                    for periods in (2..=PERIODS).rev() {
                        all.push(HwParams { format, rate, channels, period_size: Frames(period), periods });
                    }
                }
            }
        }
    }
    all
}

fn small() -> HwSpace {
    let mut space = HwSpace::any();
    space.set_formats(Mask::of(&FORMATS)).unwrap();
    space.set_rate_max(RATES).unwrap();
    space.set_channels_max(CHANNELS.into()).unwrap();
    space.set_period_size_max(Frames(PERIOD)).unwrap();
    space.set_periods_max(PERIODS).unwrap();
    space
}

/// A quantity of a configuration, as a fraction.
fn value(quantity: Quantity, params: &HwParams) -> (u64, u64) {
    let sample = u64::from(params.format.bytes()) * 8;
    let frame = sample * u64::from(params.channels);
    let (period, rate) = (params.period_size.0, u64::from(params.rate));
    let buffer = period * u64::from(params.periods);
    match quantity {
        Quantity::SampleBits => (sample, 1),
        Quantity::FrameBits => (frame, 1),
        Quantity::Channels => (params.channels.into(), 1),
        Quantity::Rate => (rate, 1),
        Quantity::PeriodTime => (period * 1_000_000, rate),
        Quantity::PeriodSize => (period, 1),
        Quantity::PeriodBytes => (period * frame / 8, 1),
        Quantity::Periods => (params.periods.into(), 1),
        Quantity::BufferTime => (buffer * 1_000_000, rate),
        Quantity::BufferSize => (buffer, 1),
        Quantity::BufferBytes => (buffer * frame / 8, 1),
        _ => unreachable!("there are eleven"),
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Exactly(Quantity, u64),
    Least(Quantity, u64),
    Most(Quantity, u64),
    Format(SampleFormat),
    Engine { align: u32, max_segment: u32, max_segments: u32, widths: BusWidths },
    List(Quantity, &'static [u32]),
    Multiples(Quantity, u32),
    PowersOfTwo(Quantity),
    Clocks(&'static [Ratnum]),
}

fn facts(align: u32, max_segment: u32, max_segments: u32, widths: BusWidths) -> Facts {
    let (stop, residue) = (StopKind::AtOnce, ResidueGranularity::Burst);
    Facts { channels: 1, caps: Caps::CYCLIC, stop, residue, widths, align, max_segment, max_segments }
}

impl Step {
    fn apply(self, space: &mut HwSpace) -> Result<(), RefineError> {
        match self {
            Self::Exactly(quantity, value) => space.set(quantity, value),
            Self::Least(quantity, value) => space.set_min(quantity, value),
            Self::Most(quantity, value) => space.set_max(quantity, value),
            Self::Format(format) => space.set_format(format),
            Self::Engine { align, max_segment, max_segments, widths } => {
                space.limit_to_engine(&facts(align, max_segment, max_segments, widths))
            }
            Self::List(quantity, list) => space.limit_to_list(quantity, list),
            Self::Multiples(quantity, step) => space.limit_to_step(quantity, step),
            Self::PowersOfTwo(quantity) => space.limit_to_pow2(quantity),
            Self::Clocks(clocks) => space.limit_to_ratnums(clocks),
        }
    }

    fn allows(self, params: &HwParams) -> bool {
        let compare = |quantity, limit: u64| {
            let (numerator, denominator) = value(quantity, params);
            numerator.cmp(&(limit * denominator))
        };
        let whole = |quantity| {
            let (numerator, denominator) = value(quantity, params);
            (numerator % denominator == 0).then_some(numerator / denominator)
        };
        match self {
            Self::Exactly(quantity, value) => compare(quantity, value).is_eq(),
            Self::Least(quantity, value) => compare(quantity, value).is_ge(),
            Self::Most(quantity, value) => compare(quantity, value).is_le(),
            Self::Format(format) => params.format == format,
            Self::Engine { align, max_segment, max_segments, widths } => {
                let bytes = value(Quantity::PeriodBytes, params).0;
                let width = match params.format.bytes() {
                    1 => BusWidths::ONE,
                    2 => BusWidths::TWO,
                    3 => BusWidths::THREE,
                    _ => BusWidths::FOUR,
                };
                widths.contains(width)
                    && bytes % u64::from(align.max(1)) == 0
                    && bytes <= max_segment.into()
                    && params.periods <= max_segments
            }
            Self::List(quantity, list) => list.iter().any(|&value| compare(quantity, value.into()).is_eq()),
            Self::Multiples(quantity, step) => whole(quantity).is_some_and(|value| value % u64::from(step) == 0),
            Self::PowersOfTwo(quantity) => whole(quantity).is_some_and(u64::is_power_of_two),
            Self::Clocks(clocks) => clocks.iter().any(|clock| rates(*clock).any(|rate| rate == params.rate)),
        }
    }
}

impl Step {
    fn is_grid_of(self, of: Quantity) -> bool {
        match self {
            Self::List(quantity, _) | Self::Multiples(quantity, _) | Self::PowersOfTwo(quantity) => quantity == of,
            Self::Clocks(_) => of == Quantity::Rate,
            _ => false,
        }
    }

    /// Whether a grid has this value.
    fn has(self, of: Quantity, value: u64) -> bool {
        match self {
            _ if !self.is_grid_of(of) => true,
            Self::List(_, list) => list.iter().any(|&one| u64::from(one) == value),
            Self::Multiples(_, step) => value % u64::from(step) == 0,
            Self::PowersOfTwo(_) => value.is_power_of_two(),
            Self::Clocks(clocks) => clocks.iter().any(|clock| rates(*clock).any(|rate| u64::from(rate) == value)),
            _ => true,
        }
    }
}

/// A quantity, and a value that one of the world's configurations has, or nearly has.
fn wish() -> impl Strategy<Value = (Quantity, u64)> {
    let of = (0..world().len()).prop_map(|index| world()[index]);
    (prop::sample::select(&Quantity::ALL[..]), of, -1..=1_i64).prop_map(|(quantity, params, off)| {
        let (numerator, denominator) = value(quantity, &params);
        (quantity, (numerator / denominator).saturating_add_signed(off))
    })
}

/// A clock's rates by trying every divider.
fn rates(clock: Ratnum) -> impl Iterator<Item = u32> {
    (clock.den_min..=clock.den_max).step_by(clock.den_step as usize).map(move |divider| clock.num / divider)
}

fn clock(num: u32) -> impl Strategy<Value = Ratnum> {
    (1..num, 1..12_u32, 0..20_u32, 1..4_u32).prop_map(|(num, den_min, more, den_step)| Ratnum {
        num,
        den_min,
        den_max: den_min + more,
        den_step,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let list = (wish(), prop::collection::vec(wish(), 0..60)).prop_map(|((quantity, first), others)| {
        let others = others.into_iter().filter(|&(other, _)| other == quantity).map(|(_, value)| value);
        let values: Vec<u32> = others.chain([first]).map(|value| value as u32).collect();
        Step::List(quantity, values.leak())
    });
    let quantity = || prop::sample::select(&Quantity::ALL[..]);
    let step = prop::sample::select(&[1, 2, 3, 4, 5, 6, 7, 8, 16, 24, 500, 1_000, 250_000][..]);
    let clocks = prop::collection::vec(clock(30), 1..3);
    let engine = (prop::sample::select(&[0, 1, 2, 3, 4, 6, 8, 16][..]), 4..150_u32, 1..9_u32, 1..16_u8);
    prop_oneof![
        2 => wish().prop_map(|(quantity, value)| Step::Exactly(quantity, value)),
        4 => wish().prop_map(|(quantity, value)| Step::Least(quantity, value)),
        4 => wish().prop_map(|(quantity, value)| Step::Most(quantity, value)),
        1 => prop::sample::select(&FORMATS[..]).prop_map(Step::Format),
        2 => engine.prop_map(|(align, max_segment, max_segments, widths)| {
            Step::Engine { align, max_segment, max_segments, widths: BusWidths::from_bits_truncate(widths) }
        }),
        4 => list,
        2 => (quantity(), step).prop_map(|(quantity, step)| Step::Multiples(quantity, step)),
        1 => quantity().prop_map(Step::PowersOfTwo),
        1 => clocks.prop_map(|clocks| Step::Clocks(clocks.leak())),
    ]
}

/// Takes the steps that are not refused. What is left, the list of what should be, and the steps that were taken.
fn narrowed(steps: &[Step]) -> (HwSpace, Vec<HwParams>, Vec<Step>) {
    let (mut space, mut right, mut taken) = (small(), world(), Vec::new());
    for &step in steps {
        let before = space;
        let left: Vec<HwParams> = right.iter().copied().filter(|params| step.allows(params)).collect();
        match step.apply(&mut space) {
            Ok(()) => {
                right = left;
                taken.push(step);
            }
            Err(error) => {
                assert!(left.is_empty(), "{step:?} took away {:?}: {error}", left[0]);
                assert_eq!(space, before, "a refusal changes nothing");
            }
        }
    }
    for interval in Quantity::ALL.map(|quantity| space.interval(quantity)).into_iter().filter(Interval::is_whole) {
        assert!(!interval.min().open && !interval.max().open, "the ends of a whole interval are in it: {interval}");
    }
    for quantity in Quantity::ALL {
        let (interval, grids) = (space.interval(quantity), taken.iter().filter(|step| step.is_grid_of(quantity)));
        for (step, bound) in grids.flat_map(|step| [(step, interval.min()), (step, interval.max())]) {
            assert!(!bound.open && step.has(quantity, bound.value.into()), "{quantity} {interval}: {step:?}");
        }
    }
    (space, right, taken)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn refinement_takes_away_only_what_is_wrong(steps in prop::collection::vec(step(), 1..7)) {
        let (space, right, _) = narrowed(&steps);
        for params in world() {
            let contained = space.contains(Access::RwInterleaved, &params);
            prop_assert_eq!(contained, right.contains(&params), "{:?}", params);
        }
    }

    #[test]
    fn the_choice_is_the_first_that_is_right(steps in prop::collection::vec(step(), 1..7)) {
        let (mut space, right, _) = narrowed(&steps);
        let before = space;
        match space.choose() {
            Ok(params) => {
                // Of the periods the shortest; of its buffers the largest. The world is listed in that order.
                prop_assert_eq!(Some(&params), right.first());
                let left: Vec<HwParams> =
                    world().into_iter().filter(|one| space.contains(Access::RwInterleaved, one)).collect();
                prop_assert_eq!(left, vec![params], "and nothing else is left");
                prop_assert_eq!(space.choose(), Ok(params));
            }
            Err(error) => {
                prop_assert!(right.is_empty(), "{} but {:?}", error, right[0]);
                prop_assert_eq!(error, RefineError::NothingInCommon);
                prop_assert_eq!(space, before);
            }
        }
    }

    /// It is the value of a configuration, and no configuration is nearer; of two that are equally near it is the lower.
    #[test]
    fn the_nearest_is_the_nearest(steps in prop::collection::vec(step(), 0..5), wish in wish()) {
        let (mut space, right, taken) = narrowed(&steps);
        let (quantity, wanted) = wish;
        match space.set_near(quantity, wanted) {
            Ok(set) => {
                let left = right.iter().any(|params| space.contains(Access::RwInterleaved, params));
                prop_assert!(left && taken.iter().all(|step| step.has(quantity, set)), "{} is in a hole", set);
                let nearest = right.iter().map(|params| {
                    let (numerator, denominator) = value(quantity, params);
                    (numerator.abs_diff(wanted * denominator) / denominator, numerator / denominator)
                });
                let nearest = nearest.min().unwrap();
                if space.interval(quantity).is_whole() {
                    prop_assert_eq!(space.interval(quantity).single(), Some(set as u32));
                    prop_assert_eq!((set.abs_diff(wanted), set), nearest);
                } else {
                    // A time is found to the microsecond.
                    prop_assert!(set.abs_diff(wanted) <= nearest.0 + 1);
                }
            }
            Err(error) => prop_assert!(right.is_empty(), "{} but {:?}", error, right[0]),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 50, ..ProptestConfig::default() })]

    /// Numbers from anywhere: whatever is taken has a configuration in the end, or says that it has none.
    #[test]
    fn no_numbers_make_it_panic(
        steps in prop::collection::vec((prop::sample::select(&Quantity::ALL[..]), 0..8_u8, number()), 1..8),
        engine in (number(), number(), number()),
        more in [number(), number(), number()],
    ) {
        let more = more.map(|number| number as u32);
        let mut space = HwSpace::any();
        let (align, segment, segments) = engine;
        let limits = facts(align as u32, segment as u32, segments as u32, BusWidths::all());
        let limited = space.limit_to_engine(&limits).is_ok();
        for (quantity, how, value) in steps {
            let _ = match how {
                0 => space.set(quantity, value),
                1 => space.set_min(quantity, value),
                2 => space.set_max(quantity, value),
                4 => space.limit_to_step(quantity, value as u32),
                5 => space.limit_to_pow2(quantity),
                6 => space.limit_to_list(quantity, [&[value as u32], &more[..]].concat().leak()),
                7 => {
                    let [den_min, den_max, den_step] = more;
                    space.limit_to_ratnums(vec![Ratnum { num: value as u32, den_min, den_max, den_step }].leak())
                }
                _ => space.set_near(quantity, value).map(drop),
            };
        }
        if let Ok(params) = space.choose() {
            prop_assert!(space.contains(Access::RwInterleaved, &params));
            prop_assert!(params.periods >= 2 && params.buffer_bytes() <= u32::MAX.into());
            let bytes = params.period_size.0 * u64::from(params.frame_bytes());
            prop_assert!(!limited || bytes % u64::from(limits.align.max(1)) == 0 && bytes <= limits.max_segment.into());
        }
    }
}

/// Small ones, large ones, and those about the ends of 32 bits.
fn number() -> impl Strategy<Value = u64> {
    let most = u64::from(u32::MAX);
    prop_oneof![
        0..20_u64,
        0..100_000_u64,
        most - 3..most + 3,
        0..most,
        Just(u64::MAX),
        (0..33_u32).prop_map(|n| 1 << n)
    ]
}
