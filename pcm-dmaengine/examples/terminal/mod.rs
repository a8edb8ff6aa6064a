//! What the programs have in common at the terminal: options, a line with the levels, a summary.

pub mod meter;
pub mod options;

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use pcm_dmaengine::PcmStatistics;

use crate::sound::plan::Plan;
use crate::sound::wav::Sound;

use options::Options;

/// The name of a program, what it is for, and what it is called with.
pub struct Program {
    pub name: &'static str,
    pub usage: &'static str,
    /// The option that stands for an argument without a name, and the other one.
    pub files: [&'static str; 2],
}

impl Program {
    /// Does what the command line says. Exit status: 0, or 2 with one line that says why not.
    pub fn main(&self, run: impl FnOnce(&Options) -> Result<(), String>) -> ExitCode {
        let [bare, other] = self.files;
        let done = match Options::parse(std::env::args_os().skip(1), bare, other) {
            Ok(Some(options)) => run(&options),
            Ok(None) => say(format_args!("{}\n{}", self.usage, options::COMMON)),
            Err(error) => Err(format!("{error}; --help lists the options")),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{}: {}", self.name, error.replace('\n', " "));
                ExitCode::from(2)
            }
        }
    }
}

/// A line on standard output.
pub fn say(line: impl Display) -> Result<(), String> {
    match writeln!(std::io::stdout(), "{line}") {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| format!("standard output: {error}")),
    }
}

/// What is going to happen.
pub fn heading(doing: &str, sound: &Sound, plan: &Plan) -> String {
    let Sound { name, format, rate, channels, .. } = sound;
    let (period, periods) = (plan.period, plan.periods);
    let buffer = 1e3 * (period.0 * u64::from(periods)) as f64 / f64::from(*rate);
    format!(
        "{doing} {name}: {format}, {channels} channels, {rate} Hz; {periods} periods of {period} frames, {buffer:.1} ms; \
         recovery {:?}",
        plan.recovery
    )
}

/// What the stream has been through.
pub fn statistics(statistics: &PcmStatistics) -> String {
    let PcmStatistics { xruns, frames_dropped, frames_missed, longest_gap, late_periods, time_in_stop, .. } =
        statistics;
    format!(
        "statistics: {xruns} XRUNs, {frames_dropped} frames dropped, {frames_missed} missed, longest gap {longest_gap}, \
         {late_periods} late periods, {time_in_stop} in stops"
    )
}
