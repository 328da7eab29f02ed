//! Threads that grow past the message limit over several syncs.

use std::collections::BTreeMap;
use std::time::Duration;

use crm_sync_domain::{InboxTab, Platform};
use crm_sync_simulator::{Ids, PersonId, Scenario, World};
use crm_sync_tests::House;
use rstest::rstest;
use serde_json::json;

const LIMIT: u32 = 12;

/// A house with one talkative contact per platform, and somebody else to open in between.
async fn house(scenario: Scenario) -> (House, [PersonId; 3]) {
    let house = House::new(World::empty(), scenario)
        .await
        .with(&["sync", "messageLimit"], json!(LIMIT))
        .with(&["sync", "settleTimeoutMs"], json!(900));
    let people = Platform::ALL.map(|platform| {
        let tab = if platform == Platform::Instagram { InboxTab::Primary } else { InboxTab::Inbox };
        house.simulator.add_contact(platform, "quiet.q", "Quiet Quinn", tab, "a first and only message");
        house.simulator.add_contact(platform, "sam.t", "Talkative Sam", tab, "hello there, I saw your post")
    });
    (house, people)
}

/// Writes `texts` in turn and syncs after them.
async fn grow(house: &House, people: [PersonId; 3], texts: &[String]) {
    for (platform, person) in Platform::ALL.into_iter().zip(people) {
        for (i, text) in texts.iter().enumerate() {
            if i % 3 == 1 {
                house.simulator.send(platform, person, text);
            } else {
                house.simulator.receive(platform, person, text);
            }
        }
    }
    house.later(Duration::from_secs(3600));
    let sync = house.sync().await;
    println!("{}", sync.summary());
}

async fn stored(house: &House, platform: Platform, name: &str) -> Vec<(String, bool)> {
    let engine = house.engine().await;
    let contact = engine
        .store()
        .contacts(platform)
        .await
        .unwrap()
        .into_iter()
        .find(|c| c.shown_name() == name || c.username == name);
    let thread = engine.store().thread(contact.unwrap().id).await.unwrap();
    engine.close().await;
    thread.into_iter().map(|m| (m.message.text, m.gap_before)).collect()
}

fn sent(house: &House, platform: Platform, person: PersonId) -> Vec<String> {
    let truth = house.simulator.truth(platform).into_iter().find(|c| c.person == person).unwrap();
    truth.messages.into_iter().map(|m| m.text).collect()
}

#[rstest]
#[case::documented(Scenario::documented())]
#[case::documented_without_ids(Scenario::documented().everywhere(|p| p.ids(Ids::Missing)))]
#[case::documented_positional_ids(Scenario::documented().everywhere(|p| p.ids(Ids::Positional)))]
#[case::real(Scenario::real())]
#[tokio::test(flavor = "multi_thread")]
async fn windows_that_overlap_are_one_thread_in_order(#[case] scenario: Scenario) {
    let (house, people) = house(scenario).await;
    house.sync().await;
    for round in 0..5 {
        // Short replies repeat; the texts around them are this round's own.
        let texts: Vec<String> = (0..7)
            .map(|i| {
                if i == 3 {
                    "sounds good to me".to_owned()
                } else {
                    format!("round {round}, thought number {i}")
                }
            })
            .collect();
        grow(&house, people, &texts).await;
    }
    for (platform, person) in Platform::ALL.into_iter().zip(people) {
        let name =
            house.simulator.truth(platform).into_iter().find(|c| c.person == person).unwrap().listed_name;
        let stored = stored(&house, platform, &name).await;
        let truth = sent(&house, platform, person);
        assert!(truth.len() > 2 * LIMIT as usize);
        let texts: Vec<&String> = stored.iter().map(|(text, _)| text).collect();
        assert!(stored.iter().all(|(_, gap)| !gap), "{platform}: {stored:#?}");
        // The real Instagram drops repeats within what it shows; the others show all.
        let repeats = |texts: &[&String]| texts.iter().filter(|t| **t == "sounds good to me").count();
        let own = |texts: Vec<&String>| {
            texts.into_iter().filter(|t| *t != "sounds good to me").cloned().collect::<Vec<_>>()
        };
        assert!(repeats(&texts) <= 5);
        assert_eq!(own(texts), own(truth.iter().collect()), "{platform}");
    }
}

#[rstest]
#[case::documented(Scenario::documented().everywhere(|p| p.ids(Ids::Missing)))]
#[case::real(Scenario::real())]
#[tokio::test(flavor = "multi_thread")]
async fn where_windows_do_not_meet_a_gap_is_shown(#[case] scenario: Scenario) {
    let (house, people) = house(scenario).await;
    house.sync().await;
    grow(&house, people, &(0..5).map(|i| format!("before the holidays, number {i}")).collect::<Vec<_>>())
        .await;
    grow(&house, people, &(0..30).map(|i| format!("after the holidays, number {i}")).collect::<Vec<_>>())
        .await;
    for (platform, person) in Platform::ALL.into_iter().zip(people) {
        let name =
            house.simulator.truth(platform).into_iter().find(|c| c.person == person).unwrap().listed_name;
        let stored = stored(&house, platform, &name).await;
        let gaps: Vec<&str> = stored.iter().filter(|(_, gap)| *gap).map(|(text, _)| text.as_str()).collect();
        if platform == Platform::TikTok {
            // TikTok shows whole threads.
            assert_eq!((gaps.len(), stored.len()), (0, 36));
        } else {
            assert_eq!(gaps, ["after the holidays, number 18"], "{platform}: {stored:#?}");
        }
        // Never more than was sent.
        let mut sent_times: BTreeMap<String, i32> = BTreeMap::new();
        for text in sent(&house, platform, person) {
            *sent_times.entry(text).or_default() += 1;
        }
        for (text, _) in stored {
            let left = sent_times.get_mut(&text).unwrap();
            *left -= 1;
            assert!(*left >= 0, "{platform}: {text:?} is stored more often than it was sent");
        }
    }
}
