//! Whether the services can be read, and what a person does where they can't. Asks by GET alone: what answers on a port
//! may be anything, and a POST may do something there.

use std::time::Duration;

use crm_sync_domain::{Platform, Reason};
use crm_sync_services::{ErrorClass, Identity, ListKind, PageStatus, Service, ServiceError, Stats};
use serde::Serialize;
use tokio::time::Instant;
use url::Url;

use crate::Engine;
use crate::error::ApiError;

/// The two ports of the Instagram service: the documented one and the real server's default.
/// Source: the services' documentation, and the servers themselves.
const INSTAGRAM_PORTS: [u16; 2] = [3001, 3100];

/// How long the other port may take: it is only a guess, and nobody should wait for it.
const GUESS: Duration = Duration::from_secs(5);

/// How one service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformHealth {
    /// Which platform.
    pub platform: Platform,
    /// The address in the settings.
    pub base_url: String,
    /// Whether it can be read, as far as can be told without opening anything.
    pub ok: bool,
    /// Why not.
    pub reason: Option<Reason>,
    /// What a person does, in one sentence.
    pub fix: Option<String>,
    /// What was found, on one line.
    pub detail: Option<String>,
    /// Where the service was found instead.
    pub other_address: Option<String>,
    /// Milliseconds until the first answer, or until it was clear that there is none.
    pub latency_ms: u64,
}

/// What keeps a service from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) reason: Reason,
    pub(crate) detail: String,
    /// What a person does, where more was found out than the reason says.
    pub(crate) fix: Option<String>,
    /// Where the service was found instead.
    other_address: Option<String>,
}

impl Trouble {
    fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), fix: None, other_address: None }
    }

    /// The service was found elsewhere.
    fn found_at(self, platform: Platform, address: String) -> Self {
        Self {
            reason: Reason::OtherPort,
            detail: format!("{}; the service answers at {address}", self.detail),
            fix: Some(format!("Run: crm-sync config set services.{platform}.baseUrl {address}")),
            other_address: Some(address),
        }
    }
}

impl From<ServiceError> for Trouble {
    fn from(error: ServiceError) -> Self {
        Self::new(error.reason(), error.detail)
    }
}

/// Looks at each of the platforms (none named: all that are switched on), side by side.
pub async fn check(engine: &Engine, named: &[Platform]) -> Result<Vec<PlatformHealth>, ApiError> {
    let mut checks = tokio::task::JoinSet::new();
    let platforms = engine.platforms(named);
    for platform in &platforms {
        let service = engine.service(*platform)?;
        let engine = engine.clone();
        checks.spawn(async move { check_one(&engine, &service).await });
    }
    let mut found = checks.join_all().await;
    found.sort_by_key(|health| health.platform);
    Ok(found)
}

async fn check_one(engine: &Engine, service: &Service) -> PlatformHealth {
    let platform = service.platform();
    let asked = Instant::now();
    let proved = prove(service).await;
    let latency_ms = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
    let trouble = match proved {
        Ok(()) => readable(service).await.err(),
        Err(trouble) => Some(look_elsewhere(engine, service, trouble).await),
    };
    PlatformHealth {
        platform,
        base_url: service.base().as_str().trim_end_matches('/').to_owned(),
        ok: trouble.is_none(),
        reason: trouble.as_ref().map(|trouble| trouble.reason),
        fix: trouble.as_ref().map(|t| t.fix.clone().unwrap_or_else(|| t.reason.fix(platform))),
        detail: trouble.as_ref().map(|trouble| trouble.detail.clone()),
        other_address: trouble.and_then(|trouble| trouble.other_address),
        latency_ms,
    }
}

/// Makes certain that what answers is the platform's service. Where the answer to `/health` doesn't tell (the
/// documented shape), its CRM statistics do.
pub(crate) async fn prove(service: &Service) -> Result<(), Trouble> {
    let platform = service.platform();
    match service.health().await?.identity {
        Identity::This => return Ok(()),
        Identity::Other(what) => {
            return Err(Trouble::new(Reason::WrongService, format!("another program answers: {what}")));
        }
        Identity::Unproved => {}
    }
    match service.stats().await {
        Ok(Stats::Known(numbers)) => match numbers.platform {
            Some(named) if named != platform.as_str() => {
                Err(Trouble::new(Reason::WrongService, format!("the service of {named} answers")))
            }
            _ => Ok(()),
        },
        // Its own words on a missing session are proof enough; that there is none comes out below.
        Ok(Stats::NotConfigured | Stats::AllZero) => Ok(()),
        Err(error) => match error.class {
            ErrorClass::NoSession => Ok(()),
            ErrorClass::Missing | ErrorClass::NotUnderstood | ErrorClass::Redirected => {
                Err(Trouble::new(Reason::WrongService, format!("another program answers: {}", error.detail)))
            }
            _ => Err(error.into()),
        },
    }
}

