//! `crm-sync demo`: three simulated inboxes, synced by the real engine into a folder of their own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::Local;
use crm_sync_domain::Platform;
use crm_sync_domain::plan::Mode;
use crm_sync_engine::clock::{Clock as _, SystemClock};
use crm_sync_engine::contacts::{self, Filter};
use crm_sync_engine::data_dir::DataDir;
use crm_sync_engine::settings::SettingsFile;
use crm_sync_engine::sync::{RunDocument, RunOutcome, SyncRequest, Trigger};
use crm_sync_engine::{ApiError, Code, Engine, Fix};
use crm_sync_simulator::{Clock, Scenario, Simulator};
use serde_json::json;

use super::sync::{watched, writable_place};
use super::{Context, Outcome};
use crate::args::DemoArgs;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::render::Lines;
use crate::render::contacts::{below, table};
use crate::{interrupt, render, text};

/// Marks a data directory as the demo's own.
const MARK: &str = "demo";
/// So many contacts are shown.
const SHOWN: u32 = 15;

pub(super) async fn run(context: &Context<'_>, args: DemoArgs) -> Outcome {
    let output = args.output.as_deref().map(writable_place).transpose()?;
    let home = Home::find(context.data_dir.as_deref())?;
    let now = || SystemClock.local().fixed_offset();
    let world = crm_sync_simulator::demo(args.seed, args.contacts, now());
    let services = Simulator::start(world, Scenario::demo(Clock::from_fn(now))).await.map_err(|error| {
        ApiError::new(Code::ServiceFailed, error.to_string()).with_fix(Fix::say("Try again."))
    })?;
    for platform in Platform::ALL {
        let key = format!("services.{platform}.baseUrl");
        SettingsFile::set(&home.dir.settings_path(), &key, &services.base_url(platform))
            .map_err(ApiError::from)?;
    }
    say("Three simulated inboxes are up; everything in them is invented.");
    let opened = context.open_at(home.dir.clone()).await?;
    let request = SyncRequest {
        platforms: Vec::new(),
        mode: Mode::Changed,
        leave_unread: None,
        message_limit: None,
        rescore: false,
        trigger: Trigger::CommandLine,
        output,
    };
    let document = watched(context, &opened.engine, request, Duration::ZERO).await?;
    show(context, &opened.engine, &document, &services, &home).await?;
    opened.engine.close().await;
    drop(opened);
    let cancelled = document.outcome == RunOutcome::Cancelled;
    if args.keep && !cancelled {
        say(&keeping(&services, &home.dir));
        interrupt::one().await?;
        say("The simulated services are stopped.");
    } else if !context.out.json {
        say(&afterwards(&home));
    }
    services.stop();
    Ok(match document.outcome {
        // This world holds a conversation that can't be opened, to show what that looks like.
        RunOutcome::Partial => Exit::Ok,
        outcome => Exit::from(outcome),
    })
}

/// Where the demo keeps its data.
struct Home {
    dir: DataDir,
    /// Removed with everything in it when the demo ends.
    temporary: Option<tempfile::TempDir>,
}

impl Home {
    /// The folder that was named, else one for this demo alone. The environment's doesn't count: it may be the
    /// person's own, and invented people have no business there.
    fn find(named: Option<&Path>) -> Result<Self, Failure> {
        let Some(named) = named else {
            let temporary = tempfile::Builder::new().prefix("crm-sync-demo-").tempdir()?;
            let dir = DataDir::at(temporary.path()).map_err(ApiError::from)?;
            return Ok(Self { dir, temporary: Some(temporary) });
        };
        if holds_data(named) && !named.join(MARK).exists() {
            return Err(Failure::wrong_call(format!(
                "--data-dir {} holds settings or contacts already; the demo would mix invented people into them. \
                 Name another folder",
                text::one_line(&named.display().to_string())
            )));
        }
        let dir = DataDir::at(named).map_err(ApiError::from)?;
        std::fs::write(dir.root().join(MARK), "Made by crm-sync demo: everybody in here is invented.\n")?;
        Ok(Self { dir, temporary: None })
    }
}

