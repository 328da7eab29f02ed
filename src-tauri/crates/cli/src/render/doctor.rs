//! What the doctor found.

use crm_sync_engine::doctor::{Report, Verdict};

use super::Lines;
use crate::style::Style;
use crate::text;

/// One line per finding with the next step below it, and the sum of it all.
pub fn report(report: &Report, style: Style) -> String {
    let area = report.checks.iter().map(|check| text::width(&check.area)).max().unwrap_or(0);
    let mut out = Lines::default();
    for check in &report.checks {
        let mark = match check.verdict {
            Verdict::Ok => style.good("✓"),
            Verdict::Note => style.dim("·"),
            Verdict::Warning => style.warn("!"),
            Verdict::Problem => style.bad("✗"),
        };
        let place = text::pad(&text::one_line(&check.area), area);
        out.line(format!("{mark} {place}  {}", text::one_line(&check.finding)));
        if let Some(next) = &check.next {
            out.line(format!("    → {}", text::one_line(next)));
        }
    }
    out.line(match report.worst() {
        Verdict::Ok | Verdict::Note => "All is well.",
        Verdict::Warning => "It works; see the warnings above.",
        Verdict::Problem => "Something is wrong: the first → above is the next step.",
    });
    out.done()
}
