//! The endpoints, their routes on each platform, and how long each may go on.

use std::fmt;
use std::time::Duration;

use crm_sync_domain::Platform;
use crm_sync_http::Method;

/// One thing that a service can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Does it run, and which service is it?
    Health,
    /// Find the browser tab.
    SessionEnsure,
    /// Which browser tab is tracked.
    SessionStatus,
    /// Forget the tracked tab.
    SessionClear,
    /// What the page shows: site, login, address.
    PageStatus,
    /// Whether the platform limits the account (Twitter, TikTok).
    RateStatus,
    /// Whether the page shows an error (TikTok).
    ErrorCheck,
    /// The rows of the tab that is shown.
    Conversations,
    /// The rows of all tabs (Instagram, Twitter).
    ConversationsAll,
    /// The unread rows.
    ConversationsUnread,
    /// Load older rows of the list (TikTok).
    ScrollInbox,
    /// Load older messages of the open thread (Twitter).
    ScrollThread,
    /// Show the inbox.
    NavigateInbox,
    /// Show one tab of the inbox (Instagram).
    SelectTab,
    /// Open a conversation by name.
    Open,
    /// The messages of whatever conversation is open.
    Messages,
    /// The thread ids that the service remembers (Instagram).
    Threads,
    /// Make the service remember a thread id (Instagram).
    RegisterThread,
    /// Which program holds which browser tab.
    TabClaims,
    /// Let go of the service's own claim.
    ReleaseTab,
    /// The service's CRM statistics.
    Stats,
    /// Contacts with scores.
    TopContacts,
    /// Work out one score again.
    Score,
    /// Work out all scores again.
    ScoreAll,
}

/// How long the slowest of an endpoint's work was seen to take, in seconds, for Instagram, Twitter and TikTok.
/// Source: the times observed on the real servers, rounded up; a hanging script counts where it was seen to hang
/// (70 s on Instagram; the other two give up after 30 s). Nothing is waited for longer than 120 s.
const fn worst_seconds(endpoint: Endpoint) -> [u64; 3] {
    match endpoint {
        Endpoint::Conversations => [8, 1, 1],
        Endpoint::ConversationsAll => [120, 7, 0],
        Endpoint::ConversationsUnread => [1, 7, 7],
        Endpoint::ScrollInbox => [0, 0, 2],
        Endpoint::ScrollThread => [0, 30, 0],
        Endpoint::NavigateInbox => [5, 5, 16],
        Endpoint::SelectTab => [5, 0, 0],
        Endpoint::Open => [12, 12, 12],
        Endpoint::Messages => [70, 30, 30],
        // These leave the browser tab where it is.
        Endpoint::Health
        | Endpoint::SessionEnsure
        | Endpoint::SessionStatus
        | Endpoint::SessionClear
        | Endpoint::PageStatus
        | Endpoint::RateStatus
        | Endpoint::ErrorCheck
        | Endpoint::Threads
        | Endpoint::RegisterThread
        | Endpoint::TabClaims
        | Endpoint::ReleaseTab
        | Endpoint::Stats
        | Endpoint::TopContacts
        | Endpoint::Score
        | Endpoint::ScoreAll => [0, 0, 0],
    }
}