fn holds_data(folder: &Path) -> bool {
    ["settings.json", "crm-sync.db"].iter().any(|file| folder.join(file).exists())
}

async fn show(
    context: &Context<'_>,
    engine: &Engine,
    document: &RunDocument,
    services: &Simulator,
    home: &Home,
) -> Result<(), Failure> {
    let out = context.out;
    if out.json {
        let addresses: serde_json::Map<_, _> = Platform::ALL
            .into_iter()
            .map(|platform| (platform.to_string(), json!(services.base_url(platform))))
            .collect();
        let kept: Option<PathBuf> = home.temporary.is_none().then(|| home.dir.root().to_owned());
        out.document(&json!({ "run": document, "services": addresses, "dataDir": kept }))?;
        return Ok(());
    }
    let found = contacts::list(engine, &Filter { limit: Some(SHOWN), ..Filter::default() }).await?;
    out.line("")?;
    out.text(&table(&found.contacts, &Local, out.room, out.style))?;
    out.line(&below(&found.contacts, found.matching))?;
    out.line("")?;
    out.text(&render::sync::document(document, out.style))?;
    Ok(())
}

/// What to do while the services stay up.
fn keeping(services: &Simulator, dir: &DataDir) -> String {
    let mut said = Lines::default();
    said.line("\nThe simulated services stay up until Ctrl-C:");
    for platform in Platform::ALL {
        said.line(format!("  {platform:10} {}", services.base_url(platform)));
    }
    let dir = text::one_line(&dir.root().display().to_string());
    let program = program();
    said.text(&format!(
        "Play with them from another terminal:\n  \
         {program} --data-dir {dir} contacts --awaiting-reply\n  \
         {program} --data-dir {dir} messages --search studio\n  \
         {program} --data-dir {dir} sync\n{}",
        your_own()
    ));
    said.done()
}

/// What to do once they are gone.
fn afterwards(home: &Home) -> String {
    let kept = if home.temporary.is_some() {
        "The simulated services and their data are gone again; to play with them: ".to_owned()
            + &program()
            + " demo --keep"
    } else {
        format!(
            "The simulated services are stopped; their data stays in {}.",
            text::one_line(&home.dir.root().display().to_string())
        )
    };
    format!("\n{kept}\n{}", your_own())
}

fn your_own() -> String {
    let program = program();
    format!(
        "Your own inboxes: start the three services (Instagram on 3001, Twitter on 3003, TikTok on 3102), then\n  \
         {program} doctor      says what is ready, and what to do about what isn't\n  \
         {program} sync        reads them\n\
         Another port: {program} config set services.instagram.baseUrl http://localhost:3100"
    )
}

/// How this program was called: it may not be on the PATH yet.
fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let plain = called.components().count() <= 1;
    if plain { "crm-sync".to_owned() } else { text::one_line(&called.display().to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_people_never_get_into_real_data() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        std::fs::create_dir(&real).unwrap();
        std::fs::write(real.join("crm-sync.db"), "x").unwrap();
        assert_eq!(Home::find(Some(&real)).err().unwrap().exit(), Exit::WrongCall);
        assert!(!real.join(MARK).exists());
    }

    #[test]
    fn a_folder_of_the_demos_own_is_used_again_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        Home::find(Some(&own)).unwrap();
        std::fs::write(own.join("settings.json"), "{}").unwrap();
        drop(Home::find(Some(&own)).unwrap());
        assert!(own.join("settings.json").exists());
    }

    #[test]
    fn a_folder_that_nobody_named_goes_with_the_demo() {
        let home = Home::find(None).unwrap();
        let root = home.dir.root().to_owned();
        assert!(root.exists());
        drop(home);
        assert!(!root.exists());
    }
}
