//! The figures as one picture: from the stop to running again, on a logarithmic axis of time. Each policy has two bars, alone and
//! with all channels busy, from the median to the worst.

use std::fmt::Write;

use super::table::micros;
use super::{Figures, GOAL, Policy, Spread};

const WIDTH: f64 = 980.0;
const LEFT: f64 = 292.0;
const RIGHT: f64 = 806.0;
const TOP: f64 = 112.0;
const ROW: f64 = 48.0;
const LINE: f64 = 18.0;
const LEGEND: f64 = 62.0;

/// The axis, in nanoseconds.
const FROM: u64 = 1_000;
const TO: u64 = 3_000_000;

const ALONE: &str = "#2b6cb0";
const LOADED: &str = "#dd7a1f";
const WRONG: &str = "#d62728";
const GOOD: &str = "#2ca02c";

/// An SVG of them all. What is alone and what is loaded it knows by [`Figures::others`]; a policy that is missing has no bar.
#[must_use]
pub fn picture(figures: &[Figures]) -> String {
    let policies: Vec<_> =
        Policy::ALL.into_iter().filter(|policy| figures.iter().any(|row| row.policy == *policy)).collect();
    let bottom = TOP + ROW * policies.len() as f64;
    let height = bottom + LEGEND;
    let mut picture = Picture::default();
    let _ = writeln!(
        picture.0,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"Helvetica, Arial, sans-serif\">\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"white\" stroke=\"#d0d7de\"/>",
        WIDTH - 1.0,
        height - 1.0
    );
    picture.text(16.0, 30.0, 18, "#222", "start", "How long until a stopped stream runs again");
    let others = figures.iter().map(|row| row.others).max().unwrap_or(0);
    let subtitle = format!(
        "48 kHz stereo on an SSI of the simulated i.MX6 SDMA, stopped all through a period; alone, and with {others} \
         other channels busy"
    );
    picture.text(16.0, 51.0, 13, "#555", "start", &subtitle);
    picture.text(RIGHT + 72.0, TOP - 9.0, 13, "#555", "end", "worst");
    picture.text(WIDTH - 16.0, TOP - 9.0, 13, "#555", "end", "frames lost");
    picture.grid(bottom);
    for (nth, policy) in policies.into_iter().enumerate() {
        picture.policy(TOP + ROW * nth as f64, policy, figures);
    }
    picture.legend(bottom + 26.0, others);
    picture.0.push_str("</svg>\n");
    picture.0
}

/// Where a time lies. What is outside of the axis lies at its end.
fn x(nanos: u64) -> f64 {
    let part = |nanos: u64| (nanos as f64).ln();
    LEFT + (part(nanos.clamp(FROM, TO)) - part(FROM)) / (part(TO) - part(FROM)) * (RIGHT - LEFT)
}

#[derive(Default)]
struct Picture(String);

impl Picture {
    fn text(&mut self, x: f64, y: f64, size: u8, fill: &str, anchor: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = writeln!(
            self.0,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{fill}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), style: &str) {
        let _ = writeln!(self.0, "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {style}/>");
    }

    fn grid(&mut self, bottom: f64) {
        for decade in [1_u64, 10, 100, 1_000] {
            for step in 1..10 {
                let at = decade * step * 1_000;
                if at <= TO {
                    let colour = if step == 1 { "#ccc" } else { "#eee" };
                    self.line((x(at), TOP), (x(at), bottom), &format!("stroke=\"{colour}\""));
                }
            }
            let label = if decade < 1_000 { format!("{decade} µs") } else { format!("{} ms", decade / 1_000) };
            self.text(x(decade * 1_000), TOP - 9.0, 13, "#555", "middle", &label);
        }
        self.line(
            (x(GOAL), TOP - 28.0),
            (x(GOAL), bottom),
            &format!("stroke=\"{GOOD}\" stroke-width=\"2\" stroke-dasharray=\"6 4\""),
        );
        let label = format!("goal: {} µs, alone", GOAL / 1_000);
        self.text(x(GOAL), TOP - 34.0, 13, GOOD, "middle", &label);
    }

