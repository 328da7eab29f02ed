//! The cache: the only crate that speaks `SQLite`.
//!
//! What always holds in here:
//! - **Every public write is one transaction.** A kill, a full disk or a lost lock leaves the database as it was before
//!   the call; nothing is half stored.
//! - **An unknown never overwrites a known value**, a listing never removes a contact, a commit never loses a message,
//!   and a stage that a person set is written by [`Store::set_stage`] alone.
//! - **One writer per process, `BEGIN IMMEDIATE`.** What a write has read stays true until it commits, also with another
//!   process on the same file.
//! - **Every change of a contact gets a generation** ([`Store::changes_since`]), in the same transaction.
//!
//! Each module holds one group of tables: its types, its reads and its writes; its migration of the same name stands in
//! `migrations/`. A new group is a migration with the next number (landed ones are never edited), a module, and a new
//! `docs/schema.sql` (`UPDATE_SCHEMA=1 cargo test -p crm-sync-store`).

mod changes;
mod columns;
mod contacts;
mod error;
#[cfg(test)]
mod faults;
mod listing;
mod messages;
mod open;
#[cfg(test)]
mod plans;
mod platforms;
mod renames;
mod runs;
mod scores;
mod search;
mod threads;

use sqlx::SqlitePool;

pub use contacts::Counts;
pub use crm_sync_domain::identity::SeenContact;
pub use error::StoreError;
pub use listing::{ListingCounts, StoredListing};
pub use messages::Elsewhere;
pub use platforms::PlatformState;
pub use runs::{RunId, RunRecord, RunStart, RunStep, RunSummary};
pub use scores::{ScorePoint, ScoreUpdate};
pub use search::{HitContact, MessageHit};
pub use threads::{ThreadCommit, ThreadCounts};

/// The open cache. Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    /// Asks for `data_version` only.
    watcher: SqlitePool,
}
