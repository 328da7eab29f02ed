//! The shape of the real servers: display names for keys, no senders, no ids, fuzzy opens. What is stored must be the
//! contact's own, whatever the tab shows; and every thread that the decision table has evidence for must be read.

use std::time::Duration;

use crm_sync_domain::{Platform, Reason, Shape, preview};
use crm_sync_engine::sync::{PlatformOutcome, RunOutcome};
use crm_sync_simulator::{
    Endpoint, InboxSpec, Late, PersonId, Scenario, TrueContact, When, World, WorldSpec,
};
use crm_sync_tests::{House, Sync, Verdict};
use rstest::rstest;
use serde_json::json;

/// Pages that come late enough to show the previous thread first.
const LATE: Duration = Duration::from_millis(30);

fn hard(contacts: u32) -> InboxSpec {
    InboxSpec {
        template_share: 60,
        same_name_one_tab: 1,
        same_name_two_tabs: 1,
        names_within_names: 1,
        ..InboxSpec::odd(contacts)
    }
}

async fn house(seed: u64, spec: &InboxSpec, scenario: Scenario) -> House {
    let world = World::generate(&WorldSpec::uniform(seed, spec));
    House::new(world, scenario).await.with(&["sync", "settleTimeoutMs"], json!(900))
}

/// Asserts that nothing stored is wrong, and returns what was read on each platform.
async fn nothing_is_wrong(house: &House, sync: &Sync) -> Vec<(Platform, Verdict)> {
    let mut verdicts = Vec::new();
    for platform in Platform::ALL {
        let verdict = house.verdict(platform).await;
        println!("{platform}: {} right, {:#?}", verdict.right.len(), verdict.unread_but_readable);
        verdicts.push((platform, verdict));
    }
    println!("{}", sync.summary());
    for (_, verdict) in &verdicts {
        verdict.assert_clean();
        assert!(verdict.wrong.is_empty(), "{:#?}", verdict.wrong);
    }
    verdicts
}

/// Whether the decision table has evidence for a contact's first read, by what its listing and its pane show.
fn has_evidence(house: &House, platform: Platform, contact: &TrueContact, listed_preview: &str) -> bool {
    let Some(shown) = house.simulator.visible(platform, contact.person, 50) else { return false };
    let Some(newest) = shown.last() else { return false };
    let usable = preview::usable(platform, Shape::Real, listed_preview);
    match (platform, usable) {
        // The thread id proves it, unless the listing's text is nowhere in the thread.
        (Platform::Instagram, None) => true,
        (Platform::Instagram, Some(usable)) => shown.iter().any(|m| preview::shows(&usable, &m.text)),
        (_, None) => false,
        (_, Some(usable)) => preview::shows(&usable, &newest.text),
    }
}

