//! What can be wrong with the settings: always one line that says what, where, and what would be right.

use std::io;
use std::path::PathBuf;

use serde_json::Value;

use super::secrets;

/// Why the settings can't be used or were not written. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A value of the wrong kind, out of range or not among the allowed words.
    #[error("{key} is {value}; allowed: {allowed}")]
    Invalid {
        /// The dotted key.
        key: String,
        /// The value as JSON, shortened, without secrets.
        value: String,
        /// What would be right.
        allowed: String,
    },
    /// A value that is needed is missing.
    #[error("{key} is missing; allowed: {allowed}")]
    Missing {
        /// The dotted key.
        key: String,
        /// What would be right.
        allowed: String,
    },
    /// A secret stands in the file, or was to be written to it.
    #[error("{key} holds a secret ({kind}), which is not kept in settings; use: crm-sync secret set {id}")]
    Secret {
        /// The dotted key.
        key: String,
        /// What it looks like.
        kind: &'static str,
        /// The sink's id, where the key belongs to a sink; else `ID`.
        id: String,
    },
    /// No setting of that name.
    #[error("{key} is no setting{}", nearest.as_deref().map(|n| format!("; did you mean {n}?")).unwrap_or_default())]
    UnknownKey {
        /// The dotted key.
        key: String,
        /// The setting with the most similar name.
        nearest: Option<String>,
    },
    /// The file isn't JSON.
    #[error("{} is no valid JSON: {what} at line {line}, column {column}; mend it there, nothing was changed", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1; 0 at the very start of a line.
        column: usize,
        /// What the reader expected or found.
        what: String,
    },
    /// The file was written by a newer version of the program.
    #[error("{} has version {found}, this program knows version {}: update crm-sync, or use another data directory", path.display(), super::VERSION)]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
    /// The file can't be read.
    #[error("{} can't be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file can't be written; the old one stands.
    #[error("{} can't be written ({source}); the old file stands", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl SettingsError {
    /// The dotted key that the error is about.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Invalid { key, .. }
            | Self::Missing { key, .. }
            | Self::Secret { key, .. }
            | Self::UnknownKey { key, .. } => Some(key),
            Self::Broken { .. } | Self::Newer { .. } | Self::Read { .. } | Self::Write { .. } => None,
        }
    }

    pub(super) fn invalid(key: impl Into<String>, value: &Value, allowed: impl Into<String>) -> Self {
        Self::Invalid { key: key.into(), value: shown(value), allowed: allowed.into() }
    }
}

/// A value as one short line, safe to show.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 80;
    let text = secrets::redact(&value.to_string()).into_owned();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("…".chars()).collect()
}
