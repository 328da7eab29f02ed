//! The three platforms and the tabs of their inboxes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A platform whose direct messages are read. The order of the variants is the order in every list and export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Instagram; documented on port 3001, the real server's default is 3100.
    Instagram,
    /// Twitter / X; port 3003.
    Twitter,
    /// TikTok; port 3102.
    TikTok,
}

impl Platform {
    /// All platforms in their order.
    pub const ALL: [Self; 3] = [Self::Instagram, Self::Twitter, Self::TikTok];

    /// The name in settings, files, options and routes: lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::Twitter => "twitter",
            Self::TikTok => "tiktok",
        }
    }

    /// The name as people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Instagram => "Instagram",
            Self::Twitter => "Twitter",
            Self::TikTok => "TikTok",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no platform; allowed: instagram, twitter, tiktok")]
pub struct UnknownPlatform(pub String);

impl FromStr for Platform {
    type Err = UnknownPlatform;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|p| p.as_str() == text).ok_or_else(|| UnknownPlatform(text.to_owned()))
    }
}

/// The part of an inbox that a row was listed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxTab {
    /// Instagram's first tab.
    Primary,
    /// Instagram's second tab.
    General,
    /// Message requests (Instagram, Twitter).
    Requests,
    /// Instagram's hidden requests: listed, opened only when the settings say so.
    HiddenRequests,
    /// The one list of Twitter and TikTok.
    Inbox,
}

impl InboxTab {
    /// The word in settings, in the services' answers and in `POST /api/inbox/tab`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::General => "general",
            Self::Requests => "requests",
            Self::HiddenRequests => "hidden_requests",
            Self::Inbox => "inbox",
        }
    }

    /// The tab that a service's answer or a setting names.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Primary, Self::General, Self::Requests, Self::HiddenRequests, Self::Inbox]
            .into_iter()
            .find(|tab| tab.as_str() == word)
    }
}
