//! The real shape against the answers recorded from the real servers.

use std::path::Path;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use crm_sync_domain::{InboxTab, Platform};
use crm_sync_simulator::{
    Change, Claim, Clock, Crm, CrmEntry, Fault, FaultKind, Login, PlatformScenario, Scenario, Simulator,
    World,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Client;

/// Thursday: "Monday" lies within the week and 14 February outside of it.
fn now() -> DateTime<FixedOffset> {
    "2026-03-05T18:30:00Z".parse().unwrap()
}

fn ago(time: TimeDelta) -> DateTime<Utc> {
    (now() - time).to_utc()
}

/// Whose inbox, which tab, display name, handle, minutes ago, and the thread with what is ours.
type Recorded<'a> = (Platform, InboxTab, &'a str, &'a str, i64, &'a [(&'a str, bool)]);

/// The people behind the recordings.
fn recorded_world() -> World {
    let mut world = World::empty();
    let add =
        |world: &mut World, platform, tab, name: &str, handle: &str, minutes, thread: &[(&str, bool)]| {
            let at = ago(TimeDelta::minutes(minutes));
            let inbox = world.inbox_mut(platform);
            let id = inbox.add(handle, name, tab, "", at);
            inbox.person_mut(id).unwrap().set_thread(at, thread);
            inbox.person_mut(id).unwrap().unread = minutes == 1;
            id
        };
    let long: Vec<String> = (1..=60).map(|n| format!("Message number {n} in a long thread")).collect();
    let long: Vec<(&str, bool)> = long.iter().zip(1..).map(|(text, n)| (text.as_str(), n % 3 == 1)).collect();
    let (instagram, twitter, tiktok) = (Platform::Instagram, Platform::Twitter, Platform::TikTok);
    let (primary, requests, inbox) = (InboxTab::Primary, InboxTab::Requests, InboxTab::Inbox);
    let people: [Recorded<'_>; 18] = [
        (
            instagram,
            primary,
            "Dana Whitfield",
            "dana",
            1,
            &[("Hello there", false), ("Thanks, talk soon!", true)],
        ),
        (
            instagram,
            primary,
            "maple.studio",
            "maple.studio",
            2,
            &[("Here is the deck", true), ("Sounds great, can you send a quote?", false)],
        ),
        (instagram, primary, "Sam O'Neil", "sam", 3, &[("See you at noon", false)]),
        (instagram, primary, "Zoë 🌸 Kline", "zoe", 4, &[]),
        (instagram, primary, "نور الهدى", "noor", 5, &[("مرحبا، شكرا لك", false)]),
        (instagram, primary, "long.thread", "long.thread", 6, &long),
        (instagram, InboxTab::General, "brandaccount", "brand", 7, &[("New collab offer inside", false)]),
        (instagram, requests, "maple.studio", "maple2", 8, &[("duplicate row in another tab", false)]),
        (instagram, requests, "newuser123", "newuser123", 9, &[("hi! saw your reel", false)]),
        (twitter, inbox, "Dana Whitfield", "danaw", 1, &[("Loved the thread, can we talk?", false)]),
        (twitter, inbox, "Sam O'Neil", "samo", 2, &[("ok", false)]),
        (twitter, inbox, "Maple Studio 🍁", "maplestudio", 3, &[("Invoice is on its way to you", false)]),
        (twitter, inbox, "Dana", "dana_other", 4, &[("hello", false)]),
        (
            tiktok,
            inbox,
            "Dana W | Travel & Life",
            "dana",
            39,
            &[("Hi Dana!", true), ("Hey! So glad you wrote", false), ("You shared a video", true)],
        ),
        (tiktok, inbox, "Maple Studio", "maple", 24 * 60, &[("Love it!", false)]),
        (tiktok, inbox, "ليلى", "layla", 19 * 24 * 60, &[("شكرا", false)]),
        (tiktok, inbox, "user8347219", "user8347219", 426 * 24 * 60, &[("ok!", false)]),
        (tiktok, inbox, "Sam O'Neil", "samo", 3 * 24 * 60, &[("Hi there!", false)]),
    ];
    for (platform, tab, name, handle, minutes, thread) in people {
        let id = add(&mut world, platform, tab, name, handle, minutes, thread);
        if thread.is_empty() {
            world.inbox_mut(platform).person_mut(id).unwrap().attach(true, ago(TimeDelta::minutes(minutes)));
        }
        let crm = |id: &str, score, sent| CrmEntry {
            id: id.to_owned(),
            score,
            stage: "warm".to_owned(),
            messages_sent: sent,
            replies_received: sent,
            last_contacted: score.map(|_| "2026-11-20T19:00:00Z".parse().unwrap()),
        };
        let known = match (platform, handle) {
            (Platform::Instagram, "newuser123") => Some(crm("22222222-2222-4222-8222-222222222222", None, 0)),
            (Platform::Instagram, "maple.studio") => {
                Some(crm("11111111-1111-4111-8111-111111111111", Some(72), 5))
            }
            _ => None,
        };
        world.inbox_mut(platform).person_mut(id).unwrap().crm = known;
    }
    world
}

async fn start(scenario: Scenario) -> Simulator {
    let scenario = scenario.clock(Clock::fixed(now())).on(Platform::TikTok, |p| p.rows_per_page(4));
    Simulator::start(recorded_world(), scenario).await.unwrap()
}

fn recording(name: &str) -> (Platform, Value) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/services");
    let text = std::fs::read_to_string(root.join(format!("{name}.json"))).unwrap();
    (name.split('/').next().unwrap().parse().unwrap(), serde_json::from_str(&text).unwrap())
}

/// Makes the recorded request and gives status, body and the recording of both.
async fn again(simulator: &Simulator, name: &str) -> ((u16, Value), (u16, Value)) {
    let (platform, recorded) = recording(name);
    let client = Client::new(simulator, platform);
    let request = &recorded["_meta"]["request"];
    let path = request["path"].as_str().unwrap();
    let response = match request["method"].as_str().unwrap() {
        "GET" => client.raw_get(path).await,
        _ => {
            client
                .raw_post(path, &if request["body"].is_null() { json!({}) } else { request["body"].clone() })
                .await
        }
    };
    let response = response.unwrap();
    assert_eq!(
        response.headers()["content-type"],
        recorded["headers"]["content-type"].as_str().unwrap(),
        "{name}"
    );
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    ((status, body), (u16::try_from(recorded["status"].as_u64().unwrap()).unwrap(), recorded["body"].clone()))
}

/// Keys in their order and types; of a list, its first entry.
fn outline(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), outline(value))).collect(),
        Value::Array(entries) => entries.first().map(outline).into_iter().collect(),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        Value::Bool(_) => json!("bool"),
        Value::Null => Value::Null,
    }
}

