//! One error for both faces: what happened, what it means for the data, and what to do next.

use crm_sync_domain::Platform;
use crm_sync_http::HttpError;
use crm_sync_services::ServiceError;
use crm_sync_store::StoreError;
use serde::Serialize;

use crate::data_dir::DataDirError;
use crate::lock::LockError;
use crate::settings::SettingsError;

/// What a face acts on. A code exists only where somebody acts on it differently than on the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The settings are wrong: exit 2; the app opens the settings at the key.
    InvalidSettings,
    /// The call is wrong (an unknown contact, run or key): exit 2.
    InvalidInput,
    /// Another sync is running: exit 1, or wait; the app shows that run.
    SyncRunning,
    /// The cache can't be opened, read or written: exit 1; the app can show nothing.
    CacheUnusable,
    /// A file or folder can't be written: exit 1; the app asks for another place.
    Unwritable,
    /// A service did not do what was asked: exit 1; the app marks the platform.
    ServiceFailed,
    /// Stopped on request: exit 3.
    Cancelled,
}

/// An error as the faces show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
#[serde(rename_all = "camelCase")]
pub struct ApiError {
    /// What to act on.
    pub code: Code,
    /// One line: what happened and what it means for the data. Holds no secret and no message text.
    pub message: String,
    /// The next step, where there is one.
    pub fix: Option<Fix>,
    /// True where the same call may succeed later without anything being changed.
    pub retryable: bool,
}

/// The next step: one plain sentence, and what a button or a copied command would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// What a person does, in one sentence.
    pub sentence: String,
    /// The same as data, where the program can do it or help with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
}

/// What the program can do towards a fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// Open this page in the browser.
    OpenPage {
        /// Which; its address comes from a fixed list, never from a service's answer.
        page: Page,
    },
    /// Sync this platform again.
    RetryPlatform {
        /// Which.
        platform: Platform,
    },
    /// Copy this text.
    CopyText {
        /// What.
        text: String,
    },
    /// Show this run.
    ShowRun {
        /// Its id.
        id: String,
    },
    /// Run this command.
    RunCommand {
        /// The whole line.
        command: String,
    },
    /// Change this setting.
    EditSetting {
        /// The dotted key.
        key: String,
    },
}

/// A page that a fix can open. It serialises as its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The platform's inbox.
    Inbox(Platform),
}

impl Page {
    /// The address: always https, always ours.
    pub const fn url(self) -> &'static str {
        match self {
            Self::Inbox(Platform::Instagram) => "https://www.instagram.com/direct/inbox/",
            Self::Inbox(Platform::Twitter) => "https://x.com/messages",
            Self::Inbox(Platform::TikTok) => "https://www.tiktok.com/messages",
        }
    }
}

impl Serialize for Page {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.url())
    }
}

impl Fix {
    /// A sentence alone.
    pub fn say(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), action: None }
    }

    /// A sentence and what the program can do towards it.
    pub fn offer(sentence: impl Into<String>, action: Action) -> Self {
        Self { sentence: sentence.into(), action: Some(action) }
    }
}

impl ApiError {
    /// An error without a next step, not worth repeating.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fix: None, retryable: false }
    }

    /// A service that did not do what was asked.
    pub fn service(error: &ServiceError) -> Self {
        let platform = error.platform;
        Self::new(Code::ServiceFailed, error.to_string())
            .with_fix(Fix::offer(error.reason().fix(platform), Action::RetryPlatform { platform }))
            .retryable()
    }

    /// A service whose address no client can be built for.
    pub(crate) fn address(platform: Platform, error: &HttpError) -> Self {
        let key = format!("services.{platform}.baseUrl");
        Self::new(Code::InvalidSettings, format!("{key}: {error}"))
            .with_fix(Fix::offer(format!("Change {key} in the settings."), Action::EditSetting { key }))
    }

    /// The same with a next step.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The same, worth repeating.
    #[must_use]
    pub const fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }
}

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> Self {
        let code = match &error {
            SettingsError::Write { .. } => Code::Unwritable,
            _ => Code::InvalidSettings,
        };
        let fix = match &error {
            SettingsError::Secret { id, .. } => {
                let command = format!("crm-sync secret set {id}");
                Some(Fix::offer(
                    format!("Take the secret out of the settings and run: {command}"),
                    Action::RunCommand { command },
                ))
            }
            SettingsError::UnknownKey { nearest: Some(nearest), .. } => Some(Fix::offer(
                format!("Use {nearest}, or see all settings with: crm-sync config check"),
                Action::EditSetting { key: nearest.clone() },
            )),
            other => other.key().map(|key| {
                Fix::offer(
                    format!("Change {key} in the settings."),
                    Action::EditSetting { key: key.to_owned() },
                )
            }),
        };
        Self { code, message: error.to_string(), fix, retryable: false }
    }
}

impl From<DataDirError> for ApiError {
    fn from(error: DataDirError) -> Self {
        Self::new(Code::Unwritable, error.to_string())
            .with_fix(Fix::say("Name a folder that this account can write with --data-dir."))
    }
}

impl From<LockError> for ApiError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held(_) => Self::new(Code::SyncRunning, format!("{error}; nothing was touched"))
                .with_fix(Fix::say("Wait until it ends, or let this one wait with --wait SECONDS."))
                .retryable(),
            LockError::Cancelled => Self::new(Code::Cancelled, error.to_string()),
            LockError::Io(_) => Self::new(Code::Unwritable, error.to_string()),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        // The store's messages say what it means for the data and what to do.
        let message = error.to_string();
        match error {
            StoreError::NoContact(_) | StoreError::NoRun(_) | StoreError::AmbiguousRun(_) => {
                Self::new(Code::InvalidInput, message)
            }
            StoreError::Busy { .. } | StoreError::Full { .. } => {
                Self::new(Code::CacheUnusable, message).retryable()
            }
            _ => Self::new(Code::CacheUnusable, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_is_data_that_a_script_can_act_on() {
        let error = ApiError::from(LockError::Held(crate::lock::LockedBy { pid: Some(42) }));
        assert_eq!(
            serde_json::to_value(&error).unwrap(),
            json!({
                "code": "sync_running",
                "message": "another sync is running (process 42); nothing was touched",
                "fix": { "sentence": "Wait until it ends, or let this one wait with --wait SECONDS." },
                "retryable": true,
            })
        );
        let offered = Fix::offer("Sign in.", Action::OpenPage { page: Page::Inbox(Platform::Twitter) });
        assert_eq!(
            serde_json::to_value(&offered).unwrap(),
            json!({ "sentence": "Sign in.", "action": { "kind": "open_page", "page": "https://x.com/messages" } })
        );
    }

    #[test]
    fn only_https_pages_are_offered() {
        assert!(Platform::ALL.iter().all(|platform| Page::Inbox(*platform).url().starts_with("https://")));
    }
}
