//! Decoding what the services say of themselves: which one answers, its browser tab, the page in it.

use crm_sync_domain::Platform;
use serde_json::Value;
use url::Url;

use crate::json;

/// Which program answers on the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The service that was expected.
    This,
    /// It answers as the documentation says, which doesn't tell the services apart; its CRM statistics then do.
    Unproved,
    /// Another program; the words say which, as far as it can be told.
    Other(String),
}

/// What `/health` said. It answers as soon as the program runs: it says nothing of browser, tab or login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Which program answers.
    pub identity: Identity,
    /// `status` as given: "ok".
    pub status: Option<String>,
}

/// Whether the service has a browser tab to work in. Says nothing of the login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// True where it has one.
    pub ok: bool,
    /// Its words, on one line.
    pub message: Option<String>,
    /// The tab's address, where given.
    pub url: Option<String>,
}

/// Which tab the service tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionStatus {
    /// Whether it tracks one.
    pub tracked: bool,
    /// The browser's window, from 1.
    pub window_index: Option<i64>,
    /// The tab in that window, from 1.
    pub tab_index: Option<i64>,
    /// What the address of a tab must contain to be taken.
    pub url_pattern: Option<String>,
}

/// What the page in the tab is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageStatus {
    /// The page is the platform's. On Twitter this is about the browser's front tab, which may be another one.
    pub on_platform: bool,
    /// Somebody is signed in. TikTok says so of every page that is no login page: ask for both.
    pub logged_in: bool,
    /// The page's address; `None` where it was not given or is empty, as when the browser can't be asked.
    pub current_url: Option<String>,
    /// The thread that the address names, when the address is the platform's own.
    pub thread_id: Option<String>,
}

/// Whether the platform holds the account back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RateStatus {
    /// The account is limited.
    pub limited: bool,
    /// The account is suspended (Twitter).
    pub suspended: bool,
    /// The page asks for a captcha (TikTok).
    pub captcha: bool,
    /// The service's words, on one line.
    pub message: Option<String>,
}

impl RateStatus {
    /// True where nothing should be read for now.
    pub const fn holds_back(&self) -> bool {
        self.limited || self.suspended || self.captcha
    }
}

/// One program's claim on one browser tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabClaim {
    /// Who claims it.
    pub agent_id: String,
    /// For which service.
    pub service: Option<String>,
    /// That service's port.
    pub port: Option<i64>,
    /// The browser's window, from 1.
    pub window_index: Option<i64>,
    /// The tab in that window, from 1.
    pub tab_index: Option<i64>,
    /// The tab's address when it was claimed.
    pub tab_url: Option<String>,
}

/// What an inbox was asked to show, and whether it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Navigated {
    /// The service says so. TikTok says so also when nobody is signed in.
    pub success: bool,
    /// Its words where it does not, on one line.
    pub error: Option<String>,
}

/// What the service's `service` field says when it is this one: "instagram-dm", …
pub(crate) fn service_name(platform: Platform) -> String {
    format!("{platform}-dm")
}

/// Which service a JSON answer of `/health` comes from. Instagram's has no `service`, but `rateLimits`.
pub(crate) fn health(platform: Platform, answer: &Value) -> Health {
    let status = json::text(answer, "status").map(crate::text::one_line);
    let service = json::text(answer, "service");
    let instagram = answer.get("rateLimits").is_some_and(Value::is_object);
    let identity = match service {
        Some(service) if service == service_name(platform) => Identity::This,
        Some(service) => Identity::Other(crate::text::one_line(service)),
        None if instagram && platform == Platform::Instagram => Identity::This,
        None if instagram => Identity::Other(service_name(Platform::Instagram)),
        None if status.is_some() => Identity::Unproved,
        None => Identity::Other(format!("a program that answers {}", json::kind(answer))),
    };
    Health { identity, status }
}

pub(crate) fn session_status(answer: &Value) -> Result<SessionStatus, String> {
    Ok(SessionStatus {
        tracked: json::flag(answer, "tracked").ok_or("\"tracked\" is missing")?,
        window_index: json::whole(answer, "windowIndex"),
        tab_index: json::whole(answer, "tabIndex"),
        url_pattern: json::first_text(answer, &["sessionUrlPattern", "urlPattern"]).map(str::to_owned),
    })
}

