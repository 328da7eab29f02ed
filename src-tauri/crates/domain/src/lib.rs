//! The types of CRM Sync and the rules that follow from them, without input or output: no clock, no network, no
//! database, no randomness. What a sync lists, opens, believes and merges is decided here as pure functions; the
//! engine only carries the decisions out.
//!
//! What always holds in here:
//! - **Unknown is absent.** A value that a service did not say is `None`, never `0`, `""` or `"cold"`.
//! - **A read thread is a claim.** [`evidence`] decides whether it belongs to the contact that was opened.
//! - **Nothing cached is removed.** [`merge`] adds; it has no way to delete.
//!
//! A new rule is a module with a pure function, its types, and property tests beside it.

pub mod contact;
pub mod evidence;
pub mod identity;
pub mod listing;
pub mod merge;
pub mod message;
pub mod name;
pub mod plan;
pub mod platform;
pub mod preview;
pub mod reason;
pub mod score;
#[cfg(test)]
pub(crate) mod testing;
pub mod time;

pub use contact::{Contact, ContactId, Fingerprint, StageSource};
pub use listing::{ListedConversation, Listing, Shape};
pub use message::{Direction, ReadMessage, StoredMessage};
pub use name::{ContactKey, NameKey};
pub use platform::{InboxTab, Platform};
pub use reason::Reason;
pub use time::{Moment, Precision};
