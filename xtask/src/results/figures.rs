//! Figures out of counts, and how they are written.

use super::callgrind::Counts;
use super::goals::Figure;
use crate::chore::{Error, Result};

/// The counts of one engine.
#[derive(Clone, Copy, Debug)]
pub struct Net<'c> {
    counts: &'c Counts,
    engine: &'c str,
    /// What the call of a function takes that does nothing.
    pub nothing: u64,
}

impl<'c> Net<'c> {
    /// Those of that engine.
    pub fn of(counts: &'c Counts, engine: &'c str) -> Result<Self> {
        let all = Self { counts, engine, nothing: 0 };
        Ok(Self { nothing: all.count("nothing", "q1")?, ..all })
    }

    /// Instructions of an operation, without those of calling it.
    pub fn count(&self, operation: &str, case: &str) -> Result<u64> {
        let name = [self.engine, operation, case].join("/");
        let count = self.counts.get(&name).ok_or_else(|| Error::new(format!("{name} was not counted")))?;
        Ok(count.saturating_sub(self.nothing))
    }

    /// What a figure comes to.
    pub fn figure(&self, figure: Figure) -> Result<f64> {
        match figure {
            Figure::Count(operation, case) => Ok(self.count(operation, case)? as f64),
            Figure::Each(operation, few, many, more) => {
                let (few, many) = (self.count(operation, few)? as f64, self.count(operation, many)? as f64);
                Ok((many - few) / f64::from(more))
            }
        }
    }
}

/// A number as it stands in a table: whole, or with one place behind the point.
pub fn number(value: f64) -> String {
    let tenths = (value * 10.0).round();
    if tenths % 10.0 == 0.0 { format!("{:.0}", tenths / 10.0) } else { format!("{:.1}", tenths / 10.0) }
}

/// Whether a figure keeps to its goal.
pub fn verdict(ours: f64, goal: u32) -> String {
    let over = ours - f64::from(goal);
    if over <= 0.0 {
        return "met".into();
    }
    let percent = if goal == 0 { String::new() } else { format!(" ({:.0} %)", 100.0 * over / f64::from(goal)) };
    format!("missed by {}{percent}", number(over))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_net_of_the_call() {
        let counts =
            Counts::from([("sdma/nothing/q1".into(), 5), ("sdma/stop/q1".into(), 65), ("mock/stop/q1".into(), 9)]);
        let net = Net::of(&counts, "sdma").unwrap();
        assert_eq!(net.count("stop", "q1").unwrap(), 60);
        assert!(net.count("stop", "q8").unwrap_err().to_string().contains("sdma/stop/q8"));
        assert!(Net::of(&counts, "mock").is_err());
    }

    #[test]
    fn the_call_is_in_both_counts_of_a_difference_and_so_in_none() {
        let counts = Counts::from([("e/nothing/q1".into(), 5), ("e/free/q1".into(), 105), ("e/free/q4".into(), 155)]);
        let each = Net::of(&counts, "e").unwrap().figure(Figure::Each("free", "q1", "q4", 3)).unwrap();
        assert_eq!(number(each), "16.7");
    }

    #[test]
    fn a_goal_is_met_up_to_the_last_instruction() {
        assert_eq!(verdict(60.0, 60), "met");
        assert_eq!(verdict(61.5, 60), "missed by 1.5 (2 %)");
        assert_eq!(verdict(3.0, 0), "missed by 3");
        assert_eq!(verdict(-1.0, 0), "met");
    }
}
