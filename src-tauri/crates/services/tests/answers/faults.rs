//! Answers that don't come, or can't be understood, are told apart and never taken for an empty inbox.

use std::time::Duration;

use crm_sync_domain::{InboxTab, Platform, Reason};
use crm_sync_services::{ErrorClass, Identity, ListKind, Opened, ScoreReply, Service, ServiceError, Stats};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use crate::replay::{Answer, Server, service_at};

async fn list(answer: Answer) -> ServiceError {
    let server = Server::start(answer).await;
    server.service(Platform::Instagram).conversations(ListKind::Shown).await.unwrap_err()
}

#[rstest]
#[case(401, ErrorClass::Unauthorized, Reason::NeedsSession)]
#[case(403, ErrorClass::Unauthorized, Reason::NeedsSession)]
#[case(404, ErrorClass::Missing, Reason::ServiceError)]
#[case(429, ErrorClass::RateLimited, Reason::RateLimited)]
#[case(400, ErrorClass::Status(400), Reason::ServiceError)]
#[case(500, ErrorClass::Status(500), Reason::ServiceError)]
#[case(502, ErrorClass::Status(502), Reason::ServiceError)]
#[case(503, ErrorClass::Status(503), Reason::ServiceError)]
#[tokio::test]
async fn a_status_has_one_meaning_whatever_the_body(
    #[case] status: u16,
    #[case] class: ErrorClass,
    #[case] reason: Reason,
    #[values("", "{\"error\":\"it broke\"}", "<h1>It broke</h1>", "{\"err", "null")] body: &str,
) {
    let error = list(Answer::text(status, "application/json", body)).await;
    assert_eq!((error.class, error.reason()), (class, reason), "{error}");
    assert!(error.detail.contains(&status.to_string()), "{error}");
    assert_eq!(error.may_go_on_for(), None, "it answered");
}

#[rstest]
#[case("", "the answer is empty")]
#[case("null", "the answer is null")]
#[case("7", "the answer is a number")]
#[case("\"conversations\"", "the answer is a text")]
#[case("{\"conversations\":[{\"userna", "the answer is JSON that is cut off")]
#[case("[]]", "the answer is no JSON")]
#[case("{}", "no conversations in the answer")]
#[case("{\"error\":\"boom\"}", "no conversations in the answer: boom")]
#[case("{\"conversations\":null}", "conversations is null, not a list")]
#[case("{\"conversations\":42}", "conversations is a number, not a list")]
#[case("{\"conversations\":\"none\"}", "conversations is a text, not a list")]
#[case("{\"conversations\":{}}", "conversations holds no list of any tab")]
#[case("{\"conversations\":{\"primary\":null}}", "conversations holds no list of any tab")]
#[case("<html><title>Sign in</title></html>", "the answer is a web page: Sign in")]
#[tokio::test]
async fn an_answer_that_is_no_list_is_an_error_and_not_an_empty_list(
    #[case] body: &str,
    #[case] detail: &str,
) {
    let error = list(Answer::text(200, "application/json", body)).await;
    assert_eq!((error.class, error.reason()), (ErrorClass::NotUnderstood, Reason::BadReply));
    assert_eq!(error.detail, detail);
}

#[rstest]
#[case("")]
#[case("null")]
#[case("[null]")]
#[case("{\"messages\":null}")]
#[case("{\"messages\":{}}")]
#[case("<p>x")]
#[tokio::test]
async fn no_endpoint_takes_nonsense_for_an_answer(#[case] body: &str) {
    let server = Server::start(Answer::text(200, "application/json", body)).await;
    for platform in Platform::ALL {
        for (what, failed) in everything(&server.service(platform)).await {
            let class = failed.as_ref().err().map(|error| error.class);
            // A list with an entry that can't be understood is a list.
            let tolerated = body == "[null]" && ["list", "unread", "messages", "top"].contains(&what)
                || body.starts_with('{')
                    && ["open", "navigate", "thread scroll", "clear", "score all"].contains(&what);
            let expected =
                matches!(class, Some(ErrorClass::NotUnderstood | ErrorClass::Missing)) || tolerated;
            assert!(expected, "{platform} {what} of {body}: {failed:?}");
        }
    }
}

