//! The error vocabulary: one word for everything that can keep a platform or a thread from being read, and the one
//! sentence that says what a person does next.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Platform;

/// Why a platform or a thread could not be read (or only in part). The words are part of the command line's
/// contract (`--json`, run records) and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing listens on the service's port.
    ServiceDown,
    /// Something else than the service answers on the port.
    WrongService,
    /// The service runs, but on another port than the settings say.
    OtherPort,
    /// No tab, or not signed in: a person has to act in Safari.
    NeedsSession,
    /// The platform limits or suspends the account, or asks for a captcha.
    RateLimited,
    /// The platform's own page shows an error.
    PageError,
    /// The service's claim points to a tab that is gone or shows another site.
    DeadTab,
    /// The list of conversations came back empty, again after asking for the inbox to be loaded.
    InboxNotLoaded,
    /// A call took longer than its limit.
    TooSlow,
    /// An answer that can't be understood: HTML, cut off, the wrong type, too large.
    BadReply,
    /// The service answered with an error status.
    ServiceError,
    /// TikTok's list is longer than the settings let a sync scroll.
    ListCapped,
    /// `open` said no.
    NotFound,
    /// Opens fail for everybody: the service can list but not open.
    OpenBroken,
    /// The thread that came up was never proved to be the contact's.
    ThreadUnreadable,
    /// The thread opened, but showed no message at all.
    NoMessagesShown,
    /// Another contact's thread came up.
    WrongThread,
    /// The service's fuzzy `open` can't tell this name from other rows.
    AmbiguousName,
    /// Two people of this name stand in the inbox.
    AnotherPersonSameName,
    /// The service's `open` can't take this name (quotes, backslash, line break).
    CannotOpenName,
    /// A person or a program stopped the run.
    Cancelled,
    /// The run ended without saying so: the program was killed or the computer went down.
    Interrupted,
    /// The cache could not be written.
    CacheUnwritable,
    /// Switched off in the settings.
    Disabled,
}

impl Reason {
    /// The word itself.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceDown => "service_down",
            Self::WrongService => "wrong_service",
            Self::OtherPort => "other_port",
            Self::NeedsSession => "needs_session",
            Self::RateLimited => "rate_limited",
            Self::PageError => "page_error",
            Self::DeadTab => "dead_tab",
            Self::InboxNotLoaded => "inbox_not_loaded",
            Self::TooSlow => "too_slow",
            Self::BadReply => "bad_reply",
            Self::ServiceError => "service_error",
            Self::ListCapped => "list_capped",
            Self::NotFound => "not_found",
            Self::OpenBroken => "open_broken",
            Self::ThreadUnreadable => "thread_unreadable",
            Self::NoMessagesShown => "no_messages_shown",
            Self::WrongThread => "wrong_thread",
            Self::AmbiguousName => "ambiguous_name",
            Self::AnotherPersonSameName => "another_person_same_name",
            Self::CannotOpenName => "cannot_open_name",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::CacheUnwritable => "cache_unwritable",
            Self::Disabled => "disabled",
        }
    }

    /// The reason that a stored word names.
    pub fn parse(word: &str) -> Option<Self> {
        serde::Deserialize::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(
            word,
        ))
        .ok()
    }

    /// True where a person has to do something before the platform can be read again.
    pub const fn needs_a_person(self) -> bool {
        matches!(
            self,
            Self::NeedsSession
                | Self::RateLimited
                | Self::PageError
                | Self::DeadTab
                | Self::InboxNotLoaded
                | Self::WrongService
                | Self::OtherPort
        )
    }

    /// What a person does next: one plain sentence.
    pub fn fix(self, platform: Platform) -> String {
        let name = platform.title();
        match self {
            Self::ServiceDown => format!("Start the {name} service, then sync again."),
            Self::WrongService => format!(
                "Another program answers on this port: set services.{platform}.baseUrl to the address of the {name} service."
            ),
            Self::OtherPort => format!(
                "The {name} service answers on another port: set services.{platform}.baseUrl to the address named above."
            ),
            Self::NeedsSession => format!("Open {name} in Safari, sign in, and sync again."),
            Self::RateLimited => {
                format!("{name} limits this account or asks for a check: look at the page in Safari and wait before syncing again.")
            }
            Self::PageError => format!("The {name} page shows an error: reload it in Safari, then sync again."),
            Self::DeadTab => {
                format!("Let the service find its Safari tab again: crm-sync services reattach {platform}.")
            }
            Self::InboxNotLoaded => {
                format!("Open the {name} inbox in Safari, wait until it shows conversations, and sync again.")
            }
            Self::TooSlow => format!("{name} did not answer in time: sync again, or raise the time-outs under sync in the settings."),
            Self::BadReply => {
                format!("The {name} service answered something that can't be understood: restart it and sync again.")
            }
            Self::ServiceError => format!("The {name} service reports an error: look at its window, restart it, and sync again."),
            Self::ListCapped => "Raise sync.tiktokMaxScrolls to read older conversations too.".to_owned(),
            Self::NotFound => format!("The service did not find the conversation: open it once in Safari on {name}, then sync again."),
            Self::OpenBroken => {
                format!("The {name} service lists conversations but cannot open them: update or restart the service; contacts are synced without messages.")
            }
            Self::ThreadUnreadable => {
                "The service did not show this conversation for certain: it is tried again when it changes.".to_owned()
            }
            Self::NoMessagesShown => {
                "The service showed no messages of this conversation: it is tried again when it changes.".to_owned()
            }
            Self::WrongThread => {
                "The service kept showing another conversation: open this one once in Safari, then sync again.".to_owned()
            }
            Self::AmbiguousName => {
                format!("The {name} service can't tell this name from another row: open the conversation yourself to read it.")
            }
            Self::AnotherPersonSameName => {
                format!("Two conversations on {name} carry this name and can't be told apart: open them yourself to read them.")
            }
            Self::CannotOpenName => {
                format!("The {name} service can't open names with quotes, backslashes or line breaks: open the conversation yourself.")
            }
            Self::Cancelled => "Everything read so far is saved: sync again to go on.".to_owned(),
            Self::Interrupted => "Everything read until then is saved: sync again to go on.".to_owned(),
            Self::CacheUnwritable => "Free some disk space or mend the rights of the data directory, then sync again.".to_owned(),
            Self::Disabled => format!("Set services.{platform}.enabled to true to sync it."),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
