//! The record of what was done.

pub use crm_sync_store::{RunId, RunRecord, RunStep, RunSummary};

use crate::Engine;
use crate::error::{ApiError, Code, Fix};

/// The latest runs, newest first.
pub async fn list(engine: &Engine, limit: u32) -> Result<Vec<RunSummary>, ApiError> {
    Ok(engine.store().runs(limit).await?)
}

/// One run by its id or by how it begins.
///
/// Errors: none or several begin so.
pub async fn show(engine: &Engine, id: &str) -> Result<RunRecord, ApiError> {
    engine.store().run(id).await?.ok_or_else(|| {
        ApiError::new(Code::InvalidInput, format!("there is no run {id:?}"))
            .with_fix(Fix::say("See the runs with: crm-sync runs list"))
    })
}
