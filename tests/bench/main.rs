//! The three worlds of `make bench`, each measured beside what people use today, or beside what the services' own
//! delays allow, in one run. `cargo bench -p crm-sync-tests -- a` measures one world.
//!
//! - **A**: documented shape, 3 × 40 contacts, pages at once, no faults; open 120 ms, messages 40 ms, lists 200 ms,
//!   scroll 150 ms. Beside a baseline that does what the documented script does.
//! - **B**: the real servers' timings, 3 × 8 contacts of the real shape.
//! - **C**: 3 × 10,000 contacts with 50 messages, no delays: what the engine itself costs. The services run in a
//!   process of their own, so that the memory measured is the engine's.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that can't go on has failed, and prints"
)]

mod baseline;
mod desk;
mod report;
mod world_c;
mod worlds;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--bench")).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if arguments.first().is_some_and(|word| word == world_c::SERVE) {
            world_c::serve().await;
            return ExitCode::SUCCESS;
        }
        let wanted = |world: &str| arguments.is_empty() || arguments.iter().any(|word| word == world);
        let mut report = report::Report::default();
        // First, while the process has held nothing else: its memory is measured.
        if wanted("c") {
            world_c::measure(&mut report).await;
        }
        if wanted("a") {
            worlds::a(&mut report).await;
        }
        if wanted("b") {
            worlds::b(&mut report).await;
        }
        report.print()
    })
}