/// The same, and where the service answers instead, if it is found on its other port.
pub(crate) async fn prove_here(engine: &Engine, service: &Service) -> Result<(), Trouble> {
    match prove(service).await {
        Ok(()) => Ok(()),
        Err(trouble) => Err(look_elsewhere(engine, service, trouble).await),
    }
}

async fn look_elsewhere(engine: &Engine, service: &Service, trouble: Trouble) -> Trouble {
    match other_port(engine, service).await {
        Some(address) => trouble.found_at(service.platform(), address),
        None => trouble,
    }
}

/// Whether a proved service has a tab, a login, and a platform that lets it read.
async fn readable(service: &Service) -> Result<(), Trouble> {
    if page(service).await?.is_none() {
        // The documented services have no such call: the list itself tells whether it may be read.
        service.conversations(ListKind::Shown).await?;
        return Ok(());
    }
    limits(service).await
}

/// The page in a proved service's tab; `None` where the service has no such call. Errors: no page of the platform,
/// or nobody signed in.
pub(crate) async fn page(service: &Service) -> Result<Option<PageStatus>, Trouble> {
    let platform = service.platform();
    match service.page_status().await {
        // Twitter's answer is about whatever tab is in front: only its login can be believed, and only on its page.
        Ok(page) if !page.on_platform && platform == Platform::Twitter => Ok(Some(page)),
        Ok(page) if !page.on_platform => {
            Err(Trouble::new(Reason::NeedsSession, format!("no tab shows {}", platform.title())))
        }
        Ok(page) if !page.logged_in => Err(Trouble::new(Reason::NeedsSession, "nobody is signed in")),
        Ok(page) => Ok(Some(page)),
        Err(error) if error.class == ErrorClass::Missing => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the platform holds the account back, or its page shows an error, where the service can tell.
pub(crate) async fn limits(service: &Service) -> Result<(), Trouble> {
    let platform = service.platform();
    if platform != Platform::Instagram {
        match service.rate_status().await {
            Ok(rate) if rate.holds_back() => {
                let said = rate.message.unwrap_or_else(|| "the account is held back".to_owned());
                return Err(Trouble::new(Reason::RateLimited, said));
            }
            Err(error) if error.class != ErrorClass::Missing => return Err(error.into()),
            _ => {}
        }
    }
    if platform == Platform::TikTok {
        match service.error_check().await {
            Ok(true) => return Err(Trouble::new(Reason::PageError, "the page shows an error")),
            Err(error) if error.class != ErrorClass::Missing => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Where the Instagram service answers instead, when it is on this machine and not where the settings say.
async fn other_port(engine: &Engine, service: &Service) -> Option<String> {
    found_at(engine, service, &INSTAGRAM_PORTS).await
}

async fn found_at(engine: &Engine, service: &Service, ports: &[u16]) -> Option<String> {
    let base = service.base();
    if service.platform() != Platform::Instagram || !crate::settings::is_loopback(base) {
        return None;
    }
    for port in ports.iter().filter(|port| base.port_or_known_default() != Some(**port)) {
        let mut other: Url = base.clone();
        other.set_port(Some(*port)).ok()?;
        let service = engine.service_at(Platform::Instagram, &other).ok()?;
        let answered = tokio::time::timeout(GUESS, service.health()).await;
        if answered.is_ok_and(|health| health.is_ok_and(|health| health.identity == Identity::This)) {
            return Some(other.as_str().trim_end_matches('/').to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Json;
    use axum::routing::get;
    use serde_json::json;

    use super::*;
    use crate::clock::SystemClock;
    use crate::data_dir::DataDir;

    #[tokio::test]
    async fn the_service_is_found_on_its_other_port_and_nothing_else_is_taken_for_it() {
        let listen = async |answer: serde_json::Value| {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let router = axum::Router::new().route("/health", get(async move || Json(answer)));
            tokio::spawn(async move { axum::serve(listener, router).await });
            port
        };
        let instagram = listen(json!({"status": "ok", "rateLimits": {}})).await;
        let another = listen(json!({"status": "ok"})).await;
        let home = tempfile::tempdir().unwrap();
        let engine = Engine::open(DataDir::at(home.path()).unwrap(), Arc::new(SystemClock)).await.unwrap();
        let at = |port| Url::parse(&format!("http://localhost:{port}")).unwrap();
        let service = engine.service_at(Platform::Instagram, &at(another)).unwrap();
        let found = found_at(&engine, &service, &[another, instagram]).await;
        assert_eq!(found, Some(format!("http://localhost:{instagram}")));
        assert_eq!(found_at(&engine, &service, &[another]).await, None);
        let service = engine.service_at(Platform::Instagram, &at(instagram)).unwrap();
        assert_eq!(found_at(&engine, &service, &[another]).await, None, "an unproved one is nobody's");
        let tiktok = engine.service_at(Platform::TikTok, &at(another)).unwrap();
        assert_eq!(found_at(&engine, &tiktok, &[instagram]).await, None, "only Instagram has two ports");
    }
}
