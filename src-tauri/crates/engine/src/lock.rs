//! One sync at a time per data directory: a lock that the operating system frees when its holder ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::data_dir::DataDir;

/// How often a waiting sync looks again. A lock of the operating system can't be awaited and cancelled at once.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The right to sync into one data directory; given back when dropped, and by the system when the process is killed.
#[derive(Debug)]
pub struct SyncLock {
    file: File,
}

/// Another sync holds the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockedBy {
    /// Its process id; `None` in the moment before it has written it.
    pub pid: Option<u32>,
}

/// Why the lock was not taken. Nothing was touched.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another sync is running.
    #[error("another sync is running{}", .0.pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Held(LockedBy),
    /// Cancelled while waiting.
    #[error("cancelled while waiting for another sync to end")]
    Cancelled,
    /// The lock's file can't be opened or written.
    #[error("the file sync.lock in the data directory can't be used: {0}")]
    Io(#[from] io::Error),
}

impl SyncLock {
    /// Takes the lock if it is free.
    pub fn try_acquire(dir: &DataDir) -> Result<Self, LockError> {
        // Not truncated: until the lock is ours, the process id in it is the holder's.
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(dir.lock_path())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held(LockedBy { pid: read_pid(&mut file) }));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        file.flush()?;
        Ok(Self { file })
    }

    /// Takes the lock, waiting up to `patience` for another sync to end.
    pub async fn wait_for(
        dir: &DataDir,
        patience: Duration,
        cancel: &CancellationToken,
    ) -> Result<Self, LockError> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            match Self::try_acquire(dir) {
                Err(LockError::Held(_)) if tokio::time::Instant::now() < deadline => {}
                outcome => return outcome,
            }
            tokio::select! {
                () = cancel.cancelled() => return Err(LockError::Cancelled),
                () = tokio::time::sleep_until(deadline.min(tokio::time::Instant::now() + LOOK_AGAIN)) => {}
            }
        }
    }

    /// Who holds the lock just now, if anybody does. For showing: by the time one reads it, it may have changed.
    pub fn holder(dir: &DataDir) -> Result<Option<LockedBy>, LockError> {
        let mut file = match File::open(dir.lock_path()) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // A shared lock, given back at once: two that look at the same moment don't take each other for a sync.
        match file.try_lock_shared() {
            Ok(()) => {
                file.unlock()?;
                Ok(None)
            }
            Err(TryLockError::WouldBlock) => Ok(Some(LockedBy { pid: read_pid(&mut file) })),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

impl Drop for SyncLock {
    fn drop(&mut self) {
        // Best effort: a stale number in a free lock's file is never read.
        if let Err(error) = self.file.set_len(0) {
            tracing::debug!(%error, "the lock's file could not be emptied");
        }
        // Closing alone would not do: a child process that is just being started still holds a copy of the handle.
        if let Err(error) = self.file.unlock() {
            tracing::debug!(%error, "the lock is freed when the process ends");
        }
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
