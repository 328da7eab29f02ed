//! What the services say of themselves: health, statistics, scores.

use crm_sync_engine::health::PlatformHealth;
use crm_sync_engine::scores::{OneScore, PlatformScores};
use crm_sync_engine::stats::{PlatformStats, ServiceStats};

use super::{Lines, number, score};
use crate::out::Out;
use crate::style::Style;
use crate::table::{self, Column};
use crate::text;

/// One line per service, and what to do where it can't be read.
pub fn health(found: &[PlatformHealth], style: Style) -> String {
    let address = found.iter().map(|one| text::width(&one.base_url)).max().unwrap_or(0);
    let mut out = Lines::default();
    for one in found {
        let verdict = match one.reason {
            _ if one.ok => style.good("ok"),
            Some(reason) => style.bad(reason.as_str()),
            None => style.bad("not ok"),
        };
        out.line(format!(
            "{:9}  {}  {verdict}",
            one.platform,
            text::pad(&text::one_line(&one.base_url), address)
        ));
        if let Some(detail) = one.detail.as_deref().filter(|_| !one.ok) {
            out.line(format!("    {}", style.dim(&text::one_line(detail))));
        }
        if let Some(fix) = &one.fix {
            out.line(format!("    → {}", text::one_line(fix)));
        }
        if let Some(other) = &one.other_address {
            let platform = one.platform;
            out.line(format!(
                "    → crm-sync config set services.{platform}.baseUrl {}",
                text::one_line(other)
            ));
        }
    }
    out.done()
}

const STATS: [Column; 9] = [
    Column::fixed("platform"),
    Column::number("contacts"),
    Column::number("cached"),
    Column::number("sent"),
    Column::number("cached"),
    Column::number("replies"),
    Column::number("cached"),
    Column::number("reply rate"),
    Column::number("score"),
];

/// The services' numbers, each beside the cache's own.
pub fn stats(read: &[PlatformStats], out: &Out) -> String {
    let rows: Vec<Vec<String>> = read.iter().map(stats_row).collect();
    let mut shown = Lines::default();
    shown.text(&table::render(&STATS, &rows, out.room, out.style));
    for one in read {
        let title = one.platform.title();
        match &one.service {
            ServiceStats::Known { .. } => {}
            ServiceStats::NotConfigured => shown.line(format!(
                "{title}: Supabase is not configured in the service: set CRM_SUPABASE_URL and CRM_SUPABASE_ANON_KEY for it."
            )),
            ServiceStats::AllZero => shown.line(format!(
                "{title}: every number is 0: the service's Supabase is empty or failing."
            )),
            ServiceStats::Failed { reason, fix, detail } => shown.line(format!(
                "{title}: {reason}: {}\n    → {}",
                text::one_line(detail),
                text::one_line(fix)
            )),
        }
    }
    for one in read {
        let cache = &one.cache;
        shown.line(format!(
            "{}: {} of {} read, {} unread, {} unreadable, {} ambiguous.",
            one.platform.title(),
            cache.read,
            text::count(cache.contacts, "cached contact"),
            cache.unread,
            cache.unreadable,
            cache.ambiguous
        ));
    }
    shown.done()
}

fn stats_row(one: &PlatformStats) -> Vec<String> {
    let (contacts, sent, replies, rate, average) = match &one.service {
        ServiceStats::Known {
            total_contacts,
            messages_sent,
            replies_received,
            reply_rate,
            average_score,
            ..
        } => (*total_contacts, *messages_sent, *replies_received, *reply_rate, *average_score),
        ServiceStats::NotConfigured | ServiceStats::AllZero | ServiceStats::Failed { .. } => {
            (None, None, None, None, None)
        }
    };
    vec![
        one.platform.to_string(),
        number(contacts),
        one.cache.contacts.to_string(),
        number(sent),
        one.cache.outbound.to_string(),
        number(replies),
        one.cache.inbound.to_string(),
        number(rate.map(|rate| format!("{:.0} %", rate * 100.0))),
        score(average),
    ]
}

const SCORES: [Column; 4] =
    [Column::fixed("platform"), Column::text("name", 12), Column::number("score"), Column::fixed("stage")];

/// What a recalculation came to, and the scores read back.
pub fn scores(scored: &[PlatformScores], out: &Out) -> String {
    let mut shown = Lines::default();
    for one in scored {
        let title = one.platform.title();
        if one.ok {
            shown.line(format!(
                "{title}: the service recalculated {}, with {} errors; {} scored, {} changed.",
                number(one.updated),
                number(one.errors),
                one.scored,
                one.changed
            ));
        } else {
            let reason = one.reason.map_or("failed", crm_sync_domain::Reason::as_str);
            shown.line(format!("{title}: {reason}; the scores are as they were."));
        }
        if let Some(detail) = &one.detail {
            shown.line(format!("    {}", out.style.dim(&text::one_line(detail))));
        }
        if let Some(fix) = &one.fix {
            shown.line(format!("    → {}", text::one_line(fix)));
        }
    }
    let rows: Vec<Vec<String>> = scored
        .iter()
        .flat_map(|platform| &platform.contacts)
        .map(|one| {
            let stage = one.stage.as_deref().map(text::one_line);
            vec![one.platform.to_string(), text::one_line(&one.username), score(one.score), number(stage)]
        })
        .collect();
    if !rows.is_empty() {
        shown.text(&table::render(&SCORES, &rows, out.room, out.style));
    }
    shown.done()
}

/// One contact's score.
pub fn one_score(one: &OneScore) -> String {
    let stage = one.stage.as_deref().map(|stage| format!(", {}", text::one_line(stage))).unwrap_or_default();
    let changed = if one.changed { "" } else { " (unchanged)" };
    format!("{} on {}: {}{stage}{changed}", text::one_line(&one.username), one.platform, score(one.score))
}

#[cfg(test)]
mod tests {
    use crm_sync_domain::{Platform, Reason};

    use super::*;

    fn healthy() -> PlatformHealth {
        PlatformHealth {
            platform: Platform::Instagram,
            base_url: "http://localhost:3001".to_owned(),
            ok: true,
            reason: None,
            fix: None,
            detail: None,
            other_address: None,
            latency_ms: 3,
        }
    }

    #[test]
    fn health_is_one_line_per_service() {
        assert_eq!(health(&[healthy()], Style::PLAIN), "instagram  http://localhost:3001  ok\n");
    }

    #[test]
    fn a_service_on_the_other_port_comes_with_the_command_that_settles_it() {
        let elsewhere = PlatformHealth {
            ok: false,
            reason: Some(Reason::OtherPort),
            fix: Some("Set the address.".to_owned()),
            other_address: Some("http://localhost:3100".to_owned()),
            ..healthy()
        };
        assert_eq!(
            health(&[elsewhere], Style::PLAIN),
            "instagram  http://localhost:3001  other_port\n    → Set the address.\n    \
             → crm-sync config set services.instagram.baseUrl http://localhost:3100\n"
        );
    }
}
