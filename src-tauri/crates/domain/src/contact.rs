//! A contact: one (platform, name), and what is known of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::plan::OpenReason;
use crate::{InboxTab, Moment, NameKey, Platform, Reason};

/// Row id of a contact in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactId(pub i64);

/// Who decided a contact's stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageSource {
    /// The service said so.
    Service,
    /// A person set it here; no sync changes it.
    Person,
}

/// What a listing showed of a conversation at the moment its thread was last proved. Written only together with
/// the messages of that read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The preview as given.
    pub preview: Option<String>,
    /// The time of the last activity.
    pub activity: Option<Moment>,
}

/// A thread that could not be read, and for how long it rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Why.
    pub reason: Reason,
    /// How many times in a row.
    pub failures: u32,
    /// The platform's run number before which it is not tried again while its listing stays the same.
    pub rest_until_run: u64,
    /// What the listing showed at the last try.
    pub seen: Fingerprint,
}

/// One contact with everything the rules need to know of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Row id in the cache.
    pub id: ContactId,
    /// Whose inbox.
    pub platform: Platform,
    /// The name, folded for comparison: the key together with the platform.
    pub key: NameKey,
    /// The spelling first seen; never changes.
    pub username: String,
    /// What `open` is called with: the name as last listed.
    pub open_name: String,
    /// Later names of the same contact (a proved rename), folded.
    pub aliases: Vec<NameKey>,
    /// The service's display name.
    pub display_name: Option<String>,
    /// The real thread id, once proved or given.
    pub thread_id: Option<String>,
    /// The tab of the last listing.
    pub tab: InboxTab,
    /// Place in that tab in the last listing that showed the contact.
    pub position: u32,
    /// The preview of the last listing.
    pub preview: Option<String>,
    /// Whether that preview is ours.
    pub preview_outbound: Option<bool>,
    /// `unread` of the last listing.
    pub unread: Option<bool>,
    /// The last activity by the last listing.
    pub activity: Option<Moment>,
    /// More than one person may hide behind this name: shown, not read, not pushed.
    pub ambiguous: bool,
    /// The last sync that saw the contact.
    pub listed_at: DateTime<Utc>,
    /// The last proved read.
    pub read_at: Option<DateTime<Utc>>,
    /// What the listing showed at that read.
    pub fingerprint: Option<Fingerprint>,
    /// A listing showed a change that has not been read yet; kept until the read is proved.
    pub due: Option<OpenReason>,
    /// Set while the thread can't be read.
    pub unreadable: Option<Unreadable>,
    /// Stage as the service says.
    pub service_stage: Option<String>,
    /// Stage as a person set it; wins.
    pub person_stage: Option<String>,
    /// Engagement on 0–10, as the service says.
    pub score: Option<f64>,
    /// The service's raw score and the field it came from.
    pub raw_score: Option<crate::score::RawScore>,
    /// Engagement on 0–10 worked out here where the service gives none; never exported unless asked for.
    pub local_score: Option<f64>,
    /// As the service says.
    pub messages_sent: Option<i64>,
    /// As the service says.
    pub replies_received: Option<i64>,
    /// As the service says.
    pub last_contacted: Option<Moment>,
    /// The service's own id of the contact, for `score`.
    pub service_contact_id: Option<String>,
    /// How many messages are cached.
    pub message_count: u32,
}

impl Contact {
    /// The stage that counts, and who decided it.
    pub fn stage(&self) -> Option<(&str, StageSource)> {
        self.person_stage
            .as_deref()
            .map(|s| (s, StageSource::Person))
            .or_else(|| self.service_stage.as_deref().map(|s| (s, StageSource::Service)))
    }

    /// The name to show: the service's, else the user name.
    pub fn shown_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.username)
    }
}
