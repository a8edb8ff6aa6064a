//! The time lines as one picture: a panel for each policy, all on the same axis.

use std::fmt::Write;

use backend_mock::hw::Nanos;

use crate::audio::Sound;
use crate::options::{Engine, Options};
use crate::plan::{Plan, START};
use crate::report::Report;
use crate::text::{micros, window};
use crate::timeline::{Doing, Lane};

const WIDTH: f64 = 980.0;
const LEFT: f64 = 96.0;
const RIGHT: f64 = 24.0;
const ROW: f64 = 19.0;
const TITLE: f64 = 26.0;
const TOP: f64 = 64.0;
const GAP: f64 = 16.0;
const LEGEND: f64 = 58.0;

/// The lanes in which something happens.
fn lanes(report: &Report) -> impl Iterator<Item = Lane> + '_ {
    let timeline = &report.timeline;
    let used = |lane: &Lane| {
        timeline.notes.iter().any(|note| note.lane == *lane) || timeline.spans.iter().any(|span| span.lane == *lane)
    };
    Lane::ALL.into_iter().filter(used)
}

fn colour(doing: Doing) -> &'static str {
    match doing {
        Doing::Sleeps => "#c9c3e6",
        Doing::Spins => "#f0a030",
        Doing::OldRun => "#7f9db9",
        Doing::Late => "#d62728",
        Doing::NewRun => "#2ca02c",
    }
}

struct Picture {
    svg: String,
    from: i64,
    to: i64,
}

pub fn picture(options: &Options, sound: &Sound, plan: &Plan, reports: &[Report]) -> String {
    let (from, to) = window(plan);
    let tops = reports.iter().scan(TOP, |top, report| {
        let this = *top;
        *top += TITLE + ROW * lanes(report).count() as f64 + GAP;
        Some((this, *top))
    });
    let tops: Vec<_> = tops.collect();
    let height = tops.last().map_or(TOP, |&(_, bottom)| bottom) + LEGEND;
    let mut picture = Picture { svg: String::new(), from, to };
    let _ = writeln!(
        picture.svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    );
    let way = if options.playback { "playback" } else { "capture" };
    picture.text(LEFT, 20.0, "15", "#222", "start", "Stop and restart after an XRUN");
    let engine = match options.engine {
        Engine::Mock => format!("960 available; engine stops {} us after it was told to", options.stop_latency_us),
        Engine::ImxSdma => "driver of the i.MX SDMA, on a simulated one".into(),
    };
    let subtitle = format!("{way}, {} Hz, buffer of 480 frames, {engine}; times from the stop", sound.rate);
    picture.text(LEFT, 37.0, "12", "#555", "start", &subtitle);
    picture.axis(TOP - 6.0);
    for (report, (top, bottom)) in reports.iter().zip(tops) {
        picture.grid(top + TITLE - 4.0, bottom - GAP);
        picture.panel(top, report);
    }
    picture.legend(height - LEGEND + 16.0);
    picture.svg.push_str("</svg>\n");
    picture.svg
}

