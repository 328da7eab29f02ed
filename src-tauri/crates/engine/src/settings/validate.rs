//! From the JSON of the file to [`Settings`]: every value is checked, and the first wrong one is named.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use chrono::NaiveTime;
use crm_sync_domain::{InboxTab, Platform};
use serde_json::{Map, Value};
use url::{Host, Url};

use super::{
    App, Concurrency, Dock, LogLevel, Notifications, Output, Push, QuietHours, ServiceSettings, Services,
    Settings, SettingsError, Sync, VERSION, secrets, sinks,
};

type Result<T> = std::result::Result<T, SettingsError>;

const INTERVAL: RangeInclusive<u32> = 5..=10_080;
const TIMEOUT: RangeInclusive<u64> = 1_000..=600_000;

/// Reads the settings. Keys that are not known are not looked at, except for secrets.
pub(super) fn read(root: &Value) -> Result<Settings> {
    secrets::refuse(root)?;
    let default = Settings::default();
    let root = Section::root(root)?;
    root.read("version", VERSION, "1", |value| value.as_u64().filter(|version| *version == VERSION))?;
    let services = root.section("services")?;
    Ok(Settings {
        version: VERSION,
        services: Services {
            instagram: service(&services, Platform::Instagram, default.services.instagram)?,
            twitter: service(&services, Platform::Twitter, default.services.twitter)?,
            tiktok: service(&services, Platform::TikTok, default.services.tiktok)?,
        },
        sync: sync(&root.section("sync")?, &default.sync)?,
        push: Push { after_sync: root.section("push")?.bool("afterSync", default.push.after_sync)? },
        output: Output {
            file: root
                .section("output")?
                .nullable("file", "a path", |value| text(value).map(PathBuf::from))?,
        },
        stages: root.read("stages", default.stages, "a list of different names, at least one", |value| {
            stages(value).filter(|list| !list.is_empty())
        })?,
        notifications: notifications(&root.section("notifications")?, default.notifications)?,
        app: app(&root.section("app")?, &default.app)?,
        sinks: sinks::read(&root)?,
    })
}

fn service(services: &Section<'_>, platform: Platform, default: ServiceSettings) -> Result<ServiceSettings> {
    let section = services.section(platform.as_str())?;
    let allow_remote = section.bool("allowRemote", default.allow_remote)?;
    let base_url = section.read(
        "baseUrl",
        default.base_url,
        "http://HOST:PORT or https://HOST:PORT without a path",
        |value| Url::parse(value.as_str()?).ok().filter(is_bare),
    )?;
    let loopback = is_loopback(&base_url);
    if !loopback && !allow_remote {
        return Err(section.invalid(
            "baseUrl",
            format!(
                "an address on this machine (localhost); for another machine set services.{platform}.allowRemote to true"
            ),
        ));
    }
    if !loopback && base_url.scheme() == "http" {
        return Err(section.invalid("baseUrl", "https for another machine; http only for this one"));
    }
    let open_tabs = match platform {
        Platform::Instagram => section.read(
            "openTabs",
            default.open_tabs,
            "a list of different tabs out of primary, general, requests, hidden_requests",
            open_tabs,
        )?,
        Platform::Twitter | Platform::TikTok => default.open_tabs,
    };
    Ok(ServiceSettings {
        enabled: section.bool("enabled", default.enabled)?,
        base_url,
        allow_remote,
        interval_minutes: section
            .nullable("intervalMinutes", &whole(&INTERVAL), |value| integer(value, &INTERVAL))?,
        open_tabs,
    })
}

