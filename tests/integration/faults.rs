//! One platform fails: the others finish, nothing cached is lost or blanked, and a person is told what to do.

use crm_sync_domain::{Platform, Reason};
use crm_sync_engine::sync::{PlatformOutcome, RunOutcome};
use crm_sync_simulator::{
    Endpoint, Fault, FaultKind, InboxSpec, Login, PersonId, PlatformScenario, Scenario, Simulator, World,
    WorldSpec,
};
use crm_sync_tests::House;
use rstest::rstest;
use serde_json::json;

/// The platform that fails.
const FAILING: Platform = Platform::Twitter;

async fn read_once(scenario: Scenario) -> House {
    let world = World::generate(&WorldSpec::uniform(21, &InboxSpec::of(6)));
    let house = House::new(world, scenario)
        .await
        .with(&["sync", "settleTimeoutMs"], json!(900))
        .with(&["sync", "requestTimeoutMs"], json!(1000))
        .with(&["sync", "openTimeoutMs"], json!(1000))
        .with(&["sync", "listTimeoutMs"], json!(1000));
    house.sync().await;
    // Something to open in the next run.
    for platform in Platform::ALL {
        house.simulator.receive(platform, PersonId(2), "a message that only a healthy sync brings");
    }
    house
}

fn breaks(simulator: &Simulator, change: impl Fn(PlatformScenario) -> PlatformScenario) {
    simulator.change(FAILING, change);
}

/// Syncs with the fault and asserts what holds for every fault; the reasons that a person may be told are given.
async fn only_one_platform_suffers(house: &House, reasons: &[Reason]) {
    let before = house.snapshot(FAILING).await;
    let sync = house.sync().await;
    println!("{}", sync.summary());
    for platform in [Platform::Instagram, Platform::TikTok] {
        assert_eq!(sync.of(platform).outcome, PlatformOutcome::Ok);
        assert_eq!(house.verdict(platform).await.right.len(), 6, "{platform}");
    }
    let after = house.snapshot(FAILING).await;
    for (contact, messages) in &before {
        assert!(after.get(contact).is_some_and(|now| now.starts_with(messages)), "{contact} lost something");
    }
    house.verdict(FAILING).await.assert_clean();
    assert_eq!(sync.document.outcome, RunOutcome::Partial);
    let report = sync.of(FAILING);
    let said = report.reason.into_iter().chain(report.unreadable_threads.iter().map(|t| t.reason));
    let said: Vec<Reason> = said.collect();
    assert!(said.iter().any(|reason| reasons.contains(reason)), "{said:?}");
    let told = report.fix.iter().chain(report.unreadable_threads.iter().map(|t| &t.fix));
    assert!(told.into_iter().any(|fix| !fix.is_empty()));
}

