//! The space of configurations with the numbers of real hardware: what follows from what, and who is named in a refusal.

mod common;

use backend_mock::MockConfig;
use backend_mock::hw::StreamConfig;
use common::{SEED, capture, ring, stops_after};
use dmaengine_core::engine::StopKind;
use dmaengine_core::{BusWidths, Caps, Engine, ErrorKind, Facts, Micros, ResidueGranularity};
use pcm_dmaengine::hw_params::{Constraints, Interval, Mask, Quantity};
use pcm_dmaengine::{Access, Frames, HwParams, HwSpace, RefineError, SampleFormat};

/// As an i.MX SDMA is: descriptors of 16 bits, one for each period.
fn sdma() -> Facts {
    Facts {
        channels: 32,
        caps: Caps::CYCLIC,
        stop: StopKind::AtOnce,
        residue: ResidueGranularity::Segment,
        widths: BusWidths::ONE | BusWidths::TWO | BusWidths::FOUR,
        align: 4,
        max_segment: 0xffff,
        max_segments: 64,
    }
}

fn of_sdma() -> HwSpace {
    let mut space = HwSpace::any();
    space.limit_to_engine(&sdma()).unwrap();
    space
}

fn ends(interval: Interval) -> (u32, u32) {
    assert!(!interval.min().open && !interval.max().open && !interval.is_empty());
    (interval.min().value, interval.max().value)
}

#[test]
fn everything_is_a_lot() {
    let space = HwSpace::any();
    assert_eq!((space.accesses(), space.formats()), (Mask::all(), Mask::all()));
    let table = [
        (Quantity::SampleBits, (8, 64)),
        (Quantity::FrameBits, (8, 64 * 65_535)),
        (Quantity::Channels, (1, 65_535)),
        (Quantity::Rate, (1, u32::MAX)),
        (Quantity::PeriodSize, (1, u32::MAX / 2)),
        (Quantity::PeriodBytes, (1, u32::MAX / 2)),
        (Quantity::Periods, (2, u32::MAX)),
        (Quantity::BufferSize, (2, u32::MAX)),
        (Quantity::BufferBytes, (2, u32::MAX)),
    ];
    for (quantity, expected) in table {
        assert_eq!(ends(space.interval(quantity)), expected, "{quantity}");
    }
    for quantity in [Quantity::PeriodTime, Quantity::BufferTime] {
        assert!(space.interval(quantity).min().open && !space.interval(quantity).is_whole(), "{quantity}");
    }
}

#[test]
fn an_engine_takes_away_what_it_cannot_do() {
    let space = of_sdma();
    assert_eq!(space.accesses(), Mask::of(&[Access::RwInterleaved]));
    assert!(!space.formats().has(SampleFormat::S24_3Le), "no access of three bytes");
    assert_eq!(space.formats().iter().count(), 20);
    assert_eq!(ends(space.interval(Quantity::PeriodBytes)), (4, 0xfffc), "whole words");
    assert_eq!(ends(space.interval(Quantity::Periods)), (2, 64));
    assert_eq!(ends(space.interval(Quantity::BufferBytes)), (8, 64 * 0xfffc));
    assert_eq!(ends(space.interval(Quantity::PeriodSize)).1, 0xfffc);
}

/// Frames, bytes and times of the thread's stream, from one number of each pair.
#[test]
fn the_seeds_configuration_follows_from_half_of_it() {
    let mut space = of_sdma();
    space.set_format(SampleFormat::S16Le).unwrap();
    space.set_rate(48_000).unwrap();
    space.set_period_bytes(128).unwrap();
    space.set_period_size(Frames(32)).unwrap();
    assert_eq!(space.interval(Quantity::Channels).single(), Some(2));
    space.set_buffer_time(Micros(10_000)).unwrap();
    assert_eq!(space.interval(Quantity::Periods).single(), Some(15));
    assert_eq!(space.interval(Quantity::PeriodTime).to_string(), "(666 667)");
    assert_eq!(space.choose(), Ok(SEED));
}

