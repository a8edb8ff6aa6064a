//! A sound is played, what the loudspeaker heard is put on the wire, and recorded.

use std::path::Path;

use pcm_dmaengine::{Frames, Recovery, SampleFormat, SampleKind};

use crate::numbered::{self, Part, gaps, parts};
use crate::player::{self, play};
use crate::recorder::{self, record};
use crate::sound::machine::{Imx, Machine};
use crate::sound::plan::{Plan, Step};
use crate::sound::samples::{decode, encode};
use crate::sound::wav::Sound;

const CHANNELS: std::ops::RangeInclusive<u16> = 1..=8;
const RECOVERIES: [Recovery<Imx>; 3] = [Recovery::SYNC_STOP, Recovery::ATOMIC, Recovery::QUEUE_AFTER_STOP];
/// What the SSI's FIFO holds.
const FIFO: u64 = 15;

fn plan(sound: &Sound, xruns: u32) -> Plan {
    let recovery = RECOVERIES[usize::from(sound.channels) % 3];
    Plan { period: Frames(16), periods: 3, recovery, xruns, frames: sound.frames() }
}

fn name(sound: &Sound) -> String {
    format!("{}, {} channels", sound.format, sound.channels)
}

/// What was heard, and what the player knows.
fn played(sound: &Sound, plan: &Plan) -> (player::Report, Vec<u8>) {
    let machine = Machine::new(sound).unwrap();
    let mut last = 0;
    let mut watch = |step: Step<'_>| {
        assert_eq!(step.bytes.len() % sound.frame_bytes(), 0);
        last = step.frame;
    };
    let report = play(&machine, sound, plan, &mut watch).unwrap();
    assert_eq!((machine.board.trespasses(), last), (0, plan.frames), "{}", name(sound));
    let heard = report.sound(sound, plan, &machine);
    (report, heard)
}

