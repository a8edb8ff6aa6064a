//! Holes with the numbers of real hardware: rates of a codec, dividers of a clock, words, powers of two. What is in a hole is
//! never chosen, and a refusal names both of its sides.

use dmaengine_core::engine::StopKind;
use dmaengine_core::{BusWidths, Caps, ErrorKind, Facts, Micros, ResidueGranularity};
use pcm_dmaengine::hw_params::{Constraints, Quantity, RateMask, Ratnum};
use pcm_dmaengine::{Frames, HwSpace, RefineError, SampleFormat};

/// Words of four bytes, periods of 16 bits.
fn engine() -> Facts {
    Facts {
        channels: 1,
        caps: Caps::CYCLIC,
        stop: StopKind::AtOnce,
        residue: ResidueGranularity::Burst,
        widths: BusWidths::ONE | BusWidths::TWO | BusWidths::FOUR,
        align: 4,
        max_segment: 0xffff,
        max_segments: 64,
    }
}

/// Interleaved 16 bits on that engine.
fn of_engine() -> HwSpace {
    let mut space = HwSpace::any();
    space.limit_to_engine(&engine()).unwrap();
    space.set_format(SampleFormat::S16Le).unwrap();
    space
}

/// The least and the greatest value that a quantity may still have.
fn ends(space: &HwSpace, quantity: Quantity) -> (u32, u32) {
    (space.interval(quantity).min().value, space.interval(quantity).max().value)
}

/// ALSA's numbers, written down from its header and not from our source.
#[test]
fn the_usual_rates_have_alsas_bits() {
    let table = [
        (RateMask::RATE_5512, 0, 5_512),
        (RateMask::RATE_8000, 1, 8_000),
        (RateMask::RATE_11025, 2, 11_025),
        (RateMask::RATE_16000, 3, 16_000),
        (RateMask::RATE_22050, 4, 22_050),
        (RateMask::RATE_32000, 5, 32_000),
        (RateMask::RATE_44100, 6, 44_100),
        (RateMask::RATE_48000, 7, 48_000),
        (RateMask::RATE_64000, 8, 64_000),
        (RateMask::RATE_88200, 9, 88_200),
        (RateMask::RATE_96000, 10, 96_000),
        (RateMask::RATE_176400, 11, 176_400),
        (RateMask::RATE_192000, 12, 192_000),
        (RateMask::RATE_352800, 13, 352_800),
        (RateMask::RATE_384000, 14, 384_000),
        (RateMask::RATE_705600, 15, 705_600),
        (RateMask::RATE_768000, 16, 768_000),
        (RateMask::RATE_12000, 17, 12_000),
        (RateMask::RATE_24000, 18, 24_000),
        (RateMask::RATE_128000, 19, 128_000),
    ];
    for (mask, bit, hz) in table {
        assert_eq!(mask.bits(), 1 << bit, "{hz}");
        assert!(mask.rates().eq([hz]) && mask.is_limit());
    }
    for (mask, highest, count) in [
        (RateMask::RATE_8000_44100, 44_100, 6),
        (RateMask::RATE_8000_48000, 48_000, 7),
        (RateMask::RATE_8000_96000, 96_000, 10),
        (RateMask::RATE_8000_192000, 192_000, 12),
        (RateMask::RATE_8000_384000, 384_000, 14),
        (RateMask::RATE_8000_768000, 768_000, 16),
    ] {
        let rates = (mask.rates().min(), mask.rates().max(), mask.rates().count());
        assert_eq!(rates, (Some(8_000), Some(highest), count));
    }
    assert_eq!((RateMask::CONTINUOUS.bits(), RateMask::KNOT.bits()), (1 << 30, 1 << 31));
}

