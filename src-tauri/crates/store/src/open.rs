//! Opening the database: who may, in which state, and what is done before anything is changed.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Sqlite, SqliteConnection, Transaction};

use crate::{Store, StoreError};

/// Embedded, so that the program carries its schema with it. A landed migration is never edited.
static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a write waits for another process. A transaction of ours takes milliseconds, a first listing of 10,000
/// contacts a second or two.
const BUSY: Duration = Duration::from_secs(15);

/// How long a call waits for its turn within this process: longer than one wait for another process.
const TURN: Duration = Duration::from_secs(60);

/// "CRMS" in the database's header, set by the first migration: which program a database belongs to.
const APPLICATION_ID: i64 = 0x4352_4d53;

/// Reads that can run side by side.
const READERS: u32 = 4;

impl Store {
    /// Opens the cache, creating it where there is none (only its folder must exist). A database of an earlier version
    /// is copied into `backups` first and then migrated; one of a later version is refused and left untouched.
    pub async fn open(database: &Path, backups: &Path) -> Result<Self, StoreError> {
        Self::open_waiting(database, backups, BUSY).await
    }

    pub(crate) async fn open_waiting(
        database: &Path,
        backups: &Path,
        busy: Duration,
    ) -> Result<Self, StoreError> {
        let options = connect_options(database, busy);
        create_private(database).map_err(|error| StoreError::io(database, &error))?;
        match state(database, busy).await? {
            State::Current => {}
            State::Empty => migrate(&options).await.map_err(|error| error.at(database))?,
            State::Behind(version) => {
                let backup = back_up(&options, database, backups, version).await?;
                if let Err(error) = migrate(&options).await {
                    // Nothing was migrated, so the copy is one of a database that is still there; a schedule that
                    // tries every hour must not fill the disk with them.
                    let _ = fs::remove_file(&backup);
                    return Err(error.at(database));
                }
                tracing::info!(backup = %backup.display(), from = version, "cache migrated");
            }
        }
        Self::connect(options).await.map_err(|error| error.at(database))
    }

    async fn connect(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let pool = SqlitePoolOptions::new().acquire_timeout(TURN).idle_timeout(None).max_lifetime(None);
        // One writer: SQLite has one anyway, and a queue in here is fairer than its polling.
        let writer =
            pool.clone().max_connections(1).after_release(|connection, _| Box::pin(at_rest(connection)));
        let writer = writer.connect_with(options.clone()).await?;
        let reading = options.pragma("query_only", "ON");
        let readers = pool.clone().max_connections(READERS).connect_with(reading.clone()).await?;
        // `data_version` tells of commits by other connections than the one that asks, so always the same one asks,
        // and it never writes.
        let watcher = pool.max_connections(1).connect_with(reading).await?;
        Ok(Self { writer, readers, watcher })
    }

    /// Closes all connections; the last one folds the write-ahead log into the database.
    pub async fn close(&self) {
        self.watcher.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A transaction that holds the write lock from its first statement, so that what it reads stays true until it
    /// commits.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    pub(crate) fn read(&self) -> &SqlitePool {
        &self.readers
    }
}

