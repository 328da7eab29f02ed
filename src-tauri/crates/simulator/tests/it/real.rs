//! The quirks of the real servers that no single recording shows.

use std::collections::HashSet;
use std::time::Duration;

use crm_sync_domain::{InboxTab, Platform};
use crm_sync_simulator::{
    Clock, Endpoint, InboxSpec, Late, PersonId, Scenario, Simulator, Texts, Timings, WorldSpec, base_time,
    demo,
};
use rstest::rstest;
use serde_json::json;

use crate::support::{Client, names, start, world};

/// Everything at once that makes real inboxes hard.
fn hard() -> InboxSpec {
    InboxSpec {
        template_share: 60,
        same_name_one_tab: 1,
        same_name_two_tabs: 1,
        names_within_names: 2,
        ..InboxSpec::odd(40)
    }
}

/// Shows the row of a person: its tab on Instagram and Twitter, all rows on TikTok.
async fn show(client: &Client, platform: Platform, tab: InboxTab) {
    match (platform, tab) {
        (Platform::Instagram, _) => {
            client.post("/inbox/tab", &json!({ "tab": tab.as_str() })).await;
        }
        (Platform::Twitter, InboxTab::Requests) => {
            client.get("/conversations/all").await;
        }
        (Platform::Twitter, _) => {
            client.post("/inbox/navigate", &json!({})).await;
        }
        (Platform::TikTok, _) => {
            client.post("/inbox/navigate", &json!({})).await;
            while client.post("/conversations/scroll", &json!({})).await.1["newCount"] != 0 {}
        }
    }
}

#[rstest]
#[case(Scenario::real())]
#[case(Scenario::documented())]
#[tokio::test]
async fn what_is_visible_is_what_an_open_and_a_read_give_and_nothing_else_is(#[case] scenario: Scenario) {
    let simulator = start(&hard(), scenario).await;
    for platform in Platform::ALL {
        let client = Client::new(&simulator, platform);
        let mut hidden = 0;
        for contact in simulator.truth(platform) {
            show(&client, platform, contact.tabs[0]).await;
            client.open(&contact.listed_name).await;
            let texts = client.texts().await;
            if let Some(visible) = simulator.visible(platform, contact.person, 50) {
                assert_eq!(simulator.in_pane(platform), Some(contact.person), "{}", contact.listed_name);
                assert_eq!(texts, visible.into_iter().map(|m| m.text).collect::<Vec<_>>());
            } else {
                hidden += 1;
                assert_ne!(simulator.in_pane(platform), Some(contact.person), "{}", contact.listed_name);
            }
            for owner in texts.iter().filter_map(|text| simulator.owner_of(platform, text)) {
                assert_eq!(Some(owner), simulator.in_pane(platform));
            }
        }
        assert!(hidden < 30, "{platform}: {hidden}");
    }
}

#[tokio::test]
async fn instagram_lists_fifty_rows_of_four_tabs_and_ends_on_the_hidden_requests() {
    let simulator = start(&InboxSpec { hidden_share: 5, ..InboxSpec::of(80) }, Scenario::real()).await;
    let client = Client::new(&simulator, Platform::Instagram);
    let all = client.get("/conversations/all").await.1;
    let counts = ["primary", "general", "requests", "hidden_requests"]
        .map(|tab| names(&all["conversations"][tab]).len());
    assert_eq!((counts, all["totalCount"].as_u64()), ([50, 0, 0, 4], Some(54)));
    assert_eq!(client.names().await.len(), 4, "the hidden requests are shown");
    assert_eq!(simulator.listed(Platform::Instagram).len(), 54);
    let primary = names(&all["conversations"]["primary"])[0].clone();
    assert_eq!(client.open(&primary).await.1["success"], false, "a row of another tab isn't found");
    client.post("/inbox/tab", &json!({ "tab": "primary" })).await;
    assert_eq!(client.open(&primary).await.1["success"], true);
}

