//! The log: files in `logs/`, one a day, the last two weeks kept; and standard error, where it was asked for.
//!
//! Whatever is written passes `Redacting`, the one place where a secret is taken out. The texts of messages are never
//! handed to the log in the first place: they are data.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::data_dir::DataDir;
use crate::error::{ApiError, Code};
use crate::settings::{LogLevel, secrets};

/// Days of which the log is kept.
const FILES: usize = 14;

/// Bytes of a day's log that are kept: enough for any honest day, too little to fill a disk.
const LARGEST_DAY: u64 = 64 * 1024 * 1024;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Keeps the log being written; what is left is written when it is dropped.
#[derive(Debug)]
#[must_use = "the log ends when this is dropped"]
pub struct LogGuard {
    _worker: WorkerGuard,
}

/// Starts the log of this process. `verbose` is how often `-v` was given: once, what happens is also shown on standard
/// error; twice, with the reasons; three times, everything.
///
/// Errors: the folder can't be written, or the process has a log already.
pub fn init(dir: &DataDir, level: LogLevel, verbose: u8) -> Result<LogGuard, ApiError> {
    let failed = |detail: String| {
        ApiError::new(Code::Unwritable, format!("no log can be kept in {} ({detail})", dir.logs().display()))
    };
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("crm-sync")
        .filename_suffix("log")
        .max_log_files(FILES)
        .build(dir.logs())
        .map_err(|error| failed(error.to_string()))?;
    let (files, worker) = tracing_appender::non_blocking(Capped::new(files, LARGEST_DAY));
    let shown = match verbose {
        0 => None,
        1 => Some(LogLevel::Info),
        2 => Some(LogLevel::Debug),
        _ => Some(LogLevel::Trace),
    };
    let to_file = fmt::layer()
        .with_ansi(false)
        .with_writer(Redacting(files))
        .with_filter(ours(level.max(shown.unwrap_or(level))));
    let to_screen = shown.map(|shown| {
        fmt::layer()
            .with_ansi(false)
            .with_target(false)
            .with_writer(Redacting(Screen))
            .with_filter(ours(shown))
    });
    tracing_subscriber::registry()
        .with(to_file)
        .with(to_screen)
        .try_init()
        .map_err(|error| failed(error.to_string()))?;
    Ok(LogGuard { _worker: worker })
}

/// This program's own words at the level, everybody else's only where something is wrong: a library may log what it
/// sends and receives.
fn ours(level: LogLevel) -> Targets {
    let own = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new().with_default(own.min(LevelFilter::WARN)).with_target("crm_sync", own)
}

/// A log that takes no more than so many bytes within a day; what comes later is dropped until the day is over.
#[derive(Debug)]
struct Capped<W> {
    inner: W,
    cap: u64,
    left: u64,
    since: Instant,
}

impl<W> Capped<W> {
    fn new(inner: W, cap: u64) -> Self {
        Self { inner, cap, left: cap, since: Instant::now() }
    }
}

impl<W: Write> Write for Capped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len() as u64;
        if self.since.elapsed() >= DAY {
            self.left = self.cap;
            self.since = Instant::now();
        }
        if length <= self.left {
            self.left -= length;
            self.inner.write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Standard error.
#[derive(Debug, Clone, Copy)]
struct Screen;

impl<'a> MakeWriter<'a> for Screen {
    type Writer = io::Stderr;

    fn make_writer(&'a self) -> io::Stderr {
        io::stderr()
    }
}

/// Takes the secrets out of every line before it is written.
#[derive(Debug, Clone)]
struct Redacting<M>(M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacting<M> {
    type Writer = RedactingWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactingWriter(self.0.make_writer())
    }
}

#[derive(Debug)]
struct RedactingWriter<W>(W);

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // An event is formatted whole and written in one piece, so no secret is cut in two.
        self.0.write_all(secrets::redact(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Memory {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn no_secret_reaches_the_log_whatever_field_it_is_in() {
        let memory = Memory::default();
        let layer = fmt::layer()
            .with_ansi(false)
            .with_writer(Redacting(memory.clone()))
            .with_filter(ours(LogLevel::Info));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(url = "postgres://me:hunter2@db/x", key = %"sb_secret_hunter2", "sent whsec_hunter2");
            tracing::debug!("too quiet");
            tracing::info!(target: "reqwest", "a library's words");
        });
        let log = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        assert!(!log.contains("hunter2") && log.contains("postgres://me:[secret]@db/x"), "{log}");
        assert_eq!(log.lines().count(), 1, "{log}");
    }

    #[test]
    fn a_day_that_never_stops_logging_does_not_fill_the_disk() {
        let memory = Memory::default();
        let mut capped = Capped::new(memory.clone(), 10);
        for _ in 0..5 {
            capped.write_all(b"1234\n").unwrap();
        }
        assert_eq!(memory.0.lock().unwrap().as_slice(), b"1234\n1234\n");
    }
}