fn sync(section: &Section<'_>, default: &Sync) -> Result<Sync> {
    Ok(Sync {
        interval_minutes: section.integer("intervalMinutes", default.interval_minutes, &INTERVAL)?,
        run_at_start: section.bool("runAtStart", default.run_at_start)?,
        quiet_hours: section.nullable(
            "quietHours",
            r#"{ "from": "22:00", "to": "07:00" } with two different times"#,
            quiet_hours,
        )?,
        message_limit: section.integer("messageLimit", default.message_limit, &(1..=5_000))?,
        concurrency: section.word(
            "concurrency",
            default.concurrency,
            &[("parallel", Concurrency::Parallel), ("sequential", Concurrency::Sequential)],
        )?,
        leave_unread: section.bool("leaveUnread", default.leave_unread)?,
        recheck_per_run: section.integer("recheckPerRun", default.recheck_per_run, &(0..=100))?,
        tiktok_max_scrolls: section.integer("tiktokMaxScrolls", default.tiktok_max_scrolls, &(0..=10_000))?,
        twitter_thread_scrolls: section.integer(
            "twitterThreadScrolls",
            default.twitter_thread_scrolls,
            &(0..=100),
        )?,
        // Not a call's time-out but the patience with a page: short is impatient, not wrong.
        settle_timeout_ms: section.integer("settleTimeoutMs", default.settle_timeout_ms, &(100..=600_000))?,
        open_timeout_ms: section.integer("openTimeoutMs", default.open_timeout_ms, &TIMEOUT)?,
        list_timeout_ms: section.integer("listTimeoutMs", default.list_timeout_ms, &TIMEOUT)?,
        request_timeout_ms: section.integer("requestTimeoutMs", default.request_timeout_ms, &TIMEOUT)?,
    })
}

fn notifications(section: &Section<'_>, default: Notifications) -> Result<Notifications> {
    Ok(Notifications {
        needs_you: section.bool("needsYou", default.needs_you)?,
        sink_stopped: section.bool("sinkStopped", default.sink_stopped)?,
        replies_from_stage: section.read(
            "repliesFromStage",
            default.replies_from_stage,
            "a list of different stages",
            stages,
        )?,
        replies_from_score: section.nullable("repliesFromScore", "a number from 0 to 10", score)?,
    })
}

fn app(section: &Section<'_>, default: &App) -> Result<App> {
    Ok(App {
        launch_at_login: section.bool("launchAtLogin", default.launch_at_login)?,
        dock: section.word(
            "dock",
            default.dock,
            &[("with-window", Dock::WithWindow), ("always", Dock::Always), ("never", Dock::Never)],
        )?,
        close_keeps_running: section.bool("closeKeepsRunning", default.close_keeps_running)?,
        single_letter_keys: section.bool("singleLetterKeys", default.single_letter_keys)?,
        log_level: section.word(
            "logLevel",
            default.log_level,
            &[
                ("error", LogLevel::Error),
                ("warn", LogLevel::Warn),
                ("info", LogLevel::Info),
                ("debug", LogLevel::Debug),
                ("trace", LogLevel::Trace),
            ],
        )?,
    })
}

/// One object of the file and its dotted path; an absent one has no keys.
pub(super) struct Section<'a> {
    path: String,
    keys: Option<&'a Map<String, Value>>,
}

impl<'a> Section<'a> {
    fn root(value: &'a Value) -> Result<Self> {
        match value {
            Value::Object(keys) => Ok(Self { path: String::new(), keys: Some(keys) }),
            other => Err(SettingsError::invalid("the file", other, "an object: { … }")),
        }
    }

