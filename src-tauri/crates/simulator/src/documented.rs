//! The services as their published documentation says: user names are handles, messages have ids and senders.
//!
//! What the document doesn't say (the answer to a failed `open`, to Twitter's scroll and to `inbox/navigate`) is as
//! the real servers answer.

use crm_sync_domain::{InboxTab, Platform};
use serde_json::{Map, Value, json};

use crate::Endpoint;
use crate::pages::{VisibleMessage, display_time, preview, rendered};
use crate::reply::Reply;
use crate::scenario::{Ids, Login};
use crate::service::{Call, Service, listed, messages};
use crate::session::inbox_address;
use crate::tab::first_tab;
use crate::timings::Work;
use crate::world::{Person, PersonId};
use crate::{instagram, tiktok, twitter};

pub(crate) async fn answer(service: &Service, call: &Call) -> Reply {
    match (call.endpoint, service.platform) {
        (Endpoint::List, _) => list(service, call).await,
        (Endpoint::ListAll, Platform::Instagram) => list_all(service, call).await,
        (Endpoint::Unread, _) => unread(service, call).await,
        (Endpoint::Scroll, Platform::TikTok) => tiktok::scroll(service, call).await,
        (Endpoint::Scroll, Platform::Twitter) => twitter::scroll(service, call).await,
        (Endpoint::Navigate, _) => navigate(service, call).await,
        (Endpoint::Open, _) => open(service, call).await,
        (Endpoint::Messages, _) => read(service, call).await,
        // Not in the document: there only where the scenario has the real servers' further routes too.
        (_, Platform::Instagram) => instagram::answer(service, call).await,
        (_, Platform::Twitter) => twitter::answer(service, call).await,
        (_, Platform::TikTok) => tiktok::answer(service, call).await,
    }
}

/// A row with the fields that the document gives that platform's list.
fn row(service: &Service, person: &Person) -> Value {
    let mut row = Map::new();
    row.insert("username".into(), json!(person.handle));
    if service.platform != Platform::Instagram {
        row.insert("displayName".into(), json!(person.display_name));
    }
    row.insert("lastMessage".into(), json!(preview(person)));
    match service.platform {
        Platform::Instagram => {
            row.insert("timestamp".into(), json!(person.activity().format("%Y-%m-%dT%H:%M:%SZ").to_string()));
            row.insert("unread".into(), json!(person.unread));
        }
        Platform::Twitter => {
            row.insert("unread".into(), json!(person.unread));
        }
        Platform::TikTok => {
            let at = person.activity().fixed_offset();
            row.insert("timestamp".into(), json!(display_time(at, service.clock.now())));
        }
    }
    Value::Object(row)
}

/// A row of Instagram's tabs and of Twitter's unread list: no time.
fn short_row(person: &Person) -> Value {
    json!({ "username": person.handle, "lastMessage": preview(person), "unread": person.unread })
}

fn rows(service: &Service, tab: InboxTab, to_json: impl Fn(&Person) -> Value) -> Vec<Value> {
    let mut state = service.state();
    let ids = state.rows(&service.scenario(), tab);
    let ids = rendered(&service.scenario(), &ids, state.tab.rendered);
    ids.into_iter().filter_map(|id| state.inbox.person(id)).map(to_json).collect()
}

async fn list(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    if service.shows_nothing() {
        return Reply::ok(listed(Vec::new()));
    }
    Reply::ok(listed(rows(service, first_tab(service.platform), |person| row(service, person))))
}

async fn list_all(service: &Service, call: &Call) -> Reply {
    let tabs = [InboxTab::Primary, InboxTab::General, InboxTab::Requests];
    service.pause(call.endpoint, Work::default()).await;
    let nothing = service.shows_nothing();
    let mut total = 0;
    let mut lists = Map::new();
    for tab in tabs {
        let rows = if nothing { Vec::new() } else { rows(service, tab, short_row) };
        total += rows.len();
        lists.insert(tab.as_str().to_owned(), Value::Array(rows));
    }
    Reply::ok(json!({ "conversations": lists, "totalCount": total }))
}

async fn unread(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    if service.shows_nothing() {
        return Reply::ok(listed(Vec::new()));
    }
    let mut rows = rows(service, first_tab(service.platform), short_row);
    rows.retain(|row| row["unread"] == true);
    Reply::ok(listed(rows))
}

async fn navigate(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    if service.state().login == Login::Out {
        return Reply::ok(
            json!({ "success": false, "error": format!("Not logged in to {}", service.platform.title()) }),
        );
    }
    service.state().navigate(&service.scenario());
    Reply::ok(json!({ "success": true, "currentUrl": inbox_address(service.platform) }))
}

/// The rows that matter to an `open`: it finds a handle in whatever tab it is. Where it may hit a neighbour, those
/// are everybody.
fn candidates(service: &Service, name: &str) -> Vec<PersonId> {
    let mut state = service.state();
    let mut found = match service.scenario().opens_wrong_every {
        Some(_) => state.inbox.order().to_vec(),
        None => state.inbox.with_handle(name),
    };
    found.retain(|id| state.inbox.person(*id).is_some_and(|person| person.listed));
    found
}

async fn open(service: &Service, call: &Call) -> Reply {
    let Some(name) = call.text("username").filter(|name| !name.is_empty()) else {
        return Reply::error(400, "username required");
    };
    let opened = service.open(&candidates(service, name), name, Work::default());
    service.pause(call.endpoint, Work { miss: !opened, ..Work::default() }).await;
    match service.platform {
        Platform::TikTok if !opened => Reply::json(
            400,
            json!({ "success": false, "error": format!("Conversation with {name} not found") }),
        ),
        _ => Reply::ok(json!({ "success": opened, "username": name })),
    }
}

async fn read(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    let window = service.state().window(&service.scenario(), call.limit(20));
    let one = |(n, message): (usize, VisibleMessage)| {
        let mut object = Map::new();
        let id =
            if service.scenario().ids == Ids::Positional { Some(format!("msg-{n}")) } else { message.id };
        if let Some(id) = id {
            object.insert("id".into(), json!(id));
        }
        if let Some(sender) = message.sender {
            object.insert("sender".into(), json!(sender));
        }
        object.insert("text".into(), json!(message.text));
        object.insert("timestamp".into(), json!(message.at.format("%Y-%m-%dT%H:%M:%SZ").to_string()));
        object.insert("isOutbound".into(), json!(message.outbound));
        Value::Object(object)
    };
    Reply::ok(messages(window.into_iter().enumerate().map(one).collect()))
}
