//! The documents that scripts read: `sync --json`, `runs show`, and `crm_sync_output.json`.

use crm_sync_domain::Platform;
use crm_sync_simulator::{InboxSpec, PersonId, Scenario, World, WorldSpec};
use rstest::rstest;
use serde_json::Value;

use crate::desk::Desk;

fn world() -> World {
    World::generate(&WorldSpec::uniform(51, &InboxSpec { scored_share: 70, ..InboxSpec::of(7) }))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_prints_one_document_with_these_keys_in_this_order() {
    let desk =
        Desk::new(world(), Scenario::documented().on(Platform::TikTok, |p| p.open_fails_every(7))).await;
    let called = desk.call(&["sync", "--json", "--output", desk.path("out.json").to_str().unwrap()]).await;
    assert_eq!(called.code, Some(3), "{}", called.err);
    let document = called.json();
    let top = ["runId", "startedAt", "finishedAt", "outcome", "platforms", "sinks", "output"];
    assert_eq!(keys(&document), top);
    assert_eq!(document["outcome"], "partial");
    assert_eq!(keys(&document["platforms"]), ["instagram", "twitter", "tiktok"]);
    let platform = [
        "outcome",
        "reason",
        "fix",
        "conversations",
        "opened",
        "unchanged",
        "unreadable",
        "unreadableThreads",
        "newContacts",
        "changedContacts",
        "newMessages",
        "requests",
        "durationMs",
    ];
    assert_eq!(keys(&document["platforms"]["tiktok"]), platform);
    assert_eq!(keys(&document["platforms"]["tiktok"]["unreadableThreads"][0]), ["username", "reason", "fix"]);
    assert_eq!(document["platforms"]["instagram"]["reason"], Value::Null);
    assert!(document["startedAt"].as_str().unwrap().ends_with('Z'));
    // The same document is the run's record.
    let id = document["runId"].as_str().unwrap();
    assert_eq!(desk.json(&["runs", "show", id]).await, document);
    // Nothing changed, and what is unreadable is known: that is no failure.
    assert_eq!(desk.call(&["sync"]).await.code, Some(0));
}

#[rstest]
#[case::documented(Scenario::documented())]
#[case::real(Scenario::real())]
#[tokio::test(flavor = "multi_thread")]
async fn the_output_file_is_the_truth_to_the_key(#[case] scenario: Scenario) {
    let desk = Desk::new(world(), scenario).await;
    let file = desk.path("out.json");
    desk.call(&["sync", "--output", file.to_str().unwrap()]).await;
    let text = std::fs::read_to_string(&file).unwrap();
    let payload: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(keys(&payload), ["syncedAt", "totalContacts", "contacts"]);
    assert_eq!(payload["totalContacts"], 21);
    let contact_keys = [
        "platform",
        "username",
        "displayName",
        "lastMessage",
        "lastMessageAt",
        "unread",
        "messages",
        "messageCount",
        "engagementScore",
        "stage",
        "messagesSent",
        "repliesReceived",
        "lastContactedAt",
        "syncedAt",
    ];
    let contacts = payload["contacts"].as_array().unwrap();
    let order: Vec<&str> = contacts.iter().map(|c| c["platform"].as_str().unwrap()).collect();
    assert_eq!(order, [["instagram"; 7], ["twitter"; 7], ["tiktok"; 7]].concat());
    for contact in contacts {
        assert_eq!(keys(contact), contact_keys);
        let messages = contact["messages"].as_array().unwrap();
        assert_eq!(contact["messageCount"], messages.len());
        for message in messages {
            assert_eq!(keys(message), ["id", "sender", "text", "timestamp", "isOutbound"]);
            assert!(message["id"].as_str().is_none_or(|id| !id.starts_with("msg-")));
        }
        let platform: Platform = contact["platform"].as_str().unwrap().parse().unwrap();
        let name = contact["username"].as_str().unwrap();
        let truth = desk.simulator.truth(platform).into_iter().find(|c| c.listed_name == name).unwrap();
        let shown = desk.simulator.visible(platform, truth.person, 50).unwrap();
        let texts: Vec<&str> = messages.iter().map(|m| m["text"].as_str().unwrap()).collect();
        assert!(
            texts.is_empty() || texts == shown.iter().map(|m| m.text.as_str()).collect::<Vec<_>>(),
            "{name}"
        );
        assert!(contact["displayName"].as_str().is_some_and(|shown| !shown.is_empty()));
        for unknown in ["engagementScore", "stage", "messagesSent", "lastContactedAt", "lastMessage"] {
            assert_ne!(contact[unknown], "", "{unknown} of {name}");
        }
    }
    // `export` writes the same.
    let exported = desk.call(&["export"]).await;
    assert_eq!(serde_json::from_str::<Value>(&exported.out).unwrap(), payload);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_did_nothing_leaves_the_output_file_alone() {
    let desk = Desk::new(world(), Scenario::documented()).await;
    let file = desk.path("out.json");
    std::fs::write(&file, "what was there").unwrap();
    for platform in Platform::ALL {
        desk.simulator.stop_listening(platform);
    }
    let called = desk.call(&["sync", "--output", file.to_str().unwrap()]).await;
    assert_eq!(called.code, Some(1));
    assert!(
        called.err.contains("Start the") || called.out.contains("Start the"),
        "{} {}",
        called.out,
        called.err
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "what was there");
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_and_ndjson_hold_the_same_contacts() {
    let desk = Desk::new(world(), Scenario::documented()).await;
    desk.call(&["sync"]).await;
    desk.simulator.receive(Platform::Twitter, PersonId(2), "=HYPERLINK(\"http://127.0.0.1\",\"free money\")");
    desk.call(&["sync"]).await;
    let csv = desk.call(&["export", "--format", "csv"]).await.out;
    assert_eq!(csv.lines().count(), 22);
    assert!(csv.contains("'=HYPERLINK"), "a message must not become a formula: {csv}");
    let ndjson = desk.call(&["export", "--format", "ndjson", "--messages"]).await.out;
    let lines: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 21);
    assert!(lines.iter().all(|line| line["messages"].is_array()));
}
