//! Settings that are wrong: exit 2, one line that names key, value and what is allowed, and the file as it was.

use crm_sync_simulator::{Scenario, World};
use rstest::rstest;

use crate::desk::Desk;

#[rstest]
#[case(r#"{"sync":{"messageLimit":"fifty"}}"#, "sync.messageLimit")]
#[case(r#"{"sync":{"messageLimit":0}}"#, "sync.messageLimit")]
#[case(r#"{"sync":{"intervalMinutes":4}}"#, "sync.intervalMinutes")]
#[case(r#"{"sync":{"intervalMinutes":10081}}"#, "sync.intervalMinutes")]
#[case(r#"{"sync":{"concurrency":"both"}}"#, "sync.concurrency")]
#[case(r#"{"sync":{"quietHours":{"from":"25:00","to":"07:00"}}}"#, "sync.quietHours")]
#[case(r#"{"sync":{"leaveUnread":"no"}}"#, "sync.leaveUnread")]
#[case(r#"{"services":{"instagram":{"baseUrl":"http://example.com:3001"}}}"#, "services.instagram.baseUrl")]
#[case(r#"{"services":{"twitter":{"baseUrl":"not an address"}}}"#, "services.twitter.baseUrl")]
#[case(r#"{"services":{"instagram":{"openTabs":["primary","spam"]}}}"#, "services.instagram.openTabs")]
#[case(r#"{"stages":["new",7]}"#, "stages")]
#[case(r#"{"version":2}"#, "version")]
#[case(r#"{"output":{"file":5}}"#, "output.file")]
#[case(r#"{"app":{"logLevel":"loud"}}"#, "app.logLevel")]
#[case(r#"{"sinks":[{"id":"a","kind":"fax"}]}"#, "sinks")]
#[case(r#"{"sinks":[{"id":"a","kind":"file","format":"json","path":"a.json"},{"id":"a","kind":"file","format":"csv","path":"b.csv"}]}"#, "sinks")]
#[case(
    r#"{"sinks":[{"id":"db","kind":"postgres","url":"postgres://me:secret@localhost/db","table":"t"}]}"#,
    "secret set db"
)]
#[case(r#"{"sinks":[{"id":"s","kind":"supabase","url":"http://db.example.com","table":"t"}]}"#, "sinks")]
#[case("{\"sync\": {", "line")]
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_setting_stops_before_anything_starts(#[case] text: &str, #[case] named: &str) {
    let desk = Desk::new(World::empty(), Scenario::documented()).await;
    desk.write_settings(text);
    for command in [&["sync"][..], &["health"], &["config", "check"]] {
        let called = desk.call(command).await;
        assert_eq!(called.code, Some(2), "{command:?}: {} {}", called.out, called.err);
        assert!(
            called.err.contains(named) || called.out.contains(named),
            "{command:?}: {}{}",
            called.out,
            called.err
        );
        assert_eq!(std::fs::read_to_string(desk.settings()).unwrap(), text);
    }
    let told = desk.call(&["sync"]).await.err;
    assert_eq!(told.trim_end().lines().count(), 1, "{told}");
    assert!(!told.contains("me:secret"), "{told}");
    assert_eq!(desk.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_another_version_survive_a_change() {
    let desk = Desk::new(World::empty(), Scenario::documented()).await;
    desk.write_settings(r#"{"future":{"key":[1,2]},"sync":{"recheckPerRun":3,"later":true}}"#);
    assert_eq!(desk.call(&["config", "set", "sync.messageLimit", "75"]).await.code, Some(0));
    let text = std::fs::read_to_string(desk.settings()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["future"]["key"], serde_json::json!([1, 2]));
    assert_eq!(value["sync"]["later"], true);
    assert_eq!(value["sync"]["messageLimit"], 75);
    assert_eq!(desk.call(&["config", "get", "sync.messageLimit"]).await.out.trim(), "75");
    assert_eq!(desk.call(&["config", "set", "sync.messageLimit", "many"]).await.code, Some(2));
    assert_eq!(std::fs::read_to_string(desk.settings()).unwrap(), text);
}

#[rstest]
#[case(&["sync", "--full", "--list-only"])]
#[case(&["sync", "--platform", "myspace"])]
#[case(&["push"])]
#[case(&["serve"])]
#[case(&["export", "--format", "xml"])]
#[case(&["score"])]
#[case(&[])]
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_call_starts_nothing(#[case] arguments: &[&str]) {
    let desk = Desk::new(World::empty(), Scenario::documented()).await;
    assert_eq!(desk.call(arguments).await.code, Some(2));
    assert_eq!(desk.calls(), 0);
}
