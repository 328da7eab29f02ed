//! A data directory, simulated services, and the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crm_sync_domain::Platform;
use crm_sync_simulator::{Scenario, Simulator, World};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Everything that one person's program touches.
pub(crate) struct Desk {
    pub(crate) simulator: Simulator,
    directory: TempDir,
}

/// What a call printed and how it ended.
pub(crate) struct Called {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Called {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in {:?}; {}", self.out, self.err))
    }
}

impl From<Output> for Called {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Desk {
    pub(crate) async fn new(world: World, scenario: Scenario) -> Self {
        let simulator = Simulator::start(world, scenario).await.unwrap();
        let desk = Self { simulator, directory: tempfile::tempdir().unwrap() };
        std::fs::create_dir(desk.data()).unwrap();
        let services: serde_json::Map<_, _> = Platform::ALL
            .into_iter()
            .map(|p| (p.as_str().to_owned(), json!({ "baseUrl": desk.simulator.base_url(p) })))
            .collect();
        desk.write_settings(&json!({ "services": services, "sync": { "settleTimeoutMs": 600 } }).to_string());
        desk
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// A path beside it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.data().join("settings.json")
    }

    pub(crate) fn write_settings(&self, text: &str) {
        std::fs::write(self.settings(), text).unwrap();
    }

    /// The program, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        program(&self.data(), arguments)
    }

    /// Runs the program to its end.
    pub(crate) async fn call(&self, arguments: &[&str]) -> Called {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap()
    }

    /// The same with the result as JSON.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let with_json: Vec<&str> = std::iter::once("--json").chain(arguments.iter().copied()).collect();
        self.call(&with_json).await.json()
    }

    /// How many calls the services had.
    pub(crate) fn calls(&self) -> usize {
        Platform::ALL.into_iter().map(|platform| self.simulator.calls(platform).len()).sum()
    }
}

/// The program on some data directory.
pub(crate) fn program(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crm-sync"));
    command.args(arguments).env("CRM_SYNC_DATA_DIR", data).env_remove("NO_COLOR").stdin(Stdio::null());
    command
}
