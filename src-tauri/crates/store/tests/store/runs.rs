//! Run records and the platforms' state.

use chrono::{DateTime, Utc};
use crm_sync_domain::Platform;
use crm_sync_store::{PlatformState, RunId, RunStart, RunStep, StoreError};
use serde_json::json;

use crate::support::{Cache, minute};

fn start(id: &str, at: DateTime<Utc>) -> RunStart {
    RunStart {
        id: RunId(id.to_owned()),
        trigger: "command_line".to_owned(),
        started_at: at,
        pid: 4242,
        kind: "sync".to_owned(),
    }
}

#[tokio::test]
async fn a_run_is_read_back_with_its_steps_and_its_document() {
    let cache = Cache::new().await;
    let run = start("0198-a", minute(1));
    cache.store.start_run(&run).await.unwrap();
    let steps = [
        RunStep { at: minute(2), platform: None, name: "lock".to_owned(), detail: None, duration_ms: None },
        RunStep {
            at: minute(2),
            platform: Some(Platform::TikTok),
            name: "list".to_owned(),
            detail: Some("87 rows".to_owned()),
            duration_ms: Some(31_000),
        },
    ];
    for step in &steps {
        cache.store.add_step(&run.id, step).await.unwrap();
    }
    let document = json!({ "runId": "0198-a", "outcome": "ok", "b": 1, "a": [null, "ü\u{0}"] });
    cache.store.finish_run(&run.id, minute(3), "ok", &document).await.unwrap();

    let record = cache.store.run("0198").await.unwrap().unwrap();
    assert_eq!(record.steps, steps);
    // As text too: the order of the keys is part of the contract.
    assert_eq!(record.document.unwrap().to_string(), document.to_string());
    assert_eq!(cache.store.runs(10).await.unwrap(), std::slice::from_ref(&record.summary));
    assert_eq!(
        (record.summary.outcome.as_deref(), record.summary.finished_at),
        (Some("ok"), Some(minute(3)))
    );
    assert_eq!((record.summary.pid, record.summary.trigger.as_str()), (4242, "command_line"));
}

#[tokio::test]
async fn a_run_that_never_ended_is_interrupted_when_the_next_one_begins() {
    let cache = Cache::new().await;
    cache.store.start_run(&start("a", minute(1))).await.unwrap();
    cache.store.finish_run(&RunId("a".to_owned()), minute(2), "partial", &json!({})).await.unwrap();
    cache.store.start_run(&start("b", minute(3))).await.unwrap();
    cache.store.start_run(&start("c", minute(4))).await.unwrap();
    let runs = cache.store.runs(10).await.unwrap();
    let outcomes: Vec<_> = runs.iter().map(|run| (run.id.as_str(), run.outcome.as_deref())).collect();
    assert_eq!(outcomes, [("c", None), ("b", Some("interrupted")), ("a", Some("partial"))]);
    assert_eq!(cache.store.runs(1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_run_is_found_by_as_much_of_its_id_as_is_its_alone() {
    let cache = Cache::new().await;
    for id in ["01", "0123", "0124", "0%"] {
        cache.store.start_run(&start(id, minute(1))).await.unwrap();
    }
    let found = async |prefix: &str| cache.store.run(prefix).await.map(|run| run.map(|run| run.summary.id.0));
    assert_eq!(found("0123").await.unwrap().as_deref(), Some("0123"));
    assert_eq!(found("0%").await.unwrap().as_deref(), Some("0%"));
    // A whole id is no prefix, even where others begin like it.
    assert_eq!(found("01").await.unwrap().as_deref(), Some("01"));
    assert!(matches!(found("012").await, Err(StoreError::AmbiguousRun(prefix)) if prefix == "012"));
    for nothing in ["", "9", "%", "'", "01234"] {
        assert_eq!(found(nothing).await.unwrap(), None, "{nothing}");
    }
}

#[tokio::test]
async fn a_run_that_does_not_exist_takes_no_step_and_does_not_end() {
    let cache = Cache::new().await;
    let nobody = RunId("nobody".to_owned());
    let step =
        RunStep { at: minute(1), platform: None, name: "x".to_owned(), detail: None, duration_ms: None };
    assert!(matches!(cache.store.add_step(&nobody, &step).await, Err(StoreError::NoRun(_))));
    let finished = cache.store.finish_run(&nobody, minute(1), "ok", &json!({})).await;
    assert!(matches!(finished, Err(StoreError::NoRun(id)) if id == "nobody"));
}

#[tokio::test]
async fn a_platform_s_state_is_read_back_and_starts_empty() {
    let cache = Cache::new().await;
    let state = PlatformState {
        runs: 17,
        last_full_list_at: Some(minute(1)),
        last_listed_at: Some(minute(2)),
        quiet_until: Some(minute(3)),
        opens_broken: true,
        last_ok_at: None,
        rows_seen: 10_000,
    };
    cache.store.save_platform_state(Platform::Twitter, &PlatformState::default()).await.unwrap();
    cache.store.save_platform_state(Platform::Twitter, &state).await.unwrap();
    assert_eq!(cache.store.platform_state(Platform::Twitter).await.unwrap(), state);
    assert_eq!(cache.store.platform_state(Platform::TikTok).await.unwrap(), PlatformState::default());
}
