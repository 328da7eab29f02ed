//! What a sync leaves alone: nothing is opened that did not change, and everything that did is.

use std::collections::BTreeSet;
use std::time::Duration;

use crm_sync_domain::Platform;
use crm_sync_simulator::{Change, Endpoint, InboxSpec, PersonId, Scenario, World, WorldSpec};
use crm_sync_tests::House;
use rstest::rstest;
use serde_json::json;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn read_once(scenario: Scenario) -> House {
    // Twitter's real server shows a preview as evidence only where the handle is short: those are read.
    let world =
        World::generate(&WorldSpec::uniform(11, &InboxSpec { unread_share: 30, ..InboxSpec::of(18) }));
    let house = House::new(world, scenario).await.with(&["sync", "settleTimeoutMs"], json!(900));
    let first = house.sync().await;
    println!("{}", first.summary());
    house.simulator.reset_log();
    house
}

/// The contacts whose threads were not read: they are tried again after a rest.
async fn unread(house: &House, platform: Platform) -> BTreeSet<String> {
    house.verdict(platform).await.unread
}

fn opened(house: &House, platform: Platform) -> BTreeSet<String> {
    house.simulator.opens(platform).into_iter().collect()
}

fn listed_name(house: &House, platform: Platform, person: PersonId) -> String {
    house.simulator.truth(platform).into_iter().find(|c| c.person == person).unwrap().listed_name
}

#[rstest]
#[case::documented(Scenario::documented())]
#[case::real(Scenario::real())]
#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_inbox_opens_nothing_and_asks_little(#[case] scenario: Scenario) {
    let house = read_once(scenario).await;
    let second = house.sync().await;
    println!("{}", second.summary());
    for platform in Platform::ALL {
        assert_eq!(house.simulator.opens(platform), Vec::<String>::new());
        let lists = [Endpoint::List, Endpoint::Scroll];
        let calls = house.simulator.calls(platform);
        let counted =
            calls.iter().filter(|c| platform != Platform::TikTok || !lists.contains(&c.endpoint)).count();
        assert!(
            counted <= 8,
            "{platform}: {counted} calls: {:?}",
            calls.iter().map(|c| &c.path).collect::<Vec<_>>()
        );
        assert!(!second.of(platform).fell_short);
    }
}

#[rstest]
#[case::documented(Scenario::documented())]
#[case::real(Scenario::real())]
#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_threads_whose_listing_changed_are_opened(#[case] scenario: Scenario) {
    let house = read_once(scenario).await;
    for platform in Platform::ALL {
        house.simulator.receive(platform, PersonId(4), "is the offer from last week still open?");
        house.simulator.send(platform, PersonId(8), "the parcel left our studio this morning");
        house.simulator.receive(platform, PersonId(13), "could we move the call to Thursday?");
    }
    let second = house.sync().await;
    println!("{}", second.summary());
    for platform in Platform::ALL {
        let changed = [4, 8, 13].map(|n| listed_name(&house, platform, PersonId(n)));
        assert_eq!(opened(&house, platform), BTreeSet::from(changed), "{platform}");
        house.verdict(platform).await.assert_clean();
    }
}

#[rstest]
#[case::documented(Scenario::documented())]
#[case::real(Scenario::real())]
#[tokio::test(flavor = "multi_thread")]
async fn days_passing_open_nothing(#[case] scenario: Scenario) {
    let house = read_once(scenario).await.with(&["sync", "recheckPerRun"], json!(0));
    for _ in 0..9 {
        house.later(DAY);
        let sync = house.sync().await;
        for platform in Platform::ALL {
            let resting = unread(&house, platform).await;
            assert!(opened(&house, platform).is_subset(&resting), "{}", sync.summary());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_the_threads_read_longest_ago_are_checked_a_few_at_a_time() {
    let house = read_once(Scenario::documented()).await;
    let mut seen = BTreeSet::new();
    for _ in 0..9 {
        house.later(DAY + Duration::from_secs(1));
        house.simulator.reset_log();
        house.sync().await;
        let opens = house.simulator.opens(Platform::Instagram);
        assert_eq!(opens.len(), 2);
        assert!(
            opens.into_iter().all(|name| seen.insert(name)),
            "one was checked again before all had their turn"
        );
    }
    assert_eq!(seen.len(), 18);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_listing_does_not_show_is_found_by_the_recheck() {
    let house = read_once(Scenario::real()).await.with(&["sync", "recheckPerRun"], json!(18));
    let person = PersonId(6);
    let truth = house.simulator.truth(Platform::TikTok).into_iter().find(|c| c.person == person).unwrap();
    // A message in the middle is taken back: the newest one, and so the row, stays as it was.
    house.simulator.apply(Platform::TikTok, &Change::Unsend(person, truth.messages[0].seq));
    house.sync().await;
    assert!(!opened(&house, Platform::TikTok).contains(&truth.listed_name));
    house.later(DAY + Duration::from_secs(1));
    house.sync().await;
    assert!(opened(&house, Platform::TikTok).contains(&truth.listed_name));
    // What was taken back on the platform stays cached here.
    let cached = &house.snapshot(Platform::TikTok).await[&truth.listed_name];
    assert_eq!(cached.first(), Some(&truth.messages[0].text));
}
