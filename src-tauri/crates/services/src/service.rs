//! One service, endpoint by endpoint.

use std::collections::BTreeMap;
use std::time::Duration;

use crm_sync_domain::{InboxTab, Listing, NameKey, Platform};
use crm_sync_http::{HttpClient, Reply};
use serde_json::{Value, json};
use url::Url;

use crate::crm::{self, ScoreAll, ScoreReply, ScoredContact, Stats};
use crate::endpoint::Endpoint;
use crate::error::{self, ErrorClass, ServiceError};
use crate::json as read;
use crate::listing::{self, ListKind};
use crate::messages::{self, Window};
use crate::session::{
    self, Health, Identity, Navigated, PageStatus, RateStatus, Session, SessionStatus, TabClaim,
};
use crate::text::{is_html, page_words};

/// How long calls may take, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Everything else.
    pub request: Duration,
    /// Opening a conversation.
    pub open: Duration,
    /// Listing all tabs, and recalculating all scores: both can take minutes on the real servers.
    pub list: Duration,
}

impl Default for Timeouts {
    /// 45 s, 45 s, 180 s: a hanging browser alone holds a call for 30 s, Instagram's list takes up to 124 s.
    fn default() -> Self {
        let request = Duration::from_secs(45);
        Self { request, open: request, list: Duration::from_secs(180) }
    }
}

/// What `open` said. [`Opened::Yes`] is a claim: whose thread came up is for the messages to prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// The service says that it opened the conversation.
    Yes,
    /// It did not find it.
    No {
        /// Its words, on one line.
        message: Option<String>,
    },
}

/// The client of one platform's service. Cheap to clone. It calls what it is told to, once, and waits for nothing:
/// order, pauses and tries again are the engine's.
#[derive(Debug, Clone)]
pub struct Service {
    platform: Platform,
    base: Url,
    http: HttpClient,
    timeouts: Timeouts,
}

impl Service {
    /// A client for the service of `platform` at `base`, which `http` was built for.
    pub fn new(platform: Platform, base: Url, http: HttpClient, timeouts: Timeouts) -> Self {
        Self { platform, base, http, timeouts }
    }

    /// Whose service.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// Where it is.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// How many calls were sent, over all clones.
    pub fn calls(&self) -> u64 {
        self.http.calls()
    }

    /// Which program answers. Another one is no error but [`Identity::Other`]; a program that reports a failure of
    /// its own (401, 403, 429, 5xx) is.
    pub async fn health(&self) -> Result<Health, ServiceError> {
        let reply = self.ask(Endpoint::Health, "", None).await?;
        let failed = matches!(reply.status, 401 | 403 | 429 | 500..);
        if failed && let Some(error) = self.failure(Endpoint::Health, &reply) {
            return Err(error);
        }
        let other = |words: String| Health { identity: Identity::Other(words), status: None };
        let text = String::from_utf8_lossy(&reply.body);
        if is_html(&text) {
            return Ok(other(format!("a web page: {}", page_words(&text))));
        }
        if !(200..300).contains(&reply.status) {
            return Ok(other(format!("a program that answers with status {}", reply.status)));
        }
        Ok(match read::parse(&reply.body) {
            Ok(answer) => session::health(self.platform, &answer),
            Err(_) => other("a program that does not answer JSON".to_owned()),
        })
    }

    /// Makes the service find its browser tab. All of its ways to say that there is none (500 on Instagram, 200 with
    /// `ok: false` elsewhere, a guard's 503) become a [`Session`] that is not ok.
    ///
    /// Errors: [`ErrorClass::Missing`] from a service as documented, which has no such route.
    pub async fn session_ensure(&self) -> Result<Session, ServiceError> {
        let endpoint = Endpoint::SessionEnsure;
        let reply = self.ask(endpoint, "", None).await?;
        if let Some(error) = self.failure(endpoint, &reply) {
            return if error.class == ErrorClass::NoSession {
                let message = Some(error::words(&reply)).filter(|words| !words.is_empty());
                Ok(Session { ok: false, message, url: None })
            } else {
                Err(error)
            };
        }
        let answer = self.object(endpoint, &reply)?;
        let Some(ok) = read::first_flag(&answer, &["ok", "success"]) else {
            return Err(self.odd(endpoint, "\"ok\" is missing"));
        };
        Ok(Session { ok, message: error::said(&answer), url: read::text(&answer, "url").map(str::to_owned) })
    }

