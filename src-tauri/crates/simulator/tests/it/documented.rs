//! The documented shape, key by key as the published documentation gives it.

use std::time::Duration;

use crm_sync_domain::Platform;
use crm_sync_simulator::{InboxSpec, Late, Login, Scenario};
use rstest::rstest;
use serde_json::json;

use crate::support::{Client, keys, shown, start};

#[rstest]
#[case(Platform::Instagram, &["username", "lastMessage", "timestamp", "unread"])]
#[case(Platform::Twitter, &["username", "displayName", "lastMessage", "unread"])]
#[case(Platform::TikTok, &["username", "displayName", "lastMessage", "timestamp"])]
#[tokio::test]
async fn lists_have_the_documented_keys(#[case] platform: Platform, #[case] expected: &[&str]) {
    let simulator = start(&InboxSpec::of(8), Scenario::documented()).await;
    let (status, body) = Client::new(&simulator, platform).get("/conversations").await;
    assert_eq!((status, keys(&body)), (200, vec!["conversations", "count"]));
    assert_eq!((body["count"].as_u64(), keys(&body["conversations"][0])), (Some(8), expected.to_vec()));
}

#[tokio::test]
async fn all_tabs_messages_and_health_have_the_documented_keys() {
    let spec = InboxSpec { general_share: 25, requests_share: 25, duplicates: 2, ..InboxSpec::of(8) };
    let simulator = start(&spec, Scenario::documented()).await;
    let client = Client::new(&simulator, Platform::Instagram);
    let (_, all) = client.get("/conversations/all").await;
    assert_eq!(keys(&all), ["conversations", "totalCount"]);
    assert_eq!(keys(&all["conversations"]), ["primary", "general", "requests"]);
    assert_eq!(keys(&all["conversations"]["primary"][0]), ["username", "lastMessage", "unread"]);
    assert_eq!(all["totalCount"], 10, "two people are listed twice");

    let (name, texts) = shown(&simulator, Platform::Instagram, 0);
    assert_eq!(client.open(&name).await.1["success"], true);
    let (_, read) = client.get("/messages?limit=50").await;
    assert_eq!(keys(&read["messages"][0]), ["id", "sender", "text", "timestamp", "isOutbound"]);
    assert_eq!(client.texts().await, texts);

    let health = Client::new(&simulator, Platform::Twitter).raw_get("/health").await.unwrap();
    let health: serde_json::Value = serde_json::from_str(&health.text().await.unwrap()).unwrap();
    assert_eq!((&health["status"], &health["service"]), (&json!("ok"), &json!("twitter-dm")));
}

#[tokio::test]
async fn the_crm_answers_as_documented() {
    let simulator = start(&InboxSpec { scored_share: 100, ..InboxSpec::of(8) }, Scenario::documented()).await;
    let client = Client::new(&simulator, Platform::TikTok);
    let (_, stats) = client.get("/crm/stats").await;
    let expected = [
        "platform",
        "totalContacts",
        "totalMessagesSent",
        "totalRepliesReceived",
        "replyRate",
        "avgEngagementScore",
    ];
    assert_eq!((keys(&stats), keys(&stats["stats"])), (vec!["success", "stats"], expected.to_vec()));
    let (_, top) = client.get("/crm/top-contacts?limit=3").await;
    let expected = [
        "id",
        "username",
        "platform",
        "messagesSent",
        "repliesReceived",
        "engagementScore",
        "lastContactedAt",
        "stage",
    ];
    assert_eq!(
        (top["contacts"].as_array().unwrap().len(), keys(&top["contacts"][0])),
        (3, expected.to_vec())
    );
    let scores: Vec<_> = (0..3).map(|n| top["contacts"][n]["engagementScore"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|score| *score <= 10.0));
    let (_, all) = client.post("/crm/score-all", &json!({})).await;
    assert_eq!(all, json!({ "success": true, "updated": 8, "errors": 0 }));
}

#[tokio::test]
async fn routes_outside_the_document_are_a_web_page_with_404() {
    let simulator = start(&InboxSpec::of(2), Scenario::documented()).await;
    for (platform, path) in [
        (Platform::Instagram, "/api/session/status"),
        (Platform::Instagram, "/api/status"),
        (Platform::Twitter, "/api/twitter/conversations/all"),
        (Platform::TikTok, "/api/tiktok/conversations/unread"),
    ] {
        let answer = Client::new(&simulator, platform).raw_get(path).await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        assert!(answer.text().await.unwrap().contains(&format!("Cannot GET {path}")));
    }
}

#[tokio::test]
async fn a_late_page_shows_the_previous_thread_and_then_the_right_one() {
    let late = Late::previous(Duration::MAX);
    let simulator = start(&InboxSpec::of(4), Scenario::documented().everywhere(|p| p.late(late))).await;
    let client = Client::new(&simulator, Platform::TikTok);
    let (first, of_first) = shown(&simulator, Platform::TikTok, 0);
    let (second, of_second) = shown(&simulator, Platform::TikTok, 1);
    client.open(&first).await;
    assert!(client.texts().await.is_empty());
    simulator.settle(Platform::TikTok);
    assert_eq!(client.texts().await, of_first);
    client.open(&second).await;
    assert_eq!(client.texts().await, of_first);
    simulator.settle(Platform::TikTok);
    assert_eq!(client.texts().await, of_second);
}

