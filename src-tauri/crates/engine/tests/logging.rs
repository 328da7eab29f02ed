//! The log of a process: where it is, and what never stands in it.

use crm_sync_engine::data_dir::DataDir;
use crm_sync_engine::logging;
use crm_sync_engine::settings::LogLevel;

#[test]
fn the_log_is_kept_in_its_folder_at_its_level_and_without_secrets() {
    let home = tempfile::tempdir().unwrap();
    let dir = DataDir::at(home.path()).unwrap();
    let guard = logging::init(&dir, LogLevel::Info, 0).unwrap();
    tracing::info!(target: "crm_sync_engine", key = "sb_secret_hunter2", "began");
    tracing::debug!(target: "crm_sync_engine", "too quiet");
    tracing::info!(target: "hyper", "a library's words");
    assert!(logging::init(&dir, LogLevel::Info, 0).is_err(), "a process has one log");
    drop(guard);
    let logs: Vec<_> = std::fs::read_dir(dir.logs()).unwrap().map(|file| file.unwrap().path()).collect();
    let [log] = logs.as_slice() else { panic!("{logs:?}") };
    let text = std::fs::read_to_string(log).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("began") && text.contains("[secret]") && !text.contains("hunter2"), "{text}");
}
