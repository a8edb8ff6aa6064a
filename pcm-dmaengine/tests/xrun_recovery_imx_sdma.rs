//! The example `xrun_recovery` on the driver of the i.MX SDMA, from outside: all kinds of files, both ways, all three recoveries.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const POLICIES: [&str; 3] = ["synchronize", "terminate-atomic", "queue-after-stop"];

/// Builds the example, as these tests were built, and says where it is.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // This test is <target>/<profile>/deps/<name>.
        let this = std::env::current_exe().expect("a test has a path");
        let profile = this.ancestors().nth(2).expect("a profile's folder");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--example", "xrun_recovery", "--manifest-path"]);
        cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        cargo.arg("--target-dir").arg(profile.parent().expect("a target folder"));
        cargo.args(profile.ends_with("release").then_some("--release"));
        assert!(cargo.status().expect("cargo runs").success(), "the example does not build");
        profile.join("examples").join(format!("xrun_recovery{}", std::env::consts::EXE_SUFFIX))
    })
}

fn run(arguments: &[&str]) -> Output {
    let mut all = vec!["--engine", "imx-sdma"];
    all.extend(arguments);
    Command::new(program()).args(all).output().expect("the example runs")
}

/// A file of this test's own, in which no two frames are alike, as far as 16 bits go round: its path and its samples.
fn wav(rate: u32, channels: u16, frames: u32) -> (String, Vec<i16>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("imx_sdma");
    std::fs::create_dir_all(&folder).expect("a scratch folder");
    let path = folder.join(format!("{rate}-{channels}-{frames}.wav"));
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let samples: Vec<i16> = (0..frames * u32::from(channels)).map(|n| (n * 7 + 1) as u16 as i16).collect();
    let mut writer = hound::WavWriter::create(&path, spec).expect("a new file");
    samples.iter().for_each(|&sample| writer.write_sample(sample).expect("room for a sample"));
    writer.finalize().expect("a finished file");
    (path.to_str().expect("UTF-8").into(), samples)
}

/// The text of a field of a policy's object.
fn field<'j>(json: &'j str, policy: &str, name: &str) -> &'j str {
    let object = json.split("{\"policy\":").find(|part| part.starts_with(&format!("\"{policy}\""))).expect("a policy");
    let value = object.split(&format!("\"{name}\":")).nth(1).expect("a field");
    value.split([',', '}']).next().expect("a value")
}

fn number(json: &str, policy: &str, name: &str) -> f64 {
    field(json, policy, name).parse().expect("a number")
}

/// Runs it, and holds what it says against what it promises. Answers with what it said.
fn recovers(arguments: &[&str], policies: &[&str], xruns: u32) -> String {
    let output = run(arguments);
    let json = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {json}");
    assert!(json.contains(",\"engine\":\"imx-sdma\","), "{json}");
    assert_eq!(json.matches("\"policy\"").count(), policies.len(), "{json}");
    for policy in policies {
        let of = |name| number(&json, policy, name);
        assert_eq!(field(&json, policy, "recovered"), "true", "{arguments:?}: {json}");
        assert_eq!(of("xruns"), f64::from(xruns), "{arguments:?}: {json}");
        assert_eq!(of("late_accesses"), 0.0, "{arguments:?}: {json}");
        assert_eq!(of("frames_in"), of("frames_out") + of("frames_lost"), "{arguments:?}: {json}");
        assert!((260.0..280.0).contains(&of("restart_us")), "the start is 260 us after the stop: {json}");
        if arguments.contains(&"--playback") {
            assert_eq!(of("frames_lost"), 0.0, "{arguments:?}: {json}");
        }
    }
    json
}

