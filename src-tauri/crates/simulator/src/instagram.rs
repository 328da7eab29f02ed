//! The real Instagram server: four tabs of at most 50 rows, people by display name, messages without ids.

use crm_sync_domain::InboxTab;
use serde_json::{Map, Value, json};

use crate::Endpoint;
use crate::pages::preview;
use crate::reply::Reply;
use crate::scenario::Login;
use crate::service::{Call, Service, messages};
use crate::session::inbox_address;
use crate::timings::Work;
use crate::world::{Person, PersonId};

const TABS: [InboxTab; 4] =
    [InboxTab::Primary, InboxTab::General, InboxTab::Requests, InboxTab::HiddenRequests];

pub(crate) async fn answer(service: &Service, call: &Call) -> Reply {
    match call.endpoint {
        Endpoint::List => list(service, call).await,
        Endpoint::ListAll => list_all(service, call).await,
        Endpoint::Unread => unread(service, call).await,
        Endpoint::Navigate => navigate(service, call).await,
        Endpoint::SelectTab => select_tab(service, call).await,
        Endpoint::Open => open(service, call).await,
        Endpoint::Messages => read(service, call).await,
        Endpoint::Threads => Reply::ok(json!({ "threads": service.state().threads })),
        Endpoint::RegisterThread => register(service, call),
        _ => Reply::page(404, &format!("Cannot {} {}", call.method, call.path)),
    }
}

fn row(person: &Person) -> Value {
    json!({
        "username": person.display_name, "threadId": "", "lastMessage": preview(person),
        "lastMessageIsOutbound": person.newest().is_some_and(|m| m.outbound),
    })
}

fn rows(service: &Service, tab: InboxTab) -> Vec<Value> {
    let mut state = service.state();
    let ids = state.rows(&service.scenario(), tab);
    ids.into_iter().filter_map(|id| state.inbox.person(id)).map(row).collect()
}

async fn list(service: &Service, call: &Call) -> Reply {
    let scrolled = call.query.get("scrollMore").is_some_and(|value| value == "true");
    service.pause(call.endpoint, Work { scrolls: if scrolled { 3 } else { 0 }, ..Work::default() }).await;
    let shown = service.state().tab.shown;
    let rows = if service.shows_nothing() { Vec::new() } else { rows(service, shown) };
    Reply::ok(json!({ "conversations": rows, "count": rows.len(), "scrolled": scrolled }))
}

/// Goes through the tabs one after the other and stays on the last. A caller who gave up meanwhile, and calls
/// something else, has the tab changed under them.
async fn list_all(service: &Service, call: &Call) -> Reply {
    let nothing = service.shows_nothing();
    let delay = service.scenario().timings.of(
        service.platform,
        call.endpoint,
        Work { scrolls: 3, ..Work::default() },
    );
    service.state().delayed += delay;
    let mut total = 0;
    let mut lists = Map::new();
    for tab in TABS {
        service.state().tab.show(tab);
        tokio::time::sleep(delay / 4).await;
        let rows = if nothing { Vec::new() } else { rows(service, tab) };
        total += rows.len();
        lists.insert(tab.as_str().to_owned(), Value::Array(rows));
    }
    service.state().tab.show(InboxTab::HiddenRequests);
    Reply::ok(json!({ "conversations": lists, "totalCount": total }))
}

/// Counts badges, but looks for the rows where an older page had them: the list stays empty.
async fn unread(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    if service.shows_nothing() {
        return Reply::ok(json!({ "count": 0, "conversations": [] }));
    }
    let count = service.state().inbox.people().iter().filter(|p| p.listed && p.unread).count();
    Reply::ok(json!({ "count": count, "conversations": [] }))
}

async fn navigate(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    let mut state = service.state();
    if state.login == Login::Out {
        return Reply::ok(json!({ "success": false, "error": "Not logged in to Instagram" }));
    }
    state.navigate(&service.scenario());
    Reply::ok(json!({ "success": true, "currentUrl": inbox_address(service.platform) }))
}

async fn select_tab(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    let word = call.text("tab").unwrap_or_default();
    let tab = InboxTab::parse(word).filter(|tab| TABS.contains(tab));
    let mut state = service.state();
    let found = tab.filter(|_| !state.sees_nothing());
    if let Some(tab) = found {
        state.tab.show(tab);
    }
    Reply::ok(json!({ "success": found.is_some(), "tab": word }))
}

fn register(service: &Service, call: &Call) -> Reply {
    let (Some(name), Some(id)) = (call.text("username"), call.text("threadId")) else {
        return Reply::error(400, "username and threadId required");
    };
    service.state().threads.insert(key(name), id.to_owned());
    Reply::ok(json!({ "success": true, "username": name, "threadId": id }))
}

fn key(name: &str) -> String {
    name.trim_start_matches('@').to_lowercase()
}

async fn open(service: &Service, call: &Call) -> Reply {
    let name = match call.body.get("username") {
        Some(Value::String(name)) if !name.is_empty() => name,
        None | Some(Value::Null | Value::String(_)) => return Reply::error(400, "username required"),
        Some(_) => return Reply::error(500, "TypeError: username.toLowerCase is not a function"),
    };
    let registered = service.state().threads.get(&key(name)).cloned();
    let work = Work { registered: registered.is_some(), ..Work::default() };
    let opened = if let Some(thread) = registered {
        open_thread(service, &thread, work)
    } else {
        let rows = shown_rows(service);
        service.open(&rows, name, work)
    };
    service.pause(call.endpoint, work).await;
    Reply::ok(json!({ "success": opened, "username": name }))
}

fn shown_rows(service: &Service) -> Vec<PersonId> {
    let mut state = service.state();
    let shown = state.tab.shown;
    state.rows(&service.scenario(), shown)
}

/// By its address: no row is looked for, so neither the tab nor the name matters.
fn open_thread(service: &Service, thread: &str, work: Work) -> bool {
    let answer_in = service.scenario().timings.of(service.platform, Endpoint::Open, work);
    let mut state = service.state();
    let person = state.inbox.people().iter().find(|p| p.thread_id == thread).map(|p| p.id);
    match person {
        Some(person) if !state.sees_nothing() && !service.scenario().never_opens => {
            state.tab.click(person, answer_in, service.scenario().late);
            state.inbox.mark_read(person);
            true
        }
        _ => false,
    }
}

async fn read(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    let window = service.state().window(&service.scenario(), call.limit(20));
    let one = |m: crate::VisibleMessage| json!({ "text": m.text, "isOutbound": m.outbound, "messageType": "text", "timestamp": "" });
    Reply::ok(messages(window.into_iter().map(one).collect()))
}
