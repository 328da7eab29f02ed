//! The real TikTok server: only rendered rows, times as the page shows them, the first messages instead of the last,
//! and a miss of `open` that leaves the tab on a profile page.

use crm_sync_domain::{InboxTab, Shape};
use serde_json::{Value, json};

use crate::Endpoint;
use crate::pages::{VisibleMessage, display_time, preview, rendered};
use crate::reply::Reply;
use crate::service::{Call, Service, listed, messages};
use crate::session::{inbox_address, millis};
use crate::tab::Page;
use crate::timings::Work;
use crate::world::{Person, PersonId};

pub(crate) async fn answer(service: &Service, call: &Call) -> Reply {
    match call.endpoint {
        Endpoint::List => list(service, call).await,
        Endpoint::Unread => unread(service, call).await,
        Endpoint::Navigate => navigate(service, call).await,
        Endpoint::Scroll => scroll(service, call).await,
        Endpoint::Open => open(service, call).await,
        Endpoint::Messages => read(service, call).await,
        _ => Reply::page(404, &format!("Cannot {} {}", call.method, call.path)),
    }
}

/// The routes without prefix, which answer in other shapes.
pub(crate) fn alias(service: &Service, call: &Call) -> Option<Reply> {
    let window = || service.state().window(&service.scenario(), call.limit(50));
    match (call.method.as_str(), call.path.as_str()) {
        ("GET", "/api/messages") => {
            let one =
                |m: VisibleMessage| json!({ "content": m.text, "sender": them(m.outbound), "type": "text" });
            Some(Reply::ok(messages(window().into_iter().map(one).collect())))
        }
        ("GET", "/api/dm/conversations") => {
            let rows = if service.shows_nothing() { Vec::new() } else { rows(service) };
            Some(Reply::ok(Value::Array(rows)))
        }
        _ => None,
    }
}

fn them(outbound: bool) -> &'static str {
    if outbound { "me" } else { "them" }
}

fn row(service: &Service, person: &Person) -> Value {
    json!({
        "username": person.display_name, "displayName": person.display_name, "lastMessage": preview(person),
        "timestamp": display_time(person.activity().fixed_offset(), service.clock.now()), "unread": person.unread,
    })
}

fn rendered_rows(service: &Service) -> Vec<PersonId> {
    let mut state = service.state();
    let ids = state.rows(&service.scenario(), InboxTab::Inbox);
    rendered(&service.scenario(), &ids, state.tab.rendered)
}

fn rows(service: &Service) -> Vec<Value> {
    let ids = rendered_rows(service);
    let state = service.state();
    ids.into_iter().filter_map(|id| state.inbox.person(id)).map(|person| row(service, person)).collect()
}

async fn list(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    if service.shows_nothing() {
        return Reply::ok(listed(Vec::new()));
    }
    Reply::ok(listed(rows(service)))
}

/// Navigates to the inbox first.
async fn unread(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    service.state().navigate(&service.scenario());
    if service.shows_nothing() {
        return Reply::ok(json!({ "count": 0, "total": 0, "conversations": [] }));
    }
    let ids = rendered_rows(service);
    let state = service.state();
    let total = ids.len();
    let unread = ids.into_iter().filter_map(|id| state.inbox.person(id)).filter(|p| p.unread);
    let rows: Vec<Value> =
        unread.map(|p| json!({ "username": p.display_name, "preview": preview(p) })).collect();
    Reply::ok(json!({ "count": rows.len(), "total": total, "conversations": rows }))
}

/// Says yes even where the page shows its login.
async fn navigate(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    service.state().navigate(&service.scenario());
    Reply::ok(json!({ "success": true, "currentUrl": inbox_address(service.platform) }))
}

/// Renders the next rows and says how many more there are than before; also the documented shape's.
pub(crate) async fn scroll(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    let before = rendered_rows(service).len();
    let mut added = 0;
    let blind = {
        let mut state = service.state();
        let blind = state.sees_nothing() || state.tab.page == Page::Profile;
        if !blind {
            let page = service.scenario().rows_per_page.unwrap_or_default();
            state.tab.rendered = state.tab.rendered.saturating_add(page);
        }
        blind
    };
    if !blind {
        added = i64::try_from(rendered_rows(service).len()).unwrap_or(i64::MAX)
            - i64::try_from(before).unwrap_or(i64::MAX);
    }
    Reply::ok(json!({ "newCount": added }))
}

/// The click. A miss leaves the tab on somebody's profile.
fn click(service: &Service, name: &str) -> bool {
    let lost = service.state().tab.page == Page::Profile;
    let opened = !lost && service.open(&rendered_rows(service), name, Work::default());
    if !opened {
        service.state().tab.leave_for_profile();
    }
    opened
}

async fn open(service: &Service, call: &Call) -> Reply {
    let Some(name) = call.text("username").filter(|name| !name.is_empty()) else {
        return Reply::error(400, "username is required");
    };
    let opened = click(service, name);
    service.pause(call.endpoint, Work { miss: !opened, ..Work::default() }).await;
    if !opened {
        let text = format!("Conversation with {name} not found");
        return Reply::json(400, json!({ "success": false, "error": text }));
    }
    Reply::ok(
        json!({ "success": true, "currentUrl": inbox_address(service.platform), "conversationId": name }),
    )
}

async fn read(service: &Service, call: &Call) -> Reply {
    if let Some(name) = call.query.get("conversationId").filter(|_| service.scenario().shape == Shape::Real) {
        let opened = click(service, name);
        service.pause(Endpoint::Open, Work { miss: !opened, ..Work::default() }).await;
        if !opened {
            return Reply::error(404, &format!("Conversation not found: {name}"));
        }
    }
    service.pause(call.endpoint, Work::default()).await;
    let window = service.state().window(&service.scenario(), call.limit(50));
    // Times are those of the reading, ids are places: neither says anything about the message.
    let now = millis(service);
    let one = |(n, m): (usize, VisibleMessage)| {
        json!({
            "text": m.text, "isOwn": m.outbound, "from": them(m.outbound), "id": format!("msg-{n}"), "timestamp": now,
        })
    };
    Reply::ok(messages(window.into_iter().enumerate().map(one).collect()))
}
