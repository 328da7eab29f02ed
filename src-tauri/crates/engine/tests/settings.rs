//! What a person can rely on when editing `settings.json`, by hand or with `config set`.
#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed promise")]

use std::fs;
use std::path::{Path, PathBuf};

use crm_sync_engine::settings::{SettingsError, SettingsFile};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    fn with(text: &str) -> Self {
        let folder = Self { dir: tempfile::tempdir().unwrap() };
        fs::write(folder.path(), text).unwrap();
        folder
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("settings.json")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }
}

fn error_of(text: &str) -> String {
    let folder = Folder::with(text);
    let error = SettingsFile::load(&folder.path()).unwrap_err().to_string();
    assert_eq!(folder.text(), text, "the file is left as it was");
    assert!(!error.contains('\n'), "one line: {error}");
    error
}

#[rstest]
#[case(r#"{"version": 0}"#, "version is 0; allowed: 1")]
#[case(r#"{"sync": {"messageLimit": 0}}"#, "sync.messageLimit is 0; allowed: a whole number from 1 to 5000")]
#[case(
    r#"{"sync": {"messageLimit": 5001}}"#,
    "sync.messageLimit is 5001; allowed: a whole number from 1 to 5000"
)]
#[case(
    r#"{"sync": {"messageLimit": "50"}}"#,
    r#"sync.messageLimit is "50"; allowed: a whole number from 1 to 5000"#
)]
#[case(
    r#"{"sync": {"messageLimit": 1.5}}"#,
    "sync.messageLimit is 1.5; allowed: a whole number from 1 to 5000"
)]
#[case(
    r#"{"sync": {"messageLimit": null}}"#,
    "sync.messageLimit is null; allowed: a whole number from 1 to 5000"
)]
#[case(
    r#"{"sync": {"intervalMinutes": 4}}"#,
    "sync.intervalMinutes is 4; allowed: a whole number from 5 to 10080"
)]
#[case(
    r#"{"sync": {"intervalMinutes": -60}}"#,
    "sync.intervalMinutes is -60; allowed: a whole number from 5 to 10080"
)]
#[case(
    r#"{"sync": {"recheckPerRun": 101}}"#,
    "sync.recheckPerRun is 101; allowed: a whole number from 0 to 100"
)]
#[case(
    r#"{"sync": {"tiktokMaxScrolls": 10001}}"#,
    "sync.tiktokMaxScrolls is 10001; allowed: a whole number from 0 to 10000"
)]
#[case(
    r#"{"sync": {"twitterThreadScrolls": 101}}"#,
    "sync.twitterThreadScrolls is 101; allowed: a whole number from 0 to 100"
)]
#[case(
    r#"{"sync": {"settleTimeoutMs": 99}}"#,
    "sync.settleTimeoutMs is 99; allowed: a whole number from 100 to 600000"
)]
#[case(
    r#"{"sync": {"openTimeoutMs": 999}}"#,
    "sync.openTimeoutMs is 999; allowed: a whole number from 1000 to 600000"
)]
#[case(
    r#"{"sync": {"listTimeoutMs": 600001}}"#,
    "sync.listTimeoutMs is 600001; allowed: a whole number from 1000 to 600000"
)]
#[case(
    r#"{"sync": {"requestTimeoutMs": true}}"#,
    "sync.requestTimeoutMs is true; allowed: a whole number from 1000 to 600000"
)]
#[case(
    r#"{"sync": {"concurrency": "both"}}"#,
    r#"sync.concurrency is "both"; allowed: parallel, sequential"#
)]
#[case(r#"{"sync": {"leaveUnread": "yes"}}"#, r#"sync.leaveUnread is "yes"; allowed: true, false"#)]
#[case(r#"{"sync": {"runAtStart": 1}}"#, "sync.runAtStart is 1; allowed: true, false")]
#[case(r#"{"sync": []}"#, "sync is []; allowed: an object")]
#[case(r#"{"sync": {"quietHours": {"from": "22:00"}}}"#, "sync.quietHours is")]
#[case(r#"{"sync": {"quietHours": {"from": "22:00", "to": "22:00"}}}"#, "two different times")]
#[case(r#"{"sync": {"quietHours": {"from": "7:00", "to": "24:00"}}}"#, "sync.quietHours is")]
#[case(
    r#"{"services": {"twitter": {"enabled": "on"}}}"#,
    r#"services.twitter.enabled is "on"; allowed: true, false"#
)]
#[case(
    r#"{"services": {"twitter": {"intervalMinutes": 10081}}}"#,
    "services.twitter.intervalMinutes is 10081; allowed: a whole number from 5 to 10080, or null"
)]
#[case(
    r#"{"services": {"tiktok": {"baseUrl": "localhost:3102"}}}"#,
    r#"services.tiktok.baseUrl is "localhost:3102"; allowed: http://HOST:PORT"#
)]
#[case(r#"{"services": {"tiktok": {"baseUrl": "ftp://localhost"}}}"#, "services.tiktok.baseUrl is")]
#[case(r#"{"services": {"tiktok": {"baseUrl": "http://localhost:3102/api"}}}"#, "without a path")]
#[case(r#"{"services": {"tiktok": {"baseUrl": 3102}}}"#, "services.tiktok.baseUrl is 3102; allowed: http")]
#[case(
    r#"{"services": {"tiktok": {"baseUrl": "http://192.168.1.5:3102"}}}"#,
    "set services.tiktok.allowRemote to true"
)]
#[case(
    r#"{"services": {"tiktok": {"baseUrl": "https://mac.example"}}}"#,
    "set services.tiktok.allowRemote to true"
)]
#[case(
    r#"{"services": {"tiktok": {"baseUrl": "http://localhost.evil.example:3102", "allowRemote": true}}}"#,
    "https for another machine"
)]
#[case(
    r#"{"services": {"instagram": {"openTabs": ["inbox"]}}}"#,
    "primary, general, requests, hidden_requests"
)]
#[case(
    r#"{"services": {"instagram": {"openTabs": ["primary", "primary"]}}}"#,
    "services.instagram.openTabs is"
)]
#[case(r#"{"output": {"file": ""}}"#, r#"output.file is ""; allowed: a path, or null"#)]
#[case(r#"{"push": {"afterSync": null}}"#, "push.afterSync is null; allowed: true, false")]
#[case(r#"{"stages": []}"#, "stages is []; allowed: a list of different names, at least one")]
#[case(r#"{"stages": ["warm", "Warm"]}"#, "stages is")]
#[case(r#"{"stages": [" warm"]}"#, "stages is")]
#[case(
    r#"{"notifications": {"repliesFromScore": 11}}"#,
    "notifications.repliesFromScore is 11; allowed: a number from 0 to 10, or null"
)]
#[case(r#"{"notifications": {"repliesFromStage": "hot"}}"#, "notifications.repliesFromStage is")]
#[case(
    r#"{"app": {"logLevel": "loud"}}"#,
    r#"app.logLevel is "loud"; allowed: error, warn, info, debug, trace"#
)]
#[case(r#"{"app": {"dock": "left"}}"#, r#"app.dock is "left"; allowed: with-window, always, never"#)]
#[case(r#"{"sinks": {}}"#, "sinks is {}; allowed: a list of objects")]
#[case(r#"{"sinks": [1]}"#, "sinks[0] is 1; allowed: an object")]
#[case(r#"{"sinks": [{"kind": "file", "path": "x"}]}"#, "sinks[0].id is missing")]
#[case(
    r#"{"sinks": [{"id": "a b", "kind": "file", "path": "x"}]}"#,
    r#"sinks[0].id is "a b"; allowed: 1 to 64 letters"#
)]
#[case(
    r#"{"sinks": [{"id": "a", "kind": "hubspot"}]}"#,
    "sinks[0].kind is \"hubspot\"; allowed: supabase, airtable, postgres, webhook, file"
)]
#[case(
    r#"{"sinks": [{"id": "a-b", "kind": "file", "path": "x"}, {"id": "A_b", "kind": "file", "path": "y"}]}"#,
    "sinks[1].id is \"A_b\"; allowed: an id that no other sink has"
)]
#[case(
    r#"{"sinks": [{"id": "a", "kind": "supabase"}]}"#,
    "sinks[0].url is missing; allowed: an https address"
)]
#[case(r#"{"sinks": [{"id": "a", "kind": "webhook", "url": "http://example.com/hook"}]}"#, "sinks[0].url is")]
#[case(
    r#"{"sinks": [{"id": "a", "kind": "postgres", "url": "mysql://db/x"}]}"#,
    "allowed: postgres://USER@HOST/DATABASE"
)]
#[case(r#"{"sinks": [{"id": "a", "kind": "airtable", "table": "Contacts"}]}"#, "sinks[0].baseId is missing")]
#[case(
    r#"{"sinks": [{"id": "a", "kind": "file", "path": "x", "format": "xml"}]}"#,
    r#"sinks[0].format is "xml"; allowed: json, csv, ndjson"#
)]
#[case(
    r#"{"sinks": [{"id": "a", "kind": "file", "path": "x", "when": "daily"}]}"#,
    r#"sinks[0].when is "daily"; allowed: after-sync, manual"#
)]
#[case(
    r#"{"sinks": [{"id": "a", "kind": "file", "path": "x", "previewLength": 501}]}"#,
    "sinks[0].previewLength is 501"
)]
#[case(
    r#"{"sinks": [{"id": "a", "kind": "file", "path": "x", "mapping": [{"field": "name", "column": "c"}]}]}"#,
    r#"sinks[0].mapping[0].field is "name"; allowed: platform, username"#
)]
#[case(r#"{"sinks": [{"id": "a", "kind": "file", "path": "x", "mapping": [{"field": "stage", "column": "c", "owner": "me"}]}]}"#, r#"sinks[0].mapping[0].owner is "me"; allowed: app, crm"#)]
#[case(
    r#"{"sinks": [{"id": "a", "kind": "file", "path": "x", "filter": {"platforms": ["facebook"]}}]}"#,
    "sinks[0].filter.platforms is"
)]
#[case(
    r#"{"sinks": [{"id": "a", "kind": "file", "path": "x", "filter": {"minScore": "high"}}]}"#,
    "sinks[0].filter.minScore is"
)]
#[case("[]", "the file is []; allowed: an object")]
fn a_wrong_value_is_named_with_what_is_allowed(#[case] text: &str, #[case] expected: &str) {
    let error = error_of(text);
    assert!(error.contains(expected), "{error}");
}