/// Every endpoint, called once; what they answer is left out.
async fn everything(service: &Service) -> Vec<(&'static str, Result<(), ServiceError>)> {
    fn done<T>(answer: Result<T, ServiceError>) -> Result<(), ServiceError> {
        answer.map(|_| ())
    }
    vec![
        ("session", done(service.session_ensure().await)),
        ("session status", done(service.session_status().await)),
        ("clear", done(service.session_clear().await)),
        ("page", done(service.page_status().await)),
        ("rate", done(service.rate_status().await)),
        ("error check", done(service.error_check().await)),
        ("list", done(service.conversations(ListKind::Shown).await)),
        ("list", done(service.conversations(ListKind::All).await)),
        ("unread", done(service.conversations(ListKind::Unread).await)),
        ("scroll", done(service.scroll_inbox().await)),
        ("thread scroll", done(service.scroll_thread(1).await)),
        ("navigate", done(service.navigate_inbox().await)),
        ("tab", done(service.select_tab(InboxTab::General).await)),
        ("open", done(service.open("dana").await)),
        ("messages", done(service.messages(20).await)),
        ("threads", done(service.threads().await)),
        ("register", done(service.register_thread("dana", "1").await)),
        ("claims", done(service.tab_claims().await)),
        ("release", done(service.release_tab().await)),
        ("stats", done(service.stats().await)),
        ("top", done(service.top_contacts(10).await)),
        ("score", done(service.score("1").await)),
        ("score all", done(service.score_all().await)),
    ]
}

#[tokio::test]
async fn json_is_read_under_any_content_type_and_behind_a_byte_order_mark() {
    let body = "\u{feff}{\"conversations\":[{\"username\":\"dana\"}]}";
    let server = Server::start(Answer::text(200, "text/html", body)).await;
    let listing = server.service(Platform::Twitter).conversations(ListKind::Shown).await.unwrap();
    assert_eq!(listing.rows[0].name, "dana");
}

#[tokio::test]
async fn a_bare_list_of_conversations_is_a_list() {
    let server = Server::start(Answer::json(200, &json!([{ "username": "dana" }, 5]))).await;
    let listing = server.service(Platform::TikTok).conversations(ListKind::All).await.unwrap();
    assert_eq!((listing.rows.len(), listing.skipped), (1, 1));
}

#[rstest]
#[case(&[("retry-after", "120")], Some(120))]
#[case(&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")], Some(60))]
#[case(&[], None)]
#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait(#[case] headers: &[(&str, &str)], #[case] seconds: Option<u64>) {
    let answer = Answer::json(429, &json!({ "error": "Too many requests" }));
    let answer = headers.iter().fold(answer, |answer, (name, value)| answer.with(name, value));
    let error = list(answer).await;
    assert_eq!(error.class, ErrorClass::RateLimited);
    assert_eq!(error.retry_after, seconds.map(Duration::from_secs));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_means_another_program() {
    let error =
        list(Answer::text(302, "text/html", "").with("location", "https://sso.example.org/in?x=1")).await;
    assert_eq!((error.class, error.reason()), (ErrorClass::Redirected, Reason::WrongService));
    assert!(error.detail.contains("sso.example.org") && !error.detail.contains("x=1"), "{error}");
}

/// A server that reads the request, writes some bytes and closes, or keeps the connection open.
async fn raw(answer: &'static [u8], close: bool) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = connection.read(&mut request).await;
            let _ = connection.write_all(answer).await;
            if !close {
                open.push(connection);
            }
        }
    });
    base
}

#[tokio::test]
async fn nobody_listening_is_a_service_that_is_down() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", free.local_addr().unwrap())).unwrap();
    drop(free);
    let error = service_at(Platform::TikTok, &base, Duration::from_secs(5)).open("dana").await.unwrap_err();
    assert_eq!((error.class, error.reason()), (ErrorClass::Refused, Reason::ServiceDown), "{error}");
    assert_eq!(error.may_go_on_for(), None, "nothing was sent");
}

#[tokio::test]
async fn a_call_that_was_given_up_may_go_on_for_as_long_as_it_was_ever_seen_to() {
    let service = service_at(Platform::TikTok, &raw(b"", false).await, Duration::from_millis(100));
    let error = service.open("dana").await.unwrap_err();
    assert_eq!((error.class, error.reason()), (ErrorClass::TimedOut, Reason::TooSlow), "{error}");
    assert_eq!(error.may_go_on_for(), Some(Duration::from_secs(12)));
    assert_eq!(service.stats().await.unwrap_err().may_go_on_for(), None, "it moves no browser tab");
}

