//! The sound: a sine on the left, and a quarter of a turn ahead of it on the right, so that a frame tells where in the sine it is.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use board::ssi::FRAME;
use spin::Once;

/// Frames after which it begins anew: eleven turns, and no two of its frames are the same.
const LEN: usize = 1_200;
/// Frames that are looked at in one piece, at most. So many come again behind the end.
const PIECE: usize = 256;
/// A 1,200th of eleven turns: its cosine, its sine.
const STEP: (f64, f64) = (0.998_341_816_614_028_3, 0.057_564_026_959_567_28);
const LOUD: f64 = 32_000.0;

static FRAMES: Once<Vec<u8>> = Once::new();

fn frames() -> &'static [u8] {
    FRAMES.call_once(|| {
        let mut at = (LOUD, 0.0);
        let mut frames = Vec::new();
        for _ in 0..LEN {
            frames.extend((at.1 as i16).to_le_bytes());
            frames.extend((at.0 as i16).to_le_bytes());
            at = (at.0 * STEP.0 - at.1 * STEP.1, at.0 * STEP.1 + at.1 * STEP.0);
        }
        frames.extend_from_within(..PIECE * FRAME);
        frames
    })
}

/// All of it, once.
pub fn whole() -> &'static [u8] {
    &frames()[..LEN * FRAME]
}

/// So many frames, from `first` on.
pub fn piece(first: u32, count: u32) -> &'static [u8] {
    let at = first as usize % LEN * FRAME;
    &frames()[at..][..count as usize * FRAME]
}

/// Whether this is the sine from frame `first` on. What it is, if not.
pub fn check(heard: &[u8], first: u32, what: &str) {
    let meant = piece(first, (heard.len() / FRAME) as u32);
    if heard != meant {
        let mut both = (first..).zip(heard.chunks(FRAME).zip(meant.chunks(FRAME)));
        let wrong = both.find(|(_, (heard, meant))| heard != meant);
        let is = wrong.and_then(|(_, (heard, _))| whole().chunks(FRAME).position(|frame| frame == heard));
        let wrong = wrong.map(|(n, _)| (n as usize % LEN, n - first));
        panic!("of frames {what}, the one that has to be {wrong:?} (frame of the sine, of the piece) is {is:?}");
    }
}

/// No two frames are the same, and it does not jump where it begins anew.
pub fn check_itself() {
    let different: BTreeSet<&[u8]> = whole().chunks(FRAME).collect();
    assert_eq!(different.len(), LEN);
    let left: Vec<i32> = frames().chunks(FRAME).map(|frame| i16::from_le_bytes([frame[0], frame[1]]).into()).collect();
    let steps = left.windows(2).map(|two| two[0].abs_diff(two[1]));
    assert!(steps.max() < Some(1_850));
}
