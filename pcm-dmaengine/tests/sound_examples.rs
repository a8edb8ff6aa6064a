//! The examples `play`, `record`, `loopback` and `firmware` from outside: options, files, numbers, exit status.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const PROGRAMS: [&str; 3] = ["play", "record", "loopback"];

/// Builds the examples, as these tests were built, and says where they are.
fn programs() -> &'static Path {
    static PROGRAMS_IN: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS_IN.get_or_init(|| {
        // This test is <target>/<profile>/deps/<name>.
        let this = std::env::current_exe().expect("a test has a path");
        let profile = this.ancestors().nth(2).expect("a profile's folder");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
        cargo.args(PROGRAMS.into_iter().chain(["firmware"]).flat_map(|name| ["--example", name]));
        cargo.arg("--target-dir").arg(profile.parent().expect("a target folder"));
        cargo.args(profile.ends_with("release").then_some("--release"));
        assert!(cargo.status().expect("cargo runs").success(), "the examples do not build");
        profile.join("examples")
    })
}

fn run(name: &str, arguments: &[&str]) -> Output {
    let program = programs().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    Command::new(program).args(arguments).output().expect("the example runs")
}

/// What it says, if it did well.
fn told(name: &str, arguments: &[&str]) -> String {
    let output = run(name, arguments);
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(0), "{name} {arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A file of this test's own.
fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sound_examples");
    std::fs::create_dir_all(&folder).expect("a scratch folder");
    folder.join(name).to_str().expect("UTF-8").to_string()
}

/// A WAV of samples that are not alike.
fn wav(name: &str, bits: u16, channels: u16, frames: u32) -> String {
    let (path, sample_format) = (file(name), hound::SampleFormat::Int);
    let spec = hound::WavSpec { channels, sample_rate: 44_100, bits_per_sample: bits, sample_format };
    let mut writer = hound::WavWriter::create(&path, spec).expect("a new file");
    for n in 0..frames * u32::from(channels) {
        writer.write_sample(n.wrapping_mul(0x9E37_79B9) as i32 >> (32 - bits)).expect("room for a sample");
    }
    writer.finalize().expect("a finished file");
    path
}

fn samples(path: &str) -> Vec<i32> {
    hound::WavReader::open(path).expect("a WAV").into_samples().map(|sample| sample.expect("a sample")).collect()
}

#[test]
fn a_file_that_is_played_and_recorded_is_the_same_file() {
    for (bits, channels) in [(8, 1), (16, 2), (24, 3), (32, 8)] {
        let name = |what: &str| file(&format!("{what}-{bits}.wav"));
        let path = wav(&format!("in-{bits}.wav"), bits, channels, 5_000);
        let (played, recorded) = (name("played"), name("recorded"));
        told("play", &[&path, "--out", &played]);
        told("record", &[&recorded, "--from", &played]);
        let bytes = |path: &str| std::fs::read(path).expect("a file");
        assert!(bytes(&path) == bytes(&played) && bytes(&played) == bytes(&recorded), "{bits} bits");
        told("loopback", &[&path, "--out", &played]);
        assert!(samples(&path) == samples(&played), "{bits} bits");
    }
}

#[test]
fn every_recovery_has_as_many_xruns_as_were_asked_for() {
    for recovery in ["sync-stop", "atomic", "queue-after-stop"] {
        for name in PROGRAMS {
            let told = told(name, &["--xruns", "12", "--period", "96", "--recovery", recovery, "--format", "S24_LE"]);
            let statistics: Vec<_> = told.lines().filter(|line| line.contains("statistics:")).collect();
            assert_eq!(statistics.len(), if name == "loopback" { 2 } else { 1 }, "{told}");
            assert!(statistics.iter().all(|line| line.contains("statistics: 12 XRUNs")), "{told}");
            assert!(told.contains(&recovery.replace('-', "_").to_uppercase()), "{told}");
        }
    }
}

