//! A full disk, a lock and missing rights are told apart, and none of them leaves half a write behind.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use chrono::DateTime;
use crm_sync_domain::{InboxTab, NameKey, Platform};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use crate::{PlatformState, RunId, SeenContact, Store, StoreError, StoredListing};

async fn cache() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("cache.db");
    let store = Store::open_waiting(&database, folder.path(), Duration::from_millis(20)).await.unwrap();
    (folder, store)
}

fn listing(contacts: u32) -> StoredListing {
    let seen = (0..contacts).map(|n| {
        let name = format!("contact {n} {}", "x".repeat(500));
        SeenContact {
            existing: None,
            key: NameKey::of(&name).unwrap(),
            open_name: name.clone(),
            username: name,
            new_alias: None,
            display_name: None,
            thread_id: None,
            tab: InboxTab::Inbox,
            position: n,
            preview: None,
            preview_outbound: None,
            unread: None,
            activity: None,
            ambiguous: false,
            due: None,
        }
    });
    StoredListing {
        run: RunId("run".to_owned()),
        platform: Platform::TikTok,
        at: DateTime::UNIX_EPOCH,
        seen: seen.collect(),
    }
}

async fn on_the_writer(store: &Store, pragma: &str) {
    sqlx::query(pragma).execute(&store.writer).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_named_and_stores_nothing_by_halves() {
    let (_folder, store) = cache().await;
    store.store_listing(&listing(1)).await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.writer).await.unwrap();
    on_the_writer(&store, &format!("PRAGMA max_page_count = {}", pages + 5)).await;
    let full = store.store_listing(&listing(500)).await.unwrap_err();
    assert!(matches!(full, StoreError::Full { .. }), "{full}");
    assert_eq!(store.contacts(Platform::TikTok).await.unwrap().len(), 1);

    // With space again, the same store goes on.
    on_the_writer(&store, "PRAGMA max_page_count = 100000").await;
    assert_eq!(store.store_listing(&listing(500)).await.unwrap().new, 499);
}

#[tokio::test]
async fn missing_rights_are_named() {
    let (_folder, store) = cache().await;
    on_the_writer(&store, "PRAGMA query_only = ON").await;
    let refused = store.store_listing(&listing(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused}");
}

#[tokio::test]
async fn a_lock_that_stays_is_named_and_reading_goes_on() {
    let (folder, store) = cache().await;
    let url = format!("sqlite:{}", folder.path().join("cache.db").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let busy = store.store_listing(&listing(1)).await.unwrap_err();
    assert!(matches!(busy, StoreError::Busy { .. }), "{busy}");
    assert_eq!(store.contacts(Platform::TikTok).await.unwrap(), []);
    lock.rollback().await.unwrap();
    assert_eq!(store.store_listing(&listing(1)).await.unwrap().new, 1);
}

#[tokio::test]
async fn a_page_that_is_damaged_is_named() {
    let (folder, store) = cache().await;
    store.store_listing(&listing(200)).await.unwrap();
    store.close().await;
    let database = folder.path().join("cache.db");
    let mut bytes = std::fs::read(&database).unwrap();
    // The schema's first page stays, so that it opens; what comes after it is noise.
    bytes.iter_mut().skip(4096).for_each(|byte| *byte = 0xa5);
    std::fs::write(&database, bytes).unwrap();
    let store = Store::open(&database, folder.path()).await;
    let error = match store {
        Ok(store) => store.contacts(Platform::TikTok).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn a_word_of_a_later_version_is_named_and_not_guessed() {
    let (_folder, store) = cache().await;
    store.store_listing(&listing(1)).await.unwrap();
    on_the_writer(&store, "UPDATE contacts SET tab = 'attic'").await;
    let unknown = store.contacts(Platform::TikTok).await.unwrap_err();
    let StoreError::UnknownValue { column, value } = unknown else { panic!("{unknown}") };
    assert_eq!((column.as_str(), value.as_str()), ("tab", "attic"));
}

#[tokio::test]
async fn a_write_that_is_given_up_is_stored_whole_or_not_at_all_and_blocks_nobody() {
    for polls in 1.. {
        let (_folder, store) = cache().await;
        let many = listing(10);
        let mut write = Box::pin(store.store_listing(&many));
        let mut done = false;
        for _ in 0..polls {
            done = poll_once(write.as_mut()).await.is_ready();
            if done {
                break;
            }
            // Until the database answered, so that each step of the write is given up at once.
            store.generation().await.unwrap();
        }
        drop(write);
        // Takes its turn after whatever the first one left behind.
        store.save_platform_state(Platform::TikTok, &PlatformState::default()).await.unwrap();
        let stored = store.contacts(Platform::TikTok).await.unwrap().len();
        assert!(stored == 10 || (stored == 0 && !done), "{stored} after {polls} polls");
        if done {
            return;
        }
    }
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}
