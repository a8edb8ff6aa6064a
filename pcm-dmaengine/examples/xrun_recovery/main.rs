//! The failure of August 2020 and its three cures, on a DMA engine in virtual time.
//!
//! `cargo run --release --example xrun_recovery` replays the log of the thread "pcm|dmaengine|imx-sdma race condition on
//! i.MX6": a capture stream has an XRUN, is stopped, and started again a quarter of a millisecond later, while the
//! engine needs a millisecond to stop. Five policies do it: Linux 5.4 and 5.8 as they were, and this library's three
//! recoveries. With `--engine imx-sdma` the three recoveries run on the driver of the i.MX SDMA, on a simulated one. `--help`
//! lists the options.
//!
//! Exit status: 0 if the three recoveries lost nothing that the XRUN itself had not lost and, with the default stop
//! latency, both Linux models failed as documented; 1 if not; 2 for a wrong option or a file that cannot be used.

mod audio;
mod json;
mod linux;
mod machine;
mod options;
mod ours;
mod plan;
mod report;
mod svg;
mod text;
mod timeline;

use std::io::Write;
use std::process::ExitCode;

use audio::Sound;
use machine::imx::{self, Imx};
use machine::mock::MockMachine;
use options::{DEFAULT_STOP_LATENCY_US, Engine, Options, Policy, USAGE};
use plan::Plan;
use report::Report;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => return refuse(&error),
    };
    match show(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => refuse(&error),
    }
}

/// One clear line.
fn refuse(error: &str) -> ExitCode {
    eprintln!("xrun_recovery: {}", error.replace('\n', " "));
    ExitCode::from(2)
}

fn show(options: &Options) -> Result<bool, String> {
    let sound = Sound::load(options.wav.as_deref())?;
    if options.engine == Engine::ImxSdma {
        imx::suits(&sound)?;
    }
    let plan = Plan::new(options, &sound);
    let reports: Vec<_> = options.policies().into_iter().map(|policy| run(policy, options, &sound, &plan)).collect();
    if let Some(path) = &options.svg {
        let picture = svg::picture(options, &sound, &plan, &reports);
        std::fs::write(path, picture).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if let (Some(path), [report]) = (&options.out, reports.as_slice()) {
        sound.save(path, &report.out)?;
    }
    let text = if options.json {
        json::object(options, &sound, &plan, &reports) + "\n"
    } else {
        let lines: String = reports.iter().map(|report| text::timeline(report, &plan)).collect();
        let heading = text::heading(options, &sound, &plan);
        format!("{heading}\n{lines}{}\n{}", text::table(&reports), text::verdict(&reports))
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        written => written.map_err(|error| format!("standard output: {error}"))?,
    }
    Ok(reports.iter().all(|report| as_promised(report, options)))
}

fn run(policy: Policy, options: &Options, sound: &Sound, plan: &Plan) -> Report {
    match options.engine {
        Engine::Mock if policy.is_linux() => linux::run(policy, options, sound, plan),
        Engine::Mock => ours::run(&MockMachine::new(options, sound, plan), policy, options, sound, plan),
        Engine::ImxSdma => ours::run(&Imx::new(options, sound), policy, options, sound, plan),
    }
}

/// The recoveries recover; the models fail, if the timing is the thread's. With other timings they come out as they do.
fn as_promised(report: &Report, options: &Options) -> bool {
    if report.policy.is_linux() {
        options.stop_latency_us != DEFAULT_STOP_LATENCY_US || report.failed_as_documented()
    } else {
        report.recovered
    }
}
