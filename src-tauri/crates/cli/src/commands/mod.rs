//! One file per command: ask the engine, show what it says, and name the exit status.

mod config;
mod contacts;
mod demo;
mod doctor;
mod export;
mod health;
mod messages;
mod runs;
mod score;
mod services;
mod stats;
mod sync;

use std::path::PathBuf;
use std::sync::Arc;

use crm_sync_engine::clock::SystemClock;
use crm_sync_engine::data_dir::{self, DataDir, DataDirError};
use crm_sync_engine::logging::{self, LogGuard};
use crm_sync_engine::{ApiError, Engine};

use crate::args::{Cli, Command};
use crate::exit::{Exit, Failure};
use crate::out::Out;

/// How a command ends.
type Outcome = Result<Exit, Failure>;

/// Runs what was asked for.
pub async fn run(cli: Cli, out: &Out) -> Outcome {
    let context = Context { out, data_dir: cli.data_dir, verbose: cli.verbose };
    match cli.command {
        Command::Sync(args) => sync::run(&context, args).await,
        Command::Health(args) => health::run(&context, args).await,
        Command::Stats(args) => stats::run(&context, args).await,
        Command::Score(args) => score::run(&context, args).await,
        Command::Export(args) => export::run(&context, args).await,
        Command::Contacts(args) => contacts::run(&context, args).await,
        Command::Messages(args) => messages::run(&context, args).await,
        Command::Services(command) => services::run(&context, command).await,
        Command::Config(command) => config::run(&context, command),
        Command::Runs(command) => runs::run(&context, command).await,
        Command::Demo(args) => demo::run(&context, args).await,
        Command::Doctor => doctor::run(&context).await,
    }
}

/// What every command needs.
struct Context<'a> {
    out: &'a Out,
    data_dir: Option<PathBuf>,
    verbose: u8,
}

/// The engine, and its log for as long as it is used.
struct Opened {
    engine: Engine,
    _log: LogGuard,
}

impl Context<'_> {
    /// The data directory that was asked for.
    fn data_dir(&self) -> Result<DataDir, DataDirError> {
        DataDir::resolve(self.data_dir.as_deref(), std::env::var_os(data_dir::ENVIRONMENT))
    }

    /// The engine on that data directory.
    async fn open(&self) -> Result<Opened, ApiError> {
        self.open_at(self.data_dir()?).await
    }

    /// The engine on another one.
    async fn open_at(&self, dir: DataDir) -> Result<Opened, ApiError> {
        let engine = Engine::open(dir.clone(), Arc::new(SystemClock)).await?;
        let log = logging::init(&dir, engine.settings().app.log_level, self.verbose)?;
        Ok(Opened { engine, _log: log })
    }
}
