//! Every recording of the real servers is replayed to the client, and means what the table beside this file says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::time::Duration;

use crm_sync_domain::{Direction, InboxTab, ListedConversation, Listing, Platform, ReadMessage};
use crm_sync_http::{ClientOptions, HttpClient, HttpError, Method};
use crm_sync_services::{ListKind, Opened, Service, ServiceError, Window};
use serde_json::Value;

use crate::replay::{Answer, Server, fixtures};

/// One recording per line: file, two spaces, meaning.
const MEANINGS: &str = include_str!("meanings.txt");

struct Recording {
    platform: Platform,
    method: String,
    path: String,
    body: Value,
    answer: Answer,
}

fn recordings() -> BTreeMap<String, Recording> {
    let mut all = BTreeMap::new();
    for platform in Platform::ALL {
        for entry in fs::read_dir(fixtures().join("services").join(platform.as_str())).unwrap() {
            let file = entry.unwrap().path();
            let text: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
            let name = format!("{platform}/{}", file.file_stem().unwrap().to_str().unwrap());
            let body = match &text["body"] {
                Value::String(page) => page.clone(),
                data => data.to_string(),
            };
            let request = &text["_meta"]["request"];
            let status = u16::try_from(text["status"].as_u64().unwrap()).unwrap();
            let mut answer = Answer { status, headers: Vec::new(), body: body.into_bytes() };
            for (name, value) in text["headers"].as_object().unwrap() {
                answer = answer.with(name, value.as_str().unwrap());
            }
            all.insert(
                name,
                Recording {
                    platform,
                    method: request["method"].as_str().unwrap().to_owned(),
                    path: request["path"].as_str().unwrap().to_owned(),
                    body: request["body"].clone(),
                    answer,
                },
            );
        }
    }
    all
}

fn meanings() -> BTreeMap<&'static str, &'static str> {
    MEANINGS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once("  ").expect("two spaces between file and meaning"))
        .collect()
}

#[tokio::test]
async fn every_recording_means_what_the_table_says() {
    let meanings = meanings();
    let recordings = recordings();
    let (told, there): (BTreeSet<&str>, BTreeSet<&str>) =
        (meanings.keys().copied().collect(), recordings.keys().map(String::as_str).collect());
    let mut wrong = Vec::new();
    for (name, recording) in &recordings {
        let meaning = meaning(recording).await;
        if meanings.get(name.as_str()) != Some(&meaning.as_str()) {
            wrong.push(format!("{name}  {meaning}"));
        }
    }
    assert!(wrong.is_empty(), "these mean something else than the table says:\n{}", wrong.join("\n"));
    assert_eq!(told, there);
}

/// What the client makes of a recording, in one line.
async fn meaning(recording: &Recording) -> String {
    let server = Server::start(recording.answer.clone()).await;
    let service = server.service(recording.platform);
    let called = call(&service, recording).await;
    if let Some(meaning) = called {
        let asked = server.asked();
        assert_eq!(asked.len(), 1, "{}: one call each", recording.path);
        assert_eq!(asked[0].0, recording.method, "{}", recording.path);
        return meaning;
    }
    // No method of the client makes this call: it must be refused, or be a read that is answered as recorded.
    let method = match recording.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        other => return format!("{other} can't be sent"),
    };
    let http = HttpClient::for_service(&server.base, ClientOptions::default()).unwrap();
    match http.call(method, &recording.path, None, Duration::from_secs(20)).await {
        Err(HttpError::NotAllowed { .. }) => {
            assert_eq!(http.calls(), 0);
            assert!(server.asked().is_empty());
            "not allowed".to_owned()
        }
        reply => {
            let reply = reply.unwrap();
            assert_eq!(reply.body, recording.answer.body);
            format!("unused, {}", reply.status)
        }
    }
}

/// Calls the method that the recorded request belongs to. The answer decides, so the arguments don't matter where the
/// recorded ones can't be given (no body, a broken one).
async fn call(service: &Service, recording: &Recording) -> Option<String> {
    let (path, query) = recording.path.split_once('?').unwrap_or((&recording.path, ""));
    let path = path
        .strip_prefix(&format!("/api/{}", recording.platform))
        .or(path.strip_prefix("/api"))
        .unwrap_or(path);
    let limit = query.strip_prefix("limit=").and_then(|limit| limit.parse().ok()).unwrap_or(20);
    let name = recording.body["username"].as_str().filter(|name| !name.is_empty()).unwrap_or("somebody");
    let ours = recording.body["agentId"].as_str().is_none_or(|agent| agent.ends_with("-dm-stable"));
    Some(match (recording.method.as_str(), path) {
        ("GET", "/health") => told(service.health().await),
        ("GET", "/session/status") => told(service.session_status().await),
        ("POST", "/session/ensure") => told(service.session_ensure().await),
        ("POST", "/session/clear") => told(service.session_clear().await),
        ("GET", "/status") => told(service.page_status().await),
        ("GET", "/rate-status") => told(service.rate_status().await),
        ("GET", "/tabs/claims") => told(service.tab_claims().await),
        ("POST", "/tabs/release") if ours => told(service.release_tab().await),
        ("GET", "/conversations") => listed(service.conversations(ListKind::Shown).await),
        ("GET", "/conversations/all") => listed(service.conversations(ListKind::All).await),
        ("GET", "/conversations/unread") => listed(service.conversations(ListKind::Unread).await),
        ("POST", "/conversations/scroll") => match recording.platform {
            Platform::Instagram => return None,
            Platform::Twitter => told(service.scroll_thread(2).await),
            Platform::TikTok => told(service.scroll_inbox().await),
        },
        ("POST", "/conversations/open") => opened(service.open(name).await),
        ("POST", "/inbox/navigate") => told(service.navigate_inbox().await),
        ("GET", "/messages") => window(service.messages(limit).await),
        ("GET", "/crm/stats") => told(service.stats().await),
        ("GET", "/crm/top-contacts") => told(service.top_contacts(limit).await),
        ("POST", "/crm/score") => told(service.score("some-id").await),
        ("POST", "/crm/score-all") => told(service.score_all().await),
        _ => return None,
    })
}

