//! What one platform is doing, as one line.

use std::time::Instant;

use chrono::{DateTime, TimeZone, Utc};
use crm_sync_domain::Platform;
use crm_sync_engine::sync::{SyncEvent, SyncStage, ThreadOutcome};

use super::pace::Pace;
use crate::text;

/// What one platform is doing right now.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Doing {
    Nothing,
    Checking,
    Listing { found: Option<usize> },
    Scores,
    Reading,
    Leaving,
    Finished,
}

/// The progress of one platform.
#[derive(Debug, Clone)]
pub(super) struct PlatformProgress {
    doing: Doing,
    waiting: Option<(String, DateTime<Utc>)>,
    /// Conversations done, and how many there are to open.
    pub(super) read: (u32, u32),
    new_messages: u64,
    pace: Pace,
}

impl PlatformProgress {
    pub(super) fn new() -> Self {
        Self { doing: Doing::Nothing, waiting: None, read: (0, 0), new_messages: 0, pace: Pace::default() }
    }

    /// Takes in what happened at `at`.
    pub(super) fn apply(&mut self, event: &SyncEvent, at: Instant) {
        self.waiting = None;
        match event {
            SyncEvent::Started { .. } => {}
            SyncEvent::Stage { stage, .. } => {
                self.doing = match stage {
                    SyncStage::Checking => Doing::Checking,
                    SyncStage::Listing { found } => Doing::Listing { found: *found },
                    SyncStage::Scores => Doing::Scores,
                    SyncStage::Reading => Doing::Reading,
                    SyncStage::Leaving => Doing::Leaving,
                };
                if self.doing == Doing::Reading {
                    self.pace.start(at);
                }
            }
            SyncEvent::Planned { to_open, .. } => self.read = (0, *to_open),
            SyncEvent::Thread { done, to_open, outcome, .. } => {
                self.doing = Doing::Reading;
                self.read = (*done, *to_open);
                self.new_messages += u64::from(new_messages(outcome));
                self.pace.finished_one(at);
            }
            SyncEvent::Waiting { why, until, .. } => self.waiting = Some((text::one_line(why), *until)),
            SyncEvent::Finished { .. } => self.doing = Doing::Finished,
        }
    }

    /// What it is doing, in a few words.
    pub(super) fn line<Z: TimeZone>(&self, zone: &Z) -> String
    where
        Z::Offset: std::fmt::Display,
    {
        if let Some((why, until)) = &self.waiting {
            return format!("waiting until {}: {why}", until.with_timezone(zone).format("%H:%M:%S"));
        }
        match &self.doing {
            Doing::Nothing => "waiting for its turn".to_owned(),
            Doing::Checking => "checking the service".to_owned(),
            Doing::Listing { found: None } => "listing conversations".to_owned(),
            Doing::Listing { found: Some(found) } => format!("listing conversations: {found} so far"),
            Doing::Scores => "reading scores".to_owned(),
            Doing::Reading => self.reading(),
            Doing::Leaving => "leaving the inbox in order".to_owned(),
            Doing::Finished => "done".to_owned(),
        }
    }

    fn reading(&self) -> String {
        let (done, to_open) = self.read;
        let mut parts = vec![format!("reading {done}/{to_open}")];
        if self.new_messages > 0 {
            parts.push(text::count(self.new_messages, "new message"));
        }
        if done < to_open {
            parts.extend(self.pace.per_minute().map(|rate| format!("{rate}/min")));
            parts.extend(self.pace.left(to_open - done));
        }
        parts.join(" · ")
    }
}

fn new_messages(outcome: &ThreadOutcome) -> u32 {
    match outcome {
        ThreadOutcome::Read { new_messages } => *new_messages,
        ThreadOutcome::Unreadable { .. } => 0,
    }
}

/// The platform an event is about; `None` for the whole run.
pub(super) fn platform_of(event: &SyncEvent) -> Option<Platform> {
    match event {
        SyncEvent::Started { .. } => None,
        SyncEvent::Stage { platform, .. }
        | SyncEvent::Planned { platform, .. }
        | SyncEvent::Thread { platform, .. }
        | SyncEvent::Waiting { platform, .. }
        | SyncEvent::Finished { platform, .. } => Some(*platform),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::Utc;
    use crm_sync_domain::Reason;

    use super::*;

    const PLATFORM: Platform = Platform::Twitter;

    fn thread(done: u32, outcome: ThreadOutcome) -> SyncEvent {
        SyncEvent::Thread { platform: PLATFORM, done, to_open: 20, username: "sara".to_owned(), outcome }
    }

    #[test]
    fn a_platform_says_where_it_is_how_fast_and_how_long_still() {
        let mut at = Instant::now();
        let mut progress = PlatformProgress::new();
        assert_eq!(progress.line(&Utc), "waiting for its turn");
        let listing = SyncStage::Listing { found: Some(20) };
        progress.apply(&SyncEvent::Stage { platform: PLATFORM, stage: listing }, at);
        assert_eq!(progress.line(&Utc), "listing conversations: 20 so far");
        let planned =
            SyncEvent::Planned { platform: PLATFORM, conversations: 30, to_open: 20, unchanged: 10 };
        progress.apply(&planned, at);
        progress.apply(&SyncEvent::Stage { platform: PLATFORM, stage: SyncStage::Reading }, at);
        assert_eq!(progress.line(&Utc), "reading 0/20");
        for done in 1..=5 {
            at += Duration::from_secs(2);
            let outcome = if done == 3 {
                ThreadOutcome::Unreadable { reason: Reason::NotFound }
            } else {
                ThreadOutcome::Read { new_messages: 4 }
            };
            progress.apply(&thread(done, outcome), at);
        }
        assert_eq!(progress.line(&Utc), "reading 5/20 · 16 new messages · 30/min · about 30 s left");
    }

    #[test]
    fn a_wait_says_for_what_and_until_when_and_is_over_with_the_next_event() {
        let at = Instant::now();
        let mut progress = PlatformProgress::new();
        let until = "2026-02-26T20:15:30Z".parse().unwrap();
        let why = "a dropped call\nto end".to_owned();
        progress.apply(&SyncEvent::Waiting { platform: PLATFORM, why, until }, at);
        assert_eq!(progress.line(&Utc), "waiting until 20:15:30: a dropped call to end");
        progress.apply(&thread(20, ThreadOutcome::Read { new_messages: 0 }), at);
        assert_eq!(progress.line(&Utc), "reading 20/20");
    }
}
