//! What can go wrong with the cache: what happened, what it means for the data, what to do.

use std::io;
use std::path::{Path, PathBuf};

use crm_sync_domain::ContactId;
use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

/// Every error of this crate. A change that ends in an error was not made at all: each write is one transaction.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database was written by a later version of the program.
    #[error(
        "{} was written by a newer version of CRM Sync (its schema is {found}, this program knows up to {known}). \
         Nothing was changed. Update CRM Sync, or point --data-dir to another folder.",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// The schema version it carries.
        found: i64,
        /// The latest one this program knows.
        known: i64,
    },
    /// A sound SQLite database, but another program's.
    #[error(
        "{} is a database of another program. Nothing was changed. \
         Point --data-dir to another folder, or move that file away.",
        path.display()
    )]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// Not a database, or a damaged one.
    #[error(
        "{place} is damaged or no database ({detail}). It was left as it is. Move it away and put the newest file of \
         the backups folder in its place; without a backup, the next sync fills an empty cache again from the inboxes."
    )]
    Corrupt {
        /// The database, or "the cache" where it was opened and turned out damaged later.
        place: String,
        /// `SQLite`'s own words.
        detail: String,
    },
    /// The disk, the quota or the database is full.
    #[error(
        "The disk is full ({place}): this change was not saved, everything saved before it is intact. \
         Free some space, then run the command again."
    )]
    Full {
        /// The database, or "the cache".
        place: String,
    },
    /// Another process keeps the database locked.
    #[error(
        "Another program keeps {place} locked: this change was not saved, everything saved before it is intact. \
         Close the other program (or wait until it is done), then run the command again."
    )]
    Busy {
        /// The database, or "the cache".
        place: String,
    },
    /// The database or its folder can't be written.
    #[error(
        "{place} can't be written: this change was not saved, everything saved before it is intact. \
         Give yourself the right to write the data directory and the files in it, then run the command again."
    )]
    ReadOnly {
        /// The database, or "the cache".
        place: String,
    },
    /// The database can't be opened, or its disk fails.
    #[error(
        "{place} can't be read or written ({detail}). Nothing was changed. \
         Check that the folder exists, that it is yours and that its disk works, then run the command again."
    )]
    Io {
        /// The file or folder, or "the cache".
        place: String,
        /// The system's own words.
        detail: String,
    },
    /// The copy before a migration could not be made, so nothing was migrated.
    #[error(
        "No backup could be made before updating the cache ({detail}). The cache was left as it was. \
         Free some space or mend the rights of {}, then run the command again.",
        folder.display()
    )]
    Backup {
        /// The backups folder.
        folder: PathBuf,
        /// The reason.
        detail: String,
    },
    /// A migration failed and was rolled back.
    #[error(
        "The cache could not be updated to this version ({detail}). It was left as it was: \
         the former version of CRM Sync still opens it. Please report this."
    )]
    Migration {
        /// The reason.
        detail: String,
    },
    /// A stored value that this program has no word for.
    #[error(
        "The cache holds an unknown value in {column}: {value:?}. It was left as it is. Update CRM Sync."
    )]
    UnknownValue {
        /// Which column.
        column: String,
        /// What stands there.
        value: String,
    },
    /// No such contact.
    #[error("The cache holds no contact with the number {}. Nothing was changed. List the contacts again.", .0.0)]
    NoContact(ContactId),
    /// No such run.
    #[error("The cache holds no run {0:?}. Nothing was changed. `crm-sync runs list` shows those there are.")]
    NoRun(String),
    /// More than one run begins like this.
    #[error("More than one run begins with {0:?}. Give more of its id; `crm-sync runs list` shows them.")]
    AmbiguousRun(String),
    /// Two people may hide behind the name, so no thread can be proved to be the contact's.
    #[error("{username:?} may be two people: its thread was not stored, what was cached before is intact.")]
    AmbiguousContact {
        /// The contact's user name.
        username: String,
    },
    /// Two contacts that can't be one.
    #[error("{listed:?} was not joined into {known:?}: {why}. Nothing was changed.")]
    CannotJoin {
        /// The user name of the contact that was only listed.
        listed: String,
        /// The user name of the contact that has the thread.
        known: String,
        /// Why not.
        why: &'static str,
    },
    /// A merged thread would lose or rewrite what is cached.
    #[error(
        "A thread of {username:?} was not stored because it would have {problem}. What was cached before is intact. \
         Please report this."
    )]
    WouldLose {
        /// The contact's user name.
        username: String,
        /// What it would have done.
        problem: String,
    },
    /// A defect of this program: a query or a value the database refuses.
    #[error("The cache refused a request ({detail}). Nothing was changed. Please report this.")]
    Internal {
        /// The database's own words.
        detail: String,
    },
}

/// What an error says where the path isn't at hand.
const PLACE: &str = "the cache";

impl StoreError {
    /// The same error, naming the file it is about.
    pub(crate) fn at(mut self, path: &Path) -> Self {
        match &mut self {
            Self::Corrupt { place, .. }
            | Self::Full { place }
            | Self::Busy { place }
            | Self::ReadOnly { place }
            | Self::Io { place, .. } => *place = path.display().to_string(),
            _ => {}
        }
        self
    }

    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let place = path.display().to_string();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { place },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { place },
            _ => Self::Io { place, detail: error.to_string() },
        }
    }

    fn database(error: &dyn DatabaseError) -> Self {
        let place = PLACE.to_owned();
        let detail = error.message().to_owned();
        // The low byte of an extended code is the class. Source: SQLite, result and error codes.
        match error.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff) {
            Some(5 | 6) => Self::Busy { place },
            Some(3 | 8) => Self::ReadOnly { place },
            Some(10 | 14) => Self::Io { place, detail },
            Some(13) => Self::Full { place },
            Some(11 | 26) => Self::Corrupt { place, detail },
            _ => Self::Internal { detail },
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::database(error.as_ref()),
            sqlx::Error::PoolTimedOut => Self::Busy { place: PLACE.to_owned() },
            sqlx::Error::Io(error) => Self::Io { place: PLACE.to_owned(), detail: error.to_string() },
            other => Self::Internal { detail: other.to_string() },
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            // A full disk or a lock is the same trouble here as anywhere else.
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                match Self::from(error) {
                    Self::Internal { detail } => Self::Migration { detail },
                    known => known,
                }
            }
            other => Self::Migration { detail: other.to_string() },
        }
    }
}