/// Every thread with evidence is read; the others are reported with a reason.
async fn all_with_evidence_is_read(house: &House, sync: &Sync, verdicts: &[(Platform, Verdict)]) {
    let engine = house.engine().await;
    for (platform, verdict) in verdicts {
        let report = sync.of(*platform);
        let truth = house.simulator.truth(*platform);
        for contact in engine.store().contacts(*platform).await.unwrap() {
            if verdict.right.contains(&contact.username) {
                continue;
            }
            let known = report.unreadable_threads.iter().find(|thread| thread.username == contact.username);
            let reason =
                known.unwrap_or_else(|| panic!("{platform}: {} has no reason", contact.username)).reason;
            let given_up = [Reason::AmbiguousName, Reason::AnotherPersonSameName, Reason::CannotOpenName];
            let person = truth.iter().find(|t| t.listed_name == contact.open_name);
            let evidence = person.is_some_and(|person| {
                has_evidence(house, *platform, person, contact.preview.as_deref().unwrap_or_default())
            });
            assert!(!evidence || given_up.contains(&reason), "{platform}: {} {reason}", contact.username);
        }
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_inboxes_are_read_as_they_show() {
    let spec = InboxSpec { general_share: 20, requests_share: 20, ..InboxSpec::of(24) };
    let house = house(2, &spec, Scenario::real()).await;
    let sync = house.sync().await;
    let verdicts = nothing_is_wrong(&house, &sync).await;
    all_with_evidence_is_read(&house, &sync, &verdicts).await;
    assert_eq!(verdicts[0].1.right.len(), 24);
    assert_eq!(verdicts[2].1.right.len(), 24);
}

#[rstest]
#[case::previous(Late::previous(LATE))]
#[case::nothing(Late::nothing(LATE))]
#[case::address_first(Late::previous(LATE).url_first())]
#[tokio::test(flavor = "multi_thread")]
async fn templates_equal_names_and_late_pages_mix_nothing_up(#[case] late: Late) {
    let house = house(3, &hard(30), Scenario::real().everywhere(|p| p.late(late))).await;
    let sync = house.sync().await;
    let verdicts = nothing_is_wrong(&house, &sync).await;
    all_with_evidence_is_read(&house, &sync, &verdicts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opens_that_succeed_without_opening_store_nothing_of_anybody_else() {
    let scenario = Scenario::real().everywhere(|p| p.open_claims_success_every(3).late(Late::previous(LATE)));
    let house = house(4, &hard(24), scenario).await;
    let sync = house.sync().await;
    nothing_is_wrong(&house, &sync).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opens_that_open_somebody_else_store_nothing_of_them() {
    let scenario = Scenario::real().everywhere(|p| p.open_opens_wrong_every(2));
    let house = house(5, &hard(24), scenario).await;
    let sync = house.sync().await;
    nothing_is_wrong(&house, &sync).await;
}

#[rstest]
#[case::before_each_read(Endpoint::Messages, 1, When::Before)]
#[case::before_every_second_read(Endpoint::Messages, 2, When::Before)]
#[case::after_every_open(Endpoint::Open, 1, When::After)]
#[case::after_every_third_open(Endpoint::Open, 3, When::After)]
#[case::before_every_fifth_read(Endpoint::Messages, 5, When::Before)]
#[case::after_every_fourth_read(Endpoint::Messages, 4, When::After)]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_client_in_the_same_tab_mixes_nothing_up(
    #[case] at: Endpoint,
    #[case] n: u32,
    #[case] when: When,
) {
    let other = |person| Scenario::real().everywhere(|p| p.second_client(PersonId(person), at, n, when));
    for person in [1, 7] {
        let house = house(6, &hard(16), other(person)).await;
        let sync = house.sync().await;
        nothing_is_wrong(&house, &sync).await;
        house.simulator.receive(Platform::Instagram, PersonId(3), "a new message that changes a row");
        let again = house.sync().await;
        nothing_is_wrong(&house, &again).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_can_open_nothing_still_brings_its_contacts() {
    let scenario = Scenario::real().on(Platform::Twitter, crm_sync_simulator::PlatformScenario::never_opens);
    let house = house(8, &InboxSpec::of(20), scenario).await;
    let sync = house.sync().await;
    println!("{}", sync.summary());
    let report = sync.of(Platform::Twitter);
    assert_eq!((report.outcome, report.reason), (PlatformOutcome::Ok, Some(Reason::OpenBroken)));
    assert_eq!((report.conversations, report.opened), (20, 5));
    assert_eq!(sync.document.outcome, RunOutcome::Partial);
    assert!(house.verdict(Platform::Twitter).await.missing.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_later_than_it_settles_is_waited_for() {
    let spec = InboxSpec { messages: 6..=9, ..InboxSpec::of(9) };
    let house = house(9, &spec, Scenario::real()).await;
    house.sync().await;
    // What short messages leave in Twitter's list proves nothing: only the cached threads can.
    let people = [PersonId(1), PersonId(4), PersonId(7)];
    for person in people {
        house.simulator.receive(Platform::Twitter, person, "ok");
    }
    house.simulator.change(Platform::Twitter, |p| p.late(Late::previous(Duration::from_millis(450))));
    let sync = house.sync().await;
    println!("{}", sync.summary());
    let names = house.simulator.truth(Platform::Twitter).into_iter().filter(|c| people.contains(&c.person));
    let cached = house.snapshot(Platform::Twitter).await;
    for contact in names {
        assert_eq!(
            cached[&contact.listed_name].last().map(String::as_str),
            Some("ok"),
            "{}",
            contact.listed_name
        );
    }
}
