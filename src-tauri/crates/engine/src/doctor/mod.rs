//! What is wrong on this machine, and the next thing to do. Every check stands for itself, so that the report is whole
//! where the settings are broken or the cache can't be opened: that is when it is read.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crm_sync_domain::{Platform, Reason};
use crm_sync_store::Store;
use serde::Serialize;

use crate::clock::Clock;
use crate::data_dir::{DataDir, DataDirError};
use crate::error::ApiError;
use crate::health::{self, PlatformHealth};
use crate::lock::SyncLock;
use crate::settings::{self, SettingsFile};
use crate::{Engine, runs};

mod listeners;

/// Less free space than this, in bytes, is worth a word: a backup before a migration doubles the cache.
#[cfg(unix)]
const LITTLE_SPACE: u64 = 500 * 1024 * 1024;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// Works, but should be changed.
    Warning,
    /// Doesn't work.
    Problem,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at: "data directory", "instagram", …
    pub area: String,
    /// How serious.
    pub verdict: Verdict,
    /// What was found, on one line.
    pub finding: String,
    /// The next thing to do, in one sentence.
    pub next: Option<String>,
}

impl Check {
    fn new(area: &str, verdict: Verdict, finding: impl Into<String>) -> Self {
        Self { area: area.to_owned(), verdict, finding: finding.into(), next: None }
    }

    fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

/// All findings, in the order in which one would mend them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The findings.
    pub checks: Vec<Check>,
}

impl Report {
    /// The most serious verdict.
    pub fn worst(&self) -> Verdict {
        self.checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok)
    }
}

/// Looks at everything that a sync needs. Takes the data directory as it was resolved, found or not.
pub async fn examine(data_dir: Result<DataDir, DataDirError>, clock: Arc<dyn Clock>) -> Report {
    let dir = match data_dir {
        Ok(dir) => dir,
        Err(error) => {
            return Report {
                checks: vec![
                    Check::new("data directory", Verdict::Problem, error.to_string())
                        .next("Mend its rights, or name another folder with --data-dir."),
                ],
            };
        }
    };
    let mut checks = vec![Check::new(
        "data directory",
        Verdict::Ok,
        format!("{}, its owner's alone", dir.root().display()),
    )];
    #[cfg(unix)]
    checks.push(space(dir.root()));
    checks.extend(settings_file(&dir));
    checks.push(cache(&dir).await);
    checks.push(lock(&dir));
    // Only with sound settings and a sound cache is there more to look at.
    match Engine::open(dir, clock).await {
        Ok(engine) => {
            checks.push(last_run(&engine).await);
            checks.extend(services(&engine).await);
            engine.close().await;
        }
        Err(error) => checks.push(
            Check::new("services", Verdict::Note, "not looked at")
                .next(format!("First: {}", error.fix.map_or(error.message, |fix| fix.sentence))),
        ),
    }
    checks.push(listeners::advice());
    Report { checks }
}

#[cfg(unix)]
fn space(root: &Path) -> Check {
    let area = "disk space";
    let statistics = match rustix::fs::statvfs(root) {
        Ok(statistics) => statistics,
        Err(error) => return Check::new(area, Verdict::Note, format!("can't be asked for ({error})")),
    };
    let free = statistics.f_bavail.saturating_mul(statistics.f_frsize);
    let finding = format!("{} MiB free", free / 1024 / 1024);
    if free < LITTLE_SPACE {
        Check::new(area, Verdict::Warning, finding)
            .next("Free some space: a full disk stops a sync (what is cached stays).")
    } else {
        Check::new(area, Verdict::Ok, finding)
    }
}

fn settings_file(dir: &DataDir) -> Vec<Check> {
    let area = "settings";
    let path = dir.settings_path();
    let file = match SettingsFile::load(&path) {
        Ok(file) => file,
        Err(error) => {
            let finding = error.to_string();
            let fix = ApiError::from(error).fix.map(|fix| fix.sentence);
            return vec![Check {
                next: Some(fix.unwrap_or_else(|| format!("Mend {}.", path.display()))),
                ..Check::new(area, Verdict::Problem, finding)
            }];
        }
    };
    let mut checks = vec![if path.exists() {
        Check::new(area, Verdict::Ok, path.display().to_string())
    } else {
        Check::new(area, Verdict::Ok, "no settings.json: the defaults count")
    }];
    checks.extend(file.unknown_keys().into_iter().map(|unknown| {
        let check =
            Check::new(area, Verdict::Warning, format!("{} is no setting and has no effect", unknown.key));
        match unknown.nearest {
            Some(nearest) => check.next(format!("Did you mean {nearest}?")),
            None => check,
        }
    }));
    if file.settings().enabled_platforms().is_empty() {
        checks.push(
            Check::new(area, Verdict::Problem, "no platform is switched on")
                .next("Run: crm-sync config set services.instagram.enabled true"),
        );
    }
    checks.extend(writable_by_others(&path));
    checks
}

