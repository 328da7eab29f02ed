//! What the documented script does: platforms one after another, and per conversation one open, half a second, one
//! read, whatever came of it.

use std::time::{Duration, Instant};

use crm_sync_domain::Platform;
use crm_sync_http::{ClientOptions, HttpClient, Method};
use serde_json::{Value, json};

const SLEEP: Duration = Duration::from_millis(500);
const TIMEOUT: Duration = Duration::from_secs(30);

/// Runs it and says how long it took and how many contacts it wrote.
pub(crate) async fn run(base_urls: &[(Platform, String)]) -> (usize, Duration) {
    let began = Instant::now();
    let mut contacts = 0;
    for (platform, base) in base_urls {
        let http = HttpClient::for_service(&base.parse().unwrap(), ClientOptions::default()).unwrap();
        let get = async |path: &str| answer(http.call(Method::Get, path, None, TIMEOUT).await);
        let (prefix, list) = match platform {
            Platform::Instagram => ("/api", "/api/conversations/all"),
            Platform::Twitter => ("/api/twitter", "/api/twitter/conversations"),
            Platform::TikTok => ("/api/tiktok", "/api/tiktok/conversations"),
        };
        let listed = get(list).await;
        let rows: Vec<Value> = match &listed["conversations"] {
            Value::Object(tabs) => tabs.values().filter_map(Value::as_array).flatten().cloned().collect(),
            Value::Array(rows) => rows.clone(),
            _ => Vec::new(),
        };
        get(&format!("{prefix}/crm/top-contacts?limit=100")).await;
        get(&format!("{prefix}/crm/stats")).await;
        for row in rows {
            let open = json!({ "username": row["username"] });
            let path = format!("{prefix}/conversations/open");
            answer(http.call(Method::Post, &path, Some(&open), TIMEOUT).await);
            tokio::time::sleep(SLEEP).await;
            get(&format!("{prefix}/messages?limit=20")).await;
            contacts += 1;
        }
    }
    (contacts, began.elapsed())
}

fn answer(reply: Result<crm_sync_http::Reply, crm_sync_http::HttpError>) -> Value {
    reply.ok().and_then(|reply| serde_json::from_slice(&reply.body).ok()).unwrap_or_default()
}
