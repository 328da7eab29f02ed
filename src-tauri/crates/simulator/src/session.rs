//! Health, the browser session and the claims on tabs: the routes that all three servers have in common.

use chrono::Timelike;
use crm_sync_domain::{InboxTab, Platform, Shape};
use serde_json::{Value, json};

use crate::Endpoint;
use crate::reply::Reply;
use crate::scenario::{Claim, Login};
use crate::service::{Call, Service, State};
use crate::tab::Page;
use crate::timings::Work;

/// The answer, if the call is one of these.
pub(crate) async fn answer(service: &Service, call: &Call) -> Option<Reply> {
    let body = match call.endpoint {
        Endpoint::Health => health(service),
        Endpoint::SessionEnsure => {
            service.pause(call.endpoint, Work::default()).await;
            return Some(ensure(service));
        }
        Endpoint::SessionStatus => json!({
            "tracked": false, "windowIndex": null, "tabIndex": null, "urlPattern": null, "lastVerifiedMs": null,
            "sessionUrlPattern": site(service.platform),
        }),
        Endpoint::SessionClear => json!({ "ok": true, "message": "Tracked session cleared" }),
        Endpoint::PageStatus => {
            service.pause(call.endpoint, Work::default()).await;
            page_status(service)
        }
        Endpoint::RateStatus => {
            service.pause(call.endpoint, Work::default()).await;
            rate_status(service)
        }
        Endpoint::RateLimits => rate_limits(service),
        Endpoint::ErrorCheck => {
            service.pause(call.endpoint, Work::default()).await;
            json!({ "hasError": service.scenario().error_shown })
        }
        Endpoint::Claims => claims(service),
        Endpoint::Release => return Some(release(service, call)),
        _ => return None,
    };
    Some(Reply::ok(body))
}

fn health(service: &Service) -> Value {
    if service.scenario().plain_health {
        return json!({ "status": "ok" });
    }
    let now = millis(service);
    match service.platform {
        Platform::Instagram => json!({
            "status": "ok", "timestamp": now,
            "rateLimits": {
                "messagesSentToday": 0, "messagesSentThisHour": 0,
                "limits": {
                    "messagesPerHour": 10, "messagesPerDay": 30, "minDelayMs": 60_000, "maxDelayMs": 300_000,
                    "activeHoursStart": 9, "activeHoursEnd": 21,
                },
            },
        }),
        Platform::Twitter => json!({ "status": "ok", "service": "twitter-dm", "timestamp": now }),
        Platform::TikTok => {
            json!({ "status": "ok", "service": "tiktok-dm", "platform": "tiktok", "port": port(service.platform) })
        }
    }
}

fn ensure(service: &Service) -> Reply {
    let platform = service.platform;
    let (login, claim) = {
        let state = service.state();
        (state.login, state.claim)
    };
    if login == Login::NoTab || (claim == Claim::Dead && platform == Platform::Instagram) {
        let missing = format!(
            "Error: [SafariDriver] No '{}' tab found. Claim a tab via TabCoordinator before running automation.",
            site(platform)
        );
        return match platform {
            Platform::Instagram => Reply::error(500, &missing),
            Platform::Twitter => Reply::ok(json!({ "ok": false, "error": missing })),
            Platform::TikTok => Reply::ok(json!({
                "ok": false, "message": "TikTok tab not found — open Safari and navigate to tiktok.com"
            })),
        };
    }
    let tab = crate::world::index(platform) + 1;
    Reply::ok(json!({
        "ok": true, "windowIndex": 1, "tabIndex": tab, "url": inbox_address(platform),
        "message": format!("{} session active at window 1, tab {tab}", platform.title()),
    }))
}

fn page_status(service: &Service) -> Value {
    let mut state = service.state();
    let driver =
        json!({ "instanceType": "local", "timeout": 30_000, "actionDelay": 1_000, "verbose": false });
    let there = state.login != Login::NoTab && state.claim == Claim::Alive;
    let logged_in = there && state.login != Login::Out;
    let address =
        if there { address(service.platform, &mut state) } else { "https://example.com/".to_owned() };
    match service.platform {
        Platform::Instagram => json!({
            "isOnInstagram": there, "isLoggedIn": logged_in, "currentUrl": address, "driverConfig": driver,
        }),
        // Looks at whatever tab is in front, which is mostly another one.
        Platform::Twitter if service.scenario().shape == Shape::Real && !service.scenario().front_tab => {
            json!({
                "isOnTwitter": false, "isLoggedIn": false, "currentUrl": inbox_address(Platform::Instagram),
                "driverConfig": driver,
            })
        }
        Platform::Twitter => json!({
            "isOnTwitter": there, "isLoggedIn": logged_in, "currentUrl": address, "driverConfig": driver,
        }),
        // Takes every page that isn't the login for being logged in.
        Platform::TikTok => json!({
            "isOnTikTok": there, "isLoggedIn": state.login != Login::Out, "currentUrl": address,
        }),
    }
}