    pub(super) fn of(path: String, value: &'a Value) -> Result<Self> {
        match value {
            Value::Object(keys) => Ok(Self { path, keys: Some(keys) }),
            other => Err(SettingsError::invalid(path, other, "an object: { … }")),
        }
    }

    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn given(&self, key: &str) -> Option<&'a Value> {
        self.keys?.get(key)
    }

    pub(super) fn section(&self, key: &str) -> Result<Self> {
        match self.given(key) {
            Some(value) => Self::of(self.path(key), value),
            None => Ok(Self { path: self.path(key), keys: None }),
        }
    }

    pub(super) fn invalid(&self, key: &str, allowed: impl Into<String>) -> SettingsError {
        SettingsError::invalid(self.path(key), self.given(key).unwrap_or(&Value::Null), allowed)
    }

    pub(super) fn read<T>(
        &self,
        key: &str,
        default: T,
        allowed: &str,
        parse: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T> {
        match self.given(key) {
            None => Ok(default),
            Some(value) => parse(value).ok_or_else(|| self.invalid(key, allowed)),
        }
    }

    /// A value that may be null, and is when left out.
    pub(super) fn nullable<T>(
        &self,
        key: &str,
        allowed: &str,
        parse: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.given(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                parse(value).map(Some).ok_or_else(|| self.invalid(key, format!("{allowed}, or null")))
            }
        }
    }

    pub(super) fn required<T>(
        &self,
        key: &str,
        allowed: &str,
        parse: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T> {
        match self.given(key) {
            None => Err(SettingsError::Missing { key: self.path(key), allowed: allowed.to_owned() }),
            Some(value) => parse(value).ok_or_else(|| self.invalid(key, allowed)),
        }
    }

    pub(super) fn bool(&self, key: &str, default: bool) -> Result<bool> {
        self.read(key, default, "true, false", Value::as_bool)
    }

    pub(super) fn integer<T: Number>(&self, key: &str, default: T, range: &RangeInclusive<T>) -> Result<T> {
        self.read(key, default, &whole(range), |value| integer(value, range))
    }

    pub(super) fn word<T: Copy>(&self, key: &str, default: T, words: &[(&str, T)]) -> Result<T> {
        let allowed = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        self.read(key, default, &allowed, |value| {
            let given = value.as_str()?;
            words.iter().find(|(word, _)| *word == given).map(|(_, meaning)| *meaning)
        })
    }
}

/// A whole number of the settings.
pub(super) trait Number: Copy + PartialOrd + std::fmt::Display + TryFrom<u64> {}
impl Number for u32 {}
impl Number for u64 {}

fn whole<T: Number>(range: &RangeInclusive<T>) -> String {
    format!("a whole number from {} to {}", range.start(), range.end())
}

pub(super) fn integer<T: Number>(value: &Value, range: &RangeInclusive<T>) -> Option<T> {
    T::try_from(value.as_u64()?).ok().filter(|number| range.contains(number))
}

/// A text that isn't blank.
pub(super) fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.trim().is_empty())
}

pub(super) fn score(value: &Value) -> Option<f64> {
    value.as_f64().filter(|score| (0.0..=10.0).contains(score))
}

/// Names without surrounding white space, no two alike when compared without case.
pub(super) fn stages(value: &Value) -> Option<Vec<String>> {
    let list = value
        .as_array()?
        .iter()
        .map(|item| text(item).filter(|name| *name == name.trim()).map(str::to_owned))
        .collect::<Option<Vec<_>>>()?;
    all_different(&list.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>()).then_some(list)
}

pub(super) fn all_different<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().all(|(at, item)| !list[..at].contains(item))
}

fn open_tabs(value: &Value) -> Option<Vec<InboxTab>> {
    let tabs = value
        .as_array()?
        .iter()
        .map(|item| InboxTab::parse(item.as_str()?).filter(|tab| *tab != InboxTab::Inbox))
        .collect::<Option<Vec<_>>>()?;
    all_different(&tabs).then_some(tabs)
}

fn quiet_hours(value: &Value) -> Option<QuietHours> {
    let keys = value.as_object()?;
    let time = |key| {
        let text = keys.get(key)?.as_str()?;
        // "7:00" and "07:00:00" would be taken too, and a person would wonder which is right.
        (text.len() == 5).then(|| NaiveTime::parse_from_str(text, "%H:%M").ok())?
    };
    let hours = QuietHours { from: time("from")?, to: time("to")? };
    (hours.from != hours.to).then_some(hours)
}

/// An address of a service: scheme, host, port, nothing more.
fn is_bare(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
}

/// Whether an address names this machine by its loopback interface.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}