impl Endpoint {
    /// The name in messages and run records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::SessionEnsure => "session/ensure",
            Self::SessionStatus => "session/status",
            Self::SessionClear => "session/clear",
            Self::PageStatus => "status",
            Self::RateStatus => "rate-status",
            Self::ErrorCheck => "error-check",
            Self::Conversations => "conversations",
            Self::ConversationsAll => "conversations/all",
            Self::ConversationsUnread => "conversations/unread",
            Self::ScrollInbox | Self::ScrollThread => "conversations/scroll",
            Self::NavigateInbox => "inbox/navigate",
            Self::SelectTab => "inbox/tab",
            Self::Open => "conversations/open",
            Self::Messages => "messages",
            Self::Threads => "threads",
            Self::RegisterThread => "threads/register",
            Self::TabClaims => "tabs/claims",
            Self::ReleaseTab => "tabs/release",
            Self::Stats => "crm/stats",
            Self::TopContacts => "crm/top-contacts",
            Self::Score => "crm/score",
            Self::ScoreAll => "crm/score-all",
        }
    }

    /// Method and path on a platform; `None` where its service has no such route.
    pub fn route(self, platform: Platform) -> Option<(Method, String)> {
        use Platform::{Instagram, TikTok, Twitter};
        let has_it = match self {
            Self::RateStatus => matches!(platform, Twitter | TikTok),
            Self::ErrorCheck | Self::ScrollInbox => platform == TikTok,
            Self::ConversationsAll => matches!(platform, Instagram | Twitter),
            Self::ScrollThread => platform == Twitter,
            Self::SelectTab | Self::Threads | Self::RegisterThread => platform == Instagram,
            _ => true,
        };
        if !has_it {
            return None;
        }
        let method = match self {
            Self::SessionEnsure
            | Self::SessionClear
            | Self::ScrollInbox
            | Self::ScrollThread
            | Self::NavigateInbox
            | Self::SelectTab
            | Self::Open
            | Self::RegisterThread
            | Self::ReleaseTab
            | Self::Score
            | Self::ScoreAll => Method::Post,
            _ => Method::Get,
        };
        let prefix = match (self, platform) {
            (Self::Health, _) => "",
            // Session and tab routes carry no platform on any service.
            (
                Self::SessionEnsure
                | Self::SessionStatus
                | Self::SessionClear
                | Self::TabClaims
                | Self::ReleaseTab,
                _,
            )
            | (_, Instagram) => "/api",
            (_, Twitter) => "/api/twitter",
            (_, TikTok) => "/api/tiktok",
        };
        Some((method, format!("{prefix}/{}", self.as_str())))
    }

    /// True where a bare list stands for the object that usually holds it.
    pub(crate) const fn may_answer_a_list(self) -> bool {
        matches!(
            self,
            Self::Conversations
                | Self::ConversationsAll
                | Self::ConversationsUnread
                | Self::Messages
                | Self::TopContacts
        )
    }

    /// How long the server may go on with the call at worst, once it has begun; `None` where it can't be moving the
    /// browser tab.
    pub fn worst(self, platform: Platform) -> Option<Duration> {
        let [instagram, twitter, tiktok] = worst_seconds(self);
        let seconds = match platform {
            Platform::Instagram => instagram,
            Platform::Twitter => twitter,
            Platform::TikTok => tiktok,
        };
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
pub(crate) const ALL: [Endpoint; 24] = [
    Endpoint::Health,
    Endpoint::SessionEnsure,
    Endpoint::SessionStatus,
    Endpoint::SessionClear,
    Endpoint::PageStatus,
    Endpoint::RateStatus,
    Endpoint::ErrorCheck,
    Endpoint::Conversations,
    Endpoint::ConversationsAll,
    Endpoint::ConversationsUnread,
    Endpoint::ScrollInbox,
    Endpoint::ScrollThread,
    Endpoint::NavigateInbox,
    Endpoint::SelectTab,
    Endpoint::Open,
    Endpoint::Messages,
    Endpoint::Threads,
    Endpoint::RegisterThread,
    Endpoint::TabClaims,
    Endpoint::ReleaseTab,
    Endpoint::Stats,
    Endpoint::TopContacts,
    Endpoint::Score,
    Endpoint::ScoreAll,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_on_the_allow_list() {
        let allowed: Vec<_> = crm_sync_http::allow::routes().collect();
        for platform in Platform::ALL {
            for (method, path) in ALL.iter().filter_map(|endpoint| endpoint.route(platform)) {
                assert!(allowed.contains(&(method, path.as_str())), "{method} {path}");
            }
        }
    }

    #[test]
    fn no_quiet_period_is_longer_than_two_minutes() {
        for platform in Platform::ALL {
            assert!(ALL.iter().filter_map(|e| e.worst(platform)).all(|worst| worst.as_secs() <= 120));
        }
    }
}