/// What was recorded, and with which frames of the sound the runs began.
fn recorded(sound: &Sound, plan: &Plan) -> (recorder::Report, Vec<u64>) {
    let machine = Machine::new(sound).unwrap();
    let wire = machine.port.wire();
    wire.record(sound.bytes.as_slice().into());
    let mut xruns = 0;
    let report = record(&machine, sound, plan, &mut |step: Step<'_>| xruns = step.xruns).unwrap();
    assert_eq!((machine.board.trespasses(), xruns), (0, report.statistics.xruns), "{}", name(sound));
    (report, wire.first_recorded())
}

/// Nothing is lost, if nobody is late.
fn comes_back(sound: &Sound) {
    let (what, plan, frame) = (name(sound), plan(sound, 0), sound.frame_bytes());
    let (report, heard) = played(sound, &plan);
    assert_eq!((report.statistics.xruns, report.starts, report.heard.len()), (0, vec![0], 1), "{what}");
    assert!(heard == sound.bytes, "played, {what}: {:?}", gaps(&what, frame, &sound.bytes, &heard));
    let behind = report.heard[0].bytes[heard.len()..].chunks_exact(sound.format.bytes() as usize);
    assert!(behind.into_iter().all(|sample| sample == sound.format.silence()), "heard behind the end: {what}");
    let (report, starts) = recorded(&Sound { bytes: heard, ..sound.clone() }, &plan);
    assert_eq!((report.statistics.xruns, report.lost, starts), (0, 0, vec![0]), "{what}");
    let bytes = report.bytes;
    assert!(bytes == sound.bytes, "recorded, {what}: {:?}", gaps(&what, frame, &sound.bytes, &bytes));
}

/// What the clients are late for is lost, and nothing else. Gives back what was heard, and what was recorded of that.
fn comes_back_with_gaps(sound: &Sound, xruns: u32) -> (Vec<u8>, Vec<u8>) {
    let frame = sound.frame_bytes();
    let plan = plan(sound, xruns);
    let what = format!("{}, {:?}", name(sound), plan.recovery);

    // The player writes every frame. What was in the FIFO when a run stopped is all that can be missing.
    let (report, heard) = played(sound, &plan);
    assert_eq!((report.statistics.xruns, report.starts.len() as u32), (xruns.into(), xruns + 1), "played, {what}");
    let format = Machine::new(sound).unwrap().port.format().unwrap();
    let fifo = FIFO.div_ceil(format.slots().into());
    // What the SDMA has fetched is whole periods, and the next run begins behind these.
    assert!(report.starts.iter().all(|start| start % plan.period.0 == 0), "played, {what}: {:?}", report.starts);
    let ends = report.starts[1..].iter().copied().chain([sound.frames()]);
    let runs: Vec<_> = report
        .starts
        .iter()
        .zip(&report.heard)
        .zip(ends)
        .map(|((&start, run), end)| {
            let frames = (run.whole(format).len() / frame) as u64;
            assert!(start + frames + fifo >= end, "played, {what}: {frames} frames of {start} to {end}");
            Part { start, frames: frames.min(end - start) }
        })
        .collect();
    assert!(heard == parts(frame, &sound.bytes, &runs), "played, {what}: not these: {runs:?}");

    // The recorder reads what was on the wire in its runs. A recovery estimates what was lost, and so the end is not quite sure.
    let heard = Sound { bytes: heard, ..sound.clone() };
    let (report, starts) =
        recorded(&heard, &Plan { frames: heard.frames() - u64::from(xruns) * plan.period.0, ..plan });
    assert_eq!((report.statistics.xruns, report.runs.len()), (xruns.into(), starts.len()), "recorded, {what}");
    let runs: Vec<_> = starts.iter().zip(&report.runs).map(|(&start, &frames)| Part { start, frames }).collect();
    assert!(report.bytes == parts(frame, &heard.bytes, &runs), "recorded, {what}: not these: {runs:?}");
    // The estimate begins when an XRUN is found. Every other time the SDMA had come to the end of the ring a period before that.
    let lost: u64 = runs.windows(2).map(|two| two[1].start - (two[0].start + two[0].frames)).sum();
    let estimate = report.lost + u64::from(xruns / 2) * plan.period.0;
    assert!(lost.abs_diff(estimate) <= 3 * u64::from(xruns), "recorded, {what}: {lost}, {}", report.lost);
    (heard.bytes, report.bytes)
}

#[test]
fn every_format_and_one_to_eight_channels_come_back_bit_for_bit() {
    for format in SampleFormat::ALL {
        for channels in CHANNELS {
            comes_back(&numbered::sound(format, channels, 48_000, 3_001));
        }
    }
}

/// Every format in one of four parts that run at the same time.
#[test]
fn after_a_hundred_xruns_each_way_every_format_comes_back_but_for_what_these_lost() {
    let (parts, xruns) = (4, 100);
    let part = |number| {
        for format in SampleFormat::ALL.into_iter().skip(number).step_by(parts) {
            for channels in CHANNELS {
                let sound = numbered::sound(format, channels, 48_000, 17_000);
                let (heard, read) = comes_back_with_gaps(&sound, xruns);
                // And by what the frames themselves say: in order, nothing twice, and each sample on its own channel.
                let (what, frame) = (name(&sound), sound.frame_bytes());
                gaps(&format!("played, {what}"), frame, &sound.bytes, &heard);
                let lost = gaps(&format!("recorded, {what}"), frame, &heard, &read);
                assert_eq!(lost.len(), xruns as usize, "{what}: {lost:?}");
            }
        }
    };
    std::thread::scope(|scope| (0..parts).for_each(|number| _ = scope.spawn(move || part(number))));
}

/// A real WAV, through files on the way.
#[test]
fn speech_comes_back_bit_for_bit() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("speech-played.wav");
    let speech = Sound::open(None).unwrap();
    let plan = Plan { period: Frames(480), periods: 4, ..plan(&speech, 0) };
    let (_, bytes) = played(&speech, &plan);
    Sound { bytes, ..speech.clone() }.save(&path).unwrap();
    let (report, _) = recorded(&Sound::open(Some(&path)).unwrap(), &plan);
    assert!(report.bytes == speech.bytes);
}

#[test]
fn speech_comes_back_but_for_what_a_hundred_xruns_lost() {
    comes_back_with_gaps(&Sound::open(None).unwrap(), 100);
}

/// The stop of the stream is the stop of the SSI: nothing is heard after it, nor waited for.
#[test]
fn a_stream_that_has_stopped_leaves_the_ssi_off() {
    let sound = numbered::sound(SampleFormat::S16Le, 2, 48_000, 1_000);
    let (machine, plan) = (Machine::new(&sound).unwrap(), plan(&sound, 3));
    let wire = machine.port.wire();
    let played = || wire.played().iter().map(|run| run.bytes.len() as u64 + run.dry).sum::<u64>();
    let recorded = || wire.recorded().iter().map(|run| run.frames).sum::<u64>();
    let later = |micros| machine.board.hw(|hw| hw.run_for(hw.clock().from_micros(micros)));
    // The frame under way comes to its end.
    let frame = 21;

    play(&machine, &sound, &plan, &mut |_| ()).unwrap();
    later(frame);
    let then = played();
    later(50_000);
    assert_eq!((played(), recorded()), (then, 0));

    record(&machine, &sound, &plan, &mut |_| ()).unwrap();
    later(frame);
    let then = (played(), recorded());
    later(50_000);
    assert_eq!((played(), recorded()), then);
    assert!(then.1 > 500);
}

