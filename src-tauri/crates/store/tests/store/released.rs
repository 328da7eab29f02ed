//! Databases of released versions, as SQL in `tests/fixtures/databases/<version>.sql`.
//!
//! With a release that adds a migration, its dump is written once by
//! `WRITE_DUMP=<version> cargo test -p crm-sync-store a_dump` and never touched again.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crm_sync_domain::contact::Unreadable;
use crm_sync_domain::{Fingerprint, Platform, Reason};
use crm_sync_store::{
    PlatformState, RunId, RunStart, RunStep, SeenContact, Store, StoredListing, ThreadCommit,
};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::support::{
    Cache, commit, full_message, fully_seen, key, listing, minute, moment, new_message, run, seen, texts,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/databases")
}

/// The dumps of all released versions.
pub(crate) fn dumps() -> Vec<PathBuf> {
    let mut dumps: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    dumps.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    dumps.sort();
    dumps
}

async fn connect(database: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(database).create_if_missing(true).foreign_keys(false);
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Makes the database that a dump describes.
pub(crate) async fn restore(dump: &Path, database: &Path) {
    let mut connection = connect(database).await;
    sqlx::raw_sql(&fs::read_to_string(dump).unwrap()).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Fills a cache with something of everything that a version can hold.
async fn fill(store: &Store) {
    let start = RunStart {
        id: run(1),
        trigger: "hand".to_owned(),
        started_at: minute(1),
        pid: 1,
        kind: "sync".to_owned(),
    };
    store.start_run(&start).await.unwrap();
    store.store_listing(&listing(1, vec![fully_seen("Zoë 🎉")])).await.unwrap();
    let id = store.find_contact(Platform::Instagram, &key("zoë 🎉")).await.unwrap().unwrap().id;
    let renamed = SeenContact { existing: Some(id), new_alias: Some(key("Zoe")), ..seen("Zoe") };
    store.store_listing(&listing(2, vec![renamed])).await.unwrap();
    let tiktok = StoredListing { platform: Platform::TikTok, ..listing(2, vec![fully_seen("Dana")]) };
    store.store_listing(&tiktok).await.unwrap();
    let read = ThreadCommit {
        fingerprint: Fingerprint { preview: Some("it's\nme".to_owned()), activity: Some(moment(2)) },
        local_score: Some(5.5),
        ..commit(3, id, vec![full_message("m1", "it's\nme"), new_message("Café 🎉")])
    };
    store.commit_thread(&read).await.unwrap();
    let dana = store.find_contact(Platform::TikTok, &key("dana")).await.unwrap().unwrap().id;
    let seen = Fingerprint { preview: None, activity: Some(moment(2)) };
    let unreadable = Unreadable { reason: Reason::NotFound, failures: 1, rest_until_run: 3, seen };
    store.mark_unreadable(dana, &unreadable).await.unwrap();
    store.set_stage(id, Some("hot"), minute(4)).await.unwrap();
    let scored = [crate::scores::update("zoë 🎉", Some(8.5))];
    store.store_scores(Platform::Instagram, minute(4), &scored).await.unwrap();
    let state = PlatformState { runs: 3, last_ok_at: Some(minute(4)), ..PlatformState::default() };
    store.save_platform_state(Platform::Instagram, &state).await.unwrap();
    let platform = Some(Platform::TikTok);
    let step =
        RunStep { at: minute(4), platform, name: "list".to_owned(), detail: None, duration_ms: Some(5) };
    store.add_step(&run(1), &step).await.unwrap();
    store.finish_run(&run(1), minute(5), "ok", &json!({ "outcome": "ok" })).await.unwrap();
}

/// What [`fill`] put in, whatever version it was written by.
pub(crate) async fn assert_holds_the_sample(store: &Store) {
    let contact = store.find_contact(Platform::Instagram, &key("Zoe")).await.unwrap().unwrap();
    assert_eq!((contact.username.as_str(), contact.aliases.as_slice()), ("Zoë 🎉", [key("zoe")].as_slice()));
    assert_eq!((contact.read_at, contact.message_count), (Some(minute(3)), 2));
    assert_eq!((contact.score, contact.local_score), (Some(8.5), Some(5.5)));
    assert_eq!(
        (contact.person_stage.as_deref(), contact.service_stage.as_deref()),
        (Some("hot"), Some("warm"))
    );
    assert_eq!(contact.last_contacted, Some(moment(4)));
    assert_eq!(contact.fingerprint.unwrap().preview.as_deref(), Some("it's\nme"));
    assert_eq!(texts(&store.thread(contact.id).await.unwrap()), ["it's\nme", "Café 🎉"]);
    assert_eq!(store.search_messages("cafe", 5).await.unwrap().len(), 1);
    assert_eq!(store.score_points(contact.id).await.unwrap().len(), 1);
    let dana = store.find_contact(Platform::TikTok, &key("dana")).await.unwrap().unwrap();
    assert_eq!(dana.unreadable.unwrap().reason, Reason::NotFound);
    assert_eq!(store.platform_state(Platform::Instagram).await.unwrap().runs, 3);
    let record = store.run("run-").await.unwrap().unwrap();
    assert_eq!((record.summary.id, record.steps.len()), (RunId("run-1".to_owned()), 1));
    assert_eq!(record.document, Some(json!({ "outcome": "ok" })));
}

/// The database as SQL that makes it again. Shadow tables are left to FTS5; triggers come last, so that they don't fire
/// while the rows go in.
pub(crate) async fn dump(database: &Path) -> String {
    let mut connection = connect(database).await;
    let mut sql = String::new();
    for pragma in ["application_id", "user_version"] {
        let value: i64 =
            sqlx::query_scalar(&format!("PRAGMA {pragma}")).fetch_one(&mut connection).await.unwrap();
        writeln!(sql, "PRAGMA {pragma} = {value};").unwrap();
    }
    let objects: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL \
         AND name NOT LIKE 'message\\_search\\_%' ESCAPE '\\' ORDER BY rowid",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let (tables, others): (Vec<_>, Vec<_>) = objects.into_iter().partition(|(kind, ..)| kind == "table");
    for (_, name, statement) in &tables {
        // SQLite makes this one itself, with the first table that needs it, and fills it as rows go in.
        if name == "sqlite_sequence" {
            continue;
        }
        writeln!(sql, "{statement};").unwrap();
        if statement.starts_with("CREATE VIRTUAL") {
            continue;
        }
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?1)")
            .bind(name)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let quoted: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
        let rows: Vec<String> =
            sqlx::query_scalar(&format!("SELECT {} FROM {name}", quoted.join(" || ', ' || ")))
                .fetch_all(&mut connection)
                .await
                .unwrap();
        for row in rows {
            writeln!(sql, "INSERT INTO {name} ({}) VALUES ({row});", columns.join(", ")).unwrap();
        }
    }
    sql.push_str("INSERT INTO message_search (message_search) VALUES ('rebuild');\n");
    for (.., statement) in &others {
        writeln!(sql, "{statement};").unwrap();
    }
    connection.close().await.unwrap();
    sql
}

#[tokio::test]
async fn a_dump_makes_the_same_database_again() {
    let cache = Cache::new().await;
    fill(&cache.store).await;
    assert_holds_the_sample(&cache.store).await;
    cache.store.close().await;
    let text = dump(&cache.database()).await;
    let file = cache.folder.path().join("dump.sql");
    fs::write(&file, &text).unwrap();
    let again = cache.folder.path().join("again.db");
    restore(&file, &again).await;
    assert_eq!(dump(&again).await, text);
    if let Ok(version) = std::env::var("WRITE_DUMP") {
        fs::create_dir_all(folder()).unwrap();
        // A released dump is a fact; it is never written over.
        let file = folder().join(format!("{version}.sql"));
        std::io::Write::write_all(&mut fs::File::create_new(file).unwrap(), text.as_bytes()).unwrap();
    }
}
