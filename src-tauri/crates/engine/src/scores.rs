//! Engagement scores: the service works them out, they are read back, put on one scale and stored.

use std::collections::HashMap;

use crm_sync_domain::score::RawScore;
use crm_sync_domain::{Contact, Moment, NameKey, Platform, Reason};
use crm_sync_services::{ScoreAll, ScoreReply, ScoredContact, Service, ServiceError};
use crm_sync_store::ScoreUpdate;
use serde::Serialize;

use crate::error::{Action, ApiError, Code, Fix};
use crate::{Engine, contacts, health};

/// A list of scores asks for at least this many: the services' CRMs know contacts that no inbox lists any more.
const AT_LEAST: u64 = 1_000;

/// One contact's score as it stands in the cache now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OneScore {
    /// Which platform.
    pub platform: Platform,
    /// The spelling first seen.
    pub username: String,
    /// 0–10.
    pub score: Option<f64>,
    /// The number as given, and the field it stood in.
    pub raw: Option<RawScore>,
    /// The stage that counts.
    pub stage: Option<String>,
    /// Whether the score differs from the one cached before.
    pub changed: bool,
}

/// What a recalculation of a platform's scores brought.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformScores {
    /// Which platform.
    pub platform: Platform,
    /// Whether the service did it.
    pub ok: bool,
    /// How many the service says it recalculated.
    pub updated: Option<u64>,
    /// How many it says it could not.
    pub errors: Option<u64>,
    /// Cached contacts that the service has a score for.
    pub scored: u32,
    /// Cached contacts of which something changed.
    pub changed: u32,
    /// Why not.
    pub reason: Option<Reason>,
    /// What a person does, in one sentence.
    pub fix: Option<String>,
    /// What happened, on one line.
    pub detail: Option<String>,
    /// The cached contacts that the service has a score for, highest first.
    pub contacts: Vec<OneScore>,
}

/// Has the service recalculate one contact's score, reads it back and stores it.
///
/// Errors: no such contact in the cache; a service that can't be asked or doesn't know the contact. What was cached
/// stays.
pub async fn one(engine: &Engine, platform: Platform, username: &str) -> Result<OneScore, ApiError> {
    let before = contacts::find(engine, platform, username).await?;
    let service = engine.service(platform)?;
    prove(&service).await?;
    let failed = |error: ServiceError| ApiError::service(&error);
    let id = match &before.service_contact_id {
        Some(id) => id.clone(),
        None => known_id(engine, &service, &before).await?,
    };
    let ScoreReply::Known(raw) = service.score(&id).await.map_err(failed)? else {
        return Err(unknown_there(&before));
    };
    // The list has what the reply lacks: stage, counts, times. The reply's number is the newer one.
    let listed = service.top_contacts(limit(engine, platform).await?).await.map_err(failed)?;
    let mut update = listed
        .iter()
        .find(|scored| scored.id.as_deref() == Some(&id))
        .and_then(|scored| update(engine, scored))
        .unwrap_or_else(|| nothing_said(before.key.clone()));
    update.key = before.key.clone();
    update.service_contact_id = Some(id);
    if let Some(score) = raw.on_ten() {
        update.score = Some(score);
        update.raw = Some(raw);
    }
    engine.store().store_scores(platform, engine.clock().now(), &[update]).await?;
    let after = contacts::find(engine, platform, username).await?;
    Ok(shown(&after, Some(&before)))
}

/// Has the services recalculate all scores of the platforms (none named: all that are switched on), reads them back
/// and stores them. A platform that fails is reported; the others go on.
pub async fn all(engine: &Engine, named: &[Platform]) -> Result<Vec<PlatformScores>, ApiError> {
    let mut reports = Vec::new();
    for platform in engine.platforms(named) {
        let service = engine.service(platform)?;
        if let Err(trouble) = health::prove(&service).await {
            reports.push(not_done(platform, trouble.reason, trouble.detail));
            continue;
        }
        let report = match service.score_all().await {
            Ok(done) => match store_listed(engine, &service).await? {
                Ok(stored) => report(platform, done, stored),
                Err(error) => not_done(platform, error.reason(), error.detail),
            },
            Err(error) => not_done(platform, error.reason(), error.detail),
        };
        reports.push(report);
    }
    Ok(reports)
}

/// What storing a service's list of scores brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Cached contacts of which something changed.
    pub changed: u32,
    /// The cached contacts that the service has a score for, highest first.
    pub contacts: Vec<OneScore>,
}

/// Reads a service's scores with a limit that covers every contact, and stores them: how many it listed, and how many
/// cached contacts changed. The outer error is the cache's, the inner one the service's.
pub async fn fetch(
    engine: &Engine,
    service: &Service,
) -> Result<Result<(usize, u32), ServiceError>, ApiError> {
    let platform = service.platform();
    let listed = match service.top_contacts(limit(engine, platform).await?).await {
        Ok(listed) => listed,
        Err(error) => return Ok(Err(error)),
    };
    let updates: Vec<_> = listed.iter().filter_map(|scored| update(engine, scored)).collect();
    let changed = engine.store().store_scores(platform, engine.clock().now(), &updates).await?;
    Ok(Ok((listed.len(), changed)))
}

