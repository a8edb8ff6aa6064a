//! The recipes against what Linux 6.12 wrote in its golden traces, word for word, and what they refuse.

extern crate std;

use dmaengine_core::BusWidth;
use std::vec;
use std::vec::Vec;

use super::*;

type Words = Vec<[u32; 3]>;

/// What a recipe gives.
fn written(recipe: Result<impl Iterator<Item = BufferDescriptor>, PrepError>) -> Words {
    recipe.unwrap_or_else(|error| panic!("refused: {error}")).map(BufferDescriptor::words).collect()
}

fn refused<I>(recipe: Result<I, PrepError>) -> PrepError {
    recipe.err().expect("refused")
}

fn unit(width: BusWidth) -> Unit {
    Unit::of(width).unwrap()
}

/// S03: four periods of 1,920 bytes at width 2; the same in all variants, and in S09.
#[test]
fn s03_and_s09_cyclic_playback() {
    let words = written(cyclic(unit(BusWidth::Two), BusAddr(0x1800_0000), 7_680, 1_920, 4));
    let expected = vec![
        [0x028D_0780, 0x1800_0000, 0],
        [0x028D_0780, 0x1800_0780, 0],
        [0x028D_0780, 0x1800_0F00, 0],
        [0x028F_0780, 0x1800_1680, 0],
    ];
    assert_eq!(words, expected);
}

/// S05: three entries; of two queued ones the second has two; of `error` the second has one.
#[test]
fn s05_slave_sg() {
    let entries = [(0x1800_0000, 1_920), (0x2000_0000, 960), (0x1801_0000, 480)].map(|(at, len)| (BusAddr(at), len));
    let words = |entries: &[(BusAddr, u64)]| written(slave_sg(unit(BusWidth::Two), entries.iter().copied(), 8));
    let three = vec![[0x0285_0780, 0x1800_0000, 0], [0x0285_03C0, 0x2000_0000, 0], [0x02A9_01E0, 0x1801_0000, 0]];
    assert_eq!(words(&entries), three);
    assert_eq!(words(&entries[..2]), vec![[0x0285_0780, 0x1800_0000, 0], [0x02A9_03C0, 0x2000_0000, 0]]);
    assert_eq!(words(&entries[..1]), vec![[0x02A9_0780, 0x1800_0000, 0]]);
}

/// S06, variants 4 and 10000.
#[test]
fn s06_memcpy_that_fits_one_descriptor() {
    let words = |len| written(memcpy(BusAddr(0x2000_0000), BusAddr(0x1800_0000), len, 1));
    assert_eq!(words(4), vec![[0x00A9_0004, 0x1800_0000, 0x2000_0000]]);
    assert_eq!(words(10_000), vec![[0x00A9_2710, 0x1800_0000, 0x2000_0000]]);
}

/// S06, variants 65535, 131070 and 200000: there Linux's second descriptor begins at an odd address, and the first two
/// have one that nobody uses.
#[test]
fn s06_a_longer_memcpy_stays_aligned_and_has_no_descriptor_to_spare() {
    let words = |len| written(memcpy(BusAddr(0x2000_0000), BusAddr(0x1800_0000), len, 8));
    assert_eq!(words(65_535), vec![[0x0085_FFFC, 0x1800_0000, 0x2000_0000], [0x00A9_0003, 0x1800_FFFC, 0x2000_FFFC]]);
    let expected = vec![
        [0x0085_FFFC, 0x1800_0000, 0x2000_0000],
        [0x0085_FFFC, 0x1800_FFFC, 0x2000_FFFC],
        [0x00A9_0006, 0x1801_FFF8, 0x2001_FFF8],
    ];
    assert_eq!(words(131_070), expected);
    let expected = vec![
        [0x0085_FFFC, 0x1800_0000, 0x2000_0000],
        [0x0085_FFFC, 0x1800_FFFC, 0x2000_FFFC],
        [0x0085_FFFC, 0x1801_FFF8, 0x2001_FFF8],
        [0x00A9_0D4C, 0x1802_FFF4, 0x2002_FFF4],
    ];
    assert_eq!(words(200_000), expected);
}

#[test]
fn a_memcpy_of_any_length_is_whole_and_only_its_last_piece_is_short() {
    for len in [1, 3, 65_531, 65_532, 65_533, 131_063, 131_064, 131_065, 400_001] {
        let words = written(memcpy(BusAddr(0x2000_0001), BusAddr(0x1800_0003), len, 8));
        let mut done = 0;
        for (left, [mode, source, destination]) in (0..words.len()).rev().zip(&words) {
            assert_eq!((*source, *destination), (0x1800_0003 + done, 0x2000_0001 + done), "{len}");
            let count = mode & 0xFFFF;
            assert!(count == COPY_PIECE || left == 0 && count > 0 && count < COPY_PIECE, "{len}");
            done += count;
        }
        assert_eq!(u64::from(done), len);
    }
}