#[cfg(unix)]
fn writable_by_others(path: &Path) -> Option<Check> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o022 != 0).then(|| {
        Check::new(
            "settings",
            Verdict::Warning,
            format!("others may change {} (mode {:o})", path.display(), mode & 0o777),
        )
        .next(format!("Run: chmod 600 {}", path.display()))
    })
}

#[cfg(not(unix))]
fn writable_by_others(_path: &Path) -> Option<Check> {
    None
}

async fn cache(dir: &DataDir) -> Check {
    let area = "cache";
    let path = dir.database_path();
    if !path.exists() {
        return Check::new(area, Verdict::Note, "empty: nothing was synced yet").next("Run: crm-sync sync");
    }
    let opened = async {
        let store = Store::open(&path, &dir.backups()).await?;
        let mut found = (0, 0);
        for platform in Platform::ALL {
            let counts = store.counts(platform).await?;
            found = (found.0 + counts.contacts, found.1 + counts.messages);
        }
        store.close().await;
        Ok::<_, crm_sync_store::StoreError>(found)
    };
    match opened.await {
        Ok((contacts, messages)) => {
            Check::new(area, Verdict::Ok, format!("{contacts} contacts, {messages} messages"))
        }
        Err(error) => Check::new(area, Verdict::Problem, error.to_string())
            .next("Do what it says, then run crm-sync doctor again."),
    }
}

fn lock(dir: &DataDir) -> Check {
    let area = "sync";
    match SyncLock::holder(dir) {
        Ok(None) => Check::new(area, Verdict::Ok, "none is running"),
        Ok(Some(holder)) => {
            let process = holder.pid.map(|pid| format!(" in process {pid}")).unwrap_or_default();
            Check::new(area, Verdict::Note, format!("one is running{process}"))
                .next("Wait until it ends, or use crm-sync sync --wait SECONDS.")
        }
        Err(error) => Check::new(area, Verdict::Problem, error.to_string()),
    }
}

async fn last_run(engine: &Engine) -> Check {
    let area = "last run";
    let run = match runs::list(engine, 1).await {
        Ok(runs) => runs.into_iter().next(),
        Err(error) => return Check::new(area, Verdict::Problem, error.message),
    };
    let Some(run) = run else {
        return Check::new(area, Verdict::Note, "none yet").next("Run: crm-sync sync");
    };
    let outcome = run.outcome.as_deref().unwrap_or("not ended");
    let finding = format!("{} at {}", outcome, crate::export::rfc3339(run.started_at));
    if outcome == "ok" {
        return Check::new(area, Verdict::Ok, finding);
    }
    let verdict = if outcome == "failed" { Verdict::Warning } else { Verdict::Note };
    Check::new(area, verdict, finding).next(format!("See why with: crm-sync runs show {}", run.id))
}

async fn services(engine: &Engine) -> Vec<Check> {
    let found = match health::check(engine, &[]).await {
        Ok(found) => found,
        Err(error) => return vec![Check::new("services", Verdict::Problem, error.message)],
    };
    let mut checks = Vec::new();
    for health in &found {
        checks.push(service(health));
        let base = &engine.settings().service(health.platform).base_url;
        if health.reason != Some(Reason::ServiceDown) && settings::is_loopback(base) {
            checks.extend(
                base.port_or_known_default().and_then(|port| listeners::open_to_all(health.platform, port)),
            );
        }
    }
    checks
}

fn service(health: &PlatformHealth) -> Check {
    let area = health.platform.as_str();
    let Some(reason) = health.reason else {
        return Check::new(
            area,
            Verdict::Ok,
            format!("{} answers in {} ms", health.base_url, health.latency_ms),
        );
    };
    let detail = health.detail.as_deref().unwrap_or("no more is known");
    let check = Check::new(area, Verdict::Problem, format!("{} {reason}: {detail}", health.base_url));
    let fix = health.fix.clone().unwrap_or_else(|| reason.fix(health.platform));
    match reason {
        // Source: observed on the real servers; a fresh install on Node 20 ends at start when SUPABASE_URL is set.
        Reason::ServiceDown => check.next(format!(
            "{fix} If it ends by itself at start: use Node 22 or later, and look whether SUPABASE_URL is a whole https address."
        )),
        _ => check.next(fix),
    }
}