#[test]
fn a_codecs_rates_are_the_only_ones() {
    let mut space = of_engine();
    space.limit_rates(RateMask::RATE_8000_48000 | RateMask::RATE_96000).unwrap();
    assert_eq!(ends(&space, Quantity::Rate), (8_000, 96_000));
    for (wish, set) in [(1, 8_000), (13_512, 11_025), (13_513, 16_000), (72_000, 48_000), (72_001, 96_000)] {
        assert_eq!({ space }.set_rate_near(wish), Ok(set));
    }
    let mut above = space;
    above.set_rate_min(44_101).unwrap();
    assert_eq!(ends(&above, Quantity::Rate), (48_000, 96_000), "the ends are rates that there are");
    assert_eq!(above.choose().unwrap().rate, 48_000);
    // A rate of 64 kHz is in a hole: what is left of the interval are its two sides.
    let refused = space.set_rate(64_000).unwrap_err();
    let RefineError::Empty { quantity, least, most } = refused else { panic!("{refused}") };
    assert_eq!((quantity, least.value, most.value), (Quantity::Rate, 96_000, 48_000));
    assert_eq!(least.because & most.because, Constraints::RATE | Constraints::RATE_GRID);
    // Two codecs on one wire have what both have.
    space.limit_to_list(Quantity::Rate, &[96_000, 88_200, 24_000, 32_000]).unwrap();
    assert_eq!(ends(&space, Quantity::Rate), (32_000, 96_000));
    assert_eq!({ space }.set_rate_near(60_000), Ok(32_000), "not 44100, which is nearer: only one of them has it");
    let refused = space.limit_rates(RateMask::RATE_44100 | RateMask::RATE_48000).unwrap_err();
    assert!(matches!(refused, RefineError::Empty { quantity: Quantity::Rate, .. }), "{refused}");
}

#[test]
fn rates_that_are_no_limit_take_nothing_away() {
    let mut space = of_engine();
    for mask in [RateMask::CONTINUOUS, RateMask::KNOT | RateMask::RATE_48000] {
        space.limit_rates(mask).unwrap();
        assert_eq!(space, of_engine());
    }
}

/// The whole part of each quotient, by trying every divider.
#[test]
fn a_clock_has_the_rates_that_its_dividers_make() {
    static CLOCKS: [Ratnum; 2] = [
        Ratnum { num: 66_000_000, den_min: 700, den_max: 9_000, den_step: 4 },
        Ratnum { num: 24_576_000, den_min: 512, den_max: 512, den_step: 1 },
    ];
    let mut all: Vec<u32> = (700..=9_000).step_by(4).map(|divider| 66_000_000 / divider).chain([48_000]).collect();
    all.sort();
    let mut space = HwSpace::any();
    space.limit_to_ratnums(&CLOCKS).unwrap();
    assert_eq!(ends(&space, Quantity::Rate), (all[0], all[all.len() - 1]));
    for wish in (7_000..95_000).step_by(13).chain([44_100, 47_999, 48_000, 48_001]) {
        let lower = all.iter().rev().find(|&&rate| rate <= wish);
        let upper = all.iter().find(|&&rate| rate >= wish);
        let nearest = [lower, upper].into_iter().flatten().min_by_key(|rate| rate.abs_diff(wish));
        assert_eq!({ space }.set_rate_near(wish).ok().as_ref(), nearest, "{wish}");
        assert_eq!({ space }.set_rate(wish).is_ok(), nearest == Some(&wish));
    }
    assert_eq!({ space }.set_rate_near(44_100), Ok(44_117));
    assert_eq!(CLOCKS[0].divider(44_117), Some(1_496));
    assert_eq!((CLOCKS[0].divider(44_118), CLOCKS[0].divider(0), CLOCKS[1].divider(48_000)), (None, None, Some(512)));
    // 7 / 4, 7 / 5, 7 / 6 and 7 / 7 are all 1 to us. The last is the only one that is 1.
    let coarse = Ratnum { num: 7, den_min: 1, den_max: 20, den_step: 1 };
    assert_eq!((coarse.divider(1), coarse.divider(3), coarse.divider(4)), (Some(7), Some(2), None));
    assert_eq!(Ratnum { den_step: 0, ..coarse }.divider(1), None);
}

/// Frames of three channels are six bytes, and no multiple of six is a power of two: the choice goes on to four channels.
#[test]
fn a_buffer_of_a_power_of_two_needs_frames_that_divide_it() {
    let mut space = HwSpace::any();
    space.limit_to_pow2(Quantity::BufferBytes).unwrap();
    space.set_format(SampleFormat::S16Le).unwrap();
    space.set_channels_min(3).unwrap();
    let chosen = space.choose().unwrap();
    assert_eq!(chosen.channels, 4);
    assert!(chosen.buffer_bytes().is_power_of_two());

    let mut space = of_engine();
    space.limit_to_pow2(Quantity::PeriodSize).unwrap();
    space.limit_to_pow2(Quantity::BufferSize).unwrap();
    space.set_rate(48_000).unwrap();
    space.set_channels(6).unwrap();
    space.set_period_time_min(Micros(5_000)).unwrap();
    space.set_buffer_time_max(Micros(100_000)).unwrap();
    let chosen = space.choose().unwrap();
    assert_eq!((chosen.period_size, chosen.buffer_size()), (Frames(256), Frames(4_096)), "of 240 and of 4800");
}

