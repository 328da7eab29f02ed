//! What a running sync tells whoever watches it.

use chrono::{DateTime, Utc};
use crm_sync_domain::{Platform, Reason};

use super::report::PlatformReport;

/// What a platform's sync is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncStage {
    /// Is the service there, is it the right one, is it signed in?
    Checking,
    /// Listing the inbox; how many conversations were found so far.
    Listing {
        /// Conversations.
        found: Option<usize>,
    },
    /// The services are recalculating scores, or scores are being fetched.
    Scores,
    /// Opening and reading threads.
    Reading,
    /// Leaving the browser tab on its inbox.
    Leaving,
}

/// What became of one thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadOutcome {
    /// Proved and stored.
    Read {
        /// Messages stored for the first time.
        new_messages: u32,
    },
    /// Nothing stored.
    Unreadable {
        /// Why.
        reason: Reason,
    },
}

/// One event of a sync.
#[derive(Debug, Clone, PartialEq)]
pub enum SyncEvent {
    /// The run began.
    Started {
        /// Its id.
        run_id: String,
        /// The platforms it reads.
        platforms: Vec<Platform>,
    },
    /// A platform's sync goes on to another stage.
    Stage {
        /// Which.
        platform: Platform,
        /// To what.
        stage: SyncStage,
    },
    /// The listing is stored and the opens are planned.
    Planned {
        /// Which.
        platform: Platform,
        /// Contacts of the listing.
        conversations: u32,
        /// Threads to open.
        to_open: u32,
        /// Threads left alone.
        unchanged: u32,
    },
    /// A thread was dealt with.
    Thread {
        /// Which platform.
        platform: Platform,
        /// Threads dealt with so far, this one included.
        done: u32,
        /// Threads to open.
        to_open: u32,
        /// Whose.
        username: String,
        /// What became of it.
        outcome: ThreadOutcome,
    },
    /// A platform waits before it goes on.
    Waiting {
        /// Which.
        platform: Platform,
        /// For what, in a few words.
        why: String,
        /// Until when at the latest.
        until: DateTime<Utc>,
    },
    /// A platform's part is over.
    Finished {
        /// Which.
        platform: Platform,
        /// How it went.
        report: Box<PlatformReport>,
    },
}