pub(crate) fn page_status(platform: Platform, answer: &Value) -> Result<PageStatus, String> {
    let on_key = match platform {
        Platform::Instagram => "isOnInstagram",
        Platform::Twitter => "isOnTwitter",
        Platform::TikTok => "isOnTikTok",
    };
    let current_url = json::text(answer, "currentUrl");
    Ok(PageStatus {
        on_platform: json::flag(answer, on_key).ok_or_else(|| format!("\"{on_key}\" is missing"))?,
        logged_in: json::flag(answer, "isLoggedIn").ok_or("\"isLoggedIn\" is missing")?,
        thread_id: current_url.and_then(|url| thread_id(platform, url)),
        current_url: current_url.map(str::to_owned),
    })
}

/// The thread that an address of the platform names: `/direct/t/<id>/` on Instagram, `/messages/<id>` elsewhere.
fn thread_id(platform: Platform, address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let hosts: &[&str] = match platform {
        Platform::Instagram => &["instagram.com"],
        Platform::Twitter => &["x.com", "twitter.com"],
        Platform::TikTok => &["tiktok.com"],
    };
    let host = url.host_str()?;
    if !hosts.iter().any(|own| host == *own || host.strip_suffix(own).is_some_and(|sub| sub.ends_with('.'))) {
        return None;
    }
    let segments: Vec<&str> = url.path_segments()?.filter(|segment| !segment.is_empty()).collect();
    match (platform, segments.as_slice()) {
        (Platform::Instagram, ["direct", "t", id, ..]) => Some((*id).to_owned()),
        // "requests", "compose" and "settings" stand in the same place; ids begin with a digit.
        (Platform::Twitter | Platform::TikTok, ["messages", id, ..])
            if id.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            Some((*id).to_owned())
        }
        _ => None,
    }
}

pub(crate) fn rate_status(answer: &Value) -> Result<RateStatus, String> {
    let flags = ["limited", "suspended", "captcha"].map(|key| json::flag(answer, key));
    if flags.iter().all(Option::is_none) {
        return Err("neither \"limited\" nor \"suspended\" nor \"captcha\" is there".to_owned());
    }
    let [limited, suspended, captcha] = flags.map(Option::unwrap_or_default);
    let message = json::text(answer, "message").map(crate::text::one_line);
    Ok(RateStatus { limited, suspended, captcha, message })
}

pub(crate) fn tab_claims(answer: &Value) -> Result<Vec<TabClaim>, String> {
    let claims = answer.get("claims").and_then(Value::as_array).ok_or("\"claims\" is no list")?;
    let owned = |entry: &Value, key| json::text(entry, key).map(str::to_owned);
    Ok(claims
        .iter()
        .filter_map(|entry| {
            Some(TabClaim {
                agent_id: owned(entry, "agentId")?,
                service: owned(entry, "service"),
                port: json::whole(entry, "port"),
                window_index: json::whole(entry, "windowIndex"),
                tab_index: json::whole(entry, "tabIndex"),
                tab_url: owned(entry, "tabUrl"),
            })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Platform::Instagram, "https://www.instagram.com/direct/t/1336812138/", Some("1336812138"))]
    #[case(Platform::Instagram, "https://www.instagram.com/direct/t/133?x=1#y", Some("133"))]
    #[case(Platform::Instagram, "https://www.instagram.com/direct/inbox/", None)]
    #[case(Platform::Instagram, "https://www.instagram.com/direct/t/", None)]
    #[case(Platform::Instagram, "https://notinstagram.com/direct/t/133/", None)]
    #[case(Platform::Twitter, "https://x.com/messages/12-34", Some("12-34"))]
    #[case(Platform::Twitter, "https://twitter.com/messages/12-34", Some("12-34"))]
    #[case(Platform::Twitter, "https://x.com/messages/requests", None)]
    #[case(Platform::Twitter, "https://x.com/messages", None)]
    #[case(Platform::Twitter, "https://www.instagram.com/direct/t/1/", None)]
    #[case(Platform::TikTok, "https://www.tiktok.com/messages", None)]
    #[case(Platform::TikTok, "", None)]
    fn a_thread_is_named_only_by_an_address_of_the_platform(
        #[case] platform: Platform,
        #[case] address: &str,
        #[case] id: Option<&str>,
    ) {
        assert_eq!(thread_id(platform, address).as_deref(), id);
    }
}
