//! Everything that a person configures: `settings.json`, version 1, shared by the desktop app and the command line.
//!
//! What always holds in here:
//! - Every key is optional; what is left out takes the value of [`Settings::default`].
//! - Nothing invalid is ever written, and nothing at all is written over a file that can't be understood.
//! - Keys that this version doesn't know stay in the file, in their place.
//! - A secret is refused wherever it stands.
//!
//! A new setting is a field here, its default in `defaults`, one line in `validate`, and a case in its tests.

use std::path::PathBuf;

use chrono::NaiveTime;
use crm_sync_domain::{InboxTab, Platform};
use serde::Serialize;
use serde_json::Value;
use url::Url;

mod defaults;
mod error;
mod file;
pub mod secrets;
mod sinks;
mod validate;

pub use error::SettingsError;
pub use file::{SettingsFile, UnknownKey};
pub use sinks::{FIELDS, SinkKind, SinkSettings};
pub(crate) use validate::is_loopback;

/// The version of the file that this program reads and writes.
pub const VERSION: u64 = 1;

/// All settings with their defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Always [`VERSION`].
    pub version: u64,
    /// The three services.
    pub services: Services,
    /// How a sync goes.
    pub sync: Sync,
    /// What follows a sync.
    pub push: Push,
    /// The file written after a sync.
    pub output: Output,
    /// The stages offered, in their order; any other stage is kept where it stands.
    pub stages: Vec<String>,
    /// When to tell the person.
    pub notifications: Notifications,
    /// The desktop app and the log.
    pub app: App,
    /// Where contacts are pushed to.
    pub sinks: Vec<SinkSettings>,
}

impl Settings {
    /// The settings of one service.
    pub const fn service(&self, platform: Platform) -> &ServiceSettings {
        match platform {
            Platform::Instagram => &self.services.instagram,
            Platform::Twitter => &self.services.twitter,
            Platform::TikTok => &self.services.tiktok,
        }
    }

    /// The platforms that are switched on, in their order.
    pub fn enabled_platforms(&self) -> Vec<Platform> {
        Platform::ALL.into_iter().filter(|platform| self.service(*platform).enabled).collect()
    }

    /// How often a platform is synced by itself, in minutes.
    pub fn interval_minutes(&self, platform: Platform) -> u32 {
        self.service(platform).interval_minutes.unwrap_or(self.sync.interval_minutes)
    }
}

/// The three services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Services {
    /// Instagram.
    pub instagram: ServiceSettings,
    /// Twitter / X.
    pub twitter: ServiceSettings,
    /// TikTok.
    pub tiktok: ServiceSettings,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceSettings {
    /// Whether it is synced at all.
    pub enabled: bool,
    /// Scheme, host and port; loopback unless [`ServiceSettings::allow_remote`].
    #[serde(serialize_with = "bare_address")]
    pub base_url: Url,
    /// Lets the service live on another machine, over https.
    pub allow_remote: bool,
    /// Overrides [`Sync::interval_minutes`].
    pub interval_minutes: Option<u32>,
    /// The tabs whose conversations are opened; the others are listed only. A setting of Instagram's alone; for the
    /// others it is every tab they have.
    #[serde(skip_serializing_if = "is_fixed")]
    pub open_tabs: Vec<InboxTab>,
}

fn bare_address<S: serde::Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_str().trim_end_matches('/'))
}

#[expect(clippy::ptr_arg, reason = "serde passes the field's own type")]
fn is_fixed(tabs: &Vec<InboxTab>) -> bool {
    tabs.contains(&InboxTab::Inbox)
}

/// How a sync goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sync {
    /// Minutes between two syncs of the desktop app.
    pub interval_minutes: u32,
    /// Whether the desktop app syncs when it starts.
    pub run_at_start: bool,
    /// When it doesn't.
    pub quiet_hours: Option<QuietHours>,
    /// How many messages to ask for per thread.
    pub message_limit: u32,
    /// The platforms side by side, or one after another.
    pub concurrency: Concurrency,
    /// Opens nothing that is unread, so that it stays so on the platform.
    pub leave_unread: bool,
    /// Threads per run and platform that are read again although nothing seems to have changed.
    pub recheck_per_run: u32,
    /// How far TikTok's list is scrolled.
    pub tiktok_max_scrolls: u32,
    /// How far an opened Twitter thread is scrolled back.
    pub twitter_thread_scrolls: u32,
    /// Milliseconds until an opened thread must have proved whose it is.
    pub settle_timeout_ms: u64,
    /// Milliseconds for `open`.
    pub open_timeout_ms: u64,
    /// Milliseconds for a list.
    pub list_timeout_ms: u64,
    /// Milliseconds for every other call.
    pub request_timeout_ms: u64,
}

