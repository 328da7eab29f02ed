//! What a hostile answer may cost.

use std::process::Stdio;

use crm_sync_domain::Platform;
use crm_sync_simulator::{Endpoint, Fault, FaultKind, InboxSpec, Scenario, World, WorldSpec};
use rstest::rstest;

use crate::desk::Desk;

/// The most that the process has held so far, in bytes, as Linux tells it.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

#[rstest]
#[case(Endpoint::List)]
#[case(Endpoint::Messages)]
#[case(Endpoint::Health)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_400_megabytes_costs_less_than_150(#[case] endpoint: Endpoint) {
    let world = World::generate(&WorldSpec::uniform(81, &InboxSpec::of(6)));
    let huge = Fault::on(endpoint, FaultKind::HugeBody(400 << 20));
    let desk = Desk::new(world, Scenario::documented().on(Platform::Twitter, |p| p.fault(huge))).await;
    let mut sync = desk.command(&["sync"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(peak(sync.id()).unwrap_or(0));
        if let Some(status) = sync.try_wait().unwrap() {
            break status;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(status.code(), Some(3));
    assert!(most > 0 && most < 150 << 20, "{} MB", most >> 20);
}
