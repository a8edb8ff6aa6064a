//! Hands on what comes: a capture stream and a playback stream on one SSI, linked, with the SDMA's driver and a simulated SDMA below.
//!
//! `cargo run --release --example loopback`; `--help` lists the options. `through` is the client, and worth reading. Time is simulated,
//! so it is over in a moment.

#[path = "../sound/mod.rs"]
mod sound;
#[path = "../terminal/mod.rs"]
mod terminal;
mod through;

use std::process::ExitCode;

use sound::machine::Machine;
use sound::wav::Sound;
use terminal::meter::Meter;
use terminal::options::Options;
use terminal::{Program, heading, say, statistics};

const PROGRAM: Program = Program {
    name: "loopback",
    usage: "\
Plays what it records, through two linked streams of the driver of the i.MX SDMA, on a simulated one with an SSI.

usage: loopback [FILE.wav] [options]    what there is to be heard, over and over (default: a clip of speech)
  --out FILE         what the loudspeaker heard, as WAV",
    files: ["--from", "--out"],
};

fn main() -> ExitCode {
    PROGRAM.main(run)
}

fn run(options: &Options) -> Result<(), String> {
    let sound = options.sound()?;
    let plan = options.plan(&sound);
    let machine = Machine::new(&sound)?;
    machine.port.wire().record(sound.bytes.as_slice().into());
    say(heading("handing on", &sound, &plan))?;

    let mut meter = Meter::new(&sound, &plan);
    let report = through::through(&machine, &sound, &plan, &mut |step| meter.step(step))?;
    meter.end();

    let frames = |bytes: &[u8]| bytes.len() / sound.frame_bytes();
    let handed_on: usize = report.runs.iter().map(|run| frames(&run.bytes)).sum();
    let heard: Vec<u8> = report.runs.iter().flat_map(|run| run.heard.iter().copied()).collect();
    let latencies = || report.runs.iter().map(|run| run.latency);
    let milliseconds = |frames: u64| 1e3 * frames as f64 / f64::from(sound.rate);
    let (least, most) = (latencies().min().unwrap_or(0), latencies().max().unwrap_or(0));
    say(format_args!(
        "{handed_on} frames captured and played in {} runs, {} of them heard; latency {least} to {most} frames, {:.2} to {:.2} ms",
        report.runs.len(),
        frames(&heard),
        milliseconds(least),
        milliseconds(most)
    ))?;
    if let Some(run) = report.runs.iter().position(|run| !run.bytes.starts_with(&run.heard)) {
        return Err(format!("run {run}: out of step"));
    }
    say("in step: in every run, what was heard is what was captured, from the first frame on")?;
    for (name, of) in ["capture", "playback"].into_iter().zip(&report.statistics) {
        say(format_args!("{name} {}", statistics(of)))?;
    }
    if let Some(path) = &options.out {
        Sound { bytes: heard, ..sound }.save(path)?;
        say(format_args!("{}: what was heard", path.display()))?;
    }
    Ok(())
}