/// The same, and the scores of all cached contacts beside what they were.
pub async fn store_listed(
    engine: &Engine,
    service: &Service,
) -> Result<Result<Stored, ServiceError>, ApiError> {
    let platform = service.platform();
    let before: HashMap<_, _> = by_id(engine.store().contacts(platform).await?);
    let changed = match fetch(engine, service).await? {
        Ok((_, changed)) => changed,
        Err(error) => return Ok(Err(error)),
    };
    let mut contacts: Vec<_> = engine
        .store()
        .contacts(platform)
        .await?
        .iter()
        .filter(|contact| contact.score.is_some())
        .map(|contact| shown(contact, before.get(&contact.id)))
        .collect();
    contacts.sort_by(|a, b| b.score.unwrap_or_default().total_cmp(&a.score.unwrap_or_default()));
    Ok(Ok(Stored { changed, contacts }))
}

/// How many scores to ask for.
async fn limit(engine: &Engine, platform: Platform) -> Result<u32, ApiError> {
    let cached = engine.store().counts(platform).await?.contacts;
    // Twice as many as are cached: the service's own list need not be the inbox's.
    Ok(u32::try_from(cached.saturating_mul(2).max(AT_LEAST)).unwrap_or(u32::MAX))
}

/// What one entry of the list says about a contact; `None` where it has no usable name.
pub fn update(engine: &Engine, scored: &ScoredContact) -> Option<ScoreUpdate> {
    let score = scored.score.and_then(RawScore::on_ten);
    Some(ScoreUpdate {
        key: NameKey::of(&scored.username)?,
        service_contact_id: scored.id.clone(),
        score,
        // A number off its scale is no score, so it is not kept as one either.
        raw: scored.score.filter(|_| score.is_some()),
        stage: scored.stage.clone(),
        messages_sent: scored.messages_sent,
        replies_received: scored.replies_received,
        last_contacted: scored
            .last_contacted_text
            .as_deref()
            .and_then(|text| Moment::parse(text, &engine.clock().local())),
    })
}

fn nothing_said(key: NameKey) -> ScoreUpdate {
    ScoreUpdate {
        key,
        service_contact_id: None,
        score: None,
        raw: None,
        stage: None,
        messages_sent: None,
        replies_received: None,
        last_contacted: None,
    }
}

async fn known_id(engine: &Engine, service: &Service, contact: &Contact) -> Result<String, ApiError> {
    let limit = limit(engine, contact.platform).await?;
    let listed = service.top_contacts(limit).await.map_err(|error| ApiError::service(&error))?;
    listed
        .into_iter()
        .find(|scored| {
            NameKey::of(&scored.username)
                .is_some_and(|key| key == contact.key || contact.aliases.contains(&key))
        })
        .and_then(|scored| scored.id)
        .ok_or_else(|| unknown_there(contact))
}

fn unknown_there(contact: &Contact) -> ApiError {
    let platform = contact.platform.title();
    ApiError::new(
        Code::ServiceFailed,
        format!(
            "the {platform} service has no score for {:?}; its CRM knows only contacts that it wrote to itself, and needs a database",
            contact.username
        ),
    )
    .with_fix(Fix::say(
        "Set SUPABASE_URL and SUPABASE_SERVICE_KEY (or SUPABASE_ANON_KEY) where the service runs, restart it, and try again.",
    ))
}

async fn prove(service: &Service) -> Result<(), ApiError> {
    let platform = service.platform();
    health::prove(service).await.map_err(|trouble| {
        ApiError::new(Code::ServiceFailed, format!("{platform}: {}", trouble.detail))
            .with_fix(Fix::offer(trouble.reason.fix(platform), Action::RetryPlatform { platform }))
            .retryable()
    })
}

fn by_id(contacts: Vec<Contact>) -> HashMap<crm_sync_domain::ContactId, Contact> {
    contacts.into_iter().map(|contact| (contact.id, contact)).collect()
}

fn shown(contact: &Contact, before: Option<&Contact>) -> OneScore {
    OneScore {
        platform: contact.platform,
        username: contact.username.clone(),
        score: contact.score,
        raw: contact.raw_score,
        stage: contact.stage().map(|(stage, _)| stage.to_owned()),
        changed: before.is_none_or(|before| before.score != contact.score),
    }
}

fn report(platform: Platform, done: ScoreAll, stored: Stored) -> PlatformScores {
    PlatformScores {
        platform,
        ok: true,
        updated: done.updated,
        errors: done.errors,
        scored: u32::try_from(stored.contacts.len()).unwrap_or(u32::MAX),
        changed: stored.changed,
        reason: None,
        fix: None,
        // The service answers the same whether it has nothing to do or no database to do it in.
        detail: (done.updated == Some(0) && done.errors.unwrap_or(0) == 0).then(|| {
            "the service recalculated nothing: its CRM database is empty, missing or failing".to_owned()
        }),
        contacts: stored.contacts,
    }
}

fn not_done(platform: Platform, reason: Reason, detail: String) -> PlatformScores {
    PlatformScores {
        platform,
        ok: false,
        updated: None,
        errors: None,
        scored: 0,
        changed: 0,
        reason: Some(reason),
        fix: Some(reason.fix(platform)),
        detail: Some(detail),
        contacts: Vec::new(),
    }
}
