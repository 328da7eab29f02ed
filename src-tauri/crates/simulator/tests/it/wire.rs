//! Faults of the wire: each where and as often as the scenario says.

use std::time::Duration;

use crm_sync_domain::Platform;
use crm_sync_simulator::{
    Change, Endpoint, Fault, FaultKind, InboxSpec, Login, PlatformScenario, Scenario, Simulator, When,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, shown, start};

const LIST: &str = "/api/conversations";

async fn faulty(fault: Fault) -> (Simulator, Client) {
    let simulator =
        start(&InboxSpec::of(6), Scenario::documented().on(Platform::Instagram, |p| p.fault(fault.clone())))
            .await;
    let client = Client::new(&simulator, Platform::Instagram);
    (simulator, client)
}

#[rstest]
#[case(FaultKind::rate_limited(7), 429)]
#[case(FaultKind::status(500), 500)]
#[case(FaultKind::status(404), 404)]
#[case(FaultKind::Redirect("http://127.0.0.1:9/".to_owned()), 302)]
#[case(FaultKind::Html, 200)]
#[case(FaultKind::AnotherProgram, 404)]
#[tokio::test]
async fn a_fault_hits_the_calls_it_names_and_spares_the_others(#[case] kind: FaultKind, #[case] status: u16) {
    let (simulator, client) = faulty(Fault::on(Endpoint::List, kind.clone()).from_call(2).times(2)).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let answer = client.raw_get(LIST).await.unwrap();
        let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(retry, (answer.status() == 429).then(|| "7".to_owned()));
        let code = answer.status().as_u16();
        let good =
            serde_json::from_str::<Value>(&answer.text().await.unwrap()).is_ok_and(|body| body["count"] == 6);
        seen.push((code, good));
    }
    assert_eq!(seen, [(200, true), (status, false), (status, false), (200, true)]);
    assert_eq!(Client::new(&simulator, Platform::TikTok).names().await.len(), 6, "the others go on");
}

#[tokio::test]
async fn a_reset_and_a_truncated_answer_are_errors_after_the_server_has_acted() {
    for kind in [FaultKind::Reset, FaultKind::Truncated] {
        let (simulator, client) = faulty(Fault::on(Endpoint::Open, kind).times(1)).await;
        let (name, texts) = shown(&simulator, Platform::Instagram, 2);
        let answer = client.raw_post("/api/conversations/open", &json!({ "username": name })).await;
        let failed = match answer {
            Ok(answer) => answer.bytes().await.is_err(),
            Err(_) => true,
        };
        assert!(failed);
        assert_eq!(client.texts().await, texts);
    }
}

#[tokio::test]
async fn a_hanging_call_ends_with_the_simulator() {
    let (simulator, client) = faulty(Fault::on(Endpoint::List, FaultKind::Hang)).await;
    let call = tokio::spawn(async move { client.raw_get(LIST).await.map(|answer| answer.status()) });
    while simulator.count(Platform::Instagram, Endpoint::List) == 0 {
        tokio::task::yield_now().await;
    }
    simulator.stop();
    assert!(call.await.unwrap().is_err());
}

#[tokio::test]
async fn a_refusing_server_can_listen_again() {
    let (simulator, client) = faulty(Fault::on(Endpoint::List, FaultKind::Refused).times(1)).await;
    assert!(client.raw_get(LIST).await.is_err());
    assert!(client.raw_get(LIST).await.unwrap_err().is_connect());
    simulator.listen_again(Platform::Instagram).await.unwrap();
    assert_eq!(client.names().await.len(), 6);
}

#[tokio::test]
async fn a_server_that_never_ran_refuses() {
    let scenario = Scenario::documented().on(Platform::Twitter, PlatformScenario::not_running);
    let simulator = start(&InboxSpec::of(2), scenario).await;
    assert!(Client::new(&simulator, Platform::Twitter).raw_get("/health").await.unwrap_err().is_connect());
}

