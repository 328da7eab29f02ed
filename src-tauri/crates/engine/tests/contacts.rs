//! What a person finds, and what a person sets.
#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed promise")]

mod common;

use common::{World, exact, message, seen};
use crm_sync_domain::{Direction, Platform, StageSource};
use crm_sync_engine::contacts::{self, Filter, Sort};
use crm_sync_engine::{Code, doctor, runs};
use crm_sync_store::SeenContact;
use rstest::rstest;

async fn inbox() -> World {
    let world = World::new().await;
    let run = world.run("run-1", Some("2026-02-26T21:00:00Z")).await;
    let row = |name: &str, preview: &str, activity: Option<&str>, position| SeenContact {
        preview: Some(preview.to_owned()),
        activity: activity.map(exact),
        unread: Some(position == 1),
        position,
        ..seen(name)
    };
    let listed = vec![
        row("Zoë", "see you", Some("2026-02-26T10:00:00Z"), 0),
        row("bob", "Ça va?", Some("2026-02-26T12:00:00Z"), 1),
        row("Carl", "x", None, 2),
    ];
    world.list(&run, Platform::Twitter, "2026-02-26T20:00:00Z", listed).await;
    world.list(&run, Platform::Instagram, "2026-02-26T20:00:00Z", vec![row("amy", "hi", None, 0)]).await;
    let thread =
        vec![message(Direction::Outbound, "hello"), message(Direction::Inbound, "the Invoice, please")];
    world.read(&run, Platform::Twitter, "bob", "2026-02-26T20:01:00Z", thread).await;
    let thread = vec![message(Direction::Inbound, "hello"), message(Direction::Outbound, "bye")];
    world.read(&run, Platform::Twitter, "carl", "2026-02-26T20:01:00Z", thread).await;
    contacts::set_stage(&world.engine, Platform::Twitter, "@ZOË", Some(" Customer ")).await.unwrap();
    world
}

#[rstest]
#[case(Filter::default(), &["bob", "Zoë", "amy", "Carl"])]
#[case(Filter { sort: Sort::Name, ..Filter::default() }, &["amy", "bob", "Carl", "Zoë"])]
#[case(Filter { platforms: vec![Platform::Instagram], ..Filter::default() }, &["amy"])]
#[case(Filter { unread: true, ..Filter::default() }, &["bob"])]
#[case(Filter { awaiting_reply: true, ..Filter::default() }, &["bob"])]
#[case(Filter { stages: vec!["CUSTOMER".to_owned(), "x".to_owned()], ..Filter::default() }, &["Zoë"])]
#[case(Filter { search: Some("zoe".to_owned()), ..Filter::default() }, &["Zoë"])]
#[case(Filter { search: Some("INVOICE".to_owned()), ..Filter::default() }, &["bob"])]
#[case(Filter { search: Some("nobody".to_owned()), ..Filter::default() }, &[])]
#[case(Filter { min_score: Some(0.0), ..Filter::default() }, &[])]
#[tokio::test]
async fn a_filter_finds_what_it_says(#[case] filter: Filter, #[case] names: &[&str]) {
    let world = inbox().await;
    let found = contacts::list(&world.engine, &filter).await.unwrap();
    let found: Vec<_> = found.contacts.iter().map(|row| row.contact.username.as_str()).collect();
    assert_eq!(found, names);
}

#[tokio::test]
async fn a_limit_says_how_many_there_are() {
    let world = inbox().await;
    let found = contacts::list(&world.engine, &Filter { limit: Some(2), ..Filter::default() }).await.unwrap();
    assert_eq!((found.matching, found.contacts.len()), (4, 2));
}

