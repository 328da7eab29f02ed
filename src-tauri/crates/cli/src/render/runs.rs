//! Earlier runs.

use std::time::Duration;

use chrono::TimeZone;
use crm_sync_engine::runs::{RunRecord, RunStep, RunSummary};
use crm_sync_engine::sync::RunDocument;
use serde_json::{Value, json};

use super::{Lines, UNKNOWN};
use crate::style::Style;
use crate::table::{self, Column};
use crate::{text, when};

const COLUMNS: [Column; 5] = [
    Column::fixed("run"),
    Column::fixed("began"),
    Column::number("took"),
    Column::fixed("by"),
    Column::fixed("outcome"),
];

/// The runs as a table.
pub fn list<Z: TimeZone>(runs: &[RunSummary], zone: &Z, room: Option<usize>, style: Style) -> String
where
    Z::Offset: std::fmt::Display,
{
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            vec![
                run.id.to_string(),
                when::minute(run.started_at, zone),
                took(run).map_or_else(|| UNKNOWN.to_owned(), when::lasted),
                run.trigger.replace('_', " "),
                outcome(run).to_owned(),
            ]
        })
        .collect();
    table::render(&COLUMNS, &rows, room, style)
}

fn took(run: &RunSummary) -> Option<Duration> {
    (run.finished_at? - run.started_at).to_std().ok()
}

fn outcome(run: &RunSummary) -> &str {
    run.outcome.as_deref().unwrap_or("running")
}

/// One run with its steps, and what it ended with.
pub fn record<Z: TimeZone>(run: &RunRecord, zone: &Z, style: Style) -> String
where
    Z::Offset: std::fmt::Display,
{
    let summary = &run.summary;
    let lasted = took(summary).map(|took| format!(" · took {}", when::lasted(took))).unwrap_or_default();
    let mut out = Lines::default();
    out.line(style.bold(&format!("Run {}", summary.id)));
    out.line(format!(
        "{} · {}{lasted} · by {} (process {})\n",
        outcome(summary),
        when::minute(summary.started_at, zone),
        summary.trigger.replace('_', " "),
        summary.pid
    ));
    for one in &run.steps {
        out.line(step(one, zone));
    }
    // A document of another version may have another shape; its steps are shown all the same.
    let document =
        run.document.clone().and_then(|document| serde_json::from_value::<RunDocument>(document).ok());
    if let Some(document) = document {
        out.line("");
        out.text(&super::sync::every_thread(&document, style));
    } else if summary.outcome.as_deref() == Some("interrupted") {
        out.line("\nIt ended without saying so. Everything read until then is saved: sync again to go on.");
    }
    out.done()
}

fn step<Z: TimeZone>(step: &RunStep, zone: &Z) -> String
where
    Z::Offset: std::fmt::Display,
{
    let at = step.at.with_timezone(zone).format("%H:%M:%S");
    let platform = step.platform.map_or_else(String::new, |platform| platform.to_string());
    let name = step.name.replace('_', " ");
    let detail =
        step.detail.as_deref().map(|detail| format!(": {}", text::one_line(detail))).unwrap_or_default();
    let lasted = step
        .duration_ms
        .map(|millis| format!(" · {}", when::lasted(Duration::from_millis(millis))))
        .unwrap_or_default();
    format!("{at}  {platform:10} {}{detail}{lasted}", text::one_line(&name))
}

/// A run of the list as JSON.
pub fn summary_document(run: &RunSummary) -> Value {
    json!({
        "runId": run.id.as_str(),
        "kind": run.kind,
        "trigger": run.trigger,
        "pid": run.pid,
        "startedAt": run.started_at,
        "finishedAt": run.finished_at,
        "outcome": run.outcome,
    })
}

/// The document that the run ended with; what is known of one that has none.
pub fn record_document(run: &RunRecord) -> Value {
    run.document.clone().unwrap_or_else(|| summary_document(&run.summary))
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use crm_sync_domain::Platform;
    use crm_sync_engine::runs::RunId;

    use super::*;

    fn summary() -> RunSummary {
        RunSummary {
            id: RunId("0198".to_owned()),
            kind: "sync".to_owned(),
            trigger: "command_line".to_owned(),
            pid: 7,
            started_at: "2026-02-26T20:00:00Z".parse().unwrap(),
            finished_at: Some("2026-02-26T20:00:31Z".parse().unwrap()),
            outcome: Some("partial".to_owned()),
        }
    }

    fn example(document: Option<Value>) -> RunRecord {
        let step = RunStep {
            at: "2026-02-26T20:00:02Z".parse().unwrap(),
            platform: Some(Platform::Twitter),
            name: "checking".to_owned(),
            detail: Some("no tab\u{1b}[2J".to_owned()),
            duration_ms: Some(400),
        };
        RunRecord { summary: summary(), steps: vec![step], document }
    }

    #[test]
    fn runs_are_listed_one_per_line() {
        let mut running = summary();
        (running.finished_at, running.outcome) = (None, None);
        assert_eq!(
            list(&[running, summary()], &Utc, None, Style::PLAIN),
            "run   began             took  by            outcome\n\
             0198  2026-02-26 20:00     –  command line  running\n\
             0198  2026-02-26 20:00  31 s  command line  partial\n"
        );
    }

    #[test]
    fn a_run_is_shown_with_its_steps_and_its_document() {
        let document = serde_json::to_value(crate::render::sync::tests::example()).unwrap();
        let shown = record(&example(Some(document.clone())), &Utc, Style::PLAIN);
        assert!(shown.contains("20:00:02  twitter    checking: no tab␛[2J · 0.4 s\n"), "{shown}");
        assert!(shown.contains("needs you (needs_session)"), "{shown}");
        assert_eq!(record_document(&example(Some(document.clone()))), document);
    }

    #[test]
    fn a_run_without_a_document_still_says_what_is_known() {
        assert_eq!(record_document(&example(None))["outcome"], "partial");
        assert!(record(&example(None), &Utc, Style::PLAIN).starts_with("Run 0198\npartial"));
    }
}
