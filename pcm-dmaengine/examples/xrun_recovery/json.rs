//! The same for a program: one JSON object.

use std::fmt::Write;

use crate::audio::Sound;
use crate::options::{Engine, Options};
use crate::plan::Plan;
use crate::report::Report;
use crate::text::micros;

pub fn object(options: &Options, sound: &Sound, plan: &Plan, reports: &[Report]) -> String {
    let runs: Vec<_> = reports.iter().map(run).collect();
    // The SDMA stops when it does; nobody sets it.
    let stop_latency = match options.engine {
        Engine::Mock => options.stop_latency_us.to_string(),
        Engine::ImxSdma => "null".into(),
    };
    format!(
        "{{\"input\":{{\"wav\":{},\"rate\":{},\"channels\":{},\"frames\":{},\"repeats\":{}}},\
         \"engine\":{},\"playback\":{},\"stop_latency_us\":{},\"runs\":[{}]}}",
        string(&sound.name),
        sound.rate,
        sound.channels,
        sound.frames(),
        plan.repeats,
        string(options.engine.name()),
        options.playback,
        stop_latency,
        runs.join(",")
    )
}

fn run(report: &Report) -> String {
    format!(
        "{{\"policy\":{},\"recovered\":{},\"restart_us\":{},\"error\":{},\"frames_in\":{},\"frames_out\":{},\
         \"frames_lost\":{},\"late_accesses\":{},\"irqs_off_us\":{},\"xruns\":{}}}",
        string(report.policy.name()),
        report.recovered,
        report.restart.map_or("null".into(), micros),
        report.error.as_deref().map_or("null".into(), string),
        report.frames_in,
        report.frames_out,
        report.frames_lost,
        report.late_accesses,
        micros(report.irqs_off),
        report.xruns,
    )
}

/// A JSON string.
fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if u32::from(control) < 0x20 => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