#[rstest]
#[case::bad_request(FaultKind::status(400), &[Reason::ServiceError, Reason::WrongService])]
#[case::unauthorized(FaultKind::status(401), &[Reason::NeedsSession])]
#[case::forbidden(FaultKind::status(403), &[Reason::NeedsSession])]
#[case::not_found(FaultKind::status(404), &[Reason::WrongService, Reason::ServiceError])]
#[case::rate_limited(FaultKind::rate_limited(3600), &[Reason::RateLimited])]
#[case::server_error(FaultKind::status(500), &[Reason::ServiceError])]
#[case::unavailable(FaultKind::status(503), &[Reason::ServiceError])]
#[case::hang(FaultKind::Hang, &[Reason::TooSlow])]
#[case::reset(FaultKind::Reset, &[Reason::BadReply])]
#[case::truncated(FaultKind::Truncated, &[Reason::BadReply])]
#[case::html(FaultKind::Html, &[Reason::BadReply, Reason::WrongService])]
#[case::null(FaultKind::Null, &[Reason::BadReply, Reason::WrongService])]
#[case::no_body(FaultKind::NoBody, &[Reason::BadReply, Reason::WrongService])]
#[case::wrong_types(FaultKind::WrongTypes, &[Reason::BadReply, Reason::WrongService])]
#[case::redirect(FaultKind::Redirect("http://127.0.0.1:9/".to_owned()), &[Reason::WrongService])]
#[case::empty_after_full(FaultKind::EmptyAfterFull, &[Reason::InboxNotLoaded, Reason::NoMessagesShown, Reason::ThreadUnreadable])]
#[case::another_program(FaultKind::AnotherProgram, &[Reason::WrongService, Reason::ServiceError])]
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_wire_is_one_platforms_own(
    #[values(Endpoint::Health, Endpoint::List, Endpoint::Messages)] endpoint: Endpoint,
    #[case] kind: FaultKind,
    #[case] reasons: &[Reason],
) {
    // An empty or refused answer of the health check says nothing of the inbox, and the reverse.
    if endpoint == Endpoint::Health && kind == FaultKind::EmptyAfterFull {
        return;
    }
    let house = read_once(Scenario::documented()).await;
    breaks(&house.simulator, |p| p.fault(Fault::on(endpoint, kind.clone())));
    only_one_platform_suffers(&house, reasons).await;
}

#[rstest]
#[case::unauthorized(Login::Unauthorized, Reason::NeedsSession)]
#[case::no_tab(Login::NoTab, Reason::NeedsSession)]
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_session_asks_for_a_person(#[case] login: Login, #[case] reason: Reason) {
    for scenario in [Scenario::documented(), Scenario::real()] {
        let house = read_once(scenario).await;
        breaks(&house.simulator, |p| p.login(login));
        let sync = house.sync().await;
        println!("{}", sync.summary());
        let report = sync.of(FAILING);
        assert_eq!((report.outcome, report.reason), (PlatformOutcome::NeedsAttention, Some(reason)));
        assert!(report.fix.as_deref().is_some_and(|fix| fix.contains("Safari")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_down_is_named_and_costs_nothing() {
    let house = read_once(Scenario::documented()).await;
    house.simulator.stop_listening(FAILING);
    only_one_platform_suffers(&house, &[Reason::ServiceDown]).await;
    house.simulator.listen_again(FAILING).await.unwrap();
    let sync = house.sync().await;
    assert_eq!(sync.document.outcome, RunOutcome::Ok, "{}", sync.summary());
    assert_eq!(house.verdict(FAILING).await.right.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_400_megabytes_is_given_up_early() {
    let house = read_once(Scenario::documented()).await;
    for endpoint in [Endpoint::List, Endpoint::Messages] {
        breaks(&house.simulator, |p| {
            p.without_faults().fault(Fault::on(endpoint, FaultKind::HugeBody(400 << 20)))
        });
        only_one_platform_suffers(&house, &[Reason::BadReply]).await;
        house.simulator.receive(FAILING, PersonId(2), "another message");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_posted_to_a_program_that_is_not_the_service() {
    let house = read_once(Scenario::documented()).await;
    breaks(&house.simulator, |p| p.fault(Fault::everywhere(FaultKind::AnotherProgram)));
    house.simulator.reset_log();
    only_one_platform_suffers(&house, &[Reason::WrongService]).await;
    assert!(house.simulator.calls(FAILING).iter().all(|call| call.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_down_is_a_failed_run_that_leaves_the_cache_alone() {
    let house = read_once(Scenario::documented()).await;
    let mut before = Vec::new();
    for platform in Platform::ALL {
        before.push(house.snapshot(platform).await);
        house.simulator.stop_listening(platform);
    }
    let sync = house.sync().await;
    assert_eq!(sync.document.outcome, RunOutcome::Failed);
    for (platform, before) in Platform::ALL.into_iter().zip(before) {
        assert_eq!(sync.of(platform).outcome, PlatformOutcome::Unreachable);
        assert_eq!(house.snapshot(platform).await, before);
    }
}