#[rstest]
#[case("instagram/conversations-all.ok")]
#[case("instagram/conversations.scrollMore")]
#[case("instagram/inbox-navigate.ok")]
#[case("instagram/messages.no-thread-open")]
#[case("instagram/open.ok")]
#[case("instagram/open.not-found")]
#[case("instagram/open.apostrophe-name")]
#[case("instagram/open.emoji-name")]
#[case("instagram/open.username-not-string")]
#[case("instagram/open.not-in-current-tab")]
#[case("instagram/status.before-open")]
#[case("instagram/session-status.ok")]
#[case("instagram/crm-top-contacts.supabase-ok")]
#[case("instagram/crm-score.unknown-id")]
#[case("instagram/unknown-route.404-no-tab-before-health")]
#[case("instagram/conversations-scroll.404")]
#[case("instagram/conversations-unread.ok")]
#[case("twitter/conversations.ok")]
#[case("twitter/conversations-unread.ok.patched-driver")]
#[case("twitter/open.missing-username")]
#[case("twitter/open.apostrophe-name")]
#[case("twitter/open.empty-username-opens-first.patched-driver")]
#[case("twitter/open.substring-picks-first.patched-driver")]
#[case("twitter/open.matches-preview-text.patched-driver")]
#[case("twitter/rate-status.ok")]
#[case("twitter/session-ensure.ok")]
#[case("twitter/status.ok")]
#[case("twitter/tabs-release.stable-agent")]
#[case("twitter/crm-score.missing-contactId")]
#[case("tiktok/messages.conversationId-404")]
#[case("tiktok/open.not-found")]
#[case("tiktok/open.no-body")]
#[case("tiktok/open.substring-match")]
#[case("tiktok/open.rtl-name")]
#[case("tiktok/health.ok")]
#[case("tiktok/inbox-navigate.ok")]
#[case("tiktok/rate-status.ok")]
#[case("tiktok/session-ensure.ok")]
#[case("tiktok/crm-score-unprefixed.404")]
#[tokio::test]
async fn answers_equal_the_recorded_ones(#[case] name: &str) {
    let (answered, recorded) = again(&start(Scenario::real()).await, name).await;
    assert_eq!(answered, recorded);
}

