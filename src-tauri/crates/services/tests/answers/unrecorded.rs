//! Answers of the real servers that are described but of which no recording is kept.

use std::collections::BTreeMap;

use crm_sync_domain::{InboxTab, Platform, Shape};
use crm_sync_services::{ErrorClass, ListKind, Opened};
use rstest::rstest;
use serde_json::{Value, json};

use crate::replay::{Answer, Server};

async fn serving(answer: &Value) -> Server {
    Server::start(Answer::json(200, answer)).await
}

#[tokio::test]
async fn twitter_lists_its_inbox_and_its_requests() {
    let server = serving(&json!({
        "conversations": {
            "inbox": [{ "username": "Dana", "lastMessage": "" }],
            "requests": [{ "username": "Sam", "lastMessage": "@sam" }, { "lastMessage": "nobody" }],
        },
        "totalCount": 3,
    }))
    .await;
    let listing = server.service(Platform::Twitter).conversations(ListKind::All).await.unwrap();
    let rows: Vec<_> = listing.rows.iter().map(|row| (row.tab, row.position, row.name.as_str())).collect();
    assert_eq!(rows, [(InboxTab::Inbox, 0, "Dana"), (InboxTab::Requests, 0, "Sam")]);
    assert_eq!((listing.shape, listing.skipped), (Shape::Real, 1));
    assert_eq!(server.asked()[0].1, "/api/twitter/conversations/all");
}

#[rstest]
#[case(Platform::Instagram, json!({"username": "Dana", "threadId": "17", "lastMessage": "hi"}), Some("17"))]
#[case(Platform::TikTok, json!({"username": "Dana", "preview": "hi"}), None)]
#[tokio::test]
async fn a_row_of_the_unread_ones_is_unread(
    #[case] platform: Platform,
    #[case] row: Value,
    #[case] thread_id: Option<&str>,
) {
    let server = serving(&json!({ "count": 1, "total": 9, "conversations": [row] })).await;
    let listing = server.service(platform).conversations(ListKind::Unread).await.unwrap();
    let row = &listing.rows[0];
    assert_eq!(
        (row.unread, row.preview.as_deref(), row.thread_id.as_deref()),
        (Some(true), Some("hi"), thread_id)
    );
    assert_eq!(listing.shape, Shape::Real);
}

#[tokio::test]
async fn a_scroll_can_lose_rows() {
    let server = serving(&json!({ "newCount": -3 })).await;
    assert_eq!(server.service(Platform::TikTok).scroll_inbox().await.unwrap(), -3);
}

#[rstest]
#[case(true)]
#[case(false)]
#[tokio::test]
async fn a_tab_of_the_inbox_is_shown_or_not(#[case] success: bool) {
    let server = serving(&json!({ "success": success, "tab": "hidden_requests" })).await;
    let shown = server.service(Platform::Instagram).select_tab(InboxTab::HiddenRequests).await.unwrap();
    assert_eq!(shown, success);
    let (_, path, body) = server.asked().remove(0);
    assert_eq!((path.as_str(), body.as_str()), ("/api/inbox/tab", "{\"tab\":\"hidden_requests\"}"));
}

#[tokio::test]
async fn thread_ids_are_read_and_registered() {
    let server = serving(&json!({ "success": true, "threads": { "Zoë 🌸": "17", "odd": 5 } })).await;
    let service = server.service(Platform::Instagram);
    assert_eq!(service.threads().await.unwrap(), BTreeMap::from([("Zoë 🌸".to_owned(), "17".to_owned())]));
    assert!(service.register_thread("Zoë 🌸", "17").await.unwrap());
    let (method, path, body) = server.asked().remove(1);
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/api/threads/register"));
    assert_eq!(body, "{\"username\":\"Zoë 🌸\",\"threadId\":\"17\"}");
}

#[rstest]
#[case(json!({ "limited": true, "captcha": false, "message": "slow\ndown" }), true)]
#[case(json!({ "limited": false, "suspended": true, "message": "" }), true)]
#[case(json!({ "limited": false, "captcha": true }), true)]
#[case(json!({ "limited": false, "suspended": false }), false)]
#[tokio::test]
async fn whatever_holds_the_account_back_is_seen(#[case] answer: Value, #[case] holds_back: bool) {
    let status = serving(&answer).await.service(Platform::TikTok).rate_status().await.unwrap();
    assert_eq!(status.holds_back(), holds_back);
    assert!(status.message.is_none_or(|message| message == "slow down"));
}

#[tokio::test]
async fn an_error_on_the_page_is_seen() {
    let server = serving(&json!({ "hasError": true })).await;
    assert!(server.service(Platform::TikTok).error_check().await.unwrap());
    assert_eq!(server.asked()[0].1, "/api/tiktok/error-check");
}

#[tokio::test]
async fn what_a_platform_does_not_have_is_not_asked_for() {
    let server = serving(&json!({})).await;
    let instagram = server.service(Platform::Instagram);
    let missing = [
        instagram.rate_status().await.unwrap_err(),
        instagram.error_check().await.unwrap_err(),
        instagram.scroll_inbox().await.unwrap_err(),
        instagram.scroll_thread(1).await.unwrap_err(),
        server.service(Platform::Twitter).select_tab(InboxTab::Inbox).await.unwrap_err(),
        server.service(Platform::TikTok).threads().await.unwrap_err(),
    ];
    assert!(missing.iter().all(|error| error.class == ErrorClass::Missing));
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn any_name_reaches_the_service_as_it_is() {
    let server = serving(&json!({ "success": true })).await;
    let names = ["Dana W | Travel & Life", " نور الهدى", "=1+1", "a\\b\"c\n", "<b>", "\u{202e}x"];
    for name in names {
        assert_eq!(server.service(Platform::TikTok).open(name).await.unwrap(), Opened::Yes);
    }
    let sent: Vec<Value> =
        server.asked().iter().map(|(_, _, body)| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(sent, names.map(|name| json!({ "username": name })));
}