#[tokio::test]
async fn spoiled_bodies_are_what_they_are_called() {
    let body = |kind| async move {
        let (_simulator, client) = faulty(Fault::on(Endpoint::List, kind)).await;
        client.raw_get(LIST).await.unwrap().bytes().await.unwrap().to_vec()
    };
    let json = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes);
    assert_eq!(json(body(FaultKind::Null).await).unwrap(), Value::Null);
    assert!(body(FaultKind::NoBody).await.is_empty());
    assert_eq!(
        json(body(FaultKind::EmptyAfterFull).await).unwrap(),
        json!({ "conversations": [], "count": 0 })
    );
    assert!(json(body(FaultKind::WrongTypes).await).unwrap()["conversations"].is_string());
    assert_eq!(json(body(FaultKind::OddRows).await).unwrap()["conversations"].as_array().unwrap().len(), 11);
    assert!(String::from_utf8(body(FaultKind::BadUtf8).await).is_err());
    assert!(json(body(FaultKind::LoneSurrogate).await).is_err());
    assert!(body(FaultKind::HugeBody(3_000_000)).await.len() >= 3_000_000);
    assert!(json(body(FaultKind::SlowBody(Duration::from_millis(20))).await).is_ok());
}

#[tokio::test]
async fn a_second_client_moves_the_tab_between_open_and_read() {
    let other = crm_sync_simulator::PersonId(4);
    let scenario =
        Scenario::documented().everywhere(|p| p.second_client(other, Endpoint::Open, 2, When::After));
    let simulator = start(&InboxSpec::of(6), scenario).await;
    let client = Client::new(&simulator, Platform::TikTok);
    let (name, _) = shown(&simulator, Platform::TikTok, 0);
    let mut panes = Vec::new();
    for _ in 0..4 {
        client.open(&name).await;
        panes.push(simulator.in_pane(Platform::TikTok).unwrap().0);
    }
    assert_eq!(panes, [0, 4, 0, 4]);
}

#[tokio::test]
async fn the_world_changes_in_the_middle_of_a_run() {
    let person = crm_sync_simulator::PersonId(5);
    let change = Change::Receive(person, "wait, one more thing".to_owned());
    let scenario =
        Scenario::documented().everywhere(|p| p.at(Endpoint::List, 2, When::Before, change.clone()));
    let simulator = start(&InboxSpec::of(6), scenario).await;
    let client = Client::new(&simulator, Platform::Instagram);
    let first = client.names().await;
    let second = client.names().await;
    assert_eq!((first.last(), first.len()), (second.first(), 6));
}

#[tokio::test]
async fn opens_may_lie_and_may_open_somebody_else() {
    let scenario = Scenario::real()
        .on(Platform::Instagram, |p| p.open_claims_success_every(3).open_opens_wrong_every(2));
    let simulator = start(&InboxSpec::of(6), scenario).await;
    let client = Client::new(&simulator, Platform::Instagram);
    let names = client.names().await;
    let mut panes = Vec::new();
    for name in &names[..3] {
        assert_eq!(client.open(name).await.1["success"], true);
        panes.push(simulator.in_pane(Platform::Instagram).unwrap().0);
    }
    assert_eq!(panes, [0, 2, 2], "right, the row below, nothing");
}

#[tokio::test]
async fn a_service_changes_its_behaviour_between_two_runs_and_keeps_its_world() {
    let simulator = start(&InboxSpec::of(6), Scenario::documented()).await;
    let client = Client::new(&simulator, Platform::Instagram);
    assert_eq!(client.names().await.len(), 6);
    simulator.change(Platform::Instagram, |p| {
        p.fault(Fault::on(Endpoint::List, FaultKind::EmptyAfterFull).times(1))
    });
    assert_eq!([client.names().await.len(), client.names().await.len()], [0, 6]);
    simulator.change(Platform::Instagram, |p| p.without_faults().login(Login::Unauthorized));
    assert_eq!(client.get("/conversations").await.0, 401);
    assert_eq!(simulator.count(Platform::Instagram, Endpoint::List), 4);
}