#[rstest]
#[case("{\n  \"sync\": {\n    \"messageLimit\": 50,,\n  }\n}", "line 3, column 24")]
#[case("", "line 1, column 0")]
#[case("{\"stages\": [\"a\" \"b\"]}", "line 1, column 17")]
#[case("{\"stages\": [\"a\"]", "line 1, column 16")]
fn broken_json_is_located_and_left_alone(#[case] text: &str, #[case] place: &str) {
    let error = error_of(text);
    assert!(error.contains(place) && error.contains("settings.json"), "{error}");
    let folder = Folder::with(text);
    SettingsFile::set(&folder.path(), "sync.messageLimit", "20").unwrap_err();
    assert_eq!(folder.text(), text);
}

#[rstest]
#[case(r#"{"sinks": [{"id": "hook", "kind": "webhook", "url": "https://a.example", "signing": "whsec_abcdef"}]}"#, "sinks[0].signing", "secret set hook")]
#[case(
    r#"{"sinks": [{"id": "wh", "kind": "postgres", "url": "postgres://u:hunter2@db/x"}]}"#,
    "sinks[0].url",
    "secret set wh"
)]
#[case(
    r#"{"services": {"tiktok": {"baseUrl": "http://me:hunter2@localhost:3102"}}}"#,
    "services.tiktok.baseUrl",
    "secret set ID"
)]
#[case(r#"{"mine": {"key": "sb_secret_hunter2"}}"#, "mine.key", "secret set ID")]
#[case(r#"{"stages": ["eyJhbGciOiJIUzI1NiJ9.hunter2hunter2.x"]}"#, "stages[0]", "secret set ID")]
fn a_secret_is_refused_and_never_repeated(#[case] text: &str, #[case] key: &str, #[case] advice: &str) {
    let error = error_of(text);
    assert!(error.contains(key) && error.contains(advice), "{error}");
    assert!(!error.contains("hunter2") && !error.contains("whsec_abcdef"), "{error}");
}