#[rstest]
#[case("instagram/health.ok")]
#[case("instagram/crm-stats.supabase-ok")]
#[case("instagram/crm-score.supabase-ok")]
#[case("instagram/tabs-claims.ok")]
#[case("twitter/health.no-tab")]
#[case("twitter/rate-limits.ok")]
#[case("tiktok/rate-limits.ok")]
#[tokio::test]
async fn answers_have_the_recorded_keys_and_types(#[case] name: &str) {
    let (answered, recorded) = again(&start(Scenario::real()).await, name).await;
    assert_eq!((answered.0, outline(&answered.1)), (recorded.0, outline(&recorded.1)));
}

#[rstest]
#[case("instagram/conversations.no-tab")]
#[case("instagram/session-ensure.osascript-fails")]
#[case("twitter/conversations.no-tab")]
#[case("twitter/crm-stats.no-tab")]
#[case("twitter/unknown-route.no-tab")]
#[case("twitter/session-ensure.no-tab")]
#[case("tiktok/conversations.no-tab")]
#[case("tiktok/unknown-route.no-tab")]
#[case("tiktok/session-ensure.no-tab")]
#[tokio::test]
async fn without_a_tab_the_guards_answer_as_recorded(#[case] name: &str) {
    let simulator = start(Scenario::real().everywhere(|p| p.login(Login::NoTab))).await;
    let (answered, recorded) = again(&simulator, name).await;
    assert_eq!(answered, recorded);
}

#[rstest]
#[case("instagram/conversations.logged-out")]
#[case("instagram/inbox-navigate.logged-out")]
#[case("instagram/status.logged-out")]
#[case("twitter/inbox-navigate.logged-out")]
#[case("tiktok/status.logged-out")]
#[tokio::test]
async fn logged_out_the_servers_answer_as_recorded(#[case] name: &str) {
    let simulator = start(Scenario::real().everywhere(|p| p.login(Login::Out))).await;
    let (answered, recorded) = again(&simulator, name).await;
    assert_eq!(answered, recorded);
}

#[rstest]
#[case(Crm::NotConfigured, "instagram/crm-stats.no-supabase")]
#[case(Crm::NotConfigured, "instagram/crm-score-all.no-supabase")]
#[case(Crm::AllZero, "instagram/crm-stats.supabase-empty")]
#[tokio::test]
async fn a_crm_that_is_not_there_answers_as_recorded(#[case] crm: Crm, #[case] name: &str) {
    let simulator = start(Scenario::real().everywhere(|p| p.crm(crm))).await;
    let (answered, recorded) = again(&simulator, name).await;
    assert_eq!(answered, recorded);
}

#[tokio::test]
async fn instagram_threads_read_as_recorded() {
    let simulator = start(Scenario::real()).await;
    let client = Client::new(&simulator, Platform::Instagram);
    client.open("maple.studio").await;
    let (answered, recorded) = again(&simulator, "instagram/messages.ok").await;
    assert_eq!(answered, recorded);
    client.open("ghost_user").await;
    let (answered, recorded) = again(&simulator, "instagram/messages.after-failed-open").await;
    assert_eq!(answered, recorded, "a failed open leaves the thread before it in the pane");
    let (answered, recorded) = again(&simulator, "instagram/status.after-open").await;
    assert_eq!(outline(&answered.1), outline(&recorded.1));
    assert!(answered.1["currentUrl"].as_str().unwrap().starts_with("https://www.instagram.com/direct/t/"));
    client.open("نور الهدى").await;
    let (answered, recorded) = again(&simulator, "instagram/messages.rtl").await;
    assert_eq!(answered, recorded, "short texts in a script without case are lost");
}

