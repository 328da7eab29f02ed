//! Is the service there, is it the one we think, and is somebody signed in? Nothing is posted to a port that has not
//! proved to be the service, and nothing is listed before all of it is true.

use crm_sync_domain::{Platform, Reason};
use crm_sync_services::ErrorClass;

use super::context::PlatformSync;
use super::events::SyncStage;
use super::halt::Halt;
use super::tab::KnownThread;
use crate::health::{self, Trouble};

impl PlatformSync {
    /// Checks readiness; the error says what is missing.
    pub(super) async fn make_ready(&mut self) -> Result<(), Halt> {
        self.stage(SyncStage::Checking);
        let (engine, service) = (self.engine.clone(), self.service.clone());
        self.ask(async move { health::prove_here(&engine, &service).await }).await?;
        self.ensure_session().await?;
        if self.real_routes {
            let service = self.service.clone();
            let page = self.ask(async move { health::page(&service).await }).await?;
            if let Some(page) = page.filter(|_| self.platform() == Platform::Instagram) {
                self.tab.thread = KnownThread::Seen(page.thread_id);
            }
            let service = self.service.clone();
            self.ask(async move { health::limits(&service).await }).await?;
        }
        self.step("ready", None).await;
        Ok(())
    }

    async fn ask<T>(&mut self, question: impl Future<Output = Result<T, Trouble>>) -> Result<T, Halt> {
        let answer = self.until_cancelled(question).await?;
        answer.map_err(Halt::from)
    }

    async fn ensure_session(&mut self) -> Result<(), Halt> {
        match self.call_patiently(|service| async move { service.session_ensure().await }).await? {
            Ok(session) if session.ok => {
                self.real_routes = true;
                Ok(())
            }
            Ok(session) => Err(Halt::because(Reason::NeedsSession, session.message.unwrap_or_default())),
            // The documented service has no such route; its own guards speak when it is listed.
            Err(error) if error.class == ErrorClass::Missing => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