#[tokio::test]
async fn a_stage_is_a_persons_until_it_is_cleared() {
    let world = inbox().await;
    let zoe = contacts::find(&world.engine, Platform::Twitter, "zoë").await.unwrap();
    assert_eq!(zoe.stage(), Some(("customer", StageSource::Person)));
    let own = contacts::set_stage(&world.engine, Platform::Twitter, "bob", Some("Follow up")).await.unwrap();
    assert_eq!(own.stage(), Some(("Follow up", StageSource::Person)));
    let cleared = contacts::set_stage(&world.engine, Platform::Twitter, "bob", None).await.unwrap();
    assert_eq!(cleared.stage(), None);
    let error = contacts::set_stage(&world.engine, Platform::Twitter, "bob", Some("  ")).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
}

#[tokio::test]
async fn an_unknown_contact_is_answered_with_similar_names() {
    let world = inbox().await;
    let error = contacts::thread(&world.engine, Platform::Twitter, "bobb").await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
    assert!(error.message.contains("similar: bob"), "{error}");
    let error = contacts::find(&world.engine, Platform::Twitter, " @ ").await.unwrap_err();
    assert!(error.message.contains("empty"), "{error}");
    let (bob, thread) = contacts::thread(&world.engine, Platform::Twitter, "@BOB").await.unwrap();
    assert_eq!((bob.username.as_str(), thread.len()), ("bob", 2));
}

#[tokio::test]
async fn messages_are_found_by_their_words() {
    let world = inbox().await;
    let hits = contacts::search_messages(&world.engine, "invoice", 10).await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.contact.username.as_str()).collect::<Vec<_>>(), ["bob"]);
    assert_eq!(
        contacts::search_messages(&world.engine, "  ", 10).await.unwrap_err().code,
        Code::InvalidInput
    );
}

#[tokio::test]
async fn runs_are_found_by_how_their_id_begins() {
    let world = inbox().await;
    assert_eq!(runs::list(&world.engine, 10).await.unwrap().len(), 1);
    assert_eq!(runs::show(&world.engine, "run").await.unwrap().summary.id.as_str(), "run-1");
    assert_eq!(runs::show(&world.engine, "other").await.unwrap_err().code, Code::InvalidInput);
}

#[tokio::test]
async fn the_doctor_reports_although_nothing_works() {
    use std::sync::Arc;

    use crm_sync_engine::clock::SystemClock;
    use crm_sync_engine::data_dir::DataDir;

    let home = tempfile::tempdir().unwrap();
    let dir = DataDir::at(home.path()).unwrap();
    std::fs::write(dir.settings_path(), r#"{"sync": {"messageLimit": "many"}}"#).unwrap();
    std::fs::write(dir.database_path(), "this is no database, but long enough to look like a damaged one")
        .unwrap();
    let report = doctor::examine(Ok(dir), Arc::new(SystemClock)).await;
    assert_eq!(report.worst(), doctor::Verdict::Problem);
    let problems: Vec<_> = report
        .checks
        .iter()
        .filter(|check| check.verdict == doctor::Verdict::Problem)
        .map(|check| (check.area.as_str(), check.next.is_some()))
        .collect();
    assert_eq!(problems, [("settings", true), ("cache", true)]);
}

#[tokio::test]
async fn wrong_settings_and_a_damaged_cache_are_told_apart_and_left_as_they_are() {
    use std::sync::Arc;

    use crm_sync_engine::Engine;
    use crm_sync_engine::clock::SystemClock;
    use crm_sync_engine::data_dir::DataDir;

    let home = tempfile::tempdir().unwrap();
    let dir = DataDir::at(home.path()).unwrap();
    let open = async || Engine::open(dir.clone(), Arc::new(SystemClock)).await.unwrap_err();
    let damaged = b"this is no database, but long enough to look like a damaged one";
    std::fs::write(dir.database_path(), damaged).unwrap();
    assert_eq!(open().await.code, Code::CacheUnusable);
    assert_eq!(std::fs::read(dir.database_path()).unwrap(), damaged);
    std::fs::write(dir.settings_path(), r#"{"stages": 1}"#).unwrap();
    let error = open().await;
    assert_eq!(error.code, Code::InvalidSettings);
    assert!(error.message.starts_with("stages is 1; allowed:"), "{error}");
}
