//! Health, statistics, scores and tabs against programs that answer as services do, and as others do.
#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed promise")]

mod common;

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, Response, StatusCode};
use common::{World, seen};
use crm_sync_domain::{Platform, Reason};
use crm_sync_engine::lock::SyncLock;
use crm_sync_engine::stats::ServiceStats;
use crm_sync_engine::{Code, browser, health, scores, stats};
use rstest::rstest;
use serde_json::{Value, json};

type Answer = (&'static str, u16, Value);
type Calls = Arc<Mutex<Vec<(Method, String)>>>;

/// A program on a port of its own that answers a few routes, and 404 otherwise; and what it was called with.
struct Program {
    port: u16,
    calls: Calls,
}

async fn answer(
    State((answers, calls)): State<(Arc<Vec<Answer>>, Calls)>,
    request: Request<Body>,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    calls.lock().unwrap().push((request.method().clone(), path.clone()));
    let (status, body) = answers
        .iter()
        .find(|(route, ..)| *route == path)
        .map_or((404, json!("Cannot GET")), |(_, status, body)| (*status, body.clone()));
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

impl Program {
    async fn start(answers: Vec<Answer>) -> Self {
        let calls = Calls::default();
        let router = axum::Router::new().fallback(answer).with_state((Arc::new(answers), calls.clone()));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, calls }
    }

    fn posts(&self) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|(method, _)| *method == Method::POST).map(|(_, path)| path.clone()).collect()
    }

    async fn world(&self, platform: Platform) -> World {
        let address = format!("http://localhost:{}", self.port);
        World::with_settings(&json!({"services": {platform.as_str(): {"baseUrl": address}}}).to_string())
            .await
    }
}

/// A real Twitter service in order, after `changes`.
fn twitter(changes: Vec<Answer>) -> Vec<Answer> {
    let mut answers = changes;
    answers.extend([
        ("/health", 200, json!({"status": "ok", "service": "twitter-dm"})),
        (
            "/api/twitter/status",
            200,
            json!({"isOnTwitter": true, "isLoggedIn": true, "currentUrl": "https://x.com/messages"}),
        ),
        ("/api/twitter/rate-status", 200, json!({"limited": false, "suspended": false})),
        ("/api/twitter/crm/stats", 200, json!({"success": true, "stats": null})),
    ]);
    answers
}

#[rstest]
#[case(twitter(vec![]), None)]
#[case(twitter(vec![("/api/twitter/status", 200, json!({"isOnTwitter": true, "isLoggedIn": false, "currentUrl": "https://x.com/login"}))]), Some(Reason::NeedsSession))]
// Twitter's answer is about whatever tab is in front.
#[case(twitter(vec![("/api/twitter/status", 200, json!({"isOnTwitter": false, "isLoggedIn": false, "currentUrl": "https://example.com"}))]), None)]
#[case(twitter(vec![("/api/twitter/rate-status", 200, json!({"limited": true, "suspended": false, "message": "slow down"}))]), Some(Reason::RateLimited))]
#[case(twitter(vec![("/api/twitter/rate-status", 503, json!({"error": "No Safari tab available for twitter-dm"}))]), Some(Reason::NeedsSession))]
#[case(twitter(vec![("/health", 500, json!({"error": "boom"}))]), Some(Reason::ServiceError))]
#[case(vec![("/health", 200, json!({"status": "ok", "service": "tiktok-dm"}))], Some(Reason::WrongService))]
#[case(vec![("/health", 200, json!("hello"))], Some(Reason::WrongService))]
#[case(vec![("/health", 200, json!({"status": "ok"}))], Some(Reason::WrongService))]
// The documented shape: the statistics prove it, the list says whether it may be read.
#[case(vec![("/health", 200, json!({"status": "ok"})), ("/api/twitter/crm/stats", 200, json!({"success": true, "stats": {"platform": "twitter", "totalContacts": 1}})), ("/api/twitter/conversations", 200, json!({"conversations": [], "count": 0}))], None)]
#[case(vec![("/health", 200, json!({"status": "ok"})), ("/api/twitter/crm/stats", 200, json!({"success": true, "stats": {"platform": "tiktok", "totalContacts": 1}}))], Some(Reason::WrongService))]
#[case(vec![("/health", 200, json!({"status": "ok"})), ("/api/twitter/crm/stats", 200, json!({"success": true, "stats": null})), ("/api/twitter/conversations", 401, json!({"error": "requireActiveSession"}))], Some(Reason::NeedsSession))]
#[tokio::test]
async fn health_names_what_is_wrong_by_get_alone(
    #[case] answers: Vec<Answer>,
    #[case] reason: Option<Reason>,
) {
    let program = Program::start(answers).await;
    let world = program.world(Platform::Twitter).await;
    let found = health::check(&world.engine, &[Platform::Twitter]).await.unwrap();
    assert_eq!(found[0].reason, reason, "{found:?}");
    assert_eq!((found[0].ok, found[0].fix.is_some()), (reason.is_none(), reason.is_some()));
    assert_eq!(program.posts(), Vec::<String>::new());
}

#[tokio::test]
async fn a_port_on_which_nothing_listens_is_a_service_that_is_down() {
    // Bound, so that nobody else takes the port, but not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let program = Program { port: socket.local_addr().unwrap().port(), calls: Calls::default() };
    let world = program.world(Platform::TikTok).await;
    let found = health::check(&world.engine, &[Platform::TikTok]).await.unwrap();
    assert_eq!(found[0].reason, Some(Reason::ServiceDown));
    assert_eq!(found[0].base_url, format!("http://localhost:{}", program.port));
}

