//! What the services are asked, by platform and shape.

use crm_sync_domain::{Platform, Shape};

/// One kind of call. Timings, faults and scripts are attached to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `GET /health`
    Health,
    /// `POST /api/session/ensure`
    SessionEnsure,
    /// `GET /api/session/status`
    SessionStatus,
    /// `POST /api/session/clear`
    SessionClear,
    /// `GET …/status`
    PageStatus,
    /// `GET …/rate-status` (Twitter, TikTok)
    RateStatus,
    /// `GET …/rate-limits`
    RateLimits,
    /// `GET …/error-check` (TikTok)
    ErrorCheck,
    /// `GET …/conversations`
    List,
    /// `GET …/conversations/all` (Instagram, Twitter)
    ListAll,
    /// `GET …/conversations/unread`
    Unread,
    /// `POST …/conversations/scroll`: the inbox on TikTok, the open thread on Twitter
    Scroll,
    /// `POST …/inbox/navigate`
    Navigate,
    /// `POST /api/inbox/tab` (Instagram)
    SelectTab,
    /// `POST …/conversations/open`
    Open,
    /// `GET …/messages`
    Messages,
    /// `GET /api/threads` (Instagram)
    Threads,
    /// `POST /api/threads/register` (Instagram)
    RegisterThread,
    /// `GET /api/tabs/claims`
    Claims,
    /// `POST /api/tabs/release`
    Release,
    /// `GET …/crm/stats`
    Stats,
    /// `GET …/crm/top-contacts`
    TopContacts,
    /// `POST …/crm/score`
    Score,
    /// `POST …/crm/score-all`
    ScoreAll,
    /// Any other route.
    Unknown,
}

impl Endpoint {
    /// The lists of conversations, which a cold or logged-out inbox answers emptily.
    pub fn is_list(self) -> bool {
        matches!(self, Self::List | Self::ListAll | Self::Unread)
    }

    /// The service's own CRM: no browser tab is involved.
    pub fn is_crm(self) -> bool {
        matches!(self, Self::Stats | Self::TopContacts | Self::Score | Self::ScoreAll)
    }

    /// Answered without a browser tab by every server.
    pub(crate) fn needs_no_tab(self) -> bool {
        matches!(
            self,
            Self::Health
                | Self::SessionEnsure
                | Self::SessionStatus
                | Self::SessionClear
                | Self::PageStatus
                | Self::RateLimits
                | Self::Claims
                | Self::Release
        )
    }

    /// Stands in the published documentation of that platform.
    pub(crate) fn is_documented(self, platform: Platform) -> bool {
        match self {
            Self::Health
            | Self::List
            | Self::Open
            | Self::Messages
            | Self::Navigate
            | Self::Stats
            | Self::TopContacts
            | Self::Score
            | Self::ScoreAll => true,
            Self::ListAll => platform == Platform::Instagram,
            Self::Unread => platform == Platform::Twitter,
            Self::Scroll => platform != Platform::Instagram,
            _ => false,
        }
    }
}

/// Which call a request is; [`Endpoint::Unknown`] where that server has no such route.
pub(crate) fn route(platform: Platform, shape: Shape, method: &str, path: &str) -> Endpoint {
    let endpoint =
        shared(method, path).or_else(|| prefixed(platform, method, path)).unwrap_or(Endpoint::Unknown);
    let alias = path == "/api/inbox/navigate" && method == "POST";
    // The document gives `/api/inbox/navigate` for all; the real Twitter has only the one with its prefix.
    if alias && (platform == Platform::TikTok || shape == Shape::Documented) {
        Endpoint::Navigate
    } else {
        endpoint
    }
}

fn shared(method: &str, path: &str) -> Option<Endpoint> {
    Some(match (method, path) {
        ("GET", "/health") => Endpoint::Health,
        ("POST", "/api/session/ensure") => Endpoint::SessionEnsure,
        ("GET", "/api/session/status") => Endpoint::SessionStatus,
        ("POST", "/api/session/clear") => Endpoint::SessionClear,
        ("GET", "/api/tabs/claims") => Endpoint::Claims,
        ("POST", "/api/tabs/release") => Endpoint::Release,
        _ => return None,
    })
}

fn prefixed(platform: Platform, method: &str, path: &str) -> Option<Endpoint> {
    let prefix = match platform {
        Platform::Instagram => "/api",
        Platform::Twitter => "/api/twitter",
        Platform::TikTok => "/api/tiktok",
    };
    let (instagram, twitter, tiktok) =
        (platform == Platform::Instagram, platform == Platform::Twitter, platform == Platform::TikTok);
    Some(match (method, path.strip_prefix(prefix)?) {
        ("GET", "/status") => Endpoint::PageStatus,
        ("GET", "/rate-status") if !instagram => Endpoint::RateStatus,
        ("GET", "/rate-limits") => Endpoint::RateLimits,
        ("GET", "/error-check") if tiktok => Endpoint::ErrorCheck,
        ("GET", "/conversations") => Endpoint::List,
        ("GET", "/conversations/all") if !tiktok => Endpoint::ListAll,
        ("GET", "/conversations/unread") => Endpoint::Unread,
        ("POST", "/conversations/scroll") if twitter || tiktok => Endpoint::Scroll,
        ("POST", "/inbox/navigate") => Endpoint::Navigate,
        ("POST", "/inbox/tab") if instagram => Endpoint::SelectTab,
        ("POST", "/conversations/open") => Endpoint::Open,
        ("GET", "/messages") => Endpoint::Messages,
        ("GET", "/threads") if instagram => Endpoint::Threads,
        ("POST", "/threads/register") if instagram => Endpoint::RegisterThread,
        ("GET", "/crm/stats") => Endpoint::Stats,
        ("GET", "/crm/top-contacts") => Endpoint::TopContacts,
        ("POST", "/crm/score") => Endpoint::Score,
        ("POST", "/crm/score-all") => Endpoint::ScoreAll,
        _ => return None,
    })
}