#[test]
fn the_choice_is_in_alsas_order() {
    // Nothing said: one channel of 8 bits, the lowest rate, the shortest period, and as many of these as there may be.
    let first = HwParams { format: SampleFormat::S8, rate: 1, channels: 1, period_size: Frames(4), periods: 64 };
    let mut space = of_sdma();
    assert_eq!(space.choose(), Ok(first));
    assert_eq!(space.accesses(), Mask::of(&[Access::RwInterleaved]));

    let mut space = of_sdma();
    space.set_formats(Mask::of(&[SampleFormat::S32Le, SampleFormat::S16Be])).unwrap();
    space.set_rate_min(44_100).unwrap();
    space.set_channels_min(6).unwrap();
    space.set_period_time_min(Micros(1_000)).unwrap();
    space.set_buffer_time_max(Micros(20_000)).unwrap();
    // 44.1 frames are not enough for 1 ms, and 45 frames of 12 bytes are whole words; 19 of 45 are 19.4 ms.
    let chosen =
        HwParams { format: SampleFormat::S16Be, rate: 44_100, channels: 6, period_size: Frames(45), periods: 19 };
    assert_eq!(space.choose(), Ok(chosen));
}

/// One sample of 16 bits is half a word, so periods are even.
#[test]
fn the_engines_words_make_some_periods_impossible() {
    let mut space = of_sdma();
    space.set_format(SampleFormat::S16Le).unwrap();
    space.set_channels(1).unwrap();
    space.set_rate(44_100).unwrap();
    let mut odd = space;
    assert!(odd.set_period_size(Frames(441)).is_err());
    assert_eq!(odd, space);
    assert_eq!(space.set_period_size_near(Frames(441)), Ok(Frames(440)), "the lower of two that are equally near");
    // Three channels of three bytes: four frames are nine words.
    let mut packed = HwSpace::any();
    packed.limit_to_engine(&Facts { widths: BusWidths::THREE, ..sdma() }).unwrap();
    packed.set_channels(3).unwrap();
    packed.set_period_size_min(Frames(5)).unwrap();
    assert_eq!(packed.choose().unwrap().period_size, Frames(8));
}

/// Refinement does not know yet that it will be one channel, so the choice meets holes of its own: 25 frames are no whole
/// words, 28 do not go into the buffer often enough, and 36 are the next that do.
#[test]
fn the_choice_steps_over_holes_and_not_too_far() {
    let mut space = of_sdma();
    space.set_format(SampleFormat::U8).unwrap();
    space.set_channels_max(4).unwrap();
    space.set_period_size_min(Frames(25)).unwrap();
    space.set_buffer_size_min(Frames(100)).unwrap();
    space.set_buffer_size_max(Frames(110)).unwrap();
    let chosen = space.choose().unwrap();
    assert_eq!((chosen.channels, chosen.period_size, chosen.periods), (1, Frames(36), 3));
}

#[test]
fn the_nearest_is_found_on_either_side() {
    let mut space = of_sdma();
    space.set_rate_min(8_000).unwrap();
    space.set_rate_max(48_000).unwrap();
    for (wish, set) in [(44_100, 44_100), (96_000, 48_000), (0, 8_000), (u32::MAX, 48_000)] {
        assert_eq!({ space }.set_rate_near(wish), Ok(set));
    }
    space.set_rate(44_100).unwrap();
    // 29 frames take 657.6 us, 30 take 680.3.
    assert_eq!({ space }.set_period_time_near(Micros(667)), Ok(Micros(657)));
    assert_eq!({ space }.set_period_time_near(Micros(670)), Ok(Micros(680)));
    assert_eq!({ space }.set_period_time_near(Micros(10_000)), Ok(Micros(10_000)), "441 frames, to the point");
    let mut near = space;
    near.set_period_time_near(Micros(670)).unwrap();
    assert_eq!(near.interval(Quantity::PeriodSize).single(), Some(30));
    let mut near = space;
    assert_eq!(near.set_near(Quantity::BufferBytes, u64::MAX), Ok(64 * 0xfffc));
    assert_eq!(
        (near.interval(Quantity::Periods).single(), near.interval(Quantity::PeriodBytes).single()),
        (Some(64), Some(0xfffc))
    );
}

