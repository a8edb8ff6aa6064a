//! The codec: whole frames or none, whatever is late, and a request line that cannot be missed for good.

use sim_board::Codec;
use sim_imx_sdma::bus::{Peripheral, Width};
use sim_imx_sdma::time::{Clock, Cycles};

/// A thousand cycles to a frame.
const CLOCK: Clock = Clock { hz: 1_000_000 };
const RATE: u32 = 1_000;
const LINE: u8 = 37;

/// When the `n`th frame has come or gone, counted from cycle 0.
fn tick(n: u64) -> Cycles {
    Cycles(1_000 * n)
}

/// Frame n of the sound is 2n on the left and 2n + 1 on the right.
fn microphone() -> Codec {
    let sound: Vec<u8> = (0..200_u16).flat_map(u16::to_le_bytes).collect();
    Codec::microphone(CLOCK, RATE, 2, LINE, sound.into())
}

fn read(codec: &mut Codec, now: Cycles) -> u32 {
    codec.advance(now);
    codec.read(now, 0, Width::Four).expect("it gives samples")
}

fn write(codec: &mut Codec, now: Cycles, samples: impl IntoIterator<Item = u32>) {
    for sample in samples {
        codec.advance(now);
        codec.write(now, 0, Width::Four, sample).expect("it takes samples");
    }
}

#[test]
fn a_full_fifo_loses_whole_frames() {
    let mut codec = microphone();
    codec.start(Cycles(0));
    codec.advance(tick(32));
    // One sample is gone, its frame is not: 8 more frames find no room.
    let first = read(&mut codec, tick(40));
    let rest: Vec<_> = (1..64).map(|_| read(&mut codec, tick(40))).collect();
    assert_eq!((first, rest), (0, (1..64).collect()));
    assert_eq!((codec.overruns(), codec.underruns()), (8, 0));
    let after: Vec<_> = (0..2).map(|_| read(&mut codec, tick(41))).collect();
    assert_eq!(after, [80, 81], "left and right are where they were");
    assert_eq!(read(&mut codec, tick(41)), 0);
    assert_eq!(codec.underruns(), 1);
}

#[test]
fn the_sound_goes_on_while_the_codec_is_stopped() {
    let mut codec = microphone();
    codec.start(Cycles(500));
    assert_eq!(codec.first_frame(), 0);
    assert_eq!(read(&mut codec, tick(3)), 0);
    codec.stop(tick(3));
    assert_eq!(read(&mut codec, tick(4)), 0, "nothing is left for a burst that is under way");
    codec.start(tick(10));
    assert_eq!((codec.first_frame(), codec.given(), codec.passed()), (9, 9, 0));
    assert_eq!(read(&mut codec, tick(11)), 18);
    assert_eq!((codec.given(), codec.passed(), codec.overruns(), codec.underruns()), (10, 1, 0, 0));
}

#[test]
fn a_loudspeaker_plays_what_it_has_and_begins_anew_with_a_whole_frame() {
    let mut codec = Codec::loudspeaker(CLOCK, RATE, 2, LINE);
    codec.start(Cycles(0));
    // The clock begins with the first frame.
    write(&mut codec, tick(5), 0..7);
    codec.stop(tick(6));
    write(&mut codec, tick(6), [99]);
    assert_eq!(codec.played().map(<[u8]>::len).collect::<Vec<_>>(), [4], "one of three frames was played");
    codec.start(tick(7));
    write(&mut codec, tick(7), 10..14);
    codec.advance(tick(20));
    let bytes = |samples: &[u16]| samples.iter().copied().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let played: Vec<_> = codec.played().map(<[u8]>::to_vec).collect();
    assert_eq!(played, [bytes(&[0, 1, 2, 3, 4, 5]), bytes(&[10, 11, 12, 13])]);
    assert_eq!((codec.overruns(), codec.underruns()), (0, 10), "from tick 11 to 20 there was none");
}

#[test]
fn a_loudspeaker_takes_no_frame_in_pieces() {
    let mut codec = Codec::loudspeaker(CLOCK, RATE, 2, LINE);
    codec.start(Cycles(0));
    write(&mut codec, Cycles(0), 0..66);
    assert_eq!(codec.overruns(), 1);
    write(&mut codec, tick(1), 100..102);
    codec.advance(tick(40));
    let last: Vec<_> = codec.played().flat_map(|run| &run[run.len() - 4..]).copied().collect();
    assert_eq!(last, [100, 0, 101, 0]);
}

#[test]
fn a_request_is_repeated_until_it_is_served() {
    let mut codec = microphone();
    codec.start(Cycles(0));
    assert_eq!((codec.lines(), codec.next_change()), (0, Some(tick(4))));
    // The frame is there, and the line rises in the cycle after; so it does at each tick from then on.
    for n in 4..50 {
        codec.advance(tick(n));
        assert_eq!((codec.lines(), codec.next_change()), (0, Some(tick(n) + Cycles(1))));
        codec.advance(tick(n) + Cycles(1));
        assert_eq!((codec.lines(), codec.next_change()), (1 << LINE, Some(tick(n + 1))));
    }
    codec.stop(tick(50));
    assert_eq!((codec.lines(), codec.next_change()), (0, None));
}

#[test]
fn there_is_one_register_and_one_way() {
    let (mut microphone, mut loudspeaker) = (microphone(), Codec::loudspeaker(CLOCK, RATE, 2, LINE));
    assert!(
        microphone.write(Cycles(0), 0, Width::Two, 0).is_err() && microphone.read(Cycles(0), 4, Width::Two).is_err()
    );
    assert!(loudspeaker.read(Cycles(0), 0, Width::Two).is_err());
    assert!(loudspeaker.write(Cycles(0), 4, Width::Two, 0).is_err());
}
