//! Records a WAV: what is on the wire of an SSI, through a simulated SDMA, its driver and a PCM stream.
//!
//! `cargo run --release --example record -- out.wav`; `--help` lists the options. `recorder` is the client, and worth reading. Time is
//! simulated, so it is over in a moment.

mod recorder;
#[path = "../sound/mod.rs"]
mod sound;
#[path = "../terminal/mod.rs"]
mod terminal;

use std::process::ExitCode;

use sound::machine::Machine;
use sound::wav::Sound;
use terminal::meter::Meter;
use terminal::options::Options;
use terminal::{Program, heading, say, statistics};

const PROGRAM: Program = Program {
    name: "record",
    usage: "\
Records a WAV through the driver of the i.MX SDMA, on a simulated one with an SSI.

usage: record [FILE.wav] [options]      without a file, only the levels are shown
  --from FILE        what there is to be heard, over and over: a WAV (default: a clip of speech)",
    files: ["--out", "--from"],
};

fn main() -> ExitCode {
    PROGRAM.main(run)
}

fn run(options: &Options) -> Result<(), String> {
    let sound = options.sound()?;
    let plan = options.plan(&sound);
    let machine = Machine::new(&sound)?;
    machine.port.wire().record(sound.bytes.as_slice().into());
    say(heading("recording", &sound, &plan))?;

    let mut meter = Meter::new(&sound, &plan);
    let report = recorder::record(&machine, &sound, &plan, &mut |step| meter.step(step))?;
    meter.end();

    let (read, xruns) = (report.runs.iter().sum::<u64>(), report.statistics.xruns);
    let starts = machine.port.wire().first_recorded();
    let ends = starts.iter().zip(&report.runs).map(|(start, frames)| start + frames);
    let lost: u64 = ends.zip(starts.iter().skip(1)).map(|(end, next)| next - end).sum();
    say(format_args!(
        "{read} frames recorded, {lost} lost in {xruns} XRUNs; the recoveries put it at {}",
        report.lost
    ))?;
    say(statistics(&report.statistics))?;
    if let Some(path) = &options.out {
        Sound { bytes: report.bytes, ..sound }.save(path)?;
        say(format_args!("{}: what was recorded", path.display()))?;
    }
    Ok(())
}
