//! The services' own scores and stages, fetched while the listing is fresh. They move no tab, and a service without
//! them is no failure.

use crm_sync_services::ServiceError;

use super::context::PlatformSync;
use super::events::SyncStage;
use super::halt::{self, Halt};
use crate::scores;

impl PlatformSync {
    /// Fetches the scores of every contact, recalculated first where the run was asked to.
    pub(super) async fn fetch_scores(&mut self) -> Result<(), Halt> {
        self.stage(SyncStage::Scores);
        if self.request.rescore {
            let service = self.service.clone();
            match self.call(async move { service.score_all().await }).await? {
                Ok(done) => self.step("rescored", done.updated.map(|n| format!("{n} contacts"))).await,
                Err(error) => self.without_scores(&error).await?,
            }
        }
        let (engine, service) = (self.engine.clone(), self.service.clone());
        match self.until_cancelled(async move { scores::fetch(&engine, &service).await }).await?? {
            Ok((listed, changed)) => {
                let detail = format!("{listed} contacts scored, {changed} changed");
                self.step("scores", Some(detail)).await;
                Ok(())
            }
            Err(error) => self.without_scores(&error).await,
        }
    }

    /// The cached scores stay; reading goes on, unless the platform itself is gone.
    async fn without_scores(&mut self, error: &ServiceError) -> Result<(), Halt> {
        if halt::ends_the_platform(error.class) {
            return Err(Halt::because(error.reason(), error.to_string()));
        }
        self.step("scores", Some(format!("not available: {error}"))).await;
        Ok(())
    }
}
