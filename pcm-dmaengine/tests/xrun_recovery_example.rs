//! The example `xrun_recovery` from outside: options, files, numbers, exit status.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const POLICIES: [&str; 5] = ["linux-5.4", "linux-5.8", "synchronize", "terminate-atomic", "queue-after-stop"];

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
    Command::new(program()).args(arguments).output().expect("the example runs")
}

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).expect("a scratch folder");
    path
}

/// A file in which no two frames are alike, as far as 16 bits go round.
fn wav(path: &Path, rate: u32, channels: u16, frames: u32) -> Vec<i16> {
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let samples: Vec<i16> = (0..frames * u32::from(channels)).map(|n| (n * 7 + 1) as u16 as i16).collect();
    let mut writer = hound::WavWriter::create(path, spec).expect("a new file");
    samples.iter().for_each(|&sample| writer.write_sample(sample).expect("room for a sample"));
    writer.finalize().expect("a finished file");
    samples
}

fn samples(path: &Path) -> Vec<i16> {
    hound::WavReader::open(path).expect("a WAV").into_samples().map(|sample| sample.expect("a sample")).collect()
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

#[test]
fn the_default_run_shows_the_bug_twice_and_recovers_three_times() {
    let output = run(&["--json"]);
    let json = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(0), "{json}");
    assert_eq!(json.lines().count(), 1, "one object and nothing else: {json}");
    assert!(json.starts_with("{\"input\":{\"wav\":\"speech.wav\",\"rate\":48000,\"channels\":2,\"frames\":"), "{json}");
    let places: Vec<_> = POLICIES.iter().map(|policy| json.find(&format!("\"policy\":\"{policy}\""))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "all five, in order: {places:?}");
    for policy in POLICIES {
        let of = |name| number(&json, policy, name);
        assert_eq!(of("frames_in"), of("frames_out") + of("frames_lost"), "{policy}");
        assert_eq!(of("xruns"), 1.0, "{policy}");
        let linux = policy.starts_with("linux");
        assert_eq!(field(&json, policy, "recovered"), if linux { "false" } else { "true" }, "{policy}");
        assert_eq!(
            of("late_accesses") > 0.0,
            linux,
            "only Linux lets the engine write into what it gave away: {policy}"
        );
        assert_eq!(field(&json, policy, "error").starts_with("\"-EIO"), linux, "{policy}");
    }
    // The engine needs 1 ms; nobody starts sooner, and none of the three needs longer.
    for policy in &POLICIES[2..] {
        assert_eq!(number(&json, policy, "restart_us"), 1_000.0, "{policy}");
    }
    assert_eq!(number(&json, "terminate-atomic", "irqs_off_us"), 740.0, "1,000 us less the 260 before the start");
    assert_eq!(number(&json, "synchronize", "irqs_off_us"), 0.0);
    assert_eq!(number(&json, "queue-after-stop", "irqs_off_us"), 0.0);
}

#[test]
fn other_files_give_right_numbers_both_ways() {
    let folder = folder("other_files");
    for (rate, channels, frames) in [(44_100, 1, 30_000), (96_000, 2, 20_000), (8_000, 6, 5_000), (48_000, 1, 1)] {
        let path = folder.join(format!("{rate}-{channels}-{frames}.wav"));
        let input = wav(&path, rate, channels, frames);
        let path = path.to_str().expect("UTF-8");
        for policy in POLICIES {
            for way in [None, Some("--playback")] {
                let out = folder.join(format!("{rate}-{policy}-out.wav"));
                let out_name = out.to_str().expect("UTF-8");
                let mut arguments = vec!["--json", "--wav", path, "--policy", policy, "--out", out_name];
                arguments.extend(way);
                let output = run(&arguments);
                let json = String::from_utf8(output.stdout).expect("UTF-8");
                assert_eq!(output.status.code(), Some(0), "{rate} Hz, {policy}, {way:?}: {json}");
                let of = |name| number(&json, policy, name);
                assert_eq!(of("frames_in"), of("frames_out") + of("frames_lost"), "{json}");
                let out = samples(&out);
                assert_eq!(out.len() as f64, of("frames_out") * f64::from(channels), "{json}");
                holds_what_went_in(&input, &out, of("frames_lost") as usize * usize::from(channels), &json);
            }
        }
    }
}

/// `out` is the input, as often as it was played, with one gap of `lost` samples, or without its end.
fn holds_what_went_in(input: &[i16], out: &[i16], lost: usize, json: &str) {
    let whole: Vec<_> = input.iter().copied().cycle().take(out.len() + lost).collect();
    let same = whole.iter().zip(out).take_while(|(a, b)| a == b).count();
    let rest = &out[same..];
    assert!(whole.ends_with(rest), "{} samples behind the gap at {same} are not the input's: {json}", rest.len());
}

#[test]
fn other_stop_latencies_and_many_xruns_recover_as_well() {
    for way in [&[][..], &["--playback"]] {
        for more in [
            ["--stop-latency-us", "0", "--xruns", "3"],
            ["--stop-latency-us", "5000", "--xruns", "3"],
            ["--xruns", "40", "--seed", "7"],
            ["--xruns", "40", "--seed", "8"],
        ] {
            let arguments: Vec<_> = ["--json"].iter().chain(&more).chain(way).copied().collect();
            let output = run(&arguments);
            let json = String::from_utf8(output.stdout).expect("UTF-8");
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {json}");
            for policy in &POLICIES[2..] {
                assert_eq!(field(&json, policy, "recovered"), "true", "{arguments:?}: {json}");
                assert_eq!(field(&json, policy, "late_accesses"), "0", "{arguments:?}: {json}");
                let wanted = if more[0] == "--xruns" { more[1] } else { more[3] };
                assert_eq!(field(&json, policy, "xruns"), wanted, "{arguments:?}: {json}");
            }
        }
    }
}

#[test]
fn what_cannot_be_used_is_refused_in_one_line() {
    let folder = folder("refused");
    let empty = folder.join("empty.wav");
    wav(&empty, 48_000, 2, 0);
    let noise = folder.join("noise.wav");
    std::fs::write(&noise, b"this is no sound").expect("a new file");
    let cut = folder.join("cut.wav");
    wav(&cut, 48_000, 2, 100);
    let bytes = std::fs::read(&cut).expect("the file");
    std::fs::write(&cut, &bytes[..bytes.len() - 30]).expect("a shorter file");
    let float = folder.join("float.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(&float, spec).expect("a new file");
    writer.write_sample(0.5f32).expect("room for a sample");
    writer.finalize().expect("a finished file");

    let path = |path: &Path| path.to_str().expect("UTF-8").to_string();
    let cases = [
        vec!["--frobnicate".to_string()],
        vec!["--policy".into(), "hope".into()],
        vec!["--policy".into()],
        vec!["--xruns".into(), "0".into()],
        vec!["--xruns".into(), "many".into()],
        vec!["--stop-latency-us".into(), "-1".into()],
        vec!["--out".into(), path(&folder.join("out.wav"))],
        vec!["--wav".into(), path(&folder.join("missing.wav"))],
        vec!["--wav".into(), path(&empty)],
        vec!["--wav".into(), path(&noise)],
        vec!["--wav".into(), path(&cut)],
        vec!["--wav".into(), path(&float)],
        vec!["--wav".into(), path(&folder)],
        vec!["--svg".into(), path(&folder.join("no/such/folder.svg"))],
    ];
    for case in cases {
        let output = run(&case.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{case:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{case:?}: {said}");
        assert!(output.stdout.is_empty(), "{case:?} prints a result");
    }
}
