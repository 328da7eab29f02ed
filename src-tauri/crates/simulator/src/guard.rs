//! What stands before the routes: sessions and claims on the browser tab.

use crm_sync_domain::{Platform, Shape};
use serde_json::json;

use crate::Endpoint;
use crate::reply::Reply;
use crate::scenario::{Claim, Login};
use crate::service::Service;

/// The refusal of a call, if the session or the claim doesn't let it through.
pub(crate) fn refuse(service: &Service, endpoint: Endpoint) -> Option<Reply> {
    let (login, claim) = {
        let state = service.state();
        (state.login, state.claim)
    };
    let real_instagram = service.platform == Platform::Instagram && service.scenario().shape == Shape::Real;
    // Instagram guards its automation routes alone; the other two guard all but a few, their CRM and unknown ones too.
    let guarded = !endpoint.needs_no_tab()
        && !(service.platform == Platform::Instagram
            && (endpoint.is_crm()
                || matches!(endpoint, Endpoint::Threads | Endpoint::RegisterThread | Endpoint::Unknown)));
    if !guarded {
        return None;
    }
    service.state().claimed = login != Login::NoTab;
    match (login, claim) {
        (Login::Unauthorized, _) if !endpoint.is_crm() => {
            Some(Reply::error(401, "No active session (requireActiveSession)"))
        }
        (Login::Forbidden, _) if !endpoint.is_crm() => Some(Reply::error(403, "Forbidden")),
        (Login::NoTab, _) => Some(no_tab(service.platform)),
        (_, Claim::Dead) if real_instagram => Some(no_tab(service.platform)),
        (_, Claim::Dead) => Some(script_error(
            service.platform,
            endpoint,
            "Safari got an error: Can’t get tab. Invalid index. (-1719)",
        )),
        _ => None,
    }
}

fn no_tab(platform: Platform) -> Reply {
    let detail = |site: &str| {
        format!(
            "Error: No available Safari tab found matching '{site}'. Open Safari and navigate to the site, or check /var/folders/x/safari-tab-claims.json for existing claims."
        )
    };
    let body = match platform {
        Platform::Instagram => json!({
            "error": "Session activation failed: Error: [SafariDriver] No 'instagram.com' tab found. Claim a tab via TabCoordinator before running automation."
        }),
        Platform::Twitter => json!({
            "error": "No Safari tab available for twitter-dm",
            "detail": detail("x.com"),
            "fix": "Open Safari and navigate to https://x.com/messages, or POST /api/tabs/claim with { agentId, openUrl: \"https://x.com/messages\" }",
        }),
        Platform::TikTok => json!({
            "ok": false,
            "error": "No Safari tab available for tiktok-dm",
            "detail": detail("tiktok.com"),
            "fix": "Open Safari and navigate to https://www.tiktok.com/messages",
        }),
    };
    Reply::json(503, body)
}

/// 500 with the failed command: several lines, with the path of a temporary file.
pub(crate) fn script_error(platform: Platform, endpoint: Endpoint, cause: &str) -> Reply {
    let tab = crate::world::index(platform) + 1;
    let text = format!(
        "Error: Command failed: osascript -e '\n      set jsCode to read POSIX file \"/var/folders/x/safari-js-1795382964564-657rar.js\" as «class utf8»\n      tell application \"Safari\" to do JavaScript jsCode in tab {tab} of window 1\n    '\nexecution error: {cause}"
    );
    if platform == Platform::Twitter && endpoint == Endpoint::Open {
        return Reply::json(500, json!({ "success": false, "error": text }));
    }
    Reply::error(500, &text)
}
