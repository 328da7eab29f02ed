//! The real Twitter server: at most 30 rows with a name and a preview, an `open` that takes the first row whose text
//! holds the name anywhere.

use crm_sync_domain::InboxTab;
use serde_json::{Value, json};

use crate::Endpoint;
use crate::pages::twitter_preview;
use crate::reply::Reply;
use crate::scenario::Login;
use crate::service::{Call, Service, listed, messages};
use crate::session::inbox_address;
use crate::timings::Work;
use crate::world::Person;

pub(crate) async fn answer(service: &Service, call: &Call) -> Reply {
    match call.endpoint {
        Endpoint::List => list(service, call).await,
        Endpoint::ListAll => list_all(service, call).await,
        Endpoint::Unread => unread(service, call).await,
        Endpoint::Navigate => navigate(service, call).await,
        Endpoint::Scroll => scroll(service, call).await,
        Endpoint::Open => open(service, call).await,
        Endpoint::Messages => read(service, call).await,
        _ => Reply::page(404, &format!("Cannot {} {}", call.method, call.path)),
    }
}

fn row(person: &Person) -> Value {
    json!({ "username": person.display_name, "lastMessage": twitter_preview(person) })
}

fn rows(service: &Service, tab: InboxTab) -> Vec<Value> {
    let mut state = service.state();
    let ids = state.rows(&service.scenario(), tab);
    ids.into_iter().filter_map(|id| state.inbox.person(id)).map(row).collect()
}

async fn list(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    if service.shows_nothing() {
        return Reply::ok(listed(Vec::new()));
    }
    let shown = service.state().tab.shown;
    Reply::ok(listed(rows(service, shown)))
}

/// Leaves the tab on the requests.
async fn list_all(service: &Service, call: &Call) -> Reply {
    let nothing = service.shows_nothing();
    service.state().tab.show(InboxTab::Inbox);
    service.pause(call.endpoint, Work::default()).await;
    let read = |tab| if nothing { Vec::new() } else { rows(service, tab) };
    let inbox = read(InboxTab::Inbox);
    service.state().tab.show(InboxTab::Requests);
    let requests = read(InboxTab::Requests);
    let total = inbox.len() + requests.len();
    Reply::ok(json!({ "conversations": { "inbox": inbox, "requests": requests }, "totalCount": total }))
}

/// At most the names; where the server's scripts are broken, nobody.
async fn unread(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    if service.shows_nothing() || service.scenario().never_opens {
        return Reply::ok(listed(Vec::new()));
    }
    let mut state = service.state();
    let ids = state.rows(&service.scenario(), InboxTab::Inbox);
    let unread = ids.into_iter().filter_map(|id| state.inbox.person(id)).filter(|p| p.unread);
    Reply::ok(listed(unread.map(|p| json!({ "username": p.display_name })).collect()))
}

async fn navigate(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    let mut state = service.state();
    if state.login == Login::Out {
        return Reply::ok(json!({ "success": false, "error": "Not logged in to Twitter/X" }));
    }
    state.navigate(&service.scenario());
    Reply::ok(json!({ "success": true, "currentUrl": inbox_address(service.platform) }))
}

/// Scrolls the open thread up; also the documented shape's.
pub(crate) async fn scroll(service: &Service, call: &Call) -> Reply {
    let scrolls = call.body.get("scrollCount").and_then(Value::as_u64).unwrap_or(3);
    let scrolls = u32::try_from(scrolls).unwrap_or(u32::MAX);
    service.pause(call.endpoint, Work { scrolls, ..Work::default() }).await;
    let mut state = service.state();
    state.tab.loaded_pages = state.tab.loaded_pages.saturating_add(scrolls as usize);
    let total = state.window(&service.scenario(), usize::MAX).len();
    Reply::ok(json!({ "totalMessages": total }))
}

async fn open(service: &Service, call: &Call) -> Reply {
    let Some(name) = call.text("username") else {
        let text = "TypeError: Cannot read properties of undefined (reading 'toLowerCase')";
        return Reply::json(500, json!({ "success": false, "error": text }));
    };
    // An empty name stands in every row: the first is opened.
    let rows = {
        let mut state = service.state();
        let shown = state.tab.shown;
        state.rows(&service.scenario(), shown)
    };
    let opened = service.open(&rows, name, Work::default());
    service.pause(call.endpoint, Work { miss: !opened, ..Work::default() }).await;
    Reply::ok(json!({ "success": opened, "username": name }))
}

async fn read(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    let window = service.state().window(&service.scenario(), call.limit(20));
    let one =
        |m: crate::VisibleMessage| json!({ "text": m.text, "isOutbound": m.outbound, "messageType": "text" });
    Reply::ok(messages(window.into_iter().map(one).collect()))
}
