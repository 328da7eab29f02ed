//! What every stage of one platform's sync works with: the service, the cache, the events, and how to stop.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crm_sync_domain::{Platform, Reason};
use crm_sync_services::{ErrorClass, Service, ServiceError};
use crm_sync_store::{PlatformState, RunId, RunStep};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::SyncRequest;
use super::events::{SyncEvent, SyncStage};
use super::halt::Halt;
use super::report::{PlatformOutcome, PlatformReport};
use super::tab::Tab;
use crate::Engine;

/// The longest that a call dropped half-way is taken to go on inside the server.
const LONGEST_QUIET: Duration = Duration::from_secs(120);
/// The longest that a service's `Retry-After` is waited for inside a run.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// One platform's part of a run.
pub(super) struct PlatformSync {
    pub(super) engine: Engine,
    pub(super) service: Service,
    pub(super) request: SyncRequest,
    pub(super) run: RunId,
    pub(super) events: UnboundedSender<SyncEvent>,
    pub(super) cancel: CancellationToken,
    pub(super) state: PlatformState,
    pub(super) report: PlatformReport,
    pub(super) tab: Tab,
    /// The service has the routes that only the real servers have (session, status, rate and error checks).
    pub(super) real_routes: bool,
    started: Instant,
    stage_started: Instant,
}

impl PlatformSync {
    pub(super) fn new(
        engine: Engine,
        service: Service,
        request: SyncRequest,
        run: RunId,
        events: UnboundedSender<SyncEvent>,
        cancel: CancellationToken,
        state: PlatformState,
    ) -> Self {
        let started = Instant::now();
        Self {
            engine,
            service,
            request,
            run,
            events,
            cancel,
            state,
            report: PlatformReport::new(PlatformOutcome::Ok),
            tab: Tab::new(),
            real_routes: false,
            started,
            stage_started: started,
        }
    }

    pub(super) fn platform(&self) -> Platform {
        self.service.platform()
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.engine.clock().now()
    }

    /// Unread threads stay unopened.
    pub(super) fn leaves_unread(&self) -> bool {
        self.request.leave_unread.unwrap_or(self.engine.settings().sync.leave_unread)
    }

    /// Tells whoever watches. Nobody watching is no error: the run goes on without them.
    pub(super) fn tell(&self, event: SyncEvent) {
        drop(self.events.send(event));
    }

    pub(super) fn stage(&mut self, stage: SyncStage) {
        self.stage_started = Instant::now();
        self.tell(SyncEvent::Stage { platform: self.platform(), stage });
    }

    /// Calls the service; a cancel drops the call at once.
    pub(super) async fn call<T>(
        &mut self,
        call: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<Result<T, ServiceError>, Halt> {
        let answer = self.until_cancelled(call).await?;
        if let Some(rest) = answer.as_ref().err().and_then(ServiceError::may_go_on_for) {
            self.keep_quiet(rest);
            self.tab.forget();
        }
        Ok(answer)
    }

    /// Awaits a question to the service; a cancel drops it at once.
    pub(super) async fn until_cancelled<T>(&mut self, question: impl Future<Output = T>) -> Result<T, Halt> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => {
                // The server goes on with what it was doing; the next run must know.
                self.keep_quiet(LONGEST_QUIET);
                Err(Halt::Cancelled)
            }
            answer = question => Ok(answer),
        }
    }

    /// Calls the service, and once more after the pause that it asks for, where that is short enough.
    pub(super) async fn call_patiently<T, F: Future<Output = Result<T, ServiceError>>>(
        &mut self,
        call: impl Fn(Service) -> F,
    ) -> Result<Result<T, ServiceError>, Halt> {
        let service = self.service.clone();
        let answer = self.call(call(service.clone())).await?;
        let asked = match &answer {
            Err(error) if error.class == ErrorClass::RateLimited => error.retry_after,
            _ => None,
        };
        match asked.filter(|pause| *pause <= LONGEST_RETRY_AFTER) {
            Some(pause) => {
                self.wait(pause, "the service asked to wait").await?;
                self.call(call(service)).await
            }
            None => Ok(answer),
        }
    }

    /// Waits, ending at once when the run is cancelled.
    pub(super) async fn pause(&self, pause: Duration) -> Result<(), Halt> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Halt::Cancelled),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }

    /// A pause that is long enough for a person to wonder.
    pub(super) async fn wait(&self, pause: Duration, why: &str) -> Result<(), Halt> {
        let until = self.now() + TimeDelta::from_std(pause).unwrap_or(TimeDelta::zero());
        self.tell(SyncEvent::Waiting { platform: self.platform(), why: why.to_owned(), until });
        self.pause(pause).await
    }

    /// A call may still be going on inside the server for this long.
    fn keep_quiet(&mut self, rest: Duration) {
        let rest = TimeDelta::from_std(rest.min(LONGEST_QUIET)).unwrap_or(TimeDelta::zero());
        let until = self.now() + rest;
        self.state.quiet_until = Some(self.state.quiet_until.map_or(until, |known| known.max(until)));
    }

    /// Writes a step of the run's record. A step that can't be written is no reason to stop reading.
    pub(super) async fn step(&mut self, name: &str, detail: Option<String>) {
        let step = RunStep {
            at: self.now(),
            platform: Some(self.platform()),
            name: name.to_owned(),
            detail,
            duration_ms: u64::try_from(self.stage_started.elapsed().as_millis()).ok(),
        };
        if let Err(error) = self.engine.store().add_step(&self.run, &step).await {
            tracing::warn!(%error, step = name, "a step of the run's record was not written");
        }
    }

    /// Says what limits the platform's part without ending it.
    pub(super) fn limited_by(&mut self, reason: Reason) {
        self.report.reason = Some(reason);
        self.report.fix = Some(reason.fix(self.platform()));
    }

    /// Closes the report.
    pub(super) fn finish(mut self, halted: Option<&Halt>) -> (PlatformReport, PlatformState) {
        match halted {
            None => {}
            Some(Halt::Cancelled) => {
                self.report.outcome =
                    if self.report.listed { PlatformOutcome::Failed } else { PlatformOutcome::Skipped };
                self.limited_by(Reason::Cancelled);
            }
            Some(Halt::Platform { outcome, reason, detail, fix }) => {
                self.report.outcome = *outcome;
                self.limited_by(*reason);
                if fix.is_some() {
                    self.report.fix.clone_from(fix);
                }
                self.report.detail = Some(detail.clone());
            }
            Some(Halt::Cache(problem)) => {
                self.report.outcome = PlatformOutcome::Failed;
                self.limited_by(Reason::CacheUnwritable);
                self.report.detail = Some(problem.clone());
            }
        }
        self.report.requests = self.service.calls();
        self.report.duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        (self.report, self.state)
    }
}