#[tokio::test]
async fn twitter_threads_read_as_recorded_and_its_defect_too() {
    let simulator = start(Scenario::real()).await;
    let client = Client::new(&simulator, Platform::Twitter);
    client.open("Dana Whitfield").await;
    let dana = simulator.truth(Platform::Twitter)[0].person;
    simulator.send(Platform::Twitter, dana, "Of course, when?");
    for name in ["twitter/messages.ok.patched-driver", "twitter/scroll.ok.patched-driver"] {
        let (answered, recorded) = again(&simulator, name).await;
        assert_eq!(answered, recorded);
    }
    let broken = start(Scenario::real().on(Platform::Twitter, PlatformScenario::never_opens)).await;
    for name in ["twitter/open.display-name", "twitter/messages.after-open"] {
        let (answered, recorded) = again(&broken, name).await;
        assert_eq!(answered, recorded);
    }
}

#[tokio::test]
async fn a_dead_claim_fails_every_call_until_it_is_released() {
    let simulator = start(Scenario::real().everywhere(|p| p.claim(Claim::Dead))).await;
    let (answered, recorded) = again(&simulator, "twitter/conversations.dead-claim").await;
    // All but the name of the temporary file.
    let blur = |body: &Value| {
        let text = body["error"].as_str().unwrap();
        let (before, rest) = text.split_once("safari-js").unwrap();
        format!("{before}{}", rest.split_once('"').unwrap().1)
    };
    assert_eq!((answered.0, blur(&answered.1)), (recorded.0, blur(&recorded.1)));
    again(&simulator, "twitter/tabs-release.stable-agent").await;
    assert_eq!(Client::new(&simulator, Platform::Twitter).names().await.len(), 4);
}

#[tokio::test]
async fn a_failed_script_looks_as_recorded() {
    let fault = Fault::everywhere(FaultKind::ScriptError);
    let simulator = start(Scenario::real().on(Platform::Twitter, |p| p.fault(fault.clone()))).await;
    let (answered, recorded) = again(&simulator, "twitter/open.osascript-fails").await;
    assert_eq!((answered.0, outline(&answered.1)), (recorded.0, outline(&recorded.1)));
}

#[tokio::test]
async fn tiktok_lists_and_reads_as_recorded() {
    let simulator = start(Scenario::real()).await;
    let client = Client::new(&simulator, Platform::TikTok);
    simulator.apply(Platform::TikTok, &Change::MarkUnread(simulator.truth(Platform::TikTok)[0].person, true));
    let sorted = |body: &Value| {
        let mut rows = body["conversations"].as_array().unwrap().clone();
        rows.sort_by_key(ToString::to_string);
        rows
    };
    client.post("/conversations/scroll", &json!({})).await;
    let (answered, recorded) = again(&simulator, "tiktok/conversations.after-scroll").await;
    assert_eq!(sorted(&answered.1), sorted(&recorded.1));

    client.open("travel_agent_bob").await;
    assert_eq!(simulator.in_pane(Platform::TikTok), Some(simulator.truth(Platform::TikTok)[0].person));
    let (answered, recorded) = again(&simulator, "tiktok/messages.ok-three").await;
    let timeless = |body: &Value| {
        let mut messages = body["messages"].as_array().unwrap().clone();
        for message in &mut messages {
            message["timestamp"] = json!("read");
        }
        messages
    };
    assert_eq!(timeless(&answered.1), timeless(&recorded.1), "a part of the name opens somebody");
    let (answered, recorded) = again(&simulator, "tiktok/messages.alias-unprefixed-raw-shape").await;
    assert_eq!(answered, recorded);

    client.post("/inbox/navigate", &json!({})).await;
    client.open("ghost_user").await;
    for name in ["tiktok/conversations.after-failed-open", "tiktok/messages.after-failed-open"] {
        let (answered, recorded) = again(&simulator, name).await;
        assert_eq!(answered, recorded, "a miss leaves the tab on a profile page");
    }
}
