//! Software parameters: what hw_params writes, what ALSA refuses, where positions begin again.

use dmaengine_core::ErrorKind;
use pcm_dmaengine::sw_params::{LONG_MAX, boundary};
use pcm_dmaengine::{Frames, HwParams, SampleFormat, SwParamError, SwParams};

const HW: HwParams =
    HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
const LONG_MAX_32: u64 = i32::MAX as u64;
const LONG_MAX_64: u64 = i64::MAX as u64;

/// The first is what the log of the thread of August 2020 shows.
#[test]
fn boundaries_of_32_and_64_bits() {
    assert_eq!(boundary(Frames(480), LONG_MAX_32), Frames(2_013_265_920));
    assert_eq!(boundary(Frames(480), LONG_MAX_64), Frames(480 << 54));
    assert_eq!(boundary(Frames(1 << 20), LONG_MAX_32), Frames(1 << 30), "2^31 is one too many");
    assert_eq!(boundary(Frames(1), LONG_MAX_64), Frames(1 << 62));
    assert_eq!(boundary(Frames(LONG_MAX_32 / 2), LONG_MAX_32), Frames(LONG_MAX_32 / 2), "no room for twice of it");
    assert_eq!(boundary(Frames(u64::MAX), LONG_MAX_32), Frames(u64::MAX), "at least one buffer");
    assert_eq!(boundary(Frames(0), LONG_MAX_32), Frames(0));
    assert_eq!(LONG_MAX, isize::MAX as u64);
    assert_eq!(HW.boundary(), boundary(Frames(480), LONG_MAX));
}

/// Twice of a boundary would be too much, and a buffer can be added to it.
#[test]
fn a_boundary_is_the_last_doubling_with_room_for_a_buffer() {
    for buffer in (1..5_000).chain([44_100, 65_536, 1 << 29, (1 << 30) - 1]) {
        let at = boundary(Frames(buffer), LONG_MAX_32).0;
        assert!(at % buffer == 0 && (at / buffer).is_power_of_two(), "{buffer}");
        assert!(at == buffer || at + buffer <= LONG_MAX_32, "{buffer}");
        assert!(at * 2 + buffer > LONG_MAX_32, "{buffer}");
    }
}

#[test]
fn defaults_are_what_hw_params_writes_and_right() {
    let sw = SwParams::new(&HW);
    let expected = SwParams {
        avail_min: Frames(32),
        start_threshold: Frames(1),
        stop_threshold: Frames(480),
        silence_threshold: Frames(0),
        silence_size: Frames(0),
    };
    assert_eq!((sw, sw.check(&HW)), (expected, Ok(())));
}

#[test]
fn each_refusal_of_alsa_has_its_name() {
    let sw = SwParams::new(&HW);
    let boundary = HW.boundary();
    let silence = |size: Frames, threshold: Frames| {
        SwParams { silence_size: size, silence_threshold: threshold, ..sw }.check(&HW)
    };
    let no_wait = SwParams { avail_min: Frames(0), ..sw }.check(&HW);
    assert_eq!(no_wait, Err(SwParamError::AvailMinZero));

    assert_eq!(silence(Frames(32), Frames(32)), Ok(()));
    let (size, threshold) = (Frames(33), Frames(32));
    assert_eq!(silence(size, threshold), Err(SwParamError::SilenceSize { size, threshold }));
    assert_eq!(silence(Frames(480), Frames(480)), Ok(()));
    let (threshold, buffer) = (Frames(481), Frames(480));
    assert_eq!(silence(Frames(0), threshold), Err(SwParamError::SilenceThreshold { threshold, buffer }));
    let below = Frames(boundary.0 - 1);
    assert_eq!(silence(below, below), Err(SwParamError::SilenceThreshold { threshold: below, buffer }));

    for size in [boundary, Frames(u64::MAX)] {
        assert_eq!(silence(size, Frames(0)), Ok(()), "what was played is silenced at once");
        let threshold = Frames(1);
        let refused = silence(size, threshold);
        assert_eq!(refused, Err(SwParamError::SilenceThresholdAtBoundary { threshold, boundary }));
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(
        silence(Frames(33), Frames(32)).unwrap_err().to_string(),
        "silence_size of 33 frames: at most silence_threshold, 32"
    );
}

/// ALSA takes any start and stop threshold; those that are never reached mean never.
#[test]
fn any_start_and_stop_threshold_is_right() {
    for frames in [Frames(0), Frames(1), Frames(481), HW.boundary(), Frames(u64::MAX)] {
        let sw = SwParams { start_threshold: frames, stop_threshold: frames, ..SwParams::new(&HW) };
        assert_eq!(sw.check(&HW), Ok(()));
    }
}