/// The address of the tab.
pub(crate) fn address(platform: Platform, state: &mut State) -> String {
    if platform == Platform::TikTok {
        let page = if state.tab.page == Page::Profile {
            "https://www.tiktok.com/@somebody"
        } else {
            inbox_address(platform)
        };
        return page.to_owned();
    }
    let thread = state.tab.address().and_then(|id| state.inbox.person(id)).map(|p| p.thread_id.clone());
    match (platform, thread) {
        (Platform::Instagram, Some(id)) => format!("https://www.instagram.com/direct/t/{id}/"),
        (Platform::Instagram, None) if state.tab.shown == InboxTab::Requests => {
            "https://www.instagram.com/direct/requests/".to_owned()
        }
        (Platform::Instagram, None) if state.tab.shown == InboxTab::HiddenRequests => {
            "https://www.instagram.com/direct/requests/hidden/".to_owned()
        }
        (Platform::Twitter, Some(id)) => format!("https://x.com/messages/{id}"),
        _ => inbox_address(platform).to_owned(),
    }
}

fn rate_status(service: &Service) -> Value {
    let limited = service.scenario().rate_limited;
    if service.platform == Platform::Twitter {
        let message = if limited { "Rate limit exceeded" } else { "No rate limit or suspension detected" };
        return json!({ "limited": limited, "suspended": false, "message": message });
    }
    let message = if limited { "You are messaging too fast" } else { "" };
    json!({ "limited": limited, "captcha": false, "message": message })
}

fn rate_limits(service: &Service) -> Value {
    let (hour, day, least, most) = match service.platform {
        Platform::Instagram => (10, 30, 60_000, 300_000),
        Platform::Twitter => (15, 100, 90_000, 240_000),
        Platform::TikTok => (10, 50, 120_000, 300_000),
    };
    let limits = json!({
        "messagesPerHour": hour, "messagesPerDay": day, "minDelayMs": least, "maxDelayMs": most,
        "activeHoursStart": 9, "activeHoursEnd": 21,
    });
    let now = service.clock.now().hour();
    let active = (9..21).contains(&now);
    let mut answer = json!({ "messagesSentToday": 0, "messagesSentThisHour": 0, "limits": limits });
    match service.platform {
        Platform::Instagram => {}
        Platform::Twitter => {
            answer["activeHours"] = json!({ "start": 9, "end": 21, "currentHour": now, "isActive": active });
        }
        Platform::TikTok => {
            return json!({
                "limits": answer["limits"], "messagesSentToday": 0, "messagesSentThisHour": 0,
                "activeHours": { "start": 9, "end": 21, "isActive": active }, "nextDelay": 120_666,
            });
        }
    }
    answer
}

fn claims(service: &Service) -> Value {
    let platform = service.platform;
    let claimed = service.state().claimed;
    let at = service.clock.now().timestamp_millis();
    let claims: Vec<Value> = claimed
        .then(|| {
            json!({
                "agentId": agent(platform), "service": format!("{platform}-dm"), "port": port(platform),
                "urlPattern": site(platform), "windowIndex": 1, "tabIndex": crate::world::index(platform) + 1,
                "tabUrl": inbox_address(platform), "pid": 12_103, "claimedAt": at, "heartbeat": at,
            })
        })
        .into_iter()
        .collect();
    let count = claims.len();
    json!({ "claims": claims, "count": count })
}

fn release(service: &Service, call: &Call) -> Reply {
    let Some(wanted) = call.text("agentId") else { return Reply::error(400, "agentId required") };
    let mut state = service.state();
    if wanted == agent(service.platform) {
        // The next call claims the right tab anew.
        state.claim = Claim::Alive;
        state.claimed = false;
    }
    Reply::ok(json!({ "ok": true, "message": format!("Claim released for '{wanted}'") }))
}

fn agent(platform: Platform) -> String {
    format!("{platform}-dm-stable")
}

const fn port(platform: Platform) -> u16 {
    match platform {
        Platform::Instagram => 3001,
        Platform::Twitter => 3003,
        Platform::TikTok => 3102,
    }
}

const fn site(platform: Platform) -> &'static str {
    match platform {
        Platform::Instagram => "instagram.com",
        Platform::Twitter => "x.com",
        Platform::TikTok => "tiktok.com",
    }
}

pub(crate) const fn inbox_address(platform: Platform) -> &'static str {
    match platform {
        Platform::Instagram => "https://www.instagram.com/direct/inbox/",
        Platform::Twitter => "https://x.com/messages",
        Platform::TikTok => "https://www.tiktok.com/messages",
    }
}

/// The time as these servers write it.
pub(crate) fn millis(service: &Service) -> String {
    service.clock.now().to_utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