#[test]
fn files_of_all_kinds_recover_both_ways() {
    let kinds = [
        (1, 2, 1, 2),
        (8_000, 6, 5_000, 3),
        (44_100, 1, 3_000, 6),
        (48_000, 1, 1, 2),
        (48_000, 2, 10_000, 4),
        (192_000, 8, 3_000, 3),
        (768_000, 1, 1_000, 6),
        (768_000, 7, 1_000, 4),
        (1_000, 400, 3, 1),
    ];
    for (rate, channels, frames, xruns) in kinds {
        let (path, _) = wav(rate, channels, frames);
        let many = xruns.to_string();
        for way in [None, Some("--playback")] {
            let mut arguments = vec!["--json", "--wav", &path, "--xruns", &many];
            arguments.extend(way);
            recovers(&arguments, &POLICIES, xruns);
        }
    }
}

#[test]
fn many_xruns_are_recovered_from_by_each_policy() {
    let (path, _) = wav(44_100, 1, 1_000);
    for policy in POLICIES {
        for way in [None, Some("--playback")] {
            let mut arguments = vec!["--json", "--wav", &path, "--xruns", "100", "--policy", policy];
            arguments.extend(way);
            recovers(&arguments, &[policy], 100);
        }
    }
}

/// What comes out is the input with one gap, that of the XRUN: what was in the ring, and what came while the stream stood.
#[test]
fn what_is_lost_is_what_the_xrun_lost() {
    let (path, input) = wav(96_000, 2, 20_000);
    let out = path.replace(".wav", "-out.wav");
    for policy in POLICIES {
        for (way, lost) in [(None, 480.0..480.0 + 32.0), (Some("--playback"), 0.0..1.0)] {
            let mut arguments = vec!["--json", "--wav", &path, "--policy", policy, "--out", &out];
            arguments.extend(way);
            let json = recovers(&arguments, &[policy], 1);
            let gap = number(&json, policy, "frames_lost");
            assert!(lost.contains(&gap), "{json}");
            let reader = hound::WavReader::open(&out).expect("a WAV");
            let out: Vec<i16> = reader.into_samples().map(|sample| sample.expect("a sample")).collect();
            assert_eq!(out.len() + 2 * gap as usize, input.len(), "{json}");
            let same = input.iter().zip(&out).take_while(|(a, b)| a == b).count();
            assert!(input.ends_with(&out[same..]), "behind the gap at {same} something else follows: {json}");
        }
    }
}

#[test]
fn the_picture_shows_the_old_run_and_the_new_one() {
    let (path, _) = wav(48_000, 2, 60_000);
    let picture = path.replace(".wav", ".svg");
    recovers(&["--json", "--wav", &path, "--svg", &picture], &POLICIES, 1);
    let picture = std::fs::read_to_string(picture).expect("a picture");
    for colour in ["#7f9db9", "#2ca02c"] {
        // More than in the legend, and in the dashed line at the start of each panel.
        assert!(picture.matches(&format!("height=\"13.0\" fill=\"{colour}\"")).count() > 3, "{colour}");
    }
    assert!(!picture.contains("height=\"13.0\" fill=\"#d62728\""), "no access to memory that was given away");
}

#[test]
fn what_the_sdma_cannot_be_asked_is_refused_in_one_line() {
    let (fast, _) = wav(768_000, 8, 10);
    let (wide, _) = wav(100, 1_024, 2);
    let cases = [
        (&["--policy", "linux-5.4"][..], "linux-5.4"),
        (&["--policy", "linux-5.8", "--playback"], "linux-5.8"),
        (&["--stop-latency-us", "1000"], "--stop-latency-us"),
        (&["--engine", "pl330"], "pl330"),
        (&["--engine"], "--engine"),
        (&["--wav", &fast], "6144000 samples"),
        (&["--wav", &wide], "65536 bytes"),
    ];
    for (case, named) in cases {
        let output = run(case);
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{case:?}: {said}");
        assert!(said.lines().count() == 1 && said.contains(named), "{case:?}: {said}");
        assert!(output.stdout.is_empty(), "{case:?} prints a result");
    }
}
