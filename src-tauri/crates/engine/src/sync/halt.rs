//! Why a platform's sync stops before its plan is done.

use crm_sync_domain::Reason;
use crm_sync_services::{ErrorClass, ServiceError};
use crm_sync_store::StoreError;

use super::report::PlatformOutcome;
use crate::ApiError;
use crate::health::Trouble;

/// What ends a platform's part of a run early. What was stored stays stored.
#[derive(Debug)]
pub(super) enum Halt {
    /// A person or a program stopped the run.
    Cancelled,
    /// The platform can't be read (any further).
    Platform {
        /// How its part ended.
        outcome: PlatformOutcome,
        /// Why.
        reason: Reason,
        /// The service's words, in one line.
        detail: String,
        /// What a person does next, where more was found out than the reason says.
        fix: Option<String>,
    },
    /// The cache can't be read or written: what happened, in one line.
    Cache(String),
}

impl Halt {
    /// A platform that can't be read for this reason.
    pub(super) fn because(reason: Reason, detail: impl Into<String>) -> Self {
        let outcome = match reason {
            Reason::ServiceDown => PlatformOutcome::Unreachable,
            reason if reason.needs_a_person() => PlatformOutcome::NeedsAttention,
            _ => PlatformOutcome::Failed,
        };
        Self::Platform { outcome, reason, detail: detail.into(), fix: None }
    }
}

impl From<Trouble> for Halt {
    fn from(trouble: Trouble) -> Self {
        let mut halt = Self::because(trouble.reason, trouble.detail);
        if let Self::Platform { fix, .. } = &mut halt {
            *fix = trouble.fix;
        }
        halt
    }
}

impl From<ServiceError> for Halt {
    fn from(error: ServiceError) -> Self {
        Self::because(error.reason(), error.to_string())
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Cache(error.to_string())
    }
}

impl From<ApiError> for Halt {
    /// Whatever else a use case needs of this machine is the cache.
    fn from(error: ApiError) -> Self {
        Self::Cache(error.message)
    }
}

/// True where the error is the platform's and not that of one call: no other call can do better now.
pub(super) const fn ends_the_platform(class: ErrorClass) -> bool {
    matches!(
        class,
        ErrorClass::Refused
            | ErrorClass::Unauthorized
            | ErrorClass::NoSession
            | ErrorClass::DeadTab
            | ErrorClass::RateLimited
            | ErrorClass::Redirected
            | ErrorClass::NotAllowed
    )
}