#[tokio::test]
async fn statistics_stand_beside_the_caches_counts() {
    let program = Program::start(twitter(vec![])).await;
    let world = program.world(Platform::Twitter).await;
    let run = world.run("r", None).await;
    world.list(&run, Platform::Twitter, "2026-02-26T20:00:00Z", vec![seen("amy")]).await;
    let found = stats::read(&world.engine, &[Platform::Twitter]).await.unwrap();
    assert_eq!(found[0].service, ServiceStats::NotConfigured);
    assert_eq!(found[0].cache.contacts, 1);
    let shown = serde_json::to_value(&found[0]).unwrap();
    assert_eq!(shown["service"], json!({"state": "not_configured"}));
}

fn scored() -> Vec<Answer> {
    let top = json!({"success": true, "contacts": [
        {"id": "u-1", "username": "AMY", "score": 40, "lastMessage": "2026-02-25T10:00:00Z", "messagesSent": 3},
        {"id": "u-2", "username": "stranger", "score": 90, "messagesSent": 1},
        {"id": "u-3", "username": "bob", "score": 4000, "messagesSent": 1},
    ]});
    twitter(vec![
        ("/api/twitter/crm/top-contacts", 200, top),
        ("/api/twitter/crm/score-all", 200, json!({"success": true, "updated": 3, "errors": 0})),
        ("/api/twitter/crm/score", 200, json!({"success": true, "score": {"overall": 73}})),
    ])
}

async fn two_contacts(program: &Program) -> World {
    let world = program.world(Platform::Twitter).await;
    let run = world.run("r", None).await;
    world.list(&run, Platform::Twitter, "2026-02-26T20:00:00Z", vec![seen("amy"), seen("bob")]).await;
    world
}

#[tokio::test]
async fn all_scores_are_put_on_one_scale_and_stored() {
    let program = Program::start(scored()).await;
    let world = two_contacts(&program).await;
    let reports = scores::all(&world.engine, &[Platform::Twitter]).await.unwrap();
    let report = &reports[0];
    assert_eq!((report.ok, report.updated, report.scored), (true, Some(3), 1));
    assert_eq!(report.contacts[0].username, "amy");
    assert_eq!((report.contacts[0].score, report.contacts[0].changed), (Some(4.0), true));
    let again = scores::all(&world.engine, &[Platform::Twitter]).await.unwrap();
    assert_eq!((again[0].changed, again[0].contacts[0].changed), (0, false));
}

#[tokio::test]
async fn one_score_is_recalculated_read_back_and_stored() {
    let program = Program::start(scored()).await;
    let world = two_contacts(&program).await;
    let amy = scores::one(&world.engine, Platform::Twitter, "@Amy").await.unwrap();
    assert_eq!((amy.score, amy.changed), (Some(7.3), true));
    let stored = world.engine.store().contacts(Platform::Twitter).await.unwrap();
    assert_eq!((stored[0].score, stored[0].messages_sent), (Some(7.3), Some(3)));
    assert_eq!(stored[0].service_contact_id.as_deref(), Some("u-1"));
    assert_eq!(stored[1].score, None);
}

#[tokio::test]
async fn nothing_is_posted_to_a_program_that_is_not_the_service() {
    let program = Program::start(vec![
        ("/health", 200, json!({"status": "ok", "service": "other"})),
        ("/api/twitter/crm/score-all", 200, json!({"success": true})),
    ])
    .await;
    let world = two_contacts(&program).await;
    let reports = scores::all(&world.engine, &[Platform::Twitter]).await.unwrap();
    assert_eq!(reports[0].reason, Some(Reason::WrongService));
    assert_eq!(
        scores::one(&world.engine, Platform::Twitter, "amy").await.unwrap_err().code,
        Code::ServiceFailed
    );
    assert_eq!(
        browser::navigate(&world.engine, Platform::Twitter).await.unwrap_err().code,
        Code::ServiceFailed
    );
    assert_eq!(
        browser::reattach(&world.engine, Platform::Twitter).await.unwrap_err().code,
        Code::ServiceFailed
    );
    assert_eq!(program.posts(), Vec::<String>::new());
}

#[tokio::test]
async fn a_tab_is_let_go_and_found_again_but_not_under_a_running_sync() {
    let program = Program::start(twitter(vec![
        ("/api/tabs/release", 200, json!({"ok": true})),
        ("/api/session/clear", 200, json!({"ok": true})),
        ("/api/session/ensure", 200, json!({"ok": true, "url": "https://x.com/messages"})),
        ("/api/twitter/inbox/navigate", 200, json!({"success": false, "error": "Not logged in"})),
    ]))
    .await;
    let world = program.world(Platform::Twitter).await;
    let said = browser::reattach(&world.engine, Platform::Twitter).await.unwrap();
    assert!(said.contains("found a tab again"), "{said}");
    let error = browser::navigate(&world.engine, Platform::Twitter).await.unwrap_err();
    assert!(error.message.contains("Not logged in") && error.fix.is_some(), "{error}");
    let before = program.posts().len();
    let _running = SyncLock::try_acquire(world.engine.data_dir()).unwrap();
    assert_eq!(
        browser::reattach(&world.engine, Platform::Twitter).await.unwrap_err().code,
        Code::SyncRunning
    );
    assert_eq!(program.posts().len(), before);
}