/// Both sides of a contradiction are named, down to what was said and by whom.
#[test]
fn a_refusal_names_both_sides() {
    use Constraints as C;
    let mut space = of_sdma();
    space.set_format(SampleFormat::S32Le).unwrap();
    space.set_channels(8).unwrap();
    let refused = space.set_period_size(Frames(2_048)).unwrap_err();
    let RefineError::Empty { least, most, .. } = refused else { panic!("{refused}") };
    assert_eq!(
        most.because | least.because,
        C::ENGINE_MAX_SEGMENT | C::ENGINE_ALIGN | C::PERIOD_SIZE | C::FORMAT | C::CHANNELS | C::ENGINE_WIDTHS
    );
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);

    let refused = space.set_periods_min(65).unwrap_err();
    let RefineError::Empty { quantity, least, most } = refused else { panic!("{refused}") };
    assert_eq!((quantity, least.value, least.because), (Quantity::Periods, 65, C::PERIODS));
    assert_eq!((most.value, most.because), (64, C::ENGINE_MAX_SEGMENTS));
    assert_eq!(refused.to_string(), "PERIODS: at least 65 (PERIODS), at most 64 (the engine's most periods)");

    let refused = space.set_rate(0).unwrap_err();
    assert_eq!(refused.to_string(), "RATE: at least 1 (the range of numbers), at most 0 (RATE)");
    let refused = space.set_channels(65_536).unwrap_err();
    assert!(matches!(refused, RefineError::Empty { quantity: Quantity::Channels, .. }));
    let refused = space.set_period_bytes(u64::MAX).unwrap_err();
    assert!(matches!(refused, RefineError::Empty { quantity: Quantity::PeriodBytes, least, .. } if least.open));

    let (asked, left) = (Mask::of(&[SampleFormat::S16Le]), Mask::of(&[SampleFormat::S32Le]));
    let because = C::FORMAT | C::ENGINE_WIDTHS;
    let refused = space.set_format(SampleFormat::S16Le).unwrap_err();
    assert_eq!(refused, RefineError::NoFormat { asked, left, because });
    assert_eq!(refused.to_string(), "format S16_LE: only S32_LE left (FORMAT, the engine's widths)");
    let (asked, left) = (Mask::of(&[Access::RwNonInterleaved]), Mask::of(&[Access::RwInterleaved]));
    let because = C::ACCESS | C::ENGINE_LAYOUT;
    let refused = space.set_access(Access::RwNonInterleaved).unwrap_err();
    assert_eq!(refused, RefineError::NoAccess { asked, left, because });
    assert_eq!(
        refused.to_string(),
        "access RW_NONINTERLEAVED: only RW_INTERLEAVED left (ACCESS, the engine's way through memory)"
    );
    let mut narrow = of_sdma();
    narrow.set(Quantity::SampleBits, 8).unwrap();
    let (asked, left) = (Mask::of(&[SampleFormat::S16Le]), Mask::of(&[SampleFormat::S8, SampleFormat::U8]));
    let because = C::FORMAT | C::SAMPLE_BITS | C::ENGINE_WIDTHS;
    assert_eq!(narrow.set_format(SampleFormat::S16Le), Err(RefineError::NoFormat { asked, left, because }));
    // Between the widths of two formats: no format has 20 bits in memory.
    let mut between = of_sdma();
    between.set_formats(Mask::of(&[SampleFormat::S16Le, SampleFormat::S32Le])).unwrap();
    let refused = between.set(Quantity::SampleBits, 20).unwrap_err();
    let RefineError::NoFormat { asked, left, because } = refused else { panic!("{refused}") };
    assert_eq!(
        (asked.is_empty(), left, because),
        (true, between.formats(), C::FORMAT | C::SAMPLE_BITS | C::ENGINE_WIDTHS)
    );
    assert_eq!(refused.to_string(), "format none: only S16_LE, S32_LE left (SAMPLE_BITS, FORMAT, the engine's widths)");
    assert_eq!(space.set(Quantity::SampleBits, 24).unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// What an engine says of itself is not trusted to make sense.
#[test]
fn engines_that_can_do_nothing_leave_nothing() {
    for facts in [
        Facts { max_segment: 0, ..sdma() },
        Facts { max_segment: 3, ..sdma() },
        Facts { max_segments: 1, ..sdma() },
        Facts { max_segments: 0, ..sdma() },
        Facts { widths: BusWidths::empty(), ..sdma() },
        Facts { widths: BusWidths::EIGHT, max_segment: 7, ..sdma() },
        Facts { align: u32::MAX, ..sdma() },
    ] {
        let mut space = HwSpace::any();
        assert!(space.limit_to_engine(&facts).is_err(), "{facts:?}");
        assert_eq!(space, HwSpace::any());
    }
    let mut space = of_sdma();
    let refused = space.limit_to_engine(&Facts { align: (1 << 31) - 1, ..sdma() }).unwrap_err();
    assert!(matches!(refused, RefineError::Empty { quantity: Quantity::PeriodBytes, .. }), "{refused}");
    assert!(HwSpace::any().limit_to_engine(&Facts { align: 0, ..sdma() }).is_ok());
}

/// A buffer of a prime number of frames, and two ratios that contradict each other by a millionth: found out, and soon.
#[test]
fn hard_spaces_come_to_an_end() {
    let mut prime = of_sdma();
    let refused = prime.set_buffer_size(Frames(44_101)).and_then(|()| prime.choose().map(drop));
    assert!(refused.is_err());

    let mut hair = HwSpace::any();
    hair.set_periods(2).unwrap();
    hair.set_period_time(Micros(1_000_000)).unwrap();
    assert!(hair.set_buffer_time(Micros(2_000_001)).is_err());
    hair.set_buffer_time(Micros(2_000_000)).unwrap();

    let mut far = HwSpace::any();
    far.set_period_time_min(Micros(999_999)).unwrap();
    far.set_period_time_max(Micros(1_000_001)).unwrap();
    far.set_period_size_min(Frames(1 << 30)).unwrap();
    let chosen = far.choose().unwrap();
    assert!(chosen.period_size.0 == 1 << 30 && chosen.rate > 1_073_700_000, "{chosen:?}");
}

const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// What was chosen from a stream's own space starts on its engine; one period longer than that does not.
#[test]
fn what_was_chosen_starts() {
    let (_, _) = capture(MockConfig { ..stops_after(Micros(0)) }, LINE, 100_000, |bench, _, open| {
        let mut space = open.hw_params_any().unwrap();
        space.set_rate(48_000).unwrap();
        space.set_channels(2).unwrap();
        space.set_format(SampleFormat::S16Le).unwrap();
        let facts = *bench.dma.engine().facts();
        let longest = ends(space.interval(Quantity::PeriodBytes)).1;
        assert!(longest <= facts.max_segment && ends(space.interval(Quantity::Periods)).1 <= facts.max_segments);
        space.set_period_size_min(Frames(32)).unwrap();
        space.set_buffer_size_max(Frames(480)).unwrap();
        let chosen = space.choose().unwrap();
        assert_eq!((chosen.period_size, chosen.rate), (Frames(32), 48_000));
        let stream = open.hw_params(chosen, ring(&chosen)).unwrap().prepare().start().unwrap();
        drop(stream.stop());
    });
}