/// A ring like any other, but that it counts words and names no memory.
#[test]
fn dev_to_dev_counts_words() {
    let words = written(dev_to_dev(1_920, 2, 2));
    assert_eq!(words, vec![[0x008D_01E0, 0, 0], [0x008F_01E0, 0, 0]]);
    assert_eq!(written(dev_to_dev(4 * 65_535, 1, 2)), vec![[0x008F_FFFF, 0, 0]]);
}

#[test]
fn packed_24_bit_may_begin_anywhere_but_holds_whole_words() {
    let ring = |at, period| cyclic(unit(BusWidth::Three), BusAddr(at), 2 * u64::from(period), period, 2);
    assert_eq!(written(ring(0x1800_0001, 96)).len(), 2);
    assert_eq!(refused(ring(0x1800_0000, 64)), PrepError::Misaligned { value: 64, align: 3 });
}

#[test]
fn what_cannot_be_is_refused_before_a_word_is_written() {
    let two = unit(BusWidth::Two);
    let ring = |at, len, period, room| refused(cyclic(two, BusAddr(at), len, period, room));
    assert_eq!(ring(0, 0, 8, 4), PrepError::Zero);
    assert_eq!(ring(0, 8, 0, 4), PrepError::Zero);
    assert_eq!(ring(0, 20, 8, 4), PrepError::PeriodDoesNotDivide { len: 20, period: 8 });
    assert_eq!(ring(0, 4, 8, 4), PrepError::PeriodDoesNotDivide { len: 4, period: 8 });
    assert_eq!(ring(0, 65_536, 65_536, 4), PrepError::SegmentTooLong { len: 65_536, limit: 65_535 });
    assert_eq!(ring(0x1801, 16, 8, 4), PrepError::Misaligned { value: 0x1801, align: 2 });
    assert_eq!(ring(0x1800, 14, 7, 4), PrepError::Misaligned { value: 7, align: 2 });
    assert_eq!(ring(0x1800, 40, 8, 4), PrepError::TooManySegments { count: 5, limit: 4 });
    assert_eq!(ring(0xFFFF_FFF8, 16, 8, 4), PrepError::Unreachable { address: 1 << 32 });
    assert_eq!(ring(0x1_8000_0000, 16, 8, 4), PrepError::Unreachable { address: 0x1_8000_0000 });
    assert_eq!(ring(u64::MAX - 7, 16, 8, 4), PrepError::Unreachable { address: u64::MAX - 7 });

    // The fault is in the last entry, so the first would have been written.
    let list = |last: (u64, u64), room| {
        let entries = [(BusAddr(0x1800), 8), (BusAddr(last.0), last.1)];
        refused(slave_sg(two, entries.into_iter(), room))
    };
    assert_eq!(list((0, 0), 2), PrepError::Zero);
    assert_eq!(list((0, 65_536), 2), PrepError::SegmentTooLong { len: 65_536, limit: 65_535 });
    assert_eq!(list((1, 8), 2), PrepError::Misaligned { value: 1, align: 2 });
    assert_eq!(list((2, 9), 2), PrepError::Misaligned { value: 9, align: 2 });
    assert_eq!(list((0xFFFF_FFFE, 4), 2), PrepError::Unreachable { address: 1 << 32 });
    assert_eq!(list((2, 8), 1), PrepError::TooManySegments { count: 2, limit: 1 });
    assert_eq!(refused(slave_sg(two, [].into_iter(), 4)), PrepError::Zero);

    let copy = |destination, source, len, room| refused(memcpy(BusAddr(destination), BusAddr(source), len, room));
    assert_eq!(copy(0, 0, 0, 1), PrepError::Zero);
    assert_eq!(copy(0, 0, 65_533, 1), PrepError::TooManySegments { count: 2, limit: 1 });
    assert_eq!(copy(0xFFFF_FFFF, 0, 2, 1), PrepError::Unreachable { address: 1 << 32 });
    assert_eq!(copy(0, 0xFFFF_FFFF, 2, 1), PrepError::Unreachable { address: 1 << 32 });

    let between = |period, periods| refused(dev_to_dev(period, periods, 2));
    assert_eq!((between(0, 2), between(4, 0)), (PrepError::Zero, PrepError::Zero));
    assert_eq!(between(6, 2), PrepError::Misaligned { value: 6, align: 4 });
    assert_eq!(between(262_144, 2), PrepError::SegmentTooLong { len: 262_144, limit: 262_140 });
    assert_eq!(between(4, 3), PrepError::TooManySegments { count: 3, limit: 2 });
}

/// The last byte below 4 GB is reached.
#[test]
fn memory_may_end_where_the_addresses_do() {
    let ring = written(cyclic(unit(BusWidth::Four), BusAddr(0xFFFF_FFF0), 16, 8, 2));
    assert_eq!(ring[1], [0x008F_0008, 0xFFFF_FFF8, 0]);
    let copy = written(memcpy(BusAddr(0xFFFF_FFFF), BusAddr(0), 1, 1));
    assert_eq!(copy, vec![[0x00A9_0001, 0, 0xFFFF_FFFF]]);
}
