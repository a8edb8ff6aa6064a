//! When, where and how figures came about: one line above them.

use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::chore::{Error, Result, output};

/// The line for figures of now.
pub fn now(command: &str) -> Result<String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| Error::new(error.to_string()))?;
    let system = output(Command::new("uname").args(["-srm"]))?;
    let (year, month, day) = date(since.as_secs() / 86_400);
    Ok(format!("*{year}-{month:02}-{day:02}, {}, {}: `{command}`*", processor(), system.trim()))
}

/// The processor, as Linux calls it.
fn processor() -> String {
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| "a processor without a name".into(), |(_, name)| name.trim().into())
}

/// The date, so many days after 1 January 1970. Years begin in March here, so that the day that not every year has is the last.
fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days + 719_468;
    let (era, day) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (400 * era + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_are_dates() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
        assert_eq!(date(11_017), (2000, 3, 1));
        assert_eq!(date(20_088), (2024, 12, 31));
        assert_eq!(date(20_513), (2026, 3, 1));
        assert_eq!(date(47_540), (2100, 2, 28));
        assert_eq!(date(47_541), (2100, 3, 1));
    }
}
