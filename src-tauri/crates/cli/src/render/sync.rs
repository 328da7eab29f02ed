//! What a sync did, in words.

use std::time::Duration;

use crm_sync_domain::Reason;
use crm_sync_engine::sync::{PlatformOutcome, PlatformReport, RunDocument, RunOutcome};

use super::Lines;
use crate::style::Style;
use crate::{text, when};

/// So many unreadable threads are named; the others are counted.
const NAMED: usize = 10;

/// What was planned, in a few words.
pub fn planned(conversations: u32, to_open: u32, unchanged: u32) -> String {
    format!("{}, {to_open} to open, {unchanged} unchanged", text::count(conversations, "conversation"))
}

/// How a platform's part went, as one line.
pub fn report_line(report: &PlatformReport) -> String {
    let mut parts = Vec::new();
    if report.outcome != PlatformOutcome::Ok {
        let word = match report.outcome {
            _ if report.reason == Some(Reason::Cancelled) => "stopped",
            PlatformOutcome::NeedsAttention => "needs you",
            PlatformOutcome::Unreachable => "not reachable",
            PlatformOutcome::Skipped => "skipped",
            PlatformOutcome::Failed | PlatformOutcome::Ok => "failed",
        };
        parts.push(report.reason.map_or_else(|| word.to_owned(), |reason| format!("{word} ({reason})")));
    } else if let Some(reason) = report.reason {
        parts.push(format!("limited ({reason})"));
    }
    if report.listed || report.conversations > 0 || report.outcome == PlatformOutcome::Ok {
        parts.push(text::count(report.conversations, "conversation"));
        parts.push(format!("{} opened", report.opened));
        parts.push(text::count(report.new_messages, "new message"));
        if report.new_contacts > 0 {
            parts.push(text::count(report.new_contacts, "new contact"));
        }
        if report.unreadable > 0 {
            parts.push(format!("{} unreadable", report.unreadable));
        }
    }
    format!("{} · {}", parts.join(", "), when::lasted(Duration::from_millis(report.duration_ms)))
}

/// One character that says how it went.
pub fn mark(report: &PlatformReport, style: Style) -> String {
    match report.outcome {
        _ if report.reason == Some(Reason::Cancelled) => style.warn("!"),
        PlatformOutcome::Ok => style.good("✓"),
        PlatformOutcome::NeedsAttention => style.warn("!"),
        PlatformOutcome::Unreachable | PlatformOutcome::Failed => style.bad("✗"),
        PlatformOutcome::Skipped => style.dim("-"),
    }
}

/// The whole run, in short.
pub fn document(run: &RunDocument, style: Style) -> String {
    written(run, style, NAMED)
}

/// The whole run with every thread that was not read.
pub fn every_thread(run: &RunDocument, style: Style) -> String {
    written(run, style, usize::MAX)
}

fn written(run: &RunDocument, style: Style, named: usize) -> String {
    let mut out = Lines::default();
    for (platform, report) in &run.platforms {
        out.line(format!("{} {platform:10} {}", mark(report, style), report_line(report)));
        if let Some(detail) = &report.detail {
            out.line(format!("    {}", style.dim(&text::one_line(detail))));
        }
        if let Some(fix) = &report.fix {
            out.line(format!("    → {}", text::one_line(fix)));
        }
        for thread in report.unreadable_threads.iter().take(named) {
            let name = text::cut(&text::one_line(&thread.username), 40);
            let fix = text::one_line(&thread.fix);
            out.line(format!("    \"{name}\" was not read ({}). {fix}", thread.reason));
        }
        let more = report.unreadable_threads.len().saturating_sub(named);
        if more > 0 {
            out.line(format!("    and {more} more: crm-sync runs show {}", run.run_id));
        }
    }
    if let Some(output) = &run.output {
        out.line(format!("Written: {}", text::one_line(&output.display().to_string())));
    }
    out.line(closing(run));
    out.done()
}

fn closing(run: &RunDocument) -> &'static str {
    match run.outcome {
        RunOutcome::Ok => "Everything is up to date.",
        RunOutcome::Partial => "Partly done: what was read is saved, and nothing cached was lost.",
        RunOutcome::Failed => "Nothing could be read; what was cached is untouched.",
        RunOutcome::Cancelled => "Stopped: everything read so far is saved. Sync again to go on.",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use crm_sync_domain::Platform;
    use crm_sync_engine::sync::UnreadableThread;

    use super::*;

    pub(crate) fn example() -> RunDocument {
        let unreadable = UnreadableThread {
            username: "Sam \u{1b}[31mO'Neil".to_owned(),
            reason: Reason::CannotOpenName,
            fix: "Open it yourself.".to_owned(),
        };
        let instagram = PlatformReport {
            conversations: 87,
            opened: 12,
            unchanged: 75,
            unreadable: 1,
            unreadable_threads: vec![unreadable],
            new_messages: 41,
            new_contacts: 3,
            duration_ms: 31_000,
            listed: true,
            ..PlatformReport::new(PlatformOutcome::Ok)
        };
        let twitter = PlatformReport {
            reason: Some(Reason::NeedsSession),
            fix: Some("Open Twitter in Safari.".to_owned()),
            duration_ms: 400,
            ..PlatformReport::new(PlatformOutcome::NeedsAttention)
        };
        RunDocument {
            run_id: "0198".to_owned(),
            started_at: "2026-02-26T20:00:00Z".parse().unwrap(),
            finished_at: "2026-02-26T20:00:31Z".parse().unwrap(),
            outcome: RunOutcome::Partial,
            platforms: BTreeMap::from([(Platform::Instagram, instagram), (Platform::Twitter, twitter)]),
            sinks: BTreeMap::new(),
            output: Some("out.json".into()),
        }
    }

    #[test]
    fn a_run_says_what_happened_what_it_means_and_what_to_do() {
        assert_eq!(
            document(&example(), Style::PLAIN),
            "✓ instagram  87 conversations, 12 opened, 41 new messages, 3 new contacts, 1 unreadable · 31 s\n    \
             \"Sam ␛[31mO'Neil\" was not read (cannot_open_name). Open it yourself.\n\
             ! twitter    needs you (needs_session) · 0.4 s\n    → Open Twitter in Safari.\n\
             Written: out.json\n\
             Partly done: what was read is saved, and nothing cached was lost.\n"
        );
    }

    #[test]
    fn many_unreadable_threads_are_counted_after_the_first_ten() {
        let mut run = example();
        let report = run.platforms.get_mut(&Platform::Instagram).unwrap();
        let one = report.unreadable_threads.first().unwrap().clone();
        report.unreadable_threads = vec![one; 13];
        assert!(document(&run, Style::PLAIN).contains("and 3 more: crm-sync runs show 0198"));
    }
}