/// Whether the platforms are synced side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Concurrency {
    /// Side by side.
    Parallel,
    /// One after another, for people whose Safari suffers.
    Sequential,
}

/// A part of the day, in the machine's zone, that may pass over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct QuietHours {
    /// Its first minute.
    #[serde(serialize_with = "clock_time")]
    pub from: NaiveTime,
    /// The first minute after it.
    #[serde(serialize_with = "clock_time")]
    pub to: NaiveTime,
}

impl QuietHours {
    /// Whether a time of day lies in it.
    pub fn contains(&self, time: NaiveTime) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn clock_time<S: serde::Serializer>(time: &NaiveTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.format("%H:%M"))
}

/// What follows a sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Push {
    /// Whether the sinks are pushed to after each sync.
    pub after_sync: bool,
}

/// The file written after a sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    /// Where; a relative path is relative to the data directory. `None`: no file.
    pub file: Option<PathBuf>,
}

/// When to tell the person.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notifications {
    /// A platform needs a person.
    pub needs_you: bool,
    /// A sink stopped taking rows.
    pub sink_stopped: bool,
    /// A contact in one of these stages replied.
    pub replies_from_stage: Vec<String>,
    /// A contact with at least this score (0–10) replied.
    pub replies_from_score: Option<f64>,
}

/// The desktop app and the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// Starts with the computer.
    pub launch_at_login: bool,
    /// When the app shows in the dock (macOS).
    pub dock: Dock,
    /// Closing the window leaves the app running.
    pub close_keeps_running: bool,
    /// Keys without a modifier work.
    pub single_letter_keys: bool,
    /// What is written to the log.
    pub log_level: LogLevel,
}

/// When the app shows in the dock (macOS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dock {
    /// While its window is open.
    WithWindow,
    /// As long as it runs.
    Always,
    /// Never: it lives in the menu bar alone.
    Never,
}

/// What is written to the log: this and everything graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What failed.
    Error,
    /// What went differently than it should.
    Warn,
    /// What happened.
    Info,
    /// Why.
    Debug,
    /// Everything.
    Trace,
}

impl Settings {
    /// The settings as the JSON of the file, defaults filled in.
    pub fn to_json(&self) -> Value {
        // Strings, numbers and lists under string keys: nothing here can fail to be JSON.
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_takes_the_documented_value() {
        let documented: Value = serde_json::from_str(
            r#"{
              "version": 1,
              "services": {
                "instagram": { "enabled": true, "baseUrl": "http://localhost:3001", "allowRemote": false, "intervalMinutes": null,
                               "openTabs": ["primary", "general", "requests"] },
                "twitter":   { "enabled": true, "baseUrl": "http://localhost:3003", "allowRemote": false, "intervalMinutes": null },
                "tiktok":    { "enabled": true, "baseUrl": "http://localhost:3102", "allowRemote": false, "intervalMinutes": null }
              },
              "sync":  { "intervalMinutes": 60, "runAtStart": true, "quietHours": null, "messageLimit": 50, "concurrency": "parallel",
                         "leaveUnread": false, "recheckPerRun": 2, "tiktokMaxScrolls": 200, "twitterThreadScrolls": 0,
                         "settleTimeoutMs": 8000, "openTimeoutMs": 45000, "listTimeoutMs": 180000, "requestTimeoutMs": 45000 },
              "push":  { "afterSync": true },
              "output": { "file": null },
              "stages": ["new", "cold", "warm", "hot", "customer", "lost"],
              "notifications": { "needsYou": true, "sinkStopped": true, "repliesFromStage": [], "repliesFromScore": null },
              "app":   { "launchAtLogin": false, "dock": "with-window", "closeKeepsRunning": true, "singleLetterKeys": true, "logLevel": "info" },
              "sinks": []
            }"#,
        )
        .unwrap();
        assert_eq!(Settings::default().to_json(), documented);
        assert_eq!(validate::read(&serde_json::json!({})).unwrap(), Settings::default());
        assert_eq!(validate::read(&documented).unwrap(), Settings::default());
    }

    #[rstest::rstest]
    #[case("22:00", "07:00", "23:10", true)]
    #[case("22:00", "07:00", "06:59", true)]
    #[case("22:00", "07:00", "07:00", false)]
    #[case("09:00", "17:00", "12:00", true)]
    #[case("09:00", "17:00", "17:00", false)]
    fn quiet_hours_may_pass_over_midnight(
        #[case] from: NaiveTime,
        #[case] to: NaiveTime,
        #[case] at: NaiveTime,
        #[case] quiet: bool,
    ) {
        assert_eq!(QuietHours { from, to }.contains(at), quiet);
    }
}
