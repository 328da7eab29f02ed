//! Worlds A and B: how close a sync comes to what the services' own delays allow.

use std::time::Duration;

use crm_sync_domain::Platform;
use crm_sync_engine::sync::RunOutcome;
use crm_sync_simulator::{InboxSpec, Scenario, Simulator, Timings, World, WorldSpec};

use crate::baseline;
use crate::desk::Desk;
use crate::report::{Report, ratio, seconds};

fn base_urls(simulator: &Simulator) -> Vec<(Platform, String)> {
    Platform::ALL.into_iter().map(|platform| (platform, simulator.base_url(platform))).collect()
}

/// The services' own delays of all calls made, on the platform where they add up to most.
fn limit(simulator: &Simulator) -> Duration {
    Platform::ALL.into_iter().map(|platform| simulator.delayed(platform)).max().unwrap_or_default()
}

pub(crate) async fn a(report: &mut Report) {
    let world = || World::generate(&WorldSpec::uniform(1, &InboxSpec::of(40)));
    let scenario = || Scenario::documented().everywhere(|p| p.timings(Timings::world_a()));
    let simulator = Simulator::start(world(), scenario()).await.unwrap();
    let desk = Desk::new(&base_urls(&simulator));
    let (document, first) = desk.sync().await;
    assert_eq!(document.outcome, RunOutcome::Ok);
    let least = limit(&simulator);
    let (_, again) = desk.sync().await;

    let simulator = Simulator::start(world(), scenario()).await.unwrap();
    let (contacts, script) = baseline::run(&base_urls(&simulator)).await;
    assert_eq!(contacts, 120);
    report.says("A: the documented script", seconds(script));
    report.says("A: first sync", seconds(first));
    report.says("A: the services' own delays", seconds(least));
    report.says("A: unchanged re-sync", seconds(again));
    report.at_least("A: script / first sync", ratio(script, first), 9.0);
    report.at_most("A: first sync / own delays", ratio(first, least), 1.25);
    report.at_least("A: script / unchanged re-sync", ratio(script, again), 60.0);
}

pub(crate) async fn b(report: &mut Report) {
    let world = World::generate(&WorldSpec::uniform(2, &InboxSpec::of(8)));
    let scenario = Scenario::real().everywhere(|p| p.timings(Timings::real()));
    let simulator = Simulator::start(world, scenario).await.unwrap();
    let desk = Desk::new(&base_urls(&simulator));
    let (document, first) = desk.sync().await;
    let least = limit(&simulator);
    let read: u32 = document.platforms.values().map(|p| p.opened - p.unreadable).sum();
    report.says("B: threads read, of 24", read.to_string());
    report.says("B: first sync", seconds(first));
    report.says("B: the services' own delays", seconds(least));
    report.at_most("B: first sync / own delays", ratio(first, least), 1.15);
}
