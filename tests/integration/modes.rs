//! What a person may ask of a sync, and what a sync remembers from run to run.

use std::collections::BTreeSet;

use crm_sync_domain::plan::Mode;
use crm_sync_domain::{InboxTab, NameKey, Platform, Reason, StageSource};
use crm_sync_engine::contacts;
use crm_sync_engine::sync::{RunOutcome, SyncEvent};
use crm_sync_simulator::{
    Change, Crm, Endpoint, Fault, FaultKind, InboxSpec, PersonId, PlatformScenario, Scenario, World,
    WorldSpec,
};
use crm_sync_tests::House;
use serde_json::json;

async fn house(spec: InboxSpec, scenario: Scenario) -> House {
    let world = World::generate(&WorldSpec::uniform(41, &spec));
    House::new(world, scenario).await.with(&["sync", "settleTimeoutMs"], json!(600))
}

fn opens(house: &House) -> usize {
    Platform::ALL.iter().map(|p| house.simulator.opens(*p).len()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn list_only_opens_nothing_and_still_brings_every_contact() {
    let house = house(InboxSpec::of(10), Scenario::documented()).await;
    let sync = house.sync_with(|request| request.mode = Mode::ListOnly).await;
    assert_eq!((opens(&house), sync.document.outcome), (0, RunOutcome::Ok));
    for platform in Platform::ALL {
        assert!(house.verdict(platform).await.missing.is_empty());
    }
    // What was only listed is read by the next whole sync.
    house.sync().await;
    assert_eq!(opens(&house), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_threads_stay_unopened_when_a_person_wants_that() {
    let house = house(InboxSpec { unread_share: 50, ..InboxSpec::of(10) }, Scenario::documented()).await;
    house.sync_with(|request| request.leave_unread = Some(true)).await;
    // The documented Instagram, Twitter and TikTok lists say which rows are unread, but for TikTok's.
    for platform in [Platform::Instagram, Platform::Twitter] {
        let unread = house.simulator.truth(platform).into_iter().filter(|c| c.unread).map(|c| c.listed_name);
        let opened: BTreeSet<String> = house.simulator.opens(platform).into_iter().collect();
        assert!(unread.into_iter().all(|name| !opened.contains(&name)), "{platform}");
        assert_eq!(opened.len(), 5);
    }
    house.simulator.reset_log();
    house.sync_with(|request| request.mode = Mode::UnreadOnly).await;
    for platform in [Platform::Instagram, Platform::Twitter] {
        assert_eq!(house.simulator.opens(platform).len(), 5, "{platform}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn full_opens_everything_again() {
    let house = house(InboxSpec::of(8), Scenario::documented()).await;
    house.sync().await;
    house.simulator.reset_log();
    let sync = house.sync_with(|request| request.mode = Mode::Full).await;
    assert_eq!(opens(&house), 24);
    assert!(Platform::ALL.into_iter().all(|platform| sync.of(platform).new_messages == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_requests_are_listed_and_opened_only_when_asked_for() {
    let spec = InboxSpec { hidden_share: 30, ..InboxSpec::of(10) };
    let mut house = house(spec, Scenario::real()).await;
    house.sync().await;
    assert!(house.verdict(Platform::Instagram).await.missing.is_empty());
    assert_eq!(house.verdict(Platform::Instagram).await.right.len(), 7);
    let tabs = json!(["primary", "general", "requests", "hidden_requests"]);
    house.set(&["services", "instagram", "openTabs"], tabs);
    house.sync().await;
    assert_eq!(house.verdict(Platform::Instagram).await.right.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_thread_rests_longer_each_time_until_its_listing_changes() {
    let house = house(InboxSpec::of(3), Scenario::documented()).await;
    let person = PersonId(1);
    house.simulator.apply(Platform::Twitter, &Change::Openable(person, false));
    let mut tries = Vec::new();
    for run in 0..40 {
        house.simulator.reset_log();
        let sync = house.sync().await;
        assert_eq!(sync.of(Platform::Twitter).unreadable, 1);
        if house.simulator.opens(Platform::Twitter).is_empty() {
            // What is known is no news.
            assert_eq!(sync.document.outcome, RunOutcome::Ok);
        } else {
            tries.push(run);
            assert_eq!(sync.document.outcome, RunOutcome::Partial);
        }
    }
    // It sits out 2, 4, 8, 16 runs, and never more than 24.
    assert_eq!(tries, [0, 3, 8, 17, 34]);
    house.simulator.apply(Platform::Twitter, &Change::Openable(person, true));
    house.simulator.receive(Platform::Twitter, person, "are you still there?");
    house.sync().await;
    assert_eq!(house.verdict(Platform::Twitter).await.right.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_opens_nothing_is_tried_once_a_run_and_read_when_it_is_mended() {
    let scenario = Scenario::real().on(Platform::TikTok, PlatformScenario::never_opens);
    let house = house(InboxSpec::of(12), scenario).await;
    let first = house.sync().await;
    assert_eq!(first.of(Platform::TikTok).reason, Some(Reason::OpenBroken), "{}", first.summary());
    for _ in 0..3 {
        house.simulator.reset_log();
        let sync = house.sync().await;
        assert_eq!(house.simulator.opens(Platform::TikTok).len(), 1, "{}", sync.summary());
        assert!(!sync.of(Platform::TikTok).fell_short);
    }
    house.simulator.change(Platform::TikTok, PlatformScenario::opens_again);
    house.sync().await;
    house.sync().await;
    assert_eq!(house.verdict(Platform::TikTok).await.right.len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_set_survives_every_sync_and_scores_stand_on_one_scale() {
    for scenario in
        [Scenario::documented(), Scenario::real().everywhere(PlatformScenario::crm_lists_shown_names)]
    {
        let house = house(InboxSpec { scored_share: 100, ..InboxSpec::of(8) }, scenario).await;
        house.sync().await;
        let engine = house.engine().await;
        let all = engine.store().contacts(Platform::Instagram).await.unwrap();
        assert!(all.iter().filter_map(|c| c.score).all(|score| (0.0..=10.0).contains(&score)));
        assert!(all.iter().any(|c| c.score.is_some()));
        let name = &all[0].username;
        contacts::set_stage(&engine, Platform::Instagram, name, Some("customer")).await.unwrap();
        engine.close().await;
        let key = NameKey::of(name).unwrap();
        for mode in [Mode::Changed, Mode::Full] {
            house.sync_with(|request| (request.mode, request.rescore) = (mode, true)).await;
            let engine = house.engine().await;
            let contact = engine.store().find_contact(Platform::Instagram, &key).await.unwrap().unwrap();
            assert_eq!(contact.stage(), Some(("customer", StageSource::Person)));
            engine.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_that_fail_to_come_blank_nothing() {
    let house = house(InboxSpec { scored_share: 100, ..InboxSpec::of(6) }, Scenario::documented()).await;
    house.sync().await;
    let scores = async || {
        let engine = house.engine().await;
        let all = engine.store().contacts(Platform::TikTok).await.unwrap();
        engine.close().await;
        all.into_iter().map(|c| (c.username, c.score, c.service_stage, c.messages_sent)).collect::<Vec<_>>()
    };
    let before = scores().await;
    assert!(before.iter().any(|(_, score, ..)| score.is_some()));
    for kind in [FaultKind::status(500), FaultKind::EmptyAfterFull, FaultKind::Html] {
        let fault = Fault::on(Endpoint::TopContacts, kind);
        house.simulator.change(Platform::TikTok, |p| p.without_faults().fault(fault.clone()));
        let sync = house.sync().await;
        assert_eq!(sync.document.outcome, RunOutcome::Ok, "{}", sync.summary());
        assert_eq!(scores().await, before);
    }
    house.simulator.change(Platform::TikTok, |p| p.without_faults().crm(Crm::NotConfigured));
    house.sync().await;
    assert_eq!(scores().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn older_messages_of_twitter_threads_come_with_scrolling() {
    let spec = InboxSpec { messages: 60..=70, ..InboxSpec::of(4) };
    let scenario = Scenario::real().on(Platform::Twitter, |p| p.messages_per_page(20));
    let mut house = house(spec, scenario).await;
    house.sync().await;
    let read = house.snapshot(Platform::Twitter).await;
    assert!(read.values().any(|texts| !texts.is_empty() && texts.len() <= 20));
    house.set(&["sync", "twitterThreadScrolls"], json!(5));
    house.sync_with(|request| request.mode = Mode::Full).await;
    let deep = house.snapshot(Platform::Twitter).await;
    for (name, texts) in read.iter().filter(|(_, texts)| !texts.is_empty()) {
        assert!(deep[name].len() >= 60, "{name}: {}", deep[name].len());
        assert!(deep[name].ends_with(texts));
    }
    assert!(house.verdict(Platform::Twitter).await.foreign.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_contact_stays_the_same_contact() {
    let house = house(InboxSpec::of(6), Scenario::real()).await;
    house.sync().await;
    let before = house.snapshot(Platform::Instagram).await;
    let person = house.simulator.truth(Platform::Instagram)[2].clone();
    house.simulator.rename(Platform::Instagram, person.person, "new.handle", "Quite Another Name");
    let sync = house.sync().await;
    println!("{}", sync.summary());
    let engine = house.engine().await;
    let known =
        engine.store().find_contact(Platform::Instagram, &NameKey::of("quite another name").unwrap()).await;
    let known = known.unwrap().unwrap();
    assert_eq!(
        (known.username.as_str(), known.shown_name()),
        (person.listed_name.as_str(), "Quite Another Name")
    );
    assert_eq!(engine.store().contacts(Platform::Instagram).await.unwrap().len(), 6);
    engine.close().await;
    assert_eq!(house.snapshot(Platform::Instagram).await, before);
    // And it goes on under the new name.
    house.simulator.receive(Platform::Instagram, person.person, "I changed my name, by the way");
    house.simulator.reset_log();
    house.sync().await;
    assert_eq!(house.simulator.opens(Platform::Instagram), ["Quite Another Name"]);
    let now = house.snapshot(Platform::Instagram).await;
    assert_eq!(now[&person.listed_name].last().unwrap(), "I changed my name, by the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_and_texts_arrive_as_they_are() {
    let house = house(InboxSpec::odd(40), Scenario::documented()).await;
    let sync = house.sync().await;
    println!("{}", sync.summary());
    for platform in Platform::ALL {
        let verdict = house.verdict(platform).await;
        verdict.assert_clean();
        assert!(verdict.wrong.is_empty());
        // Names with quotes can't be opened on Instagram and Twitter.
        assert!(
            verdict.unread_but_readable.iter().all(|line| line.contains(['\'', '"', '\\', '`'])),
            "{verdict:#?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_platform_after_another_when_the_browser_suffers() {
    let house = house(InboxSpec::of(4), Scenario::documented())
        .await
        .with(&["sync", "concurrency"], json!("sequential"));
    let sync = house.sync().await;
    assert_eq!(sync.document.outcome, RunOutcome::Ok);
    let first = |wanted: &dyn Fn(&SyncEvent) -> bool| sync.events.iter().position(wanted).unwrap();
    let began =
        Platform::ALL.map(|p| first(&|e| matches!(e, SyncEvent::Stage { platform, .. } if *platform == p)));
    let ended = Platform::ALL
        .map(|p| first(&|e| matches!(e, SyncEvent::Finished { platform, .. } if *platform == p)));
    assert!(ended[0] < began[1] && ended[1] < began[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_in_several_tabs_is_one_contact() {
    let house =
        house(InboxSpec { duplicates: 4, general_share: 30, ..InboxSpec::of(12) }, Scenario::documented())
            .await;
    let sync = house.sync().await;
    assert_eq!(sync.of(Platform::Instagram).conversations, 12);
    assert!(
        house
            .simulator
            .truth(Platform::Instagram)
            .iter()
            .any(|c| c.tabs.len() > 1 && c.tabs.contains(&InboxTab::General))
    );
    house.verdict(Platform::Instagram).await.assert_clean();
}
