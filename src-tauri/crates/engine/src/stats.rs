//! The services' own CRM statistics beside what the cache counts.

use crm_sync_domain::{Platform, Reason};
use crm_sync_services::{Service, Stats};
use crm_sync_store::Counts;
use serde::Serialize;

use crate::Engine;
use crate::error::ApiError;

/// One platform's numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformStats {
    /// Which platform.
    pub platform: Platform,
    /// What the service says.
    pub service: ServiceStats,
    /// What the cache counts.
    pub cache: CacheCounts,
}

/// What a service says of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ServiceStats {
    /// Numbers; `None` is "it did not say".
    Known {
        /// Contacts.
        total_contacts: Option<i64>,
        /// Messages sent.
        messages_sent: Option<i64>,
        /// Messages sent today.
        messages_today: Option<i64>,
        /// Replies received.
        replies_received: Option<i64>,
        /// 0–1.
        reply_rate: Option<f64>,
        /// 0–10.
        average_score: Option<f64>,
    },
    /// No CRM database is configured in the service.
    NotConfigured,
    /// All numbers are 0: its CRM database is empty, or failing.
    AllZero,
    /// It could not be asked.
    Failed {
        /// Why.
        reason: Reason,
        /// What a person does.
        fix: String,
        /// What happened, on one line.
        detail: String,
    },
}

/// What is cached of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheCounts {
    /// Contacts.
    pub contacts: u64,
    /// Contacts whose thread was proved at least once.
    pub read: u64,
    /// Contacts behind whose name two people may stand.
    pub ambiguous: u64,
    /// Contacts whose thread can't be read at the moment.
    pub unreadable: u64,
    /// Contacts last listed as unread.
    pub unread: u64,
    /// Messages.
    pub messages: u64,
    /// Messages known to be the contacts'.
    pub inbound: u64,
    /// Messages known to be ours.
    pub outbound: u64,
}

impl From<Counts> for CacheCounts {
    fn from(counts: Counts) -> Self {
        let Counts { contacts, read, ambiguous, unreadable, unread, messages, inbound, outbound } = counts;
        Self { contacts, read, ambiguous, unreadable, unread, messages, inbound, outbound }
    }
}

/// Reads the numbers of the platforms (none named: all that are switched on), side by side.
pub async fn read(engine: &Engine, named: &[Platform]) -> Result<Vec<PlatformStats>, ApiError> {
    let mut asked = tokio::task::JoinSet::new();
    for platform in engine.platforms(named) {
        let service = engine.service(platform)?;
        asked.spawn(async move { (platform, ask(&service).await) });
    }
    let mut answers = asked.join_all().await;
    answers.sort_by_key(|(platform, _)| *platform);
    let mut stats = Vec::new();
    for (platform, service) in answers {
        let cache = engine.store().counts(platform).await?.into();
        stats.push(PlatformStats { platform, service, cache });
    }
    Ok(stats)
}

async fn ask(service: &Service) -> ServiceStats {
    match service.stats().await {
        Ok(Stats::Known(numbers)) => ServiceStats::Known {
            total_contacts: numbers.total_contacts,
            messages_sent: numbers.messages_sent,
            messages_today: numbers.messages_today,
            replies_received: numbers.replies_received,
            reply_rate: numbers.reply_rate,
            average_score: numbers.average_score,
        },
        Ok(Stats::NotConfigured) => ServiceStats::NotConfigured,
        Ok(Stats::AllZero) => ServiceStats::AllZero,
        Err(error) => ServiceStats::Failed {
            reason: error.reason(),
            fix: error.reason().fix(service.platform()),
            detail: error.detail,
        },
    }
}