    /// Which tab the service tracks.
    pub async fn session_status(&self) -> Result<SessionStatus, ServiceError> {
        let answer = self.answer(Endpoint::SessionStatus, "", None).await?;
        session::session_status(&answer).map_err(|why| self.odd(Endpoint::SessionStatus, &why))
    }

    /// Makes the service forget the tracked tab.
    pub async fn session_clear(&self) -> Result<(), ServiceError> {
        let answer = self.answer(Endpoint::SessionClear, "", None).await?;
        self.refused(Endpoint::SessionClear, &answer).map_or(Ok(()), Err)
    }

    /// What the page in the tab is.
    pub async fn page_status(&self) -> Result<PageStatus, ServiceError> {
        let answer = self.answer(Endpoint::PageStatus, "", None).await?;
        session::page_status(self.platform, &answer).map_err(|why| self.odd(Endpoint::PageStatus, &why))
    }

    /// Whether the platform holds the account back (Twitter, TikTok).
    pub async fn rate_status(&self) -> Result<RateStatus, ServiceError> {
        let answer = self.answer(Endpoint::RateStatus, "", None).await?;
        session::rate_status(&answer).map_err(|why| self.odd(Endpoint::RateStatus, &why))
    }

    /// Whether the page shows an error (TikTok).
    pub async fn error_check(&self) -> Result<bool, ServiceError> {
        let answer = self.answer(Endpoint::ErrorCheck, "", None).await?;
        self.flag(Endpoint::ErrorCheck, &answer, "hasError")
    }

    /// The rows of the inbox. Listing all tabs leaves Instagram on its hidden requests and Twitter on its requests.
    ///
    /// Errors: [`ErrorClass::Missing`] for all tabs of a Twitter service as documented, which has only the one list.
    pub async fn conversations(&self, kind: ListKind) -> Result<Listing, ServiceError> {
        let endpoint = match kind {
            ListKind::Unread => Endpoint::ConversationsUnread,
            ListKind::All if self.platform != Platform::TikTok => Endpoint::ConversationsAll,
            ListKind::Shown | ListKind::All => Endpoint::Conversations,
        };
        let answer = self.answer(endpoint, "", None).await?;
        listing::decode(self.platform, kind, &answer).map_err(|why| self.odd(endpoint, &why))
    }

    /// Loads older rows of the list (TikTok): how many more there are now. 0 is the end; less than 0 can be, where
    /// the page drops rows at the top.
    pub async fn scroll_inbox(&self) -> Result<i64, ServiceError> {
        let endpoint = Endpoint::ScrollInbox;
        let answer = self.answer(endpoint, "", None).await?;
        read::whole(&answer, "newCount").ok_or_else(|| self.odd(endpoint, "\"newCount\" is missing"))
    }

    /// Loads older messages of the open thread (Twitter): how many it shows now, where given.
    pub async fn scroll_thread(&self, scrolls: u32) -> Result<Option<u64>, ServiceError> {
        let body = json!({ "scrollCount": scrolls });
        let answer = self.answer(Endpoint::ScrollThread, "", Some(&body)).await?;
        if let Some(error) = self.refused(Endpoint::ScrollThread, &answer) {
            return Err(error);
        }
        Ok(read::whole(&answer, "totalMessages").and_then(|total| u64::try_from(total).ok()))
    }

    /// Shows the inbox. A service that could not (200 or 400 with `success: false`) is no error here.
    pub async fn navigate_inbox(&self) -> Result<Navigated, ServiceError> {
        let endpoint = Endpoint::NavigateInbox;
        let reply = self.ask(endpoint, "", None).await?;
        let answer = self.object(endpoint, &reply);
        match self.failure(endpoint, &reply) {
            Some(error) if error.class == ErrorClass::Status(400) => match answer {
                Ok(answer) => Ok(Navigated { success: false, error: error::said(&answer) }),
                Err(_) => Err(error),
            },
            Some(error) => Err(error),
            None => {
                let answer = answer?;
                let error = error::said(&answer);
                let success = read::first_flag(&answer, &["success", "ok"]).unwrap_or(error.is_none());
                Ok(Navigated { success, error: error.filter(|_| !success) })
            }
        }
    }

    /// Shows one tab of the inbox (Instagram): `open` finds only rows of the tab that is shown.
    pub async fn select_tab(&self, tab: InboxTab) -> Result<bool, ServiceError> {
        let answer = self.answer(Endpoint::SelectTab, "", Some(&json!({ "tab": tab.as_str() }))).await?;
        self.flag(Endpoint::SelectTab, &answer, "success")
    }