/// Buffers of these two sizes and of 1 to 8 channels have sixteen sizes in bytes; the interval between has them all.
#[test]
fn the_nearest_is_found_over_holes_that_only_all_quantities_together_have() {
    let mut space = of_engine();
    space.limit_to_list(Quantity::BufferSize, &[1_024, 4_096]).unwrap();
    space.set_channels_max(8).unwrap();
    for (wish, set) in [(30_000, 32_768), (28_672, 24_576), (28_673, 32_768), (20_481, 24_576), (20_480, 16_384)] {
        let mut near = space;
        assert_eq!(near.set_buffer_bytes_near(wish), Ok(set));
        assert_eq!(near.choose().map(|chosen| chosen.buffer_bytes()), Ok(set));
    }
}

/// 44101 is a prime, so no number of periods makes a buffer of it. The interval does not know.
#[test]
fn the_nearest_buffer_is_one_that_periods_make() {
    let mut space = of_engine();
    space.set_channels_max(8).unwrap();
    assert_eq!({ space }.set_buffer_size_near(Frames(44_101)), Ok(Frames(44_100)));
    space.limit_to_list(Quantity::BufferSize, &[44_101, 44_111, 44_119]).unwrap();
    assert_eq!(space.set_buffer_size_near(Frames(44_101)), Err(RefineError::NothingInCommon));
}

/// Periods of exactly 333333 us have whole frames only at multiples of a megahertz. Of thousands of rates together that takes
/// too long to see, of a few it does not.
#[test]
fn the_nearest_is_found_far_behind_what_looked_possible() {
    let mut space = HwSpace::any();
    space.set_period_time(Micros(333_333)).unwrap();
    for (least, most, wish) in [(970_000, 1_030_000, 1_010_000), (970_000, 1_030_000, 990_000)] {
        let mut near = space;
        near.set_rate_min(least).unwrap();
        near.set_rate_max(most).unwrap();
        assert_eq!(near.set_rate_near(wish), Ok(1_000_000), "{wish}");
    }
    space.set_rate_min(8_000).unwrap();
    space.set_rate_max(60_000).unwrap();
    assert_eq!(space.set_rate_near(48_000), Err(RefineError::NothingInCommon));
}

/// A burst of 48 bytes, and the engine's words; of a packed format with three channels both.
#[test]
fn steps_of_engine_and_peripheral_meet() {
    let mut space = of_engine();
    space.limit_to_step(Quantity::PeriodBytes, 48).unwrap();
    space.limit_to_step(Quantity::PeriodSize, 10).unwrap();
    space.set_channels(3).unwrap();
    assert_eq!(space.choose().unwrap().period_size, Frames(40), "240 bytes");
    // Whole milliseconds at 44.1 kHz are multiples of 441 frames of 10 ms; of one channel of 8 bits, words are four of them.
    let mut space = HwSpace::any();
    space.limit_to_engine(&engine()).unwrap();
    space.set_format(SampleFormat::U8).unwrap();
    space.set_channels(1).unwrap();
    space.set_rate(44_100).unwrap();
    space.limit_to_step(Quantity::PeriodTime, 1_000).unwrap();
    assert_eq!({ space }.choose().unwrap().period_size, Frames(1_764));
    // What fits no rate of a range may fit one of them.
    let mut space = of_engine();
    space.limit_to_step(Quantity::PeriodTime, 1_000).unwrap();
    space.limit_to_list(Quantity::Rate, &[44_100, 48_000]).unwrap();
    space.set_channels(2).unwrap();
    space.set_period_size_max(Frames(430)).unwrap();
    let chosen = space.choose().unwrap();
    assert_eq!((chosen.rate, chosen.period_size), (48_000, Frames(48)));
    // All steps of a quantity are one.
    let mut space = HwSpace::any();
    for step in [2, 3, 4, 5, 6, 7, 8, 9, 10] {
        space.limit_to_step(Quantity::BufferSize, step).unwrap();
    }
    assert_eq!(space.interval(Quantity::BufferSize).min().value, 2_520);
    let refused = space.limit_to_step(Quantity::BufferSize, u32::MAX).unwrap_err();
    assert!(matches!(refused, RefineError::Empty { quantity: Quantity::BufferSize, .. }), "{refused}");
}

#[test]
fn a_list_of_widths_takes_formats_away_and_is_named() {
    let mut space = HwSpace::any();
    space.limit_to_list(Quantity::SampleBits, &[16, 64]).unwrap();
    assert!(space.formats().iter().all(|format| [2, 8].contains(&format.bytes())));
    assert_eq!(space.formats().iter().count(), 6);
    let refused = space.set_format(SampleFormat::S24Le).unwrap_err();
    let RefineError::NoFormat { left, because, .. } = refused else { panic!("{refused}") };
    assert_eq!((left, because), (space.formats(), Constraints::FORMAT | Constraints::SAMPLE_BITS_GRID));
}