#[tokio::test]
async fn every_twelfth_open_fails_and_changes_nothing() {
    let scenario = Scenario::documented().everywhere(|p| p.open_fails_every(12));
    let simulator = start(&InboxSpec::of(30), scenario).await;
    for (platform, status) in [(Platform::Instagram, 200), (Platform::TikTok, 400)] {
        let client = Client::new(&simulator, platform);
        for (n, name) in client.names().await.into_iter().enumerate().take(24) {
            let (got, body) = client.open(&name).await;
            let expected = if n % 12 == 11 { (status, false) } else { (200, true) };
            assert_eq!((got, body["success"].as_bool().unwrap()), expected);
        }
        assert_eq!(simulator.in_pane(platform), Some(simulator.truth(platform)[22].person));
        assert_eq!(simulator.opens(platform).len(), 24);
    }
}

#[tokio::test]
async fn a_cold_inbox_is_empty_for_so_many_lists_or_until_it_is_navigated() {
    let simulator = start(&InboxSpec::of(3), Scenario::documented().everywhere(|p| p.cold(2))).await;
    let counted = Client::new(&simulator, Platform::Instagram);
    let lengths = [counted.names().await.len(), counted.names().await.len(), counted.names().await.len()];
    assert_eq!(lengths, [0, 0, 3]);
    let navigated = Client::new(&simulator, Platform::TikTok);
    assert!(navigated.names().await.is_empty());
    assert_eq!(navigated.post("/inbox/navigate", &json!({})).await.1["success"], true);
    assert_eq!(navigated.names().await.len(), 3);
}

#[rstest]
#[case(Login::Unauthorized, 401)]
#[case(Login::Forbidden, 403)]
#[case(Login::NoTab, 503)]
#[tokio::test]
async fn a_session_that_is_gone_refuses_while_health_is_well(#[case] login: Login, #[case] status: u16) {
    let simulator = start(&InboxSpec::of(3), Scenario::documented().everywhere(|p| p.login(login))).await;
    for platform in Platform::ALL {
        let client = Client::new(&simulator, platform);
        assert_eq!(client.get("/conversations").await.0, status);
        assert_eq!(client.raw_get("/health").await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_logged_out_page_answers_with_nothing() {
    let simulator =
        start(&InboxSpec::of(3), Scenario::documented().everywhere(|p| p.login(Login::Out))).await;
    let client = Client::new(&simulator, Platform::Twitter);
    assert_eq!(client.get("/conversations").await, (200, json!({ "conversations": [], "count": 0 })));
    assert_eq!(client.open("anybody").await.1["success"], false);
    assert_eq!(client.get("/messages").await, (200, json!({ "messages": [], "count": 0 })));
}

#[tokio::test]
async fn tiktok_shows_more_rows_with_each_scroll() {
    let scenario = Scenario::documented().on(Platform::TikTok, |p| p.rows_per_page(20));
    let simulator = start(&InboxSpec::of(46), scenario).await;
    let client = Client::new(&simulator, Platform::TikTok);
    let mut seen = vec![(client.names().await.len(), 0)];
    for _ in 0..3 {
        let (_, body) = client.post("/conversations/scroll", &json!({})).await;
        seen.push((client.names().await.len(), body["newCount"].as_i64().unwrap()));
    }
    assert_eq!(seen, [(20, 0), (40, 20), (46, 6), (46, 0)]);
}

#[tokio::test]
async fn an_open_marks_the_row_read_and_a_new_message_marks_it_unread_on_top() {
    let simulator = start(&InboxSpec { unread_share: 0, ..InboxSpec::of(5) }, Scenario::documented()).await;
    let client = Client::new(&simulator, Platform::Twitter);
    let quiet = simulator.truth(Platform::Twitter)[4].clone();
    simulator.receive(Platform::Twitter, quiet.person, "any news?");
    let (_, body) = client.get("/conversations").await;
    assert_eq!(body["conversations"][0]["lastMessage"], "any news?");
    assert_eq!(body["conversations"][0]["username"], quiet.handle);
    let unread = client.get("/conversations/unread").await.1;
    assert_eq!(
        (&unread["count"], &unread["conversations"][0]["username"]),
        (&json!(1), &json!(quiet.handle))
    );
    client.open(&quiet.handle).await;
    assert_eq!(client.get("/conversations/unread").await.1["count"], 0);
    assert_eq!(simulator.owner_of(Platform::Twitter, "any news?"), Some(quiet.person));
}

#[tokio::test]
async fn a_late_page_catches_up_by_itself() {
    let late = Late::nothing(Duration::from_millis(5));
    let simulator = start(&InboxSpec::of(4), Scenario::documented().everywhere(|p| p.late(late))).await;
    let client = Client::new(&simulator, Platform::Twitter);
    let (name, texts) = shown(&simulator, Platform::Twitter, 1);
    client.open(&name).await;
    while simulator.in_pane(Platform::Twitter).is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.texts().await, texts);
}
