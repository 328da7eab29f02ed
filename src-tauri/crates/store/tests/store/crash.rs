//! kill -9 at any moment.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crm_sync_domain::Platform;
use crm_sync_store::{Store, StoreError};
use rstest::rstest;

use crate::support::{Cache, commit, listing, new_message, seen};

/// Where the child process finds the cache.
const FOLDER: &str = "CRM_SYNC_STORE_CRASH_FOLDER";
const MESSAGES: usize = 40;

/// The test starts itself as a child that writes for ever and says what it committed; the child is killed in the
/// middle of that.
#[rstest]
#[case::at_once(0)]
#[case::early(3)]
#[case::later(60)]
#[tokio::test]
async fn a_kill_loses_nothing_that_was_committed_and_stores_nothing_by_halves(#[case] commits: usize) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let folder = std::path::PathBuf::from(folder);
        write_for_ever(&Store::open(&folder.join("cache.db"), &folder).await.unwrap()).await.unwrap();
    }
    let cache = Cache::new().await;
    cache.store.close().await;
    let name = std::thread::current().name().unwrap().to_owned();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(FOLDER, cache.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.map(Result::unwrap).filter(|line| line.starts_with("committed ")).take(commits + 1);
    let said: Vec<_> = said.collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(said.len(), commits + 1);

    let store = cache.another().await;
    let contacts = store.contacts(Platform::Instagram).await.unwrap();
    for line in said {
        let committed = line.trim_start_matches("committed ");
        assert!(contacts.iter().any(|c| c.username == committed && c.read_at.is_some()), "{committed}");
    }
    for contact in contacts {
        let expected = if contact.read_at.is_some() { MESSAGES } else { 0 };
        assert_eq!(store.thread(contact.id).await.unwrap().len(), expected);
        assert_eq!(contact.message_count as usize, expected);
    }
    let sql = sqlx::SqlitePool::connect(&format!("sqlite:{}", cache.database().display())).await.unwrap();
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&sql).await.unwrap();
    assert_eq!(sound, "ok");
    sqlx::query("INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)")
        .execute(&sql)
        .await
        .unwrap();
}

#[expect(clippy::print_stdout, reason = "the parent reads what was committed")]
async fn write_for_ever(store: &Store) -> Result<(), StoreError> {
    for n in 0.. {
        let name = format!("contact-{n}");
        store.store_listing(&listing(n, vec![seen(&name)])).await?;
        let contacts = store.contacts(Platform::Instagram).await?;
        let id = contacts.iter().find(|contact| contact.username == name).unwrap().id;
        let thread = (0..MESSAGES).map(|m| new_message(&format!("message {m} of {name}"))).collect();
        store.commit_thread(&commit(n, id, thread)).await?;
        println!("committed {name}");
    }
    Ok(())
}
