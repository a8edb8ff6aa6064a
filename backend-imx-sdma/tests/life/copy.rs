//! Memory to memory: from anywhere to anywhere, in any length.

use dmaengine_core::Outcome;

use crate::bench::{Bench, LONG};

/// The driver's piece of a copy.
const PIECE: usize = 65_532;

/// Copies `len` bytes, from and to so far behind a multiple of 8. What lies around the destination has to stay as it is.
fn copied(bench: &Bench, len: usize, from: usize, to: usize) {
    let src: &'static mut [u64] = vec![0; len / 8 + 3].leak();
    let dst: &'static mut [u64] = vec![0x5555_5555_5555_5555; len / 8 + 3].leak();
    // SAFETY: any bytes are bytes, and nobody else has the memory.
    let (src, dst) = unsafe { (src.align_to_mut::<u8>().1, dst.align_to_mut::<u8>().1) };
    src[from..from + len].iter_mut().enumerate().for_each(|(n, byte)| *byte = (n * 7 + n / 251) as u8);
    let whole = dst.as_ptr();
    let (size, source) = (dst.len(), &src[from..from + len]);
    bench.run(|_, context| {
        let idle = bench.idle(0);
        let copy = idle.prep_memcpy(&mut dst[to..to + len], source).unwrap();
        let (_active, transfer) = idle.start(copy).unwrap();
        let ended = transfer.wait(context, LONG).unwrap();
        assert_eq!(ended.outcome, Outcome::Completed);
        assert!(ended.buffer.0 == ended.buffer.1, "{len} bytes from {from} to {to}");
    });
    // SAFETY: leaked, alive for ever, and the part that was lent is given up again.
    let all = unsafe { core::slice::from_raw_parts(whole, size) };
    assert!(all[..to].iter().chain(&all[to + len..]).all(|byte| *byte == 0x55), "{len} bytes from {from} to {to}");
}

#[test]
fn every_alignment_of_both_ends_and_every_short_length() {
    let bench = Bench::new();
    for (from, to) in (0..4).flat_map(|from| (0..4).map(move |to| (from, to))) {
        for len in (1..=9).chain([31, 32, 33, 63, 64, 100]) {
            copied(&bench, len, from, to);
        }
    }
}

#[test]
fn lengths_around_whole_numbers_of_pieces() {
    let bench = Bench::new();
    for pieces in 1..=3 {
        for len in [-4_isize, -1, 0, 1, 3, 4, 5].map(|more| (PIECE * pieces).wrapping_add_signed(more)) {
            copied(&bench, len, 0, 0);
        }
        copied(&bench, PIECE * pieces + 2, 1, 3);
    }
    // The lengths at which Linux writes one descriptor too many.
    copied(&bench, 65_535, 0, 0);
    copied(&bench, 2 * 65_535, 0, 2);
}
