//! Two at once, and stopping in the middle.

use std::process::{Child, Stdio};
use std::time::Duration;

use crm_sync_domain::Platform;
use crm_sync_simulator::{
    Endpoint, Fault, FaultKind, InboxSpec, PlatformScenario, Scenario, World, WorldSpec,
};

use crate::desk::{Called, Desk};

/// Services of which one hangs on the third open.
async fn desk_that_hangs() -> Desk {
    let world = World::generate(&WorldSpec::uniform(61, &InboxSpec::of(8)));
    let hang = Fault::on(Endpoint::Open, FaultKind::Hang).from_call(3);
    Desk::new(world, Scenario::documented().on(Platform::TikTok, |p| p.fault(hang))).await
}

/// Starts a sync and waits until it hangs.
async fn hanging_sync(desk: &Desk) -> Child {
    let mut command = desk.command(&["sync"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while desk.simulator.count(Platform::TikTok, Endpoint::Open) < 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child
}

async fn ended(child: Child) -> Called {
    tokio::task::spawn_blocking(move || child.wait_with_output().unwrap().into()).await.unwrap()
}

fn signal(child: &Child, name: &str) {
    let status =
        std::process::Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sync_says_who_is_first_and_touches_nothing() {
    let desk = desk_that_hangs().await;
    let mut first = hanging_sync(&desk).await;
    let second = desk.call(&["sync"]).await;
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains(&first.id().to_string()), "{}", second.err);
    assert_eq!(desk.json(&["runs", "list"]).await["runs"].as_array().map(Vec::len), Some(1));
    // One that waits goes on when the first is gone.
    let waiting = desk
        .command(&["sync", "--wait", "60"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    desk.simulator.change(Platform::TikTok, PlatformScenario::without_faults);
    first.kill().unwrap();
    first.wait().unwrap();
    let waited = ended(waiting).await;
    assert_eq!(waited.code, Some(0), "{}", waited.err);
    let runs = desk.json(&["runs", "list"]).await.to_string();
    assert!(runs.contains("interrupted"), "{runs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_cleanly_and_says_what_is_saved() {
    for name in ["INT", "TERM"] {
        let desk = desk_that_hangs().await;
        let sync = hanging_sync(&desk).await;
        signal(&sync, name);
        let called = ended(sync).await;
        assert_eq!(called.code, Some(3), "{}", called.err);
        let said = format!("{}{}", called.out, called.err).to_lowercase();
        assert!(said.contains("saved"), "{said}");
        let document = desk.json(&["runs", "list"]).await.to_string();
        assert!(document.contains("cancelled"), "{document}");
        // And the next run reads the rest.
        desk.simulator.change(Platform::TikTok, PlatformScenario::without_faults);
        assert_eq!(desk.call(&["sync"]).await.code, Some(0));
    }
}
