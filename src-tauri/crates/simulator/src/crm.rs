//! The services' own CRM: statistics and scores of the people that they wrote to.

use crm_sync_domain::Shape;
use serde_json::{Value, json};

use crate::Endpoint;
use crate::reply::Reply;
use crate::scenario::Crm;
use crate::service::{Call, Service};
use crate::timings::Work;
use crate::world::{CrmEntry, Person};

pub(crate) async fn answer(service: &Service, call: &Call) -> Reply {
    service.pause(call.endpoint, Work::default()).await;
    match call.endpoint {
        Endpoint::Stats => Reply::ok(json!({ "success": true, "stats": stats(service) })),
        Endpoint::TopContacts => {
            Reply::ok(json!({ "success": true, "contacts": top(service, call.limit(10)) }))
        }
        Endpoint::Score => score(service, call),
        _ => score_all(service),
    }
}

fn entries<'a>(service: &Service, people: &'a [Person]) -> Vec<(&'a Person, &'a CrmEntry)> {
    if service.scenario().crm != Crm::Healthy {
        return Vec::new();
    }
    people.iter().filter_map(|person| Some((person, person.crm.as_ref()?))).collect()
}

fn stats(service: &Service) -> Value {
    if service.scenario().crm == Crm::NotConfigured {
        return Value::Null;
    }
    let state = service.state();
    let entries = entries(service, state.inbox.people());
    let sent: u32 = entries.iter().map(|(_, e)| e.messages_sent).sum();
    if service.scenario().shape == Shape::Real {
        return json!({ "totalContacts": entries.len(), "messagesSentTotal": sent, "messagesToday": 0 });
    }
    let replies: u32 = entries.iter().map(|(_, e)| e.replies_received).sum();
    let scores: Vec<f64> = entries.iter().filter_map(|(_, e)| e.score).map(on_ten).collect();
    let ratio =
        |part: f64, whole: f64| if whole > 0.0 { (part / whole * 100.0).round() / 100.0 } else { 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "a count of contacts")]
    let average = ratio(scores.iter().sum(), scores.len() as f64);
    json!({
        "platform": service.platform, "totalContacts": entries.len(), "totalMessagesSent": sent,
        "totalRepliesReceived": replies, "replyRate": ratio(f64::from(replies), f64::from(sent)),
        "avgEngagementScore": average,
    })
}

/// By score, best first. The real servers' order puts those who were never scored before all others.
fn top(service: &Service, limit: usize) -> Vec<Value> {
    let state = service.state();
    let mut entries = entries(service, state.inbox.people());
    let real = service.scenario().shape == Shape::Real;
    entries.sort_by_key(|(person, entry)| {
        let unscored = entry.score.is_none();
        (if real { !unscored } else { unscored }, std::cmp::Reverse(entry.score), person.id)
    });
    entries.into_iter().take(limit).map(|(person, entry)| contact(service, person, entry)).collect()
}

fn contact(service: &Service, person: &Person, entry: &CrmEntry) -> Value {
    let last = entry.last_contacted;
    if service.scenario().shape == Shape::Real {
        let name =
            if service.scenario().crm_lists_shown_names { &person.display_name } else { &person.handle };
        return json!({
            "id": entry.id, "username": name, "score": entry.score.unwrap_or_default(),
            // Not a text: when something was last sent.
            "lastMessage": last.map(|at| at.format("%Y-%m-%dT%H:%M:%S+00:00").to_string()),
            "messagesSent": entry.messages_sent,
        });
    }
    json!({
        "id": id(service, entry), "username": person.handle, "platform": service.platform,
        "messagesSent": entry.messages_sent, "repliesReceived": entry.replies_received,
        "engagementScore": entry.score.map(on_ten),
        "lastContactedAt": last.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        "stage": entry.stage,
    })
}

/// The id as that shape writes it.
fn id(service: &Service, entry: &CrmEntry) -> String {
    match service.scenario().shape {
        Shape::Real => entry.id.clone(),
        Shape::Documented => format!("contact_{}", entry.id.replace('-', "")),
    }
}

fn on_ten(score: u8) -> f64 {
    f64::from(score) / 10.0
}

/// What recalculating comes to: a function of what the CRM knows.
fn recalculated(entry: &CrmEntry) -> u8 {
    let replied = entry.replies_received * 100 / entry.messages_sent.max(1);
    u8::try_from((replied * 7 / 10 + entry.messages_sent * 2).min(99)).unwrap_or(99)
}

fn score(service: &Service, call: &Call) -> Reply {
    let Some(wanted) = call.text("contactId").filter(|id| !id.is_empty()) else {
        return Reply::error(400, "contactId required");
    };
    let unknown = Reply::ok(json!({ "success": false, "score": null }));
    if service.scenario().crm != Crm::Healthy {
        return unknown;
    }
    let mut state = service.state();
    let found =
        state.inbox.people().iter().find_map(|p| {
            p.crm.as_ref().filter(|e| id(service, e) == wanted).map(|e| (p.id, recalculated(e)))
        });
    let Some((person, overall)) = found else { return unknown };
    state.change(person, |p| {
        if let Some(entry) = &mut p.crm {
            entry.score = Some(overall);
        }
    });
    let (tier, emoji) = tier(overall);
    Reply::ok(json!({
        "success": true,
        "score": {
            "overall": overall, "recency": 100, "resonance": overall, "activity": overall, "tier": tier, "emoji": emoji,
        },
    }))
}

fn score_all(service: &Service) -> Reply {
    let mut updated = 0;
    if service.scenario().crm == Crm::Healthy {
        let mut state = service.state();
        let ids: Vec<_> = state.inbox.people().iter().filter(|p| p.crm.is_some()).map(|p| p.id).collect();
        updated = ids.len();
        for id in ids {
            state.change(id, |p| {
                if let Some(entry) = &mut p.crm {
                    entry.score = Some(recalculated(entry));
                }
            });
        }
    }
    Reply::ok(json!({ "success": true, "updated": updated, "errors": 0 }))
}

fn tier(overall: u8) -> (&'static str, &'static str) {
    match overall {
        80.. => ("Strong", "🔥"),
        60..80 => ("Growing", "📈"),
        40..60 => ("Building", "🌱"),
        20..40 => ("New", "✨"),
        _ => ("Cold", "❄️"),
    }
}
