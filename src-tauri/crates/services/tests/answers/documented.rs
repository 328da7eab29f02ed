//! Every JSON answer of the published documentation, as it stands there, means what the documentation says.

use std::fs;

use crm_sync_domain::score::{RawScore, ScoreField};
use crm_sync_domain::{Direction, InboxTab, Platform, ReadMessage, Shape};
use crm_sync_services::{
    ErrorClass, Identity, ListKind, Opened, ScoreReply, ScoredContact, Stats, StatsNumbers,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::replay::{Answer, Server, fixtures};

fn document(name: &str) -> Value {
    let file = fixtures().join("documented").join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

async fn serving(answer: &Value) -> Server {
    Server::start(Answer::json(200, answer)).await
}

/// A row as (tab, position, name, display name, preview, time, unread).
type Row<'a> = (InboxTab, u32, &'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<bool>);

#[rstest]
#[case("instagram.conversations", Platform::Instagram, ListKind::Shown, vec![
    (InboxTab::Primary, 0, "saraheashley", None, Some("Hey Sarah!"), Some("2026-02-26T20:00:00Z"), Some(false)),
])]
#[case("instagram.conversations-all", Platform::Instagram, ListKind::All, vec![
    (InboxTab::Primary, 0, "saraheashley", None, Some("..."), None, Some(false)),
    (InboxTab::General, 0, "brandaccount", None, Some("..."), None, Some(true)),
    (InboxTab::Requests, 0, "newuser123", None, Some("..."), None, Some(true)),
])]
#[case("twitter.conversations", Platform::Twitter, ListKind::Shown, vec![
    (InboxTab::Inbox, 0, "saraheashley", Some("Sarah E. Ashley"), Some("..."), None, Some(false)),
])]
#[case("twitter.conversations-unread", Platform::Twitter, ListKind::Unread, vec![
    (InboxTab::Inbox, 0, "newlead99", None, Some("Interested!"), None, Some(true)),
])]
#[case("tiktok.conversations", Platform::TikTok, ListKind::Shown, vec![
    (InboxTab::Inbox, 0, "saraheashley", Some("Sarah E Ashley | Travel & Life"), Some("You shared a video"),
     Some("17:51"), None),
])]
#[tokio::test]
async fn a_documented_list_is_read_and_recognised(
    #[case] name: &str,
    #[case] platform: Platform,
    #[case] kind: ListKind,
    #[case] expected: Vec<Row<'static>>,
) {
    let listing = serving(&document(name)).await.service(platform).conversations(kind).await.unwrap();
    let rows: Vec<Row<'_>> = listing
        .rows
        .iter()
        .map(|row| {
            let (shown, preview) = (row.display_name.as_deref(), row.preview.as_deref());
            (row.tab, row.position, row.name.as_str(), shown, preview, row.time_text.as_deref(), row.unread)
        })
        .collect();
    assert_eq!(rows, expected);
    assert_eq!((listing.shape, listing.skipped), (Shape::Documented, 0));
}

#[tokio::test]
async fn the_documented_scroll_says_how_many_rows_came() {
    let server = serving(&document("tiktok.scroll")).await;
    assert_eq!(server.service(Platform::TikTok).scroll_inbox().await.unwrap(), 6);
}

#[rstest]
#[tokio::test]
async fn the_documented_message_keeps_its_id_sender_and_time(
    #[values(Platform::Instagram, Platform::Twitter, Platform::TikTok)] platform: Platform,
) {
    let server = serving(&json!({ "messages": [document("message")] })).await;
    let window = server.service(platform).messages(50).await.unwrap();
    let message = ReadMessage {
        id: Some("msg_001".to_owned()),
        sender: Some("saraheashley".to_owned()),
        text: "Hey! Thanks for reaching out".to_owned(),
        direction: Some(Direction::Inbound),
        time_text: Some("2026-02-26T20:15:00Z".to_owned()),
    };
    assert_eq!((window.messages, window.skipped, window.limit), (vec![message], 0, 50));
    assert!(server.asked()[0].1.ends_with("/messages?limit=50"));
}

#[tokio::test]
async fn the_documented_statistics_are_read_whole() {
    let server = serving(&document("crm-stats")).await;
    let numbers = StatsNumbers {
        platform: Some("instagram".to_owned()),
        total_contacts: Some(42),
        messages_sent: Some(127),
        messages_today: None,
        replies_received: Some(38),
        reply_rate: Some(0.30),
        average_score: Some(4.2),
    };
    assert_eq!(server.service(Platform::Instagram).stats().await.unwrap(), Stats::Known(numbers));
}

#[tokio::test]
async fn the_documented_top_contact_is_read_whole() {
    let server = serving(&document("top-contacts")).await;
    let contact = ScoredContact {
        id: Some("contact_abc123".to_owned()),
        username: "saraheashley".to_owned(),
        score: Some(RawScore { value: 8.5, field: ScoreField::EngagementScore }),
        stage: Some("warm".to_owned()),
        messages_sent: Some(3),
        replies_received: Some(2),
        last_contacted_text: Some("2026-02-26T20:00:00Z".to_owned()),
    };
    let service = server.service(Platform::TikTok);
    assert_eq!(service.top_contacts(500).await.unwrap(), [contact]);
    assert_eq!(server.asked()[0].1, "/api/tiktok/crm/top-contacts?limit=500");
}

#[tokio::test]
async fn the_documented_requests_are_sent_as_documented() {
    let server = serving(&json!({ "success": true, "score": 7.5 })).await;
    let twitter = server.service(Platform::Twitter);
    assert_eq!(twitter.open("saraheashley").await.unwrap(), Opened::Yes);
    twitter.scroll_thread(5).await.unwrap();
    let instagram = server.service(Platform::Instagram);
    let score = RawScore { value: 7.5, field: ScoreField::Score };
    assert_eq!(instagram.score("contact_abc123").await.unwrap(), ScoreReply::Known(score));
    instagram.score_all().await.unwrap();
    instagram.navigate_inbox().await.unwrap();
    let asked: Vec<String> = server.asked().into_iter().map(|(m, p, b)| format!("{m} {p} {b}")).collect();
    assert_eq!(
        asked,
        [
            r#"POST /api/twitter/conversations/open {"username":"saraheashley"}"#,
            r#"POST /api/twitter/conversations/scroll {"scrollCount":5}"#,
            r#"POST /api/crm/score {"contactId":"contact_abc123"}"#,
            "POST /api/crm/score-all ",
            "POST /api/inbox/navigate ",
        ]
    );
}

#[tokio::test]
async fn the_documented_health_does_not_prove_which_service_it_is() {
    let service = serving(&json!({ "status": "ok" })).await;
    let health = service.service(Platform::Twitter).health().await.unwrap();
    assert_eq!((health.identity, health.status.as_deref()), (Identity::Unproved, Some("ok")));
}

#[tokio::test]
async fn what_the_documentation_does_not_know_is_missing() {
    let server = Server::start(Answer::text(404, "text/html", "<pre>Cannot GET it</pre>")).await;
    let service = server.service(Platform::Twitter);
    let missing = [
        service.conversations(ListKind::All).await.unwrap_err(),
        service.session_ensure().await.unwrap_err(),
        service.page_status().await.unwrap_err(),
        service.rate_status().await.unwrap_err(),
    ];
    assert!(missing.iter().all(|error| error.class == ErrorClass::Missing));
    assert_eq!(service.calls(), 4);
}
