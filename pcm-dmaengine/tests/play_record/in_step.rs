//! What is recorded is played, by two linked streams: in step, from the first frame of each run on.

use pcm_dmaengine::{Frames, Recovery, SampleFormat};

use crate::numbered::{self, Part, gaps, parts};
use crate::sound::machine::{Imx, Machine};
use crate::sound::plan::Plan;
use crate::sound::wav::Sound;
use crate::through::{Report, through};

const RECOVERIES: [Recovery<Imx>; 3] = [Recovery::SYNC_STOP, Recovery::ATOMIC, Recovery::QUEUE_AFTER_STOP];
const PERIOD: u64 = 24;

/// The report; with which frames of the sound the runs began; and with which frame on the wire each ended, capture and playback.
fn handed_on(sound: &Sound, recovery: Recovery<Imx>, xruns: u32, frames: u64) -> (Report, Vec<u64>, Vec<(u64, u64)>) {
    let plan = Plan { period: Frames(PERIOD), periods: 4, recovery, xruns, frames };
    let machine = Machine::new(sound).unwrap();
    machine.port.wire().record(sound.bytes.as_slice().into());
    let mut seen = Vec::new();
    let report = through(&machine, sound, &plan, &mut |step| seen.extend_from_slice(step.bytes)).unwrap();
    assert_eq!(machine.board.trespasses(), 0);
    assert!(seen == report.runs.iter().map(|run| &run.bytes[..]).collect::<Vec<_>>().concat());
    let wire = machine.port.wire();
    let recorded = wire.recorded().into_iter().map(|run| run.first_frame + run.frames);
    let heard = |bytes: &[u8]| (bytes.len() / sound.frame_bytes()) as u64;
    let played = wire.played().into_iter().map(|run| run.first_frame + heard(&run.bytes) + run.dry);
    (report, wire.first_recorded(), recorded.zip(played).collect())
}

/// Two periods of silence ahead, and the time from one start to the other.
fn is_short(latency: u64) -> bool {
    (2 * PERIOD..2 * PERIOD + 20).contains(&latency)
}

#[test]
fn every_frame_is_handed_on_and_heard() {
    for format in SampleFormat::ALL {
        for channels in [1, 2, 3, 6] {
            let sound = numbered::sound(format, channels, 48_000, 2_000);
            let (report, ..) = handed_on(&sound, Recovery::SYNC_STOP, 0, 1_999);
            let (what, frame) = (format!("{format}, {channels}"), sound.frame_bytes());
            let [run] = &report.runs[..] else { panic!("{what}: {} runs", report.runs.len()) };
            assert!(run.bytes == sound.bytes[..1_999 * frame], "{what}");
            assert!(run.heard == run.bytes && is_short(run.latency), "{what}: latency {}", run.latency);
        }
    }
}

/// Whoever is late, both streams stop and both start again, and no frame is heard that was not captured right before.
#[test]
fn after_fifty_xruns_they_are_in_step() {
    let (xruns, fifo) = (50, 15);
    for recovery in RECOVERIES {
        for (format, channels) in [(SampleFormat::S16Le, 2), (SampleFormat::U24_3Be, 3), (SampleFormat::FloatLe, 2)] {
            let sound = numbered::sound(format, channels, 48_000, 40_000);
            let (report, starts, ends) = handed_on(&sound, recovery, xruns, 20_000);
            let (what, frame) = (format!("{format}, {recovery:?}"), sound.frame_bytes());
            let frames = |bytes: &[u8]| (bytes.len() / frame) as u64;
            assert_eq!((report.runs.len(), starts.len()), (51, 51), "{what}");
            for (run, &start) in report.runs.iter().zip(&starts) {
                let captured = Part { start, frames: frames(&run.bytes) };
                assert!(run.bytes == parts(frame, &sound.bytes, &[captured]), "{what}: from {start}");
                assert!(run.bytes.starts_with(&run.heard), "{what}: from {start}");
                assert!(run.heard.len() >= run.bytes.len().saturating_sub(fifo * frame), "{what}: from {start}");
                assert!(is_short(run.latency), "{what}: latency {}", run.latency);
            }
            // An XRUN of either stops both, in the same frame or the next.
            for (captured, played) in &ends[..xruns as usize] {
                assert!(captured.abs_diff(*played) <= 2, "{what}: {captured}, {played}");
            }
            for statistics in report.statistics {
                assert_eq!(statistics.xruns, u64::from(xruns), "{what}: {statistics:?}");
            }
            let heard: Vec<u8> = report.runs.iter().flat_map(|run| run.heard.iter().copied()).collect();
            gaps(&what, frame, &sound.bytes, &heard);
        }
    }
}