#[test]
fn a_secret_cannot_be_set() {
    let folder = Folder::with("{}");
    let error =
        SettingsFile::set(&folder.path(), "output.file", "https://u:hunter2@host/").unwrap_err().to_string();
    assert!(error.contains("output.file") && !error.contains("hunter2"), "{error}");
    assert_eq!(folder.text(), "{}");
}

#[test]
fn a_newer_file_is_refused_with_what_to_do() {
    let error = error_of(r#"{"version": 2, "sync": {"messageLimit": "adaptive"}}"#);
    assert!(error.contains("version 2") && error.contains("update crm-sync"), "{error}");
}

#[test]
fn a_remote_service_needs_permission_and_https() {
    let folder = Folder::with(
        r#"{"services": {"tiktok": {"baseUrl": "https://mac.example:8443", "allowRemote": true},
                         "twitter": {"baseUrl": "http://127.0.0.9:1"}, "instagram": {"baseUrl": "http://[::1]:3100"}}}"#,
    );
    let file = SettingsFile::load(&folder.path()).unwrap();
    assert_eq!(file.get("services.tiktok.baseUrl").unwrap(), json!("https://mac.example:8443"));
}

#[test]
fn a_byte_order_mark_is_tolerated() {
    let folder = Folder::with("\u{feff}{\"sync\": {\"messageLimit\": 7}}");
    assert_eq!(SettingsFile::load(&folder.path()).unwrap().settings().sync.message_limit, 7);
}

