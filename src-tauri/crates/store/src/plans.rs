//! The hot queries use their indexes: with a million messages, one scan per thread would make a sync quadratic.

use std::path::PathBuf;

use rstest::rstest;
use sqlx::Row;

use crate::{Store, changes, contacts, listing, messages, runs, search};

async fn plan(statement: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("cache.db"), &PathBuf::new()).await.unwrap();
    let rows = sqlx::query(&format!("EXPLAIN QUERY PLAN {statement}")).fetch_all(store.read()).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

fn elsewhere(question: [&str; 2]) -> String {
    format!("{} VALUES (1, 'a'), (2, 'b') {} 1)", question[0], question[1])
}

#[rstest]
#[case::contacts_of_a_platform(contacts::OF_PLATFORM, "(platform=?)")]
#[case::contact_by_key(contacts::FIND, "(platform=? AND key=?)")]
#[case::contact_by_alias(contacts::FIND, "(platform=? AND alias=?)")]
#[case::thread(messages::OF_CONTACT, "messages_by_thread (contact_id=?)")]
#[case::changes(changes::SINCE, "changes_by_generation (generation>?)")]
#[case::newest_generation(changes::NEWEST, "changes_by_generation")]
#[case::newest_runs(runs::NEWEST, "runs_by_start")]
#[case::run_by_prefix(runs::BEGINNING, "(id>? AND id<?)")]
#[case::places_of_a_listing(listing::PLACES, "contacts USING INTEGER PRIMARY KEY (rowid=?)")]
#[case::newest_messages(messages::NEWEST_OF_PLATFORM, "messages_by_thread (contact_id=?)")]
#[case::texts_elsewhere(&elsewhere(messages::TEXTS_ELSEWHERE), "messages_by_text (text_hash=?)")]
#[case::ids_elsewhere(&elsewhere(messages::IDS_ELSEWHERE), "messages_by_source_id (source_id_hash=?)")]
#[tokio::test]
async fn a_hot_query_uses_its_index(#[case] statement: &str, #[case] index: &str) {
    let plan = plan(statement).await;
    assert!(plan.contains(index), "{plan}");
    for table in ["contacts", "contact_aliases", "messages", "runs"] {
        assert!(!plan.lines().any(|line| line.trim() == format!("SCAN {table}")), "{plan}");
    }
    // A list that has to be sorted first grows with the table, not with what is asked for.
    assert!(!plan.contains("USE TEMP B-TREE FOR ORDER BY"), "{plan}");
}

#[tokio::test]
async fn a_search_for_words_asks_the_index_of_words_first() {
    let plan = plan(&search::statement(&search::Wanted::of("invoice 🎉"))).await;
    assert!(plan.contains("message_search VIRTUAL TABLE"), "{plan}");
    assert!(plan.contains("m USING INTEGER PRIMARY KEY"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}
