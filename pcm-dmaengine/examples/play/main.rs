//! Plays a WAV: through a PCM stream, the driver of the i.MX SDMA, a simulated SDMA and an SSI, to a loudspeaker that remembers.
//!
//! `cargo run --release --example play -- FILE.wav`; `--help` lists the options. `player` is the client, and worth reading. Time is
//! simulated, so it is over in a moment.

mod player;
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
    name: "play",
    usage: "\
Plays a WAV through the driver of the i.MX SDMA, on a simulated one with an SSI.

usage: play [FILE.wav] [options]        without a file, a clip of speech
  --out FILE         what the loudspeaker heard, as WAV",
    files: ["--from", "--out"],
};

fn main() -> ExitCode {
    PROGRAM.main(run)
}

fn run(options: &Options) -> Result<(), String> {
    let sound = options.sound()?;
    let mut plan = options.plan(&sound);
    plan.frames = plan.frames.min(sound.frames());
    let machine = Machine::new(&sound)?;
    say(heading("playing", &sound, &plan))?;

    let mut meter = Meter::new(&sound, &plan);
    let report = player::play(&machine, &sound, &plan, &mut |step| meter.step(step))?;
    meter.end();

    let heard = report.sound(&sound, &plan, &machine);
    let frames = (heard.len() / sound.frame_bytes()) as u64;
    let dry: u64 = report.heard.iter().map(|run| run.dry).sum();
    let (played, xruns) = (plan.frames, report.statistics.xruns);
    say(format_args!(
        "{played} frames played, {frames} heard, {} lost in {xruns} XRUNs; nothing to play for {dry} more",
        played - frames
    ))?;
    say(statistics(&report.statistics))?;
    if let Some(path) = &options.out {
        Sound { bytes: heard, ..sound }.save(path)?;
        say(format_args!("{}: what was heard", path.display()))?;
    }
    Ok(())
}
