//! What was measured, and whether it is within its bound.

use std::process::ExitCode;
use std::time::Duration;

/// What was measured, and its value.
type Line = (String, String, Option<Bound>);

/// What was asked for, and whether it is kept.
type Bound = (String, bool);

/// The lines of the report, in order.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

impl Report {
    /// A measured value without a bound.
    pub(crate) fn says(&mut self, what: &str, value: String) {
        println!("{what}: {value}");
        self.lines.push((what.to_owned(), value, None));
    }

    /// A ratio that must be at least this.
    pub(crate) fn at_least(&mut self, what: &str, ratio: f64, bound: f64) {
        self.bounded(what, format!("{ratio:.2} ×"), format!("at least {bound} ×"), ratio >= bound);
    }

    /// A ratio that must be at most this.
    pub(crate) fn at_most(&mut self, what: &str, ratio: f64, bound: f64) {
        self.bounded(what, format!("{ratio:.2} ×"), format!("at most {bound} ×"), ratio <= bound);
    }

    /// Megabytes that must not be passed.
    pub(crate) fn megabytes(&mut self, what: &str, bytes: u64, bound: u64) {
        let megabytes = bytes >> 20;
        self.bounded(what, format!("{megabytes} MB"), format!("under {bound} MB"), megabytes < bound);
    }

    fn bounded(&mut self, what: &str, value: String, bound: String, kept: bool) {
        println!("{what}: {value} ({bound}{})", if kept { "" } else { ": MISSED" });
        self.lines.push((what.to_owned(), value, Some((bound, kept))));
    }

    /// Prints the table; fails where a bound was missed.
    pub(crate) fn print(&self) -> ExitCode {
        let width = self.lines.iter().map(|(what, ..)| what.chars().count()).max().unwrap_or(0);
        println!();
        for (what, value, bound) in &self.lines {
            let bound = bound.as_ref().map_or(String::new(), |(bound, kept)| {
                format!("  {bound}  {}", if *kept { "ok" } else { "MISSED" })
            });
            println!("{what:width$}  {value:>14}{bound}");
        }
        let missed = self.lines.iter().any(|(.., bound)| bound.as_ref().is_some_and(|(_, kept)| !kept));
        if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// Seconds, with two digits after the point.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// How many times `part` fits into `whole`.
pub(crate) fn ratio(whole: Duration, part: Duration) -> f64 {
    whole.as_secs_f64() / part.as_secs_f64()
}

/// The most memory that this process has held so far, in bytes; `None` where the system doesn't say.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}