#[tokio::test]
async fn a_registered_thread_opens_by_its_address_whatever_tab_is_shown() {
    let simulator = start(&InboxSpec::of(5), Scenario::real()).await;
    let client = Client::new(&simulator, Platform::Instagram);
    let contact = simulator.truth(Platform::Instagram)[2].clone();
    client.post("/inbox/tab", &json!({ "tab": "general" })).await;
    assert_eq!(client.open(&contact.listed_name).await.1["success"], false);
    let register = json!({ "username": contact.listed_name, "threadId": contact.thread_id });
    assert_eq!(client.post("/threads/register", &register).await.1["success"], true);
    assert_eq!(client.open(&contact.listed_name).await.1["success"], true);
    let address = client.get("/status").await.1["currentUrl"].as_str().unwrap().to_owned();
    assert_eq!(address, format!("https://www.instagram.com/direct/t/{}/", contact.thread_id));
}

#[tokio::test]
async fn people_of_one_name_are_one_row_in_a_tab_of_instagram() {
    let simulator = start(&InboxSpec { same_name_one_tab: 1, ..InboxSpec::of(6) }, Scenario::real()).await;
    let listed = Client::new(&simulator, Platform::Instagram).names().await;
    assert_eq!((listed.len(), listed.iter().collect::<HashSet<_>>().len()), (5, 5));
    assert_eq!(Client::new(&simulator, Platform::TikTok).names().await.len(), 6);
}

#[tokio::test]
async fn twitter_stays_on_the_requests_after_all_lists() {
    let simulator = start(&InboxSpec { requests_share: 50, ..InboxSpec::of(8) }, Scenario::real()).await;
    let client = Client::new(&simulator, Platform::Twitter);
    let before = client.names().await;
    let all = client.get("/conversations/all").await.1;
    assert_eq!(names(&all["conversations"]["inbox"]), before);
    assert_eq!(client.names().await, names(&all["conversations"]["requests"]));
    client.post("/inbox/navigate", &json!({})).await;
    assert_eq!(client.names().await, before);
}

#[tokio::test]
async fn older_messages_of_a_twitter_thread_come_with_scrolls() {
    let spec = InboxSpec { messages: 35..=35, ..InboxSpec::of(2) };
    let simulator = start(&spec, Scenario::real().on(Platform::Twitter, |p| p.messages_per_page(10))).await;
    let client = Client::new(&simulator, Platform::Twitter);
    client.open(&client.names().await[0]).await;
    assert_eq!(client.texts().await.len(), 10);
    let scrolled = client.post("/conversations/scroll", &json!({ "scrollCount": 2 })).await.1;
    assert_eq!((scrolled["totalMessages"].as_u64(), client.texts().await.len()), (Some(30), 30));
}

#[tokio::test]
async fn tiktok_gives_the_first_messages_and_loses_the_rows_that_are_not_rendered() {
    let spec = InboxSpec { messages: 30..=30, ..InboxSpec::of(25) };
    let simulator = start(&spec, Scenario::real()).await;
    let client = Client::new(&simulator, Platform::TikTok);
    let truth = simulator.truth(Platform::TikTok);
    client.open(&truth[0].listed_name).await;
    let first = client.get("/messages?limit=1").await.1["messages"][0]["text"].clone();
    assert_eq!(first, truth[0].messages[0].text);
    assert_eq!(client.open(&truth[22].listed_name).await.0, 400);
    client.post("/inbox/navigate", &json!({})).await;
    client.post("/conversations/scroll", &json!({})).await;
    assert_eq!(client.open(&truth[22].listed_name).await.0, 200);
}

#[tokio::test]
async fn the_address_can_change_before_the_pane_does() {
    let late = Late::previous(Duration::MAX).url_first();
    let simulator = start(&InboxSpec::of(3), Scenario::real().everywhere(|p| p.late(late))).await;
    let client = Client::new(&simulator, Platform::Instagram);
    let truth = simulator.truth(Platform::Instagram);
    client.open(&truth[0].listed_name).await;
    let address = client.get("/status").await.1["currentUrl"].clone();
    assert!(address.as_str().unwrap().contains(&truth[0].thread_id));
    assert_eq!(simulator.in_pane(Platform::Instagram), None);
    simulator.settle(Platform::Instagram);
    assert_eq!(simulator.in_pane(Platform::Instagram), Some(truth[0].person));
}