#[test]
fn a_wav_keeps_every_bit_of_every_format() {
    for format in SampleFormat::ALL {
        for channels in [1, 2, 7] {
            // A WAV has no doubles.
            let fits = if format.width() == 64 { SampleFormat::S24Le } else { format };
            let sound = numbered::sound(fits, channels, 44_100, 500).converted(format, channels).unwrap();
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{format}-{channels}.wav"));
            sound.save(&path).unwrap();
            let read = Sound::open(Some(&path)).unwrap().converted(format, channels).unwrap();
            assert_eq!((read.rate, read.bytes == sound.bytes), (44_100, true), "{}", name(&sound));
        }
    }
}

#[test]
fn a_conversion_that_would_lose_bits_is_refused() {
    let speech = Sound::open(None).unwrap();
    for format in SampleFormat::ALL {
        let wide = speech.clone().converted(format, 3);
        if format.width() < 16 {
            let refused = wide.unwrap_err();
            assert!(refused.contains("does not have the number"), "{refused}");
        } else {
            assert!(wide.unwrap().converted(SampleFormat::S16Le, 2).unwrap() == speech, "{format}");
        }
    }
    let fine = numbered::sound(SampleFormat::S32Le, 1, 48_000, 100);
    assert!(fine.converted(SampleFormat::FloatLe, 1).is_err(), "a float has 24 bits");
    let finer = numbered::sound(SampleFormat::Float64Le, 1, 48_000, 100);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("doubles.wav");
    assert!(finer.save(&path).unwrap_err().contains("FLOAT_LE does not have the number"));
}

#[test]
fn numbers_lie_in_memory_as_the_format_says() {
    for format in SampleFormat::ALL {
        let bytes = |value| encode(format, value).map(|bytes| bytes[..format.bytes() as usize].to_vec());
        assert_eq!(bytes(0.0).as_deref(), Some(format.silence()), "{format}");
        let is_float = format.kind() == SampleKind::Float;
        let fine = bytes(1e-10).is_some();
        let wanted = (is_float, is_float, format.width() == 64);
        assert_eq!((bytes(1.5).is_some(), bytes(1.0).is_some(), fine), wanted, "{format}");
    }
    let cases: &[(SampleFormat, f64, &[u8])] = &[
        (SampleFormat::S8, -0.5, &[0xC0]),
        (SampleFormat::U8, -0.5, &[0x40]),
        (SampleFormat::S16Le, 0.25, &[0, 0x20]),
        (SampleFormat::U16Be, 0.25, &[0xA0, 0]),
        (SampleFormat::S24Le, -1.0, &[0, 0, 0x80, 0xFF]),
        (SampleFormat::S24Be, -1.0, &[0xFF, 0x80, 0, 0]),
        (SampleFormat::U24Be, 0.5, &[0, 0xC0, 0, 0]),
        (SampleFormat::S24_3Be, -0.5, &[0xC0, 0, 0]),
        (SampleFormat::U24_3Le, 0.5, &[0, 0, 0xC0]),
        (SampleFormat::S32Le, 1.0 / 256.0, &[0, 0, 0x80, 0]),
        (SampleFormat::U32Be, -1.0, &[0, 0, 0, 0]),
        (SampleFormat::FloatBe, 1.0, &[0x3F, 0x80, 0, 0]),
        (SampleFormat::Float64Le, -2.0, &[0, 0, 0, 0, 0, 0, 0, 0xC0]),
        (SampleFormat::S20Le, -0.5, &[0, 0, 0xFC, 0xFF]),
        (SampleFormat::U20_3Be, 0.5, &[0x0C, 0, 0]),
        (SampleFormat::S18_3Be, -1.0, &[0xFE, 0, 0]),
    ];
    for (format, value, bytes) in cases {
        assert_eq!(&encode(*format, *value).unwrap()[..bytes.len()], *bytes, "{format} {value}");
        assert_eq!(decode(*format, bytes), *value, "{format} {bytes:02x?}");
    }
    // What is in the fourth byte means nothing.
    assert_eq!(decode(SampleFormat::S24Le, &[0, 0, 0x40, 0x55]), 0.5);
}