    /// Opens a conversation by its name. Twitter opens the first row for an empty name, so that is never sent.
    pub async fn open(&self, name: &str) -> Result<Opened, ServiceError> {
        let endpoint = Endpoint::Open;
        if NameKey::of(name).is_none() {
            let detail = "an empty name can't be opened; nothing was sent";
            return Err(ServiceError::new(self.platform, endpoint, ErrorClass::NotAllowed, detail));
        }
        let reply = self.ask(endpoint, "", Some(&json!({ "username": name }))).await?;
        let answer = self.object(endpoint, &reply);
        let verdict = answer.as_ref().ok().and_then(|answer| read::first_flag(answer, &["success", "ok"]));
        match self.failure(endpoint, &reply) {
            // "Not found" is 200 on Instagram and Twitter, 400 on TikTok.
            Some(error) if error.class == ErrorClass::Status(400) => {
                Ok(Opened::No { message: Some(error::words(&reply)).filter(|words| !words.is_empty()) })
            }
            Some(error) if error.class == ErrorClass::Missing && verdict == Some(false) => {
                Ok(Opened::No { message: Some(error::words(&reply)).filter(|words| !words.is_empty()) })
            }
            Some(error) => Err(error),
            None => {
                let answer = answer?;
                let message = error::said(&answer);
                // The documentation doesn't say what the answer holds: without a verdict the messages decide.
                let opened = verdict.unwrap_or(message.is_none());
                Ok(if opened { Opened::Yes } else { Opened::No { message } })
            }
        }
    }

    /// The messages of whatever conversation is open.
    pub async fn messages(&self, limit: u32) -> Result<Window, ServiceError> {
        let endpoint = Endpoint::Messages;
        let answer = self.answer(endpoint, &format!("?limit={limit}"), None).await?;
        messages::decode(self.platform, limit, &answer).map_err(|why| self.odd(endpoint, &why))
    }

    /// The thread ids that the service remembers, by name (Instagram).
    pub async fn threads(&self) -> Result<BTreeMap<String, String>, ServiceError> {
        let answer = self.answer(Endpoint::Threads, "", None).await?;
        let Some(threads) = answer.get("threads").and_then(Value::as_object) else {
            return Err(self.odd(Endpoint::Threads, "\"threads\" is no object"));
        };
        Ok(threads.iter().filter_map(|(name, id)| Some((name.clone(), id.as_str()?.to_owned()))).collect())
    }

    /// Makes the service remember a thread id: `open` then goes to its address instead of looking for a row
    /// (Instagram). Forgotten when the service restarts.
    pub async fn register_thread(&self, name: &str, thread_id: &str) -> Result<bool, ServiceError> {
        let body = json!({ "username": name, "threadId": thread_id });
        let answer = self.answer(Endpoint::RegisterThread, "", Some(&body)).await?;
        self.flag(Endpoint::RegisterThread, &answer, "success")
    }

    /// Which program holds which browser tab.
    pub async fn tab_claims(&self) -> Result<Vec<TabClaim>, ServiceError> {
        let answer = self.answer(Endpoint::TabClaims, "", None).await?;
        session::tab_claims(&answer).map_err(|why| self.odd(Endpoint::TabClaims, &why))
    }

    /// Lets go of the service's own claim, which heals a claim on a tab that is gone.
    pub async fn release_tab(&self) -> Result<bool, ServiceError> {
        let body = json!({ "agentId": format!("{}-stable", session::service_name(self.platform)) });
        let answer = self.answer(Endpoint::ReleaseTab, "", Some(&body)).await?;
        self.flag(Endpoint::ReleaseTab, &answer, "ok")
    }

    /// The service's CRM statistics.
    pub async fn stats(&self) -> Result<Stats, ServiceError> {
        let answer = self.answer(Endpoint::Stats, "", None).await?;
        if let Some(error) = self.refused(Endpoint::Stats, &answer) {
            return Err(error);
        }
        crm::stats(&answer).map_err(|why| self.odd(Endpoint::Stats, &why))
    }

    /// Contacts with their scores. The real servers know only contacts that they themselves wrote to, and give those
    /// that were never scored first: ask for at least as many as there are.
    pub async fn top_contacts(&self, limit: u32) -> Result<Vec<ScoredContact>, ServiceError> {
        let endpoint = Endpoint::TopContacts;
        let answer = self.answer(endpoint, &format!("?limit={limit}"), None).await?;
        if let Some(error) = self.refused(endpoint, &answer) {
            return Err(error);
        }
        crm::top_contacts(&answer).map_err(|why| self.odd(endpoint, &why))
    }

