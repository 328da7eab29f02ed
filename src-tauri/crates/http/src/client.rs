//! The client of one service.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use url::Url;

use crate::base::{self, Base, LOCALHOST};
use crate::{HttpError, Method, allow};

/// A service closes idle connections after five seconds (Node's default); a connection that is dropped here first
/// can't break under a request.
const IDLE: Duration = Duration::from_secs(2);

/// No answer makes a program wait longer than this, whatever its `Retry-After` says.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// How a client is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientOptions {
    /// Services on other machines may be called.
    pub allow_remote: bool,
    /// The largest body that is read, in bytes; 32 MiB unless said otherwise.
    pub max_body: u64,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { allow_remote: false, max_body: 8 * 1024 * 1024 }
    }
}

/// An answer, of any status outside 3xx.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type` as given.
    pub content_type: Option<String>,
    /// `Retry-After`: in seconds as given, or its date less the answer's own `Date`; at most a day.
    pub retry_after: Option<Duration>,
    /// The whole body, at most [`ClientOptions::max_body`] bytes.
    pub body: Bytes,
}

/// A client for one service. Cheap to clone; the clones share their connections and their count of calls.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    base: Base,
    max_body: u64,
    calls: Arc<AtomicU64>,
}

impl HttpClient {
    /// A client for the service at `base`.
    ///
    /// Errors: [`HttpError::NotLoopback`] where `base` is on another machine and `allow_remote` is off;
    /// [`HttpError::BadBase`] where it has user info, a path, a query or another scheme.
    pub fn for_service(base: &Url, options: ClientOptions) -> Result<Self, HttpError> {
        let base = base::check(base, options.allow_remote)?;
        // An error means that a provider is installed already, which is all that is needed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        #[expect(clippy::disallowed_methods, reason = "this is the one home of client building")]
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("crm-sync/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(1)
            .resolve_to_addrs("localhost", &LOCALHOST.map(|address| SocketAddr::new(address, 0)));
        if base.loopback {
            builder = builder.no_proxy();
        }
        if base.origin.starts_with("http:") {
            // No certificate will be looked at, and a machine without any must not be a machine without services.
            builder = builder.tls_certs_only([]);
        }
        let client =
            builder.build().map_err(|error| HttpError::Other { detail: error.without_url().to_string() })?;
        Ok(Self { client, base, max_body: options.max_body, calls: Arc::default() })
    }

    /// Calls the service once. `timeout` covers the whole call: connecting, headers and body.
    ///
    /// Errors: see [`HttpError`]; a call that is not on the allow-list is refused before anything is sent.
    pub async fn call(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<&serde_json::Value>,
        timeout: Duration,
    ) -> Result<Reply, HttpError> {
        let Some(url) = allow::url(&self.base.origin, method, path_and_query) else {
            let path = path_and_query.split(['?', '#']).next().unwrap_or_default().to_owned();
            return Err(HttpError::NotAllowed { method, path });
        };
        self.calls.fetch_add(1, Ordering::Relaxed);
        tokio::time::timeout(timeout, self.send(method, url, body))
            .await
            .unwrap_or(Err(HttpError::TimedOut { after: timeout }))
    }

    /// How many calls this client and its clones have sent.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<&serde_json::Value>,
    ) -> Result<Reply, HttpError> {
        let mut request = match method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url),
        };
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().await.map_err(|error| self.failed(error))?;
        let status = response.status().as_u16();
        if (300..400).contains(&status) {
            let to = redirect_target(response.url(), header(response.headers(), &LOCATION));
            return Err(HttpError::Redirected { status, to });
        }
        let content_type = header(response.headers(), &CONTENT_TYPE).map(str::to_owned);
        let retry_after =
            retry_after(header(response.headers(), &RETRY_AFTER), header(response.headers(), &DATE));
        let body = self.read(response).await?;
        Ok(Reply { status, content_type, retry_after, body })
    }

    /// The body, piece by piece, so that no more than the cap is ever held.
    async fn read(&self, mut response: reqwest::Response) -> Result<Bytes, HttpError> {
        let limit = self.max_body;
        let too_large = || HttpError::TooLarge { limit };
        if response.content_length().is_some_and(|announced| announced > limit) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.failed(error))? {
            if u64::try_from(body.len() + piece.len()).is_ok_and(|length| length > limit) {
                return Err(too_large());
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }

    fn failed(&self, error: reqwest::Error) -> HttpError {
        HttpError::of(error, &self.base.authority)
    }
}

/// A header that is text; one that isn't says nothing.
fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The host that a redirect names; never its path or query.
fn redirect_target(from: &Url, location: Option<&str>) -> String {
    let Some(target) = location.and_then(|location| from.join(location).ok()) else {
        return "nowhere".to_owned();
    };
    if target.origin() == from.origin() {
        return "the same host".to_owned();
    }
    match (target.host_str(), target.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "nowhere".to_owned(),
    }
}

/// How long an answer asks to wait: seconds, or a date that is measured against the answer's own clock.
fn retry_after(value: Option<&str>, date: Option<&str>) -> Option<Duration> {
    let value = value?.trim();
    let wait = if let Ok(seconds) = value.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let until = httpdate::parse_http_date(value).ok()?;
        until.duration_since(httpdate::parse_http_date(date?).ok()?).unwrap_or_default()
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SUNDAY: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const A_MINUTE_LATER: &str = "Sun, 06 Nov 1994 08:50:37 GMT";

    #[rstest]
    #[case(Some("120"), None, Some(120))]
    #[case(Some(" 0 "), None, Some(0))]
    #[case(Some(A_MINUTE_LATER), Some(SUNDAY), Some(60))]
    #[case(Some(SUNDAY), Some(A_MINUTE_LATER), Some(0))]
    #[case(Some(A_MINUTE_LATER), None, None)]
    #[case(Some("99999999999"), None, Some(86_400))]
    #[case(Some("-5"), Some(SUNDAY), None)]
    #[case(Some("soon"), Some(SUNDAY), None)]
    #[case(None, Some(SUNDAY), None)]
    fn retry_after_is_read_in_both_forms(
        #[case] value: Option<&str>,
        #[case] date: Option<&str>,
        #[case] seconds: Option<u64>,
    ) {
        assert_eq!(retry_after(value, date), seconds.map(Duration::from_secs));
    }

    #[rstest]
    #[case(Some("https://login.example.org/secret?token=1"), "login.example.org")]
    #[case(Some("http://127.0.0.1:9/x"), "127.0.0.1:9")]
    #[case(Some("/login"), "the same host")]
    #[case(Some("http://["), "nowhere")]
    #[case(None, "nowhere")]
    fn a_redirect_is_named_by_its_host_alone(#[case] location: Option<&str>, #[case] named: &str) {
        let from = Url::parse("http://127.0.0.1:3001/api/status").unwrap();
        assert_eq!(redirect_target(&from, location), named);
    }
}