/// What a hole follows from goes with it into every bound that follows from the hole.
#[test]
fn a_refusal_far_away_names_the_list_it_comes_from() {
    let mut space = of_engine();
    space.limit_to_list(Quantity::Channels, &[6, 2]).unwrap();
    space.set_channels_min(3).unwrap();
    let refused = space.set(Quantity::FrameBits, 80).unwrap_err();
    let RefineError::Empty { least, most, .. } = refused else { panic!("{refused}") };
    let both = least.because | most.because;
    assert!(both.contains(Constraints::CHANNELS_GRID | Constraints::FRAME_BITS | Constraints::FORMAT), "{refused}");
    assert!(refused.to_string().contains("the grid of CHANNELS"), "{refused}");
}

#[test]
fn grids_that_make_no_sense_are_refused_by_name() {
    let mut space = of_engine();
    let empty = |quantity| Err(RefineError::EmptyList { quantity });
    assert_eq!(space.limit_to_list(Quantity::Channels, &[]), empty(Quantity::Channels));
    assert_eq!(space.limit_rates(RateMask::empty()), empty(Quantity::Rate));
    assert_eq!(space.limit_to_ratnums(&[]), empty(Quantity::Rate));
    let quantity = Quantity::PeriodSize;
    assert_eq!(space.limit_to_step(quantity, 0), Err(RefineError::ZeroStep { quantity }));
    static SOUND: Ratnum = Ratnum { num: 10, den_min: 1, den_max: 2, den_step: 1 };
    static BROKEN: [[Ratnum; 2]; 4] = [
        [SOUND, Ratnum { num: 0, ..SOUND }],
        [SOUND, Ratnum { den_min: 0, ..SOUND }],
        [SOUND, Ratnum { den_min: 3, ..SOUND }],
        [SOUND, Ratnum { den_step: 0, ..SOUND }],
    ];
    for clocks in &BROKEN {
        assert_eq!(space.limit_to_ratnums(clocks), Err(RefineError::Ratnum { ratnum: clocks[1] }));
    }
    // A list of values that there cannot be.
    let refused = space.limit_to_list(Quantity::Periods, &[0, 1]).unwrap_err();
    assert!(
        matches!(refused, RefineError::Empty { quantity: Quantity::Periods, most, .. } if most.value == 1),
        "{refused}"
    );
    let refused = space.limit_to_list(Quantity::Periods, &[0]).unwrap_err();
    assert!(
        matches!(refused, RefineError::Empty { quantity: Quantity::Periods, most, .. } if most.value == 0),
        "{refused}"
    );
    assert_eq!(space, of_engine(), "none of these changed anything");

    for (error, said) in [
        (RefineError::EmptyList { quantity }, "PERIOD_SIZE: a list of no values"),
        (RefineError::ZeroStep { quantity }, "PERIOD_SIZE: a step of 0, at least 1"),
        (RefineError::Ratnum { ratnum: BROKEN[1][1] }, "no rates: 10 Hz by 0 to 2 in steps of 1"),
        (
            RefineError::TooManyGrids { quantity, limit: 8 },
            "PERIOD_SIZE: more than 8 lists, ratios, steps and powers of two",
        ),
    ] {
        assert_eq!((error.to_string().as_str(), error.kind()), (said, ErrorKind::InvalidInput));
    }
}

/// There is room for eight; what is said twice takes no more of it.
#[test]
fn one_grid_too_many_is_refused_and_one_said_twice_is_not() {
    static LISTS: [[u32; 2]; 9] = [[2, 1], [2, 2], [2, 3], [2, 4], [2, 5], [2, 6], [2, 7], [2, 8], [2, 9]];
    let mut space = HwSpace::any();
    let quantity = Quantity::Channels;
    for list in &LISTS[..8] {
        for _ in 0..2 {
            space.limit_to_list(quantity, list).unwrap();
        }
    }
    assert_eq!(space.interval(quantity).single(), Some(2));
    assert_eq!(space.limit_to_list(quantity, &LISTS[8]), Err(RefineError::TooManyGrids { quantity, limit: 8 }));
    assert_eq!(
        space.limit_to_pow2(Quantity::Rate),
        Err(RefineError::TooManyGrids { quantity: Quantity::Rate, limit: 8 })
    );
}