    /// A policy's name, its bars, and in figures the worst.
    fn policy(&mut self, top: f64, policy: Policy, figures: &[Figures]) {
        self.line((16.0, top), (WIDTH - 16.0, top), "stroke=\"#ddd\"");
        let name = if policy.is_sound() { "#222" } else { WRONG };
        self.text(16.0, top + 21.0, 15, name, "start", policy.name());
        self.text(16.0, top + 38.0, 11, "#666", "start", policy.remark());
        let mut late = 0;
        for row in figures.iter().filter(|row| row.policy == policy) {
            let is_alone = row.others == 0;
            let y = top + if is_alone { 15.0 } else { 15.0 + LINE };
            self.bar(y, &row.running, if is_alone { ALONE } else { LOADED });
            let worst = format!("{} µs", short(row.running.worst()));
            self.text(RIGHT + 72.0, y + 4.5, 13, "#222", "end", &worst);
            let fill = if row.lost.worst() == 0 { "#555" } else { WRONG };
            self.text(WIDTH - 16.0, y + 4.5, 13, fill, "end", &row.lost.worst().to_string());
            late += row.late.sum();
        }
        if late > 0 {
            let text = format!("{late} accesses to memory handed back");
            self.text(x(GOAL) + 10.0, top + 28.0, 13, WRONG, "start", &text);
        }
    }

    /// From the median, a dot, to the worst, a stroke; 99.9 % is a diamond.
    fn bar(&mut self, y: f64, times: &Spread, colour: &str) {
        let [median, most, worst] = [times.median(), times.permille(999), times.worst()].map(x);
        self.line((median, y), (worst, y), &format!("stroke=\"{colour}\" stroke-width=\"5\" stroke-opacity=\"0.35\""));
        self.line((worst, y - 7.0), (worst, y + 7.0), &format!("stroke=\"{colour}\" stroke-width=\"3\""));
        self.mark(most, y, colour);
        let _ = writeln!(
            self.0,
            "<circle cx=\"{median:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{colour}\"><title>median {}, 99.9 % {}, worst {} µs</title></circle>",
            micros(times.median()),
            micros(times.permille(999)),
            micros(times.worst())
        );
    }

    /// A diamond.
    fn mark(&mut self, x: f64, y: f64, colour: &str) {
        let _ = writeln!(
            self.0,
            "<path d=\"M{:.1} {y:.1}L{x:.1} {:.1}L{:.1} {y:.1}L{x:.1} {:.1}Z\" fill=\"white\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            x - 5.0,
            y - 5.0,
            x + 5.0,
            y + 5.0
        );
    }

    fn legend(&mut self, y: f64, others: usize) {
        self.line((16.0, y - 26.0), (WIDTH - 16.0, y - 26.0), "stroke=\"#ddd\"");
        let mut at = 16.0;
        let busy = format!("{others} other channels busy");
        for (colour, name) in [(ALONE, "alone"), (LOADED, busy.as_str())] {
            let _ = writeln!(
                self.0,
                "<rect x=\"{at:.1}\" y=\"{:.1}\" width=\"22\" height=\"8\" fill=\"{colour}\"/>",
                y - 4.0
            );
            self.text(at + 29.0, y + 4.5, 13, "#333", "start", name);
            at += 54.0 + 7.0 * name.len() as f64;
        }
        let _ = writeln!(self.0, "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"#555\"/>", at + 5.0);
        self.text(at + 16.0, y + 4.5, 13, "#333", "start", "median");
        self.mark(at + 90.0, y, "#555");
        self.text(at + 101.0, y + 4.5, 13, "#333", "start", "99.9 %");
        self.line((at + 170.0, y - 7.0), (at + 170.0, y + 7.0), "stroke=\"#555\" stroke-width=\"3\"");
        self.text(at + 179.0, y + 4.5, 13, "#333", "start", "worst");
        let note = "Time counts from the stop, or from when the device asked for its next burst if that was later. Code takes no time but that of its register accesses.";
        self.text(16.0, y + 25.0, 12, "#666", "start", note);
    }
}

/// Microseconds, rounded up: with a decimal if there are few.
fn short(nanos: u64) -> String {
    if nanos < 100_000 {
        let tenths = nanos.div_ceil(100);
        return format!("{}.{}", tenths / 10, tenths % 10);
    }
    let long = micros(nanos.div_ceil(1_000) * 1_000);
    long[..long.len() - 3].into()
}

#[cfg(test)]
mod tests {
    use super::{FROM, LEFT, RIGHT, TO, short, x};

    #[test]
    fn a_decade_is_as_wide_as_the_next() {
        let decade = x(10_000) - x(1_000);
        assert!((x(100_000) - x(10_000) - decade).abs() < 1e-9 && (x(1_000_000) - x(100_000) - decade).abs() < 1e-9);
        assert_eq!([x(0), x(FROM), x(TO), x(2 * TO)], [LEFT, LEFT, RIGHT, RIGHT]);
    }

    #[test]
    fn the_worst_is_never_shown_better_than_it_is() {
        assert_eq!([14_120, 14_100, 99_999, 2_004_001, 50_001].map(short), ["14.2", "14.1", "100.0", "2,005", "50.1"]);
    }
}