#[tokio::test]
async fn a_call_goes_on_when_its_client_has_gone() {
    let slow = Timings::none().with(Endpoint::ListAll, Duration::from_millis(80));
    let simulator = start(&InboxSpec::of(3), Scenario::real().everywhere(|p| p.timings(slow.clone()))).await;
    let client = Client::new(&simulator, Platform::Instagram);
    let caller = Client::new(&simulator, Platform::Instagram);
    let call = tokio::spawn(async move { caller.get("/conversations/all").await });
    while simulator.count(Platform::Instagram, Endpoint::ListAll) == 0 {
        tokio::task::yield_now().await;
    }
    call.abort();
    let ends = |record: &crm_sync_simulator::CallRecord| {
        record.endpoint == Endpoint::ListAll && record.status == 200
    };
    while !simulator.calls(Platform::Instagram).iter().any(ends) {
        tokio::task::yield_now().await;
    }
    assert!(client.names().await.is_empty(), "the tab is on the hidden requests");
    assert_eq!(simulator.delayed(Platform::Instagram), Duration::from_millis(80));
}

#[tokio::test]
async fn rows_age_as_the_clock_moves() {
    let simulator = start(&InboxSpec::of(3), Scenario::real()).await;
    let client = Client::new(&simulator, Platform::TikTok);
    let time = |body: serde_json::Value| body["conversations"][0]["timestamp"].as_str().unwrap().to_owned();
    assert!(time(client.get("/conversations").await.1).contains(':'));
    simulator.advance_clock(Duration::from_secs(24 * 3600));
    assert_eq!(time(client.get("/conversations").await.1), "Yesterday");
    assert_eq!(simulator.calls(Platform::TikTok).len(), 2);
}

#[tokio::test]
async fn what_is_said_last_stands_first_even_while_the_clock_stands() {
    let simulator = start(&InboxSpec::of(5), Scenario::real()).await;
    for person in [3, 1, 4] {
        simulator.receive(Platform::Twitter, PersonId(person), "hello again");
    }
    let order: Vec<u32> = simulator.truth(Platform::Twitter).iter().map(|c| c.person.0).collect();
    assert_eq!(order, [4, 1, 3, 0, 2]);
}

#[tokio::test]
async fn the_demo_is_friendly() {
    let world = demo(1, 45, base_time());
    let simulator = Simulator::start(world, Scenario::demo(Clock::default())).await.unwrap();
    let mut everybody = HashSet::new();
    let mut unreadable = 0;
    for platform in Platform::ALL {
        let truth = simulator.truth(platform);
        assert_eq!(truth.len(), 15);
        for contact in truth {
            assert!(everybody.insert(contact.display_name.clone()), "{} twice", contact.display_name);
            assert!(contact.messages.iter().all(|m| !m.text.is_empty() && !m.text.contains("{}")));
            unreadable += usize::from(simulator.visible(platform, contact.person, 50).is_none());
        }
    }
    assert_eq!(unreadable, 1);
}

#[tokio::test]
async fn thirty_thousand_contacts_start_at_once() {
    let spec = InboxSpec { messages: 50..=50, texts: Texts::Plain, ..InboxSpec::of(10_000) };
    assert_eq!(world(&spec).inbox(Platform::TikTok).people().len(), 10_000);
    let simulator = Simulator::start(
        crm_sync_simulator::World::generate(&WorldSpec::uniform(5, &spec)),
        Scenario::documented(),
    )
    .await
    .unwrap();
    let client = Client::new(&simulator, Platform::Instagram);
    let all = client.get("/conversations/all").await.1;
    assert_eq!(all["totalCount"], 10_000);
    let last = names(&all["conversations"]["primary"]).pop().unwrap();
    client.open(&last).await;
    assert_eq!(client.texts().await.len(), 50);
}