#[test]
fn unknown_keys_stay_in_their_place_when_the_file_is_written() {
    let folder = Folder::with(
        "{\n  \"zebra\": [1, {\"b\": null, \"a\": 1}],\n  \"sync\": {\n    \"later\": \"x\",\n    \"messageLimit\": 5,\n    \"end\": 1.50\n  },\n  \"version\": 1,\n  \"alpha\": true\n}\n",
    );
    SettingsFile::set(&folder.path(), "sync.messageLimit", "20").unwrap();
    SettingsFile::set(&folder.path(), "stages", r#"["a", "b"]"#).unwrap();
    let written: Value = serde_json::from_str(&folder.text()).unwrap();
    let expected = json!({
        "zebra": [1, {"b": null, "a": 1}],
        "sync": {"later": "x", "messageLimit": 20, "end": 1.5},
        "version": 1,
        "alpha": true,
        "stages": ["a", "b"],
    });
    // Compared as text: the order counts too.
    assert_eq!(written.to_string(), expected.to_string());
    assert_eq!(SettingsFile::load(&folder.path()).unwrap().get("zebra").unwrap(), expected["zebra"]);
}

#[test]
fn a_missing_file_is_the_defaults_and_is_made_by_the_first_change() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("settings.json");
    assert_eq!(SettingsFile::load(&path).unwrap().get("sync.messageLimit").unwrap(), json!(50));
    assert!(!path.exists());
    SettingsFile::set(&path, "output.file", "out.json").unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "{\n  \"version\": 1,\n  \"output\": {\n    \"file\": \"out.json\"\n  }\n}\n"
    );
}

#[rstest]
#[case("sync.mesageLimit", Some("sync.messageLimit"))]
#[case("messageLimit", Some("sync.messageLimit"))]
#[case("services.instagram.baseurl", Some("services.instagram.baseUrl"))]
#[case("banana", None)]
#[case("sync.messageLimit.x", Some("sync.messageLimit"))]
fn an_unknown_key_is_refused_and_the_likely_one_named(#[case] key: &str, #[case] meant: Option<&str>) {
    let folder = Folder::with("{}");
    let error = SettingsFile::set(&folder.path(), key, "20").unwrap_err();
    match &error {
        SettingsError::UnknownKey { nearest, .. } => assert_eq!(nearest.as_deref(), meant),
        other => panic!("{other}"),
    }
    assert_eq!(folder.text(), "{}");
    assert!(SettingsFile::load(&folder.path()).unwrap().get(key).is_err());
}