#[rstest]
#[case(b"".as_slice())]
#[case(b"HTTP/1.1 200 OK\r\ncontent-le")]
#[case(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"conversations\":[")]
#[case(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"con\r\n")]
#[tokio::test]
async fn an_answer_that_is_cut_off_is_a_dropped_call(#[case] answer: &'static [u8]) {
    let service = service_at(Platform::Twitter, &raw(answer, true).await, Duration::from_secs(5));
    let error = service.conversations(ListKind::All).await.unwrap_err();
    assert_eq!((error.class, error.reason()), (ErrorClass::Dropped, Reason::BadReply), "{error}");
    assert_eq!(error.may_go_on_for(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_program_that_speaks_no_http_is_not_understood() {
    let service = service_at(Platform::Twitter, &raw(b"SSH-2.0-x\r\n", true).await, Duration::from_secs(5));
    assert_eq!(service.open("dana").await.unwrap_err().class, ErrorClass::NotUnderstood);
}

#[rstest]
#[case(200, "text/html", "<title>Grafana</title>", "a web page: Grafana")]
#[case(200, "application/json", "", "a program that does not answer JSON")]
#[case(200, "application/json", "[1]", "a program that answers a list")]
#[case(200, "application/json", "{\"name\":\"x\"}", "a program that answers an object")]
#[case(200, "application/json", "{\"service\":\"tiktok-dm\",\"status\":\"ok\"}", "tiktok-dm")]
#[case(200, "application/json", "{\"status\":\"ok\",\"rateLimits\":{}}", "instagram-dm")]
#[case(404, "application/json", "{\"error\":\"nope\"}", "a program that answers with status 404")]
#[tokio::test]
async fn another_program_on_the_port_is_named(
    #[case] status: u16,
    #[case] content_type: &str,
    #[case] body: &str,
    #[case] name: &str,
) {
    let server = Server::start(Answer::text(status, content_type, body)).await;
    let health = server.service(Platform::Twitter).health().await.unwrap();
    assert_eq!(health.identity, Identity::Other(name.to_owned()));
}

#[rstest]
#[case(401, "", ErrorClass::Unauthorized)]
#[case(503, "{\"error\":\"No Safari tab available for twitter-dm\"}", ErrorClass::NoSession)]
#[case(500, "", ErrorClass::Status(500))]
#[tokio::test]
async fn a_failing_health_is_a_failure_and_not_another_program(
    #[case] status: u16,
    #[case] body: &str,
    #[case] class: ErrorClass,
) {
    let server = Server::start(Answer::text(status, "application/json", body)).await;
    assert_eq!(server.service(Platform::Twitter).health().await.unwrap_err().class, class);
}

#[rstest]
#[case("")]
#[case("  ")]
#[case("@")]
#[tokio::test]
async fn an_empty_name_is_never_opened(#[case] name: &str) {
    let server = Server::start(Answer::json(200, &json!({ "success": true }))).await;
    let service = server.service(Platform::Twitter);
    assert_eq!(service.open(name).await.unwrap_err().class, ErrorClass::NotAllowed);
    assert_eq!(service.calls(), 0);
}

#[rstest]
#[case(200, json!({ "success": false, "error": "no such row" }), Some("no such row"))]
#[case(200, json!({ "success": false }), None)]
#[case(200, json!({ "error": "no such row" }), Some("no such row"))]
#[case(400, json!({ "error": "no such row" }), Some("no such row"))]
#[case(404, json!({ "success": false, "message": "no such row" }), Some("no such row"))]
#[tokio::test]
async fn every_way_to_say_that_a_conversation_was_not_found_is_a_no(
    #[case] status: u16,
    #[case] body: Value,
    #[case] message: Option<&str>,
) {
    let server = Server::start(Answer::json(status, &body)).await;
    let opened = server.service(Platform::TikTok).open("dana").await.unwrap();
    assert_eq!(opened, Opened::No { message: message.map(str::to_owned) });
}

#[tokio::test]
async fn a_service_that_says_it_failed_is_not_taken_for_an_empty_crm() {
    let server =
        Server::start(Answer::json(200, &json!({ "success": false, "stats": null, "contacts": [] }))).await;
    let service = server.service(Platform::Instagram);
    assert_eq!(service.stats().await.unwrap_err().class, ErrorClass::Status(200));
    assert_eq!(service.top_contacts(5).await.unwrap_err().class, ErrorClass::Status(200));
    assert_eq!(service.score("1").await.unwrap(), ScoreReply::Unknown);
    let server = Server::start(Answer::json(200, &json!({ "success": true, "stats": null }))).await;
    assert_eq!(server.service(Platform::Instagram).stats().await.unwrap(), Stats::NotConfigured);
}
