//! World C: what the engine itself costs, with the services in a process of their own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crm_sync_domain::Platform;
use crm_sync_engine::export;
use crm_sync_engine::sync::RunOutcome;
use crm_sync_simulator::{InboxSpec, Scenario, Simulator, World, WorldSpec};

use crate::desk::Desk;
use crate::report::{Report, peak_memory, seconds};

/// The argument that makes this program the services of world C.
pub(crate) const SERVE: &str = "serve-world-c";

const CONTACTS: u32 = 10_000;

/// Runs the services until standard input ends, which it does when the benchmark does.
pub(crate) async fn serve() {
    let spec = InboxSpec { messages: 50..=50, ..InboxSpec::of(CONTACTS) };
    let scenario = Scenario::documented().on(Platform::TikTok, |p| p.rows_per_page(2_000));
    let simulator = Simulator::start(World::generate(&WorldSpec::uniform(3, &spec)), scenario).await.unwrap();
    for platform in Platform::ALL {
        println!("{}", simulator.base_url(platform));
    }
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().lock().lines().count());
    ended.await.unwrap();
}

/// The services' process; killed when dropped.
struct Services(Child);

impl Drop for Services {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start() -> (Services, Vec<(Platform, String)>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg(SERVE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let urls = Platform::ALL.into_iter().zip(lines.map(Result::unwrap)).collect();
    (Services(child), urls)
}

pub(crate) async fn measure(report: &mut Report) {
    let (_services, urls) = start();
    let desk = Desk::new(&urls);
    let (document, first) = desk.sync().await;
    assert_eq!(document.outcome, RunOutcome::Ok);
    let stored: u32 = document.platforms.values().map(|p| p.new_messages).sum();
    assert_eq!(stored, 3 * CONTACTS * 50);
    report.says("C: first sync of 30,000 × 50", seconds(first));
    report.says("C: of that per contact", format!("{} µs", (first / (3 * CONTACTS)).as_micros()));
    memory(report, "C: peak memory, first sync");
    let (_, again) = desk.sync().await;
    report.says("C: unchanged re-sync", seconds(again));
    report.says("C: export of all of it", seconds(exported(&desk).await));
    memory(report, "C: peak memory, export too");
}

async fn exported(desk: &Desk) -> Duration {
    let engine = desk.engine().await;
    let options = export::Options { format: export::Format::Json, messages: true };
    let began = Instant::now();
    let written =
        export::write_file(&engine, options, &desk.data_dir().root().join("all.json")).await.unwrap();
    let took = began.elapsed();
    assert_eq!(written.contacts, u64::from(3 * CONTACTS));
    engine.close().await;
    took
}

fn memory(report: &mut Report, what: &str) {
    match peak_memory() {
        Some(bytes) => report.megabytes(what, bytes, 300),
        None => report.says(what, "not known on this system".to_owned()),
    }
}