/// Whether the writer may be used again. `SQLite` ends a transaction by itself when the disk is full; sqlx then fails to
/// roll it back and would refuse every later one on that connection.
async fn at_rest(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The rollback of a dropped transaction is queued; the answer to a ping comes after it.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// sqlx sets the busy time-out while connecting, before any pragma, so that `journal_mode` already waits.
fn connect_options(database: &Path, busy: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(false)
        .busy_timeout(busy)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        // A long reader must not leave a log of gigabytes behind.
        // A thread's commit writes some fifty pages, half of them the search index's own again and again: fewer
        // checkpoints write each of them once.
        .pragma("wal_autocheckpoint", "8000")
        .pragma("journal_size_limit", "67108864")
}

/// Messages are private: the file is the owner's alone from its first byte. The log files take its rights.
fn create_private(database: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(database) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// What stands in the file before anything is written.
enum State {
    Empty,
    Current,
    /// Of an earlier version; its schema version.
    Behind(i64),
}

async fn state(database: &Path, busy: Duration) -> Result<State, StoreError> {
    let named = |error: sqlx::Error| StoreError::from(error).at(database);
    // Asked without touching `journal_mode`: setting it would already write.
    let plain = SqliteConnectOptions::new().filename(database).busy_timeout(busy).pragma("query_only", "ON");
    let mut connection = SqliteConnection::connect_with(&plain).await.map_err(named)?;
    let state = inspect(&mut connection, database).await;
    connection.close().await.map_err(named)?;
    state
}

async fn inspect(connection: &mut SqliteConnection, database: &Path) -> Result<State, StoreError> {
    let named = |error: sqlx::Error| StoreError::from(error).at(database);
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut *connection)
        .await
        .map_err(named)?;
    if tables == 0 {
        return Ok(State::Empty);
    }
    let application: i64 =
        sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await.map_err(named)?;
    if application != APPLICATION_ID {
        return Err(StoreError::Foreign { path: database.to_owned() });
    }
    let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(&mut *connection)
        .await
        .map_err(named)?;
    let known = newest_known();
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Ok(State::Behind(found)),
        std::cmp::Ordering::Equal => Ok(State::Current),
        std::cmp::Ordering::Greater => Err(StoreError::Newer { path: database.to_owned(), found, known }),
    }
}

pub(crate) fn newest_known() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Runs what is pending in one transaction that holds the write lock: of two processes that open the same old database
/// one migrates and the other waits, and a migration that fails leaves nothing behind.
async fn migrate(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    // Step by step, because the future of `Migrator::run` on a borrowed connection can't be sent to another thread.
    transaction.ensure_migrations_table().await?;
    let applied = transaction.list_applied_migrations().await?;
    for migration in MIGRATIONS.iter() {
        match applied.iter().find(|applied| applied.version == migration.version) {
            Some(applied) if applied.checksum != migration.checksum => {
                return Err(MigrateError::VersionMismatch(migration.version).into());
            }
            Some(_) => {}
            None => {
                transaction.apply(migration).await?;
            }
        }
    }
    transaction.commit().await?;
    connection.close().await?;
    Ok(())
}

/// Copies the database to `<name>-schema-<version>.db` in the backups folder; the copy appears under its name only when
/// it is whole and on the disk.
async fn back_up(
    options: &SqliteConnectOptions,
    database: &Path,
    backups: &Path,
    version: i64,
) -> Result<PathBuf, StoreError> {
    let failed = |detail: String| StoreError::Backup { folder: backups.to_owned(), detail };
    fs::create_dir_all(backups).map_err(|error| failed(error.to_string()))?;
    // Private (0600) and beside the finished copies: a rename is atomic within one file system only.
    let draft = tempfile::Builder::new()
        .prefix(".backup-")
        .tempfile_in(backups)
        .map_err(|error| failed(error.to_string()))?;
    copy_into(options, draft.path()).await.map_err(|error| failed(error.to_string()))?;
    draft.as_file().sync_all().map_err(|error| failed(error.to_string()))?;

    let stem = database.file_stem().unwrap_or_default().to_string_lossy();
    let mut draft = draft.into_temp_path();
    for number in 1_u32.. {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let target = backups.join(format!("{stem}-schema-{version}{suffix}.db"));
        // An earlier copy may be the only one of data that was lost since: never written over.
        match draft.persist_noclobber(&target) {
            Ok(()) => return Ok(target),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => draft = error.path,
            Err(error) => return Err(failed(error.error.to_string())),
        }
    }
    Err(failed("too many backups".to_owned()))
}

/// A consistent copy, also while another process writes; `SQLite` accepts an empty file as the target.
async fn copy_into(options: &SqliteConnectOptions, target: &Path) -> Result<(), StoreError> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    let copied = sqlx::query("VACUUM INTO ?1").bind(target.to_string_lossy()).execute(&mut connection).await;
    connection.close().await?;
    copied?;
    Ok(())
}
