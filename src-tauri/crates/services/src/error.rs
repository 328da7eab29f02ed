//! What it means that a call brought no usable answer.

use std::time::Duration;

use crm_sync_domain::{Platform, Reason};
use crm_sync_http::{HttpError, Reply};
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::json;
use crate::text::{is_html, one_line, page_words};

/// Why an endpoint gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{platform} {endpoint}: {detail}")]
pub struct ServiceError {
    /// Whose service.
    pub platform: Platform,
    /// What kind of failure.
    pub class: ErrorClass,
    /// What was asked for.
    pub endpoint: Endpoint,
    /// What happened, for people: one line of at most 200 characters, without scripts, paths of the server's machine
    /// or text of messages.
    pub detail: String,
    /// How long the service asks to be left alone.
    pub retry_after: Option<Duration>,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Nothing answers on the port.
    Refused,
    /// No complete answer in time.
    TimedOut,
    /// The connection broke: reset, or cut off within the answer.
    Dropped,
    /// 401, 403.
    Unauthorized,
    /// 404, or a route that this platform's service is known not to have.
    Missing,
    /// The service has no browser tab to work in: its guard's 503, or its words in another error.
    NoSession,
    /// 429.
    RateLimited,
    /// Any other status that is no success; 200 where the service said in words that it failed.
    Status(u16),
    /// The tab that the service claims is gone: every call fails until the claim is released.
    DeadTab,
    /// An answer that can't be understood: HTML, empty, no JSON, the wrong type.
    NotUnderstood,
    /// The answer is larger than the cap.
    TooLarge,
    /// A redirect; never followed.
    Redirected,
    /// Not on the allow-list; nothing was sent.
    NotAllowed,
}

impl ServiceError {
    /// The error vocabulary's word.
    pub fn reason(&self) -> Reason {
        match self.class {
            ErrorClass::Refused => Reason::ServiceDown,
            ErrorClass::TimedOut => Reason::TooSlow,
            // The documented services answer 401 where the browser is not on the platform or nobody is signed in.
            ErrorClass::Unauthorized | ErrorClass::NoSession => Reason::NeedsSession,
            ErrorClass::RateLimited => Reason::RateLimited,
            ErrorClass::DeadTab => Reason::DeadTab,
            ErrorClass::Missing | ErrorClass::Status(_) | ErrorClass::NotAllowed => Reason::ServiceError,
            ErrorClass::Dropped | ErrorClass::NotUnderstood | ErrorClass::TooLarge => Reason::BadReply,
            // No service redirects; a login page or a proxy in front of something else does.
            ErrorClass::Redirected => Reason::WrongService,
        }
    }

    /// How long the server may go on with the call from now on at worst: giving up a call doesn't stop it from moving
    /// the browser tab. As long as that endpoint was ever seen to take, however long this one took already: a call
    /// that outlives its time-out is one that hangs. `None` where it answered, was never reached, or moves no tab.
    pub fn may_go_on_for(&self) -> Option<Duration> {
        let given_up = matches!(self.class, ErrorClass::TimedOut | ErrorClass::Dropped);
        given_up.then(|| self.endpoint.worst(self.platform)).flatten()
    }

    pub(crate) fn new(platform: Platform, endpoint: Endpoint, class: ErrorClass, detail: &str) -> Self {
        Self { platform, class, endpoint, detail: one_line(detail), retry_after: None }
    }

    pub(crate) fn not_understood(platform: Platform, endpoint: Endpoint, detail: &str) -> Self {
        Self::new(platform, endpoint, ErrorClass::NotUnderstood, detail)
    }

    /// The error of a call without an answer.
    pub(crate) fn of_call(platform: Platform, endpoint: Endpoint, error: &HttpError) -> Self {
        let class = match error {
            HttpError::Refused { .. } => ErrorClass::Refused,
            HttpError::TimedOut { .. } => ErrorClass::TimedOut,
            HttpError::Dropped { .. } => ErrorClass::Dropped,
            HttpError::TooLarge { .. } => ErrorClass::TooLarge,
            HttpError::Redirected { .. } => ErrorClass::Redirected,
            HttpError::NotAllowed { .. } | HttpError::NotLoopback { .. } | HttpError::BadBase { .. } => {
                ErrorClass::NotAllowed
            }
            HttpError::Other { .. } => ErrorClass::NotUnderstood,
        };
        Self::new(platform, endpoint, class, &error.to_string())
    }

