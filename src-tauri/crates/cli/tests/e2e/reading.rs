//! What people look at: health, contacts, messages, scores, runs, the doctor and the demo.

use std::os::unix::fs::PermissionsExt as _;

use crm_sync_domain::Platform;
use crm_sync_simulator::{InboxSpec, Login, PersonId, Scenario, World, WorldSpec};

use crate::desk::Desk;

async fn synced() -> Desk {
    let spec = InboxSpec { scored_share: 100, ..InboxSpec::of(6) };
    let desk = Desk::new(World::generate(&WorldSpec::uniform(71, &spec)), Scenario::documented()).await;
    desk.simulator.receive(
        Platform::Twitter,
        PersonId(1),
        "\u{1b}[31mred\u{1b}[0m \u{202e}backwards\u{202c} \u{0} and \u{7} a bell",
    );
    desk.call(&["sync"]).await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_one_line_per_service() {
    let desk = Desk::new(
        World::empty(),
        Scenario::documented().on(Platform::Twitter, |p| p.login(Login::Unauthorized)),
    )
    .await;
    let called = desk.call(&["health"]).await;
    let first = called.out.lines().next().unwrap();
    assert_eq!(first, format!("instagram  {}  ok", desk.simulator.base_url(Platform::Instagram)));
    assert_eq!(called.code, Some(3));
    assert!(called.out.contains("Safari") || called.err.contains("Safari"), "{}{}", called.out, called.err);
    // A look is only a look.
    for platform in Platform::ALL {
        assert!(desk.simulator.calls(platform).iter().all(|call| call.method == "GET"));
    }
    desk.simulator.stop_listening(Platform::Twitter);
    desk.simulator.stop_listening(Platform::Instagram);
    desk.simulator.stop_listening(Platform::TikTok);
    assert_eq!(desk.call(&["health"]).await.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_reaches_no_terminal_as_it_is() {
    let desk = synced().await;
    let name = desk
        .simulator
        .truth(Platform::Twitter)
        .into_iter()
        .find(|c| c.person == PersonId(1))
        .unwrap()
        .listed_name;
    for arguments in [
        &["contacts"][..],
        &["messages", "--platform", "twitter", "--username", &name],
        &["messages", "--search", "backwards"],
    ] {
        let called = desk.call(arguments).await;
        assert_eq!(called.code, Some(0), "{}", called.err);
        assert!(called.out.contains("backwards"), "{}", called.out);
        assert!(!called.out.contains(['\u{1b}', '\u{202e}', '\u{0}', '\u{7}']), "{:?}", called.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_set_by_hand_stays_until_it_is_cleared() {
    let desk = synced().await;
    let name = desk.simulator.truth(Platform::TikTok)[0].listed_name.clone();
    let contact = ["--platform", "tiktok", "--username", &name];
    let set = [&["contacts", "set-stage"][..], &contact, &["Customer"]].concat();
    assert_eq!(desk.call(&set).await.code, Some(0));
    desk.call(&["sync", "--full"]).await;
    assert!(desk.call(&["contacts", "--stage", "customer"]).await.out.contains(&name));
    let clear = [&["contacts", "set-stage"][..], &contact, &["--clear"]].concat();
    assert_eq!(desk.call(&clear).await.code, Some(0));
    let unknown = ["contacts", "set-stage", "--platform", "tiktok", "--username", "nobody.at.all", "hot"];
    assert_eq!(desk.call(&unknown).await.code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_and_statistics_are_read_and_told() {
    let desk = synced().await;
    assert_eq!(desk.call(&["stats"]).await.code, Some(0));
    let all = desk.call(&["score", "--all"]).await;
    assert_eq!(all.code, Some(0), "{}{}", all.out, all.err);
    let name = desk.simulator.truth(Platform::Instagram)[0].listed_name.clone();
    let one = desk.call(&["score", "--platform", "instagram", "--username", &name]).await;
    assert_eq!(one.code, Some(0), "{}{}", one.out, one.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_directory_is_private() {
    let desk = synced().await;
    let mode = |path: std::path::PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(desk.data()), 0o700);
    assert_eq!(mode(desk.data().join("crm-sync.db")) & 0o077, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_warns_of_services_that_anybody_can_reach() {
    let desk = synced().await;
    let called = desk.call(&["doctor"]).await;
    assert!(called.out.contains("all interfaces"), "{}", called.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_shows_a_result_and_leaves_the_persons_data_alone() {
    let desk = Desk::new(World::empty(), Scenario::documented()).await;
    let before = std::fs::read_dir(desk.data()).unwrap().count();
    let called =
        desk.call(&["demo", "--contacts", "9", "--output", desk.path("demo.json").to_str().unwrap()]).await;
    assert_eq!(called.code, Some(0), "{}", called.err);
    assert!(called.out.contains("9 of 9") || called.out.contains("9 contacts"), "{}", called.out);
    assert!(desk.path("demo.json").exists());
    assert_eq!(std::fs::read_dir(desk.data()).unwrap().count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_accident() {
    let desk = synced().await;
    let data = desk.data();
    let status = tokio::task::spawn_blocking(move || {
        let line = format!(
            "{:?} --data-dir {data:?} contacts | head -n 1; exit ${{PIPESTATUS[0]}}",
            env!("CARGO_BIN_EXE_crm-sync")
        );
        std::process::Command::new("bash").args(["-c", &line]).output().unwrap()
    });
    let output = status.await.unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}
