//! Helping a service back to its inbox or to its browser tab, by hand. Both move the tab that a sync works in, so they
//! take the sync's lock.

use crm_sync_domain::{Platform, Reason};
use crm_sync_services::Service;

use crate::Engine;
use crate::error::{Action, ApiError, Code, Fix, Page};
use crate::health;
use crate::lock::SyncLock;

/// Has the service show its inbox again. Gives a sentence that says what came of it.
pub async fn navigate(engine: &Engine, platform: Platform) -> Result<String, ApiError> {
    let (service, _lock) = proved(engine, platform).await?;
    let shown = service.navigate_inbox().await.map_err(|error| ApiError::service(&error))?;
    if shown.success {
        return Ok(format!("{} shows its inbox.", platform.title()));
    }
    let said = shown.error.unwrap_or_else(|| "it did not say why".to_owned());
    Err(failed(platform, &format!("{} could not show its inbox: {said}", platform.title())))
}

/// Has the service let go of its browser tab and look for one again, which heals a claim on a tab that is gone. Gives a
/// sentence that says what came of it.
pub async fn reattach(engine: &Engine, platform: Platform) -> Result<String, ApiError> {
    let (service, _lock) = proved(engine, platform).await?;
    let released = service.release_tab().await.map_err(|error| ApiError::service(&error))?;
    service.session_clear().await.map_err(|error| ApiError::service(&error))?;
    let session = service.session_ensure().await.map_err(|error| ApiError::service(&error))?;
    if session.ok {
        let let_go = if released { "let go of its tab and " } else { "" };
        return Ok(format!("The {} service {let_go}found a tab again.", platform.title()));
    }
    let said = session.message.unwrap_or_else(|| "it did not say why".to_owned());
    Err(failed(platform, &format!("the {} service found no tab: {said}", platform.title())))
}

/// The service, once it is certain that it is the one it should be, and the right to move its tab.
async fn proved(engine: &Engine, platform: Platform) -> Result<(Service, SyncLock), ApiError> {
    let lock = SyncLock::try_acquire(engine.data_dir())?;
    let service = engine.service(platform)?;
    match health::prove(&service).await {
        Ok(()) => Ok((service, lock)),
        Err(trouble) => Err(ApiError::new(
            Code::ServiceFailed,
            format!("{platform}: {}; nothing was asked of it", trouble.detail),
        )
        .with_fix(Fix::offer(trouble.reason.fix(platform), Action::RetryPlatform { platform }))
        .retryable()),
    }
}

fn failed(platform: Platform, message: &str) -> ApiError {
    ApiError::new(Code::ServiceFailed, message)
        .with_fix(Fix::offer(
            Reason::NeedsSession.fix(platform),
            Action::OpenPage { page: Page::Inbox(platform) },
        ))
        .retryable()
}
