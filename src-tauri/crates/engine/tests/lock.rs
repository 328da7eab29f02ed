//! One sync at a time, over processes: this test runs itself as the other process.
#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed promise")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use crm_sync_engine::data_dir::DataDir;
use crm_sync_engine::lock::{LockError, LockedBy, SyncLock};
use tokio_util::sync::CancellationToken;

const DIR: &str = "CRM_SYNC_TEST_LOCK_DIR";
const READY: &str = "holding the lock";

/// Not a promise of its own: the other process. Holds the lock until its standard input closes.
#[test]
fn the_other_process() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let _lock = SyncLock::try_acquire(&DataDir::at(dir.as_ref()).unwrap()).unwrap();
    println!("{READY}");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

fn hold_in_another_process(dir: &DataDir) -> std::process::Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["the_other_process", "--exact", "--nocapture"])
        .env(DIR, dir.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(READY)), "the other process took the lock");
    child
}

#[test]
fn a_running_sync_is_named_by_its_process_and_a_killed_one_frees_the_lock() {
    let home = tempfile::tempdir().unwrap();
    let dir = DataDir::at(home.path()).unwrap();
    assert_eq!(SyncLock::holder(&dir).unwrap(), None);
    let mut child = hold_in_another_process(&dir);
    let error = SyncLock::try_acquire(&dir).unwrap_err();
    assert!(matches!(error, LockError::Held(LockedBy { pid }) if pid == Some(child.id())), "{error}");
    assert!(error.to_string().contains(&child.id().to_string()), "{error}");
    assert_eq!(SyncLock::holder(&dir).unwrap(), Some(LockedBy { pid: Some(child.id()) }));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(SyncLock::holder(&dir).unwrap(), None);
    drop(SyncLock::try_acquire(&dir).unwrap());
    SyncLock::try_acquire(&dir).unwrap();
}

#[tokio::test]
async fn waiting_ends_when_the_other_sync_does() {
    let home = tempfile::tempdir().unwrap();
    let dir = DataDir::at(home.path()).unwrap();
    let mut child = hold_in_another_process(&dir);
    let never = CancellationToken::new();
    let impatient = SyncLock::wait_for(&dir, Duration::ZERO, &never).await;
    assert!(matches!(impatient, Err(LockError::Held(_))));
    let waiting = tokio::spawn({
        let dir = dir.clone();
        async move { SyncLock::wait_for(&dir, Duration::from_secs(600), &never).await }
    });
    drop(child.stdin.take());
    waiting.await.unwrap().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn waiting_can_be_cancelled() {
    let home = tempfile::tempdir().unwrap();
    let dir = DataDir::at(home.path()).unwrap();
    let _held = SyncLock::try_acquire(&dir).unwrap();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let outcome = SyncLock::wait_for(&dir, Duration::from_secs(600), &cancel).await;
    assert!(matches!(outcome, Err(LockError::Cancelled)));
}
