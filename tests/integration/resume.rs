//! Runs that end early: cancelled, or killed.

use std::collections::BTreeSet;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crm_sync_domain::Platform;
use crm_sync_engine::sync::{self, RunOutcome, SyncRequest, Trigger};
use crm_sync_simulator::{Endpoint, Fault, FaultKind, InboxSpec, Scenario, Timings, World, WorldSpec};
use crm_sync_tests::House;
use rstest::rstest;
use tokio_util::sync::CancellationToken;

/// Tells a child process of this test binary where to sync.
const CHILD: &str = "CRM_SYNC_TEST_DATA_DIR";
const CONTACTS: u32 = 12;

async fn house() -> House {
    let world = World::generate(&WorldSpec::uniform(31, &InboxSpec::of(CONTACTS)));
    let timings = Timings::none().with(Endpoint::Open, Duration::from_millis(4));
    House::new(world, Scenario::documented().everywhere(|p| p.timings(timings.clone()))).await
}

/// Syncs what is left and asserts that only what was not stored is opened, and that then everything is there.
async fn the_rest_is_read(house: &House) {
    let mut left = Vec::new();
    for platform in Platform::ALL {
        left.push(house.verdict(platform).await);
    }
    house.simulator.reset_log();
    let sync = house.sync().await;
    println!("{}", sync.summary());
    for (platform, before) in Platform::ALL.into_iter().zip(left) {
        before.assert_read_is_right();
        let opened: BTreeSet<String> = house.simulator.opens(platform).into_iter().collect();
        let all = house.simulator.truth(platform).into_iter().map(|c| c.listed_name);
        let missing: BTreeSet<String> = all.filter(|name| !before.right.contains(name)).collect();
        assert_eq!(opened, missing, "{platform}");
        let now = house.verdict(platform).await;
        now.assert_clean();
        assert_eq!(now.right.len(), CONTACTS as usize);
    }
}

#[rstest]
#[case(0)]
#[case(3)]
#[case(20)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_keeps_what_it_read_and_the_next_goes_on(#[case] opens: usize) {
    let house = house().await;
    let cancel = CancellationToken::new();
    let stopper = cancel.clone();
    let (sync, ()) = tokio::join!(house.sync_until(|_| {}, cancel), async {
        let opened =
            || Platform::ALL.iter().map(|p| house.simulator.count(*p, Endpoint::Open)).sum::<usize>();
        while opened() < opens {
            tokio::task::yield_now().await;
        }
        stopper.cancel();
    });
    assert_eq!(sync.document.outcome, RunOutcome::Cancelled);
    the_rest_is_read(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_does_not_wait_for_a_call_that_hangs() {
    let house = house().await;
    house.simulator.change(Platform::Twitter, |p| p.fault(Fault::on(Endpoint::Open, FaultKind::Hang)));
    let cancel = CancellationToken::new();
    let stopper = cancel.clone();
    let (sync, cancelled) = tokio::join!(house.sync_until(|_| {}, cancel), async {
        while house.simulator.count(Platform::Twitter, Endpoint::Open) == 0 {
            tokio::task::yield_now().await;
        }
        stopper.cancel();
        Instant::now()
    });
    // The call would have been waited for 45 seconds.
    assert!(cancelled.elapsed() < Duration::from_secs(20));
    assert_eq!(sync.document.outcome, RunOutcome::Cancelled);
    // The server may still be opening it: the next run begins by showing the inbox.
    house.simulator.change(Platform::Twitter, crm_sync_simulator::PlatformScenario::without_faults);
    house.simulator.reset_log();
    house.sync().await;
    let calls = house.simulator.calls(Platform::Twitter);
    let first = |endpoint| calls.iter().position(|call| call.endpoint == endpoint);
    let navigated = calls.iter().position(|call| call.path.ends_with("/inbox/navigate")).unwrap();
    assert!(navigated < first(Endpoint::Open).unwrap());
}

/// Not a test of its own: what the child process does that the next test kills.
#[tokio::test(flavor = "multi_thread")]
async fn child_that_syncs() {
    let Some(directory) = std::env::var_os(CHILD) else { return };
    let data = crm_sync_engine::data_dir::DataDir::at(directory.as_ref()).unwrap();
    let clock = std::sync::Arc::new(crm_sync_engine::clock::SystemClock);
    let engine = crm_sync_engine::Engine::open(data, clock).await.unwrap();
    let request = SyncRequest::new(Trigger::CommandLine);
    let (events, _watching) = tokio::sync::mpsc::unbounded_channel();
    sync::run(&engine, request, events, CancellationToken::new()).await.unwrap();
}

fn spawn(house: &House) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "resume::child_that_syncs", "--nocapture"])
        .env(CHILD, house.data_dir().root())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_leaves_a_sound_cache_and_the_next_goes_on(#[values(0, 1, 2, 7, 15, 30)] opens: usize) {
    let house = house().await;
    let mut child = spawn(&house);
    let opened = || Platform::ALL.iter().map(|p| house.simulator.count(*p, Endpoint::Open)).sum::<usize>();
    while opened() < opens && child.try_wait().unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    the_rest_is_read(&house).await;
    let engine = house.engine().await;
    let runs = engine.store().runs(10).await.unwrap();
    engine.close().await;
    assert!(
        runs.iter().all(|run| run.finished_at.is_some() || run.outcome.as_deref() == Some("interrupted"))
    );
}