impl Picture {
    fn x(&self, from_stop: i64) -> f64 {
        let part = (from_stop - self.from) as f64 / (self.to - self.from) as f64;
        LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn text(&mut self, x: f64, y: f64, size: &str, fill: &str, anchor: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = writeln!(
            self.svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{fill}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    fn line(&mut self, x: f64, top: f64, bottom: f64, colour: &str, dash: &str) {
        let _ = writeln!(
            self.svg,
            "<line x1=\"{x:.1}\" y1=\"{top:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" stroke=\"{colour}\" \
             stroke-dasharray=\"{dash}\"/>"
        );
    }

    /// The round times that are marked.
    fn marks(&self) -> impl Iterator<Item = i64> + use<> {
        let step = if self.to > 4_000_000 { 1_000_000 } else { 500_000 };
        (step as i64..=self.to).step_by(step)
    }

    /// Milliseconds, and the two moments that all policies share.
    fn axis(&mut self, y: f64) {
        for mark in self.marks() {
            self.text(self.x(mark), y, "11", "#777", "middle", &format!("{} ms", mark as f64 / 1e6));
        }
        self.text(self.x(0), y, "11", "#d62728", "middle", "stop");
        self.text(self.x(START.0 as i64), y, "11", "#2ca02c", "middle", "start");
    }

    fn grid(&mut self, top: f64, bottom: f64) {
        for mark in self.marks() {
            self.line(self.x(mark), top, bottom, "#ddd", "none");
        }
        self.line(self.x(0), top, bottom, "#d62728", "none");
        self.line(self.x(START.0 as i64), top, bottom, "#2ca02c", "4 3");
    }

    fn panel(&mut self, top: f64, report: &Report) {
        let (verdict, fill) = match (&report.error, report.restart) {
            (None, Some(restart)) => (format!("running again after {} us", micros(restart)), "#2ca02c"),
            (Some(error), _) => (error.clone(), "#d62728"),
            (None, None) => ("no XRUN".into(), "#555"),
        };
        let title = format!("{}: {}", report.policy.name(), report.policy.motto());
        self.text(8.0, top + 14.0, "13", "#222", "start", &title);
        self.text(WIDTH - RIGHT, top + 14.0, "12", fill, "end", &verdict);
        let Some(stop) = report.timeline.stop else { return };
        let relative = |at: Nanos| at.0 as i64 - stop.0 as i64;
        for (nth, lane) in lanes(report).enumerate() {
            let y = top + TITLE + ROW * nth as f64;
            self.text(LEFT - 8.0, y + 9.0, "11", "#555", "end", lane.name());
            let _ = writeln!(
                self.svg,
                "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#eee\" fill-opacity=\"0.6\"/>",
                WIDTH - LEFT - RIGHT,
                ROW - 6.0
            );
            for span in report.timeline.spans.iter().filter(|span| span.lane == lane) {
                let (from, to) = (self.x(relative(span.from)), self.x(relative(span.to)));
                if to > from {
                    let _ = writeln!(
                        self.svg,
                        "<rect x=\"{from:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{}\"/>",
                        to - from,
                        ROW - 6.0,
                        colour(span.doing)
                    );
                }
            }
            // Where a label would lie on the one before it, the dot alone stands for the event.
            let mut free_from = f64::MIN;
            for note in report.timeline.notes.iter().filter(|note| note.lane == lane) {
                let at = relative(note.at);
                if (self.from..=self.to).contains(&at) {
                    let text = note.text.replace('&', "&amp;").replace('<', "&lt;");
                    let _ = writeln!(
                        self.svg,
                        "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"#222\"><title>{text}</title></circle>",
                        self.x(at),
                        y + (ROW - 6.0) / 2.0
                    );
                    if self.x(at) >= free_from {
                        self.text(self.x(at) + 7.0, y + 10.0, "10", "#222", "start", note.label);
                        free_from = self.x(at) + note.label.len() as f64 * 5.0;
                    }
                }
            }
        }
    }

    fn legend(&mut self, y: f64) {
        let entries = [
            (Doing::OldRun, "old transfer touches memory"),
            (Doing::Late, "... after it was given away"),
            (Doing::NewRun, "new transfer"),
            (Doing::Sleeps, "sleeps"),
            (Doing::Spins, "spins, interrupts off"),
        ];
        let mut x = LEFT;
        for (doing, name) in entries {
            let _ = writeln!(
                self.svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"14\" height=\"12\" fill=\"{}\"/>",
                colour(doing)
            );
            self.text(x + 19.0, y + 10.0, "11", "#333", "start", name);
            x += 40.0 + name.len() as f64 * 6.0;
        }
        self.text(LEFT, y + 30.0, "11", "#777", "start", "A dot is an event; point at it to read what happened.");
    }
}
