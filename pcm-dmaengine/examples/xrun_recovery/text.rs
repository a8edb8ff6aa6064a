//! What a person reads: the time lines and the table.

use std::fmt::Write;

use backend_mock::hw::Nanos;

use crate::audio::Sound;
use crate::machine::imx::NEARLY;
use crate::options::{Engine, Options};
use crate::plan::{LATE, Plan, START, WORKER};
use crate::report::Report;
use crate::timeline::{Doing, Lane, Timeline};

/// Characters of a time line.
const WIDTH: usize = 72;

/// From when to when the pictures go, relative to the stop, in nanoseconds.
pub fn window(plan: &Plan) -> (i64, i64) {
    let longest = plan.stop_latency.max(WORKER).0 as i64;
    (-250_000, longest + 800_000)
}

pub fn micros(time: Nanos) -> String {
    let (whole, rest) = (time.0 / 1_000, time.0 % 1_000);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:03}") }
}

pub fn heading(options: &Options, sound: &Sound, plan: &Plan) -> String {
    let way = if options.playback { "playback" } else { "capture" };
    let params = sound.params();
    let (late, engine) = match options.engine {
        Engine::Mock => (
            "960 frames are available".to_string(),
            format!(
                "the engine goes on for {} us after it was told to stop; code takes no time here, only waiting does",
                options.stop_latency_us
            ),
        ),
        Engine::ImxSdma => (
            format!("{NEARLY} frames have come (every other time {LATE}), and on to the XRUN"),
            "the engine is the driver of the i.MX SDMA on a simulated one; code takes the time of its register accesses"
                .into(),
        ),
    };
    format!(
        "{way}, {} Hz, S16_LE, {} channel(s), buffer {} frames, period {}; {} frames of {}{}\n\
         the client is late {} time(s), until {late}, and starts again {} us after the stop\n\
         {engine}\n",
        params.rate,
        params.channels,
        params.buffer_size(),
        params.period_size,
        sound.frames(),
        sound.name,
        if plan.repeats > 1 { format!(", {} times over", plan.repeats) } else { String::new() },
        options.xruns,
        START.as_micros(),
    )
}

/// One policy's first XRUN: a picture of the lanes, then what happened, in order.
pub fn timeline(report: &Report, plan: &Plan) -> String {
    let mut text = format!("── {} ── {}\n\n", report.policy.name(), report.policy.motto());
    let Some(stop) = report.timeline.stop else {
        text.push_str("  no XRUN came\n\n");
        return text;
    };
    let (from, to) = window(plan);
    let column = |at: Nanos| (at.0 as i64 - stop.0 as i64 - from) * WIDTH as i64 / (to - from);
    let _ = writeln!(text, "  {:8}  {}", "us", scale(from, to));
    for lane in Lane::ALL {
        if let Some(row) = row(&report.timeline, lane, column) {
            let _ = writeln!(text, "  {:8}  {row}", lane.name());
        }
    }
    text.push_str("            o old transfer  ! old transfer, after its memory was given away  n new transfer\n");
    text.push_str("            z sleeps  # spins with interrupts off  | something happens\n\n");
    for note in &report.timeline.notes {
        let at = note.at.0 as i64 - stop.0 as i64;
        let _ = writeln!(text, "  {:>13.1}  {:8}  {}", at as f64 / 1_000.0, note.lane.name(), note.text);
    }
    text.push('\n');
    text
}

/// Marks at round times.
fn scale(from: i64, to: i64) -> String {
    let step = if to > 4_000_000 { 1_000_000 } else { 500_000 };
    let mut row = vec![' '; WIDTH + 8];
    for mark in (0..=to).step_by(step as usize) {
        let at = ((mark - from) * WIDTH as i64 / (to - from)) as usize;
        for (offset, letter) in format!("|{}", mark / 1_000).chars().enumerate() {
            if at + offset < row.len() {
                row[at + offset] = letter;
            }
        }
    }
    row.into_iter().collect::<String>().trim_end().to_string()
}

fn row(timeline: &Timeline, lane: Lane, column: impl Fn(Nanos) -> i64) -> Option<String> {
    let mut row = vec![' '; WIDTH];
    let mut used = false;
    for span in timeline.spans.iter().filter(|span| span.lane == lane) {
        let letter = match span.doing {
            Doing::Sleeps => 'z',
            Doing::Spins => '#',
            Doing::OldRun => 'o',
            Doing::Late => '!',
            Doing::NewRun => 'n',
        };
        for at in column(span.from).max(0)..=column(span.to).min(WIDTH as i64 - 1) {
            row[at as usize] = letter;
            used = true;
        }
    }
    for note in timeline.notes.iter().filter(|note| note.lane == lane && lane != Lane::Engine) {
        if let Some(place) = usize::try_from(column(note.at)).ok().and_then(|at| row.get_mut(at)) {
            *place = '|';
            used = true;
        }
    }
    used.then(|| row.into_iter().collect::<String>().trim_end().to_string())
}

pub fn table(reports: &[Report]) -> String {
    let mut text = format!(
        "{:17} {:>9} {:>14} {:>12} {:>13} {:>13} {:>6}\n",
        "policy", "recovered", "stop to run us", "frames lost", "late accesses", "irqs off us", "xruns"
    );
    for report in reports {
        let restart = report.restart.map_or("-".into(), micros);
        let _ = writeln!(
            text,
            "{:17} {:>9} {:>14} {:>12} {:>13} {:>13} {:>6}",
            report.policy.name(),
            if report.recovered { "yes" } else { "no" },
            restart,
            report.frames_lost,
            report.late_accesses,
            micros(report.irqs_off),
            report.xruns,
        );
    }
    for report in reports {
        if let Some(error) = &report.error {
            let _ = writeln!(text, "{}: {error}", report.policy.name());
        }
    }
    text
}

/// What it comes to, in a sentence each.
pub fn verdict(reports: &[Report]) -> String {
    let (models, ours): (Vec<_>, Vec<_>) = reports.iter().partition(|report| report.policy.is_linux());
    let mut text = String::new();
    if !models.is_empty() {
        let failed = models.iter().filter(|report| report.failed_as_documented()).count();
        let _ = writeln!(text, "{failed} of {} Linux models lost the stream as documented.", models.len());
    }
    if !ours.is_empty() {
        let recovered = ours.iter().filter(|report| report.recovered).count();
        let _ = writeln!(
            text,
            "{recovered} of {} recoveries went on; what they lost, the XRUN itself had lost.",
            ours.len()
        );
    }
    text
}