    /// The error that an answer's status and words mean; `None` for a success.
    pub(crate) fn of_status(platform: Platform, endpoint: Endpoint, reply: &Reply) -> Option<Self> {
        if (200..300).contains(&reply.status) {
            return None;
        }
        let said = words(reply);
        let lower = said.to_lowercase();
        let class = match reply.status {
            401 | 403 => ErrorClass::Unauthorized,
            404 => ErrorClass::Missing,
            429 => ErrorClass::RateLimited,
            400.. if is_dead_tab(&lower) => ErrorClass::DeadTab,
            500.. if is_no_tab(&lower) => ErrorClass::NoSession,
            status => ErrorClass::Status(status),
        };
        let detail = if said.is_empty() {
            format!("status {}", reply.status)
        } else {
            format!("status {}: {said}", reply.status)
        };
        Some(Self { retry_after: reply.retry_after, ..Self::new(platform, endpoint, class, &detail) })
    }
}

/// What an error body says: the fields of a JSON error, the words of a page, or the text itself.
pub(crate) fn words(reply: &Reply) -> String {
    if let Ok(value) = json::parse(&reply.body) {
        return said(&value).unwrap_or_default();
    }
    let text = String::from_utf8_lossy(&reply.body);
    if is_html(&text) { page_words(&text) } else { one_line(&text) }
}

/// The words of a JSON answer that reports a failure.
pub(crate) fn said(value: &Value) -> Option<String> {
    let word = |key: &str| json::text(value, key);
    let main =
        word("error").or_else(|| word("message")).or_else(|| json::text(value.get("error")?, "message"))?;
    let line = match word("detail") {
        Some(detail) => one_line(&format!("{main}: {detail}")),
        None => one_line(main),
    };
    (!line.is_empty()).then_some(line)
}

/// The script language's words for a tab or window that is not there (-1719, -1728). A script that may not run, hangs
/// or has a mistake fails in other words: releasing the claim would not help there.
fn is_dead_tab(lower: &str) -> bool {
    let gone = lower.contains("(-1719)") || lower.contains("(-1728)");
    let named = lower.contains("tab") || lower.contains("window");
    (gone && named) || lower.contains("t get tab") || lower.contains("t get window")
}

/// The words of the services' guards when they find no browser tab, or nobody signed in.
fn is_no_tab(lower: &str) -> bool {
    [
        "session activation failed",
        "no safari tab available",
        " tab found",
        " tab not found",
        "requireactivesession",
        "no active session",
        "not logged in",
    ]
    .iter()
    .any(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rstest::rstest;

    use super::*;

    fn class(status: u16, error: &str) -> ErrorClass {
        let body = Bytes::from(serde_json::json!({ "error": error }).to_string());
        let reply = Reply { status, content_type: None, retry_after: None, body };
        ServiceError::of_status(Platform::Twitter, Endpoint::Open, &reply).unwrap().class
    }

    #[rstest]
    #[case(500, "osascript: Safari got an error: Can’t get tab 3 of window 1.", ErrorClass::DeadTab)]
    #[case(400, "Safari got an error: Can't get window 1. Invalid index. (-1719)", ErrorClass::DeadTab)]
    #[case(500, "Not authorized to send Apple events to Safari. (-1743)", ErrorClass::Status(500))]
    #[case(500, "Could not find the table in the schema cache: not found", ErrorClass::Status(500))]
    #[case(500, "[SafariDriver] No 'x.com' tab found.", ErrorClass::NoSession)]
    #[case(503, "No Safari tab available for twitter-dm", ErrorClass::NoSession)]
    #[case(503, "Not logged in to Twitter/X", ErrorClass::NoSession)]
    #[case(503, "Service Unavailable", ErrorClass::Status(503))]
    #[case(404, "No 'x.com' tab found", ErrorClass::Missing)]
    #[case(401, "No active session", ErrorClass::Unauthorized)]
    fn the_words_of_an_error_tell_a_missing_tab_from_a_dead_one(
        #[case] status: u16,
        #[case] error: &str,
        #[case] expected: ErrorClass,
    ) {
        assert_eq!(class(status, error), expected);
    }
}
