//! What one listing of an inbox said.

use serde::{Deserialize, Serialize};

use crate::{InboxTab, Platform};

/// Which of the two worlds a service answers in. Decided per listing by the fields that are there; when nothing
/// tells them apart it is [`Shape::Real`], whose rules are the stricter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// As the published documentation says: user names are handles, messages carry ids and senders.
    Documented,
    /// As the servers really answer: user names are display names, messages have neither ids nor senders.
    Real,
}

/// One row of an inbox, as the service gave it. `None` is "the service did not say".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedConversation {
    /// `username`, else `handle`, exactly as given (not trimmed, not folded): what `open` must be called with.
    pub name: String,
    /// `displayName` as given.
    pub display_name: Option<String>,
    /// `lastMessage` as given. `Some("")` means the service said "empty": Twitter does for short messages.
    pub preview: Option<String>,
    /// `lastMessageIsOutbound`, or true where the preview begins with "You: ".
    pub preview_outbound: Option<bool>,
    /// `timestamp` as given: RFC 3339, a display text ("17:51", "Yesterday"), or nothing.
    pub time_text: Option<String>,
    /// `unread` as given.
    pub unread: Option<bool>,
    /// `threadId` as given, when not empty.
    pub thread_id: Option<String>,
    /// The tab that held the row.
    pub tab: InboxTab,
    /// Place in its tab, from 0, newest activity first.
    pub position: u32,
}

/// One listing of one platform's inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Whose inbox.
    pub platform: Platform,
    /// Decided by the fields that were there.
    pub shape: Shape,
    /// The rows of all tabs, tab by tab, each from the top.
    pub rows: Vec<ListedConversation>,
    /// Entries that could not be understood (no name, not an object): skipped and counted.
    pub skipped: u32,
}