#[test]
fn a_change_may_mend_an_invalid_file_but_never_leave_it_so() {
    let folder = Folder::with(r#"{"sync": {"messageLimit": "many"}}"#);
    SettingsFile::set(&folder.path(), "sync.recheckPerRun", "3").unwrap_err();
    assert_eq!(folder.text(), r#"{"sync": {"messageLimit": "many"}}"#);
    SettingsFile::set(&folder.path(), "sync.messageLimit", "20").unwrap();
    assert_eq!(SettingsFile::load(&folder.path()).unwrap().settings().sync.message_limit, 20);
}

#[test]
fn misspelt_keys_of_the_file_are_reported() {
    let folder = Folder::with(
        r#"{"sync": {"mesageLimit": 20, "quietHours": {"from": "22:00", "to": "07:00"}}, "x": 1}"#,
    );
    let unknown = SettingsFile::load(&folder.path()).unwrap().unknown_keys();
    let found: Vec<_> = unknown.iter().map(|key| (key.key.as_str(), key.nearest.as_deref())).collect();
    assert_eq!(found, [("sync.mesageLimit", Some("sync.messageLimit")), ("x", None)]);
}

#[test]
fn two_writers_lose_no_change() {
    let folder = Folder::with("{}");
    let keys =
        ["sync.messageLimit", "sync.recheckPerRun", "sync.tiktokMaxScrolls", "sync.twitterThreadScrolls"];
    std::thread::scope(|scope| {
        for key in keys {
            let path = folder.path();
            scope.spawn(move || {
                for value in 1..=10 {
                    SettingsFile::set(&path, key, &value.to_string()).unwrap();
                }
            });
        }
    });
    let file = SettingsFile::load(&folder.path()).unwrap();
    assert!(keys.iter().all(|key| file.get(key).unwrap() == json!(10)));
}

#[test]
fn a_file_that_cannot_be_written_stands_as_it_was() {
    let folder = Folder::with("{}");
    // The lock's name is taken by a folder: nothing can be opened there, whoever runs the test.
    fs::create_dir(folder.dir.path().join("settings.json.lock")).unwrap();
    let error = SettingsFile::set(&folder.path(), "sync.messageLimit", "20").unwrap_err();
    assert!(matches!(error, SettingsError::Write { .. }), "{error}");
    assert_eq!(folder.text(), "{}");
}

#[cfg(unix)]
#[test]
fn the_files_mode_is_kept_and_a_new_file_is_private() {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = Folder::with("{}");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o640)).unwrap();
    SettingsFile::set(&folder.path(), "sync.messageLimit", "20").unwrap();
    assert_eq!(mode(&folder.path()), 0o640);
    fs::remove_file(folder.path()).unwrap();
    SettingsFile::set(&folder.path(), "sync.messageLimit", "20").unwrap();
    assert_eq!(mode(&folder.path()), 0o600);
}

fn setting() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        (1_u32..=5_000).prop_map(|n| ("sync.messageLimit", json!(n))),
        (5_u32..=10_080).prop_map(|n| ("services.twitter.intervalMinutes", json!(n))),
        Just(("services.twitter.intervalMinutes", Value::Null)),
        any::<bool>().prop_map(|b| ("sync.leaveUnread", json!(b))),
        "[a-zA-Zäöü ]{1,12}\\.json".prop_map(|s| ("output.file", json!(s))),
        (0_u8..24, 0_u8..60)
            .prop_filter("from and to differ", |time| *time != (7, 0))
            .prop_map(|(h, m)| ("sync.quietHours", json!({"from": format!("{h:02}:{m:02}"), "to": "07:00"}))),
        (0_u8..=100).prop_map(|n| ("notifications.repliesFromScore", json!(f64::from(n) / 10.0))),
        proptest::collection::hash_set("[a-z]{1,8}", 1..5)
            .prop_map(|set| ("stages", json!(set.into_iter().collect::<Vec<_>>()))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn what_was_set_is_what_is_got((key, value) in setting(), (other, other_value) in setting()) {
        let folder = Folder::with(r#"{"kept": "as it is"}"#);
        SettingsFile::set(&folder.path(), other, &other_value.to_string()).unwrap();
        SettingsFile::set(&folder.path(), key, &value.to_string()).unwrap();
        let file = SettingsFile::load(&folder.path()).unwrap();
        prop_assert_eq!(file.get(key).unwrap(), value);
        if other != key {
            prop_assert_eq!(file.get(other).unwrap(), other_value);
        }
        prop_assert_eq!(file.get("kept").unwrap(), json!("as it is"));
    }
}
