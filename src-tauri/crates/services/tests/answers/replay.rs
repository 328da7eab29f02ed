//! A server that gives one recorded answer to whatever it is asked, and remembers what that was.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use crm_sync_domain::Platform;
use crm_sync_http::{ClientOptions, HttpClient};
use crm_sync_services::{Service, Timeouts};
use serde_json::Value;
use url::Url;

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", &body.to_string())
    }

    pub(crate) fn text(status: u16, content_type: &str, body: &str) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.as_bytes().to_vec() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What the server was asked: method, path with query, body.
pub(crate) type Asked = Arc<Mutex<Vec<(String, String, String)>>>;

/// A running server, gone when the test ends.
pub(crate) struct Server {
    pub(crate) base: Url,
    asked: Asked,
}

impl Server {
    pub(crate) async fn start(answer: Answer) -> Self {
        let asked = Asked::default();
        let remembered = asked.clone();
        let router = Router::new().fallback(move |method: Method, uri: Uri, body: Bytes| {
            let path = uri.to_string();
            let answer = answer.clone();
            let text = String::from_utf8_lossy(&body).into_owned();
            remembered.lock().unwrap().push((method.to_string(), path, text));
            async move {
                let mut headers = HeaderMap::new();
                for (name, value) in &answer.headers {
                    let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                    headers.insert(name, HeaderValue::from_str(value).unwrap());
                }
                (StatusCode::from_u16(answer.status).unwrap(), headers, answer.body)
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, asked }
    }

    pub(crate) fn service(&self, platform: Platform) -> Service {
        service_at(platform, &self.base, Duration::from_secs(20))
    }

    pub(crate) fn asked(&self) -> Vec<(String, String, String)> {
        self.asked.lock().unwrap().clone()
    }
}

/// A client with one time limit for everything.
pub(crate) fn service_at(platform: Platform, base: &Url, timeout: Duration) -> Service {
    let http = HttpClient::for_service(base, ClientOptions::default()).unwrap();
    let timeouts = Timeouts { request: timeout, open: timeout, list: timeout };
    Service::new(platform, base.clone(), http, timeouts)
}

pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures")
}
