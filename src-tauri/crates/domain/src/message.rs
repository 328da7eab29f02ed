//! Messages as read and as stored.

use serde::{Deserialize, Serialize};

use crate::Moment;

/// Who wrote a message, seen from the person whose inbox it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Written by the contact.
    Inbound,
    /// Written by the owner of the inbox.
    Outbound,
}

/// One message of a read window, as the service gave it. `None` is "the service did not say".
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReadMessage {
    /// A real id. Positional ones (`msg-0`) are dropped while decoding: they name a place, not a message.
    pub id: Option<String>,
    /// The sender's name as given. TikTok's "me" and "them" are a direction, not a name, and are not kept here.
    pub sender: Option<String>,
    /// The text as given.
    pub text: String,
    /// `isOutbound`, `isOwn`, `from` or `sender` "me"/"them", whichever is there.
    pub direction: Option<Direction>,
    /// The message's time as given, when the source's times mean something (TikTok's are the time of reading).
    pub time_text: Option<String>,
}

/// One cached message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// Row id in the cache; 0 before it is stored.
    pub row_id: i64,
    /// What the service gave.
    pub message: ReadMessage,
    /// When it was sent, as far as is known.
    pub sent: Option<Moment>,
    /// True where messages may be missing between the message before this one and this one.
    pub gap_before: bool,
}
