//! The documented shape.

use std::collections::BTreeSet;
use std::time::Duration;

use crm_sync_domain::{Platform, Reason};
use crm_sync_engine::sync::{PlatformOutcome, RunOutcome};
use crm_sync_simulator::{InboxSpec, Late, Login, Scenario, World, WorldSpec};
use crm_sync_tests::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_inbox_is_read_as_it_is() {
    let world = World::generate(&WorldSpec::uniform(1, &InboxSpec::of(12)));
    let house = House::new(world, Scenario::documented()).await;
    let sync = house.sync().await;
    println!("{}", sync.summary());
    for platform in Platform::ALL {
        let verdict = house.verdict(platform).await;
        verdict.assert_clean();
        assert_eq!(verdict.right.len(), 12);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn late_pages_failing_opens_cold_inboxes_and_lost_sessions_lose_and_mix_nothing() {
    let world = World::generate(&WorldSpec::uniform(7, &InboxSpec { duplicates: 3, ..InboxSpec::odd(60) }));
    let scenario = Scenario::documented()
        .everywhere(|p| p.late(Late::previous(Duration::from_millis(700))).open_fails_every(12))
        .on(Platform::Instagram, |p| p.cold(2))
        .on(Platform::Twitter, |p| p.login(Login::Unauthorized))
        .on(Platform::TikTok, |p| p.rows_per_page(20));
    let house = House::new(world, scenario).await;
    let sync = house.sync().await;
    println!("{}", sync.summary());
    assert_eq!(sync.document.outcome, RunOutcome::Partial);
    for platform in [Platform::Instagram, Platform::TikTok] {
        let verdict = house.verdict(platform).await;
        verdict.assert_clean();
        assert!(verdict.wrong.is_empty(), "{:#?}", verdict.wrong);
        let told: BTreeSet<String> =
            sync.of(platform).unreadable_threads.iter().map(|thread| thread.username.clone()).collect();
        assert_eq!(verdict.unread, told, "{platform}: unread, but not reported so");
        let failed = house.simulator.opens(platform).len() / 12;
        let quoted = told.iter().filter(|name| name.contains(['\'', '"', '\\'])).count();
        assert!(told.len() <= failed + quoted, "{platform}: {told:?}");
    }
    let twitter = sync.of(Platform::Twitter);
    assert_eq!(
        (twitter.outcome, twitter.reason),
        (PlatformOutcome::NeedsAttention, Some(Reason::NeedsSession))
    );
}