/// What it says of the frames is what is in the file.
#[test]
fn frames_that_are_lost_are_told() {
    let path = wav("lossy.wav", 16, 2, 40_000);
    let out = file("lossy-out.wav");
    let count = |told: &str, of: &str| {
        let line = told.lines().find(|line| line.contains(of)).expect("a line of it");
        let before = line.split(of).next().expect("a number");
        before.rsplit(' ').next().expect("a number").parse::<usize>().expect("a number")
    };
    let said = told("play", &[&path, "--out", &out, "--xruns", "20", "--period", "64"]);
    assert_eq!(count(&said, " heard,"), samples(&out).len() / 2, "{said}");
    assert_eq!(count(&said, " heard,") + count(&said, " lost in 20 XRUNs"), 40_000, "{said}");
    let said = told("record", &[&out, "--from", &path, "--xruns", "20", "--period", "64"]);
    assert_eq!(count(&said, " frames recorded,"), samples(&out).len() / 2, "{said}");
    assert!((20 * 256..20 * 600).contains(&count(&said, " lost in 20 XRUNs")), "{said}");
    let said = told("loopback", &[&path, "--out", &out, "--xruns", "20", "--period", "64"]);
    assert_eq!(count(&said, " of them heard;"), samples(&out).len() / 2, "{said}");
    assert!(said.contains("in 21 runs") && said.contains("in step"), "{said}");
}

#[test]
fn a_plain_line_tells_the_levels() {
    let said = told("record", &["--duration", "1.2", "--channels", "3"]);
    let lines: Vec<_> = said.lines().filter(|line| line.contains("ch3: peak -")).collect();
    assert!((3..=5).contains(&lines.len()), "{said}");
    assert!(!said.contains('\r') && !said.contains('\x1b'), "{said}");
}

#[test]
fn help_names_every_option() {
    for name in PROGRAMS {
        let help = told(name, &["--help"]);
        for option in ["format", "channels", "rate", "period", "periods", "recovery", "xruns", "duration"] {
            assert!(help.contains(&format!("\n  --{option} ")), "{name}: {help}");
        }
        let own = if name == "record" { "--from FILE" } else { "--out FILE" };
        assert!(help.contains(&format!("\n  {own} ")), "{name}: {help}");
    }
}

/// The main loop is elsewhere for longer than the ring lasts, four times. The program compares every frame itself.
#[test]
fn the_firmware_rings_on_after_its_xruns() {
    let said = told("firmware", &[]);
    assert!(said.starts_with("the bell rang: 38400 frames, ") && said.contains("in 4 XRUNs"), "{said}");
}

#[test]
fn what_cannot_be_used_is_refused_in_one_line() {
    let empty = wav("empty.wav", 16, 2, 0);
    let cut = wav("cut.wav", 16, 2, 100);
    let bytes = std::fs::read(&cut).expect("the file");
    std::fs::write(&cut, &bytes[..bytes.len() - 31]).expect("a shorter file");
    let noise = file("noise.wav");
    std::fs::write(&noise, b"this is no sound").expect("a new file");
    let (missing, nowhere) = (file("missing.wav"), file("no/such/folder.wav"));
    let cases: &[(&[&str], &str)] = &[
        (&["--frobnicate"], "unknown option"),
        (&["--format", "S17_LE"], "S16_LE"),
        (&["--format"], "needs a value"),
        (&["--format", "S8"], "does not have the number"),
        (&["--channels", "0"], "1 to 32"),
        (&["--channels", "17", "--format", "S32_LE"], "slots"),
        (&["--rate", "fast"], "a number"),
        (&["--period", "0"], "a number"),
        (&["--period", "1000000"], "PERIOD_SIZE"),
        (&["--periods", "1"], "2 to 1024"),
        (&["--recovery", "hope"], "sync-stop"),
        (&["--xruns", "-1"], "a number"),
        (&["--xruns", "1000000"], "have room for"),
        (&["--duration", "nan"], "seconds"),
        (&["--duration", "-1"], "seconds"),
        (&["--out", &nowhere, "--duration", "0.1"], "no/such/folder.wav"),
        (&["--out", "a.wav", "--out", "b.wav"], "a.wav"),
    ];
    for name in PROGRAMS {
        let files = [&empty, &cut, &noise, &missing].map(|path| (vec!["--from", path.as_str()], path.as_str()));
        for (arguments, reason) in cases.iter().map(|(arguments, reason)| (arguments.to_vec(), *reason)).chain(files) {
            let output = run(name, &arguments);
            let said = String::from_utf8(output.stderr).expect("UTF-8");
            assert_eq!(output.status.code(), Some(2), "{name} {arguments:?}: {said}");
            assert!(said.lines().count() == 1 && said.contains(reason), "{name} {arguments:?}: {said}");
        }
    }
}