fn failed(error: &ServiceError) -> String {
    let detail = error.detail.as_str();
    assert!(detail.chars().count() <= 200 && !detail.contains('\n') && !detail.contains("/var/"), "{detail}");
    format!("{:?} = {}: {detail}", error.class, error.reason())
}

fn told<T: Debug>(answer: Result<T, ServiceError>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(error) => failed(&error),
    }
}

fn opened(answer: Result<Opened, ServiceError>) -> String {
    match answer {
        Ok(Opened::Yes) => "opened".to_owned(),
        Ok(Opened::No { message: None }) => "not opened".to_owned(),
        Ok(Opened::No { message: Some(message) }) => format!("not opened: {message}"),
        Err(error) => failed(&error),
    }
}

fn listed(answer: Result<Listing, ServiceError>) -> String {
    let listing = match answer {
        Ok(listing) => listing,
        Err(error) => return failed(&error),
    };
    let row = |row: &ListedConversation| {
        let tab = row.tab.as_str();
        let unread = row.unread.map_or("", |unread| if unread { " unread" } else { " read" });
        let ours = row.preview_outbound.map_or("", |ours| if ours { " ours" } else { " theirs" });
        let time = row.time_text.as_deref().map(|time| format!(" at {time}")).unwrap_or_default();
        let text = row.preview.as_deref().map_or_else(String::new, |preview| format!(" {preview:?}"));
        format!("{tab} {} {}{text}{ours}{unread}{time}", row.position, row.name)
    };
    let rows: Vec<String> = listing.rows.iter().map(row).collect();
    format!("{:?}, {} rows, {} skipped; {}", listing.shape, rows.len(), listing.skipped, rows.join("; "))
        .trim_end_matches("; ")
        .to_owned()
}

fn window(answer: Result<Window, ServiceError>) -> String {
    let window = match answer {
        Ok(window) => window,
        Err(error) => return failed(&error),
    };
    let line = |message: &ReadMessage| {
        assert_eq!((&message.id, &message.sender), (&None, &None), "no real server gives ids or names");
        let who = match message.direction {
            Some(Direction::Inbound) => "they",
            Some(Direction::Outbound) => "we",
            None => "?",
        };
        let time = message.time_text.as_deref().map(|time| format!(" at {time}")).unwrap_or_default();
        format!("{who} {:?}{time}", message.text)
    };
    let lines: Vec<String> = window.messages.iter().map(line).collect();
    let shown = match lines.as_slice() {
        [first, .., last] if lines.len() > 4 => format!("{first} … {last}"),
        all => all.join("; "),
    };
    format!("{} messages, {} skipped; {shown}", lines.len(), window.skipped).trim_end_matches("; ").to_owned()
}

#[tokio::test]
async fn a_recorded_row_is_kept_field_by_field() {
    let recordings = recordings();
    let listing = |name: &str, kind| {
        let recording = &recordings[name];
        let (platform, answer) = (recording.platform, recording.answer.clone());
        async move { Server::start(answer).await.service(platform).conversations(kind).await.unwrap() }
    };
    let instagram = listing("instagram/conversations-all.ok", ListKind::All).await;
    let attachment = ListedConversation {
        name: "Zoë 🌸 Kline".to_owned(),
        display_name: None,
        preview: Some("You sent an attachment.".to_owned()),
        preview_outbound: Some(true),
        time_text: None,
        unread: None,
        thread_id: None,
        tab: InboxTab::Primary,
        position: 3,
    };
    assert_eq!(instagram.rows[3], attachment);
    let tiktok = listing("tiktok/conversations.ok", ListKind::Shown).await;
    let dana = ListedConversation {
        name: "Dana W | Travel & Life".to_owned(),
        display_name: Some("Dana W | Travel & Life".to_owned()),
        preview: Some("You shared a video".to_owned()),
        preview_outbound: None,
        time_text: Some("17:51".to_owned()),
        unread: Some(true),
        thread_id: None,
        tab: InboxTab::Inbox,
        position: 0,
    };
    assert_eq!(tiktok.rows[0], dana);
    let twitter = listing("twitter/conversations.ok", ListKind::Shown).await;
    assert_eq!(twitter.rows[1].preview.as_deref(), Some(""), "the service said that the preview is empty");
    assert_eq!(twitter.rows[1].unread, None, "the service did not say");
}

#[tokio::test]
async fn a_read_that_is_repeated_gives_the_same_although_the_server_makes_up_new_times() {
    let recordings = recordings();
    let mut reads = Vec::new();
    for name in ["tiktok/messages.read-1", "tiktok/messages.read-2-timestamps-moved"] {
        let server = Server::start(recordings[name].answer.clone()).await;
        reads.push(server.service(Platform::TikTok).messages(50).await.unwrap());
    }
    assert_eq!(reads[0], reads[1]);
}