    /// Makes the service work out one contact's score again; `contact_id` is the service's own id.
    pub async fn score(&self, contact_id: &str) -> Result<ScoreReply, ServiceError> {
        let answer = self.answer(Endpoint::Score, "", Some(&json!({ "contactId": contact_id }))).await?;
        crm::score(&answer).map_err(|why| self.odd(Endpoint::Score, &why))
    }

    /// Makes the service work out all scores again.
    pub async fn score_all(&self) -> Result<ScoreAll, ServiceError> {
        let answer = self.answer(Endpoint::ScoreAll, "", None).await?;
        self.refused(Endpoint::ScoreAll, &answer).map_or_else(|| Ok(crm::score_all(&answer)), Err)
    }

    /// Calls an endpoint and gives the JSON of a 2xx answer: an object, or a list where that has a meaning.
    async fn answer(
        &self,
        endpoint: Endpoint,
        query: &str,
        body: Option<&Value>,
    ) -> Result<Value, ServiceError> {
        let reply = self.ask(endpoint, query, body).await?;
        match self.failure(endpoint, &reply) {
            Some(error) => Err(error),
            None if endpoint.may_answer_a_list() => self.structure(endpoint, &reply),
            None => self.object(endpoint, &reply),
        }
    }

    /// Calls an endpoint and gives its answer, of whatever status.
    async fn ask(
        &self,
        endpoint: Endpoint,
        query: &str,
        body: Option<&Value>,
    ) -> Result<Reply, ServiceError> {
        let Some((method, path)) = endpoint.route(self.platform) else {
            let detail = format!("{} has no {endpoint}; nothing was sent", self.platform.title());
            return Err(ServiceError::new(self.platform, endpoint, ErrorClass::Missing, &detail));
        };
        let timeout = match endpoint {
            Endpoint::Open => self.timeouts.open,
            Endpoint::ConversationsAll | Endpoint::ScoreAll => self.timeouts.list,
            _ => self.timeouts.request,
        };
        let started = self.http.call(method, &format!("{path}{query}"), body, timeout).await;
        started.map_err(|error| ServiceError::of_call(self.platform, endpoint, &error))
    }

    fn failure(&self, endpoint: Endpoint, reply: &Reply) -> Option<ServiceError> {
        ServiceError::of_status(self.platform, endpoint, reply)
    }

    /// The JSON of an answer, where it is an object or a list.
    fn structure(&self, endpoint: Endpoint, reply: &Reply) -> Result<Value, ServiceError> {
        match read::parse(&reply.body) {
            Ok(answer @ (Value::Object(_) | Value::Array(_))) => Ok(answer),
            Ok(other) => Err(self.odd(endpoint, &format!("the answer is {}", read::kind(&other)))),
            Err(_) if reply.body.is_empty() => Err(self.odd(endpoint, "the answer is empty")),
            Err(error) => {
                let text = String::from_utf8_lossy(&reply.body);
                let detail = if is_html(&text) {
                    format!("the answer is a web page: {}", page_words(&text))
                } else if error.is_eof() {
                    "the answer is JSON that is cut off".to_owned()
                } else {
                    "the answer is no JSON".to_owned()
                };
                Err(self.odd(endpoint, &detail))
            }
        }
    }

    fn object(&self, endpoint: Endpoint, reply: &Reply) -> Result<Value, ServiceError> {
        match self.structure(endpoint, reply)? {
            answer @ Value::Object(_) => Ok(answer),
            other => Err(self.odd(endpoint, &format!("the answer is {}", read::kind(&other)))),
        }
    }

    fn flag(&self, endpoint: Endpoint, answer: &Value, key: &str) -> Result<bool, ServiceError> {
        read::flag(answer, key).ok_or_else(|| self.odd(endpoint, &format!("\"{key}\" is missing")))
    }

    /// The error of a 2xx answer that says in words that it failed.
    fn refused(&self, endpoint: Endpoint, answer: &Value) -> Option<ServiceError> {
        if read::first_flag(answer, &["success", "ok"]) != Some(false) {
            return None;
        }
        let detail = error::said(answer).unwrap_or_else(|| "the service says that it failed".to_owned());
        Some(ServiceError::new(self.platform, endpoint, ErrorClass::Status(200), &detail))
    }

    fn odd(&self, endpoint: Endpoint, detail: &str) -> ServiceError {
        ServiceError::not_understood(self.platform, endpoint, detail)
    }
}
