//! Live progress on standard error: one line per platform that changes in place on a terminal, plain lines else.

mod pace;
mod state;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use chrono::Local;
use crm_sync_domain::Platform;
use crm_sync_engine::sync::SyncEvent;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::mpsc::UnboundedReceiver;

use self::state::{PlatformProgress, platform_of};
use crate::out::say;
use crate::render;
use crate::style::Style;

/// How often a live line is drawn anew.
const FRAME: Duration = Duration::from_millis(120);
/// How often a plain line tells of conversations read.
const PLAIN_EVERY: Duration = Duration::from_secs(10);

/// Shows the events of a sync until there are no more; `notes` are lines for people in between. `others_speak`: the
/// log goes to standard error too, and lines drawn in place would be torn by it.
pub async fn show(
    mut events: UnboundedReceiver<SyncEvent>,
    mut notes: UnboundedReceiver<String>,
    others_speak: bool,
) {
    let live = io::stderr().is_terminal() && !others_speak;
    let style = Style::for_stream(live);
    let mut shown: Box<dyn Show + Send> =
        if live { Box::new(Live::new(style)) } else { Box::new(Plain::default()) };
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => shown.event(&event, Instant::now()),
                None => break,
            },
            Some(note) = notes.recv() => shown.note(&note),
            _ = frames.tick() => shown.frame(),
        }
    }
    while let Ok(note) = notes.try_recv() {
        shown.note(&note);
    }
    shown.end();
}

trait Show {
    fn event(&mut self, event: &SyncEvent, at: Instant);
    fn note(&mut self, note: &str);
    fn frame(&mut self) {}
    fn end(&mut self) {}
}

/// Plain lines: each stage, and now and then how far the reading is.
#[derive(Default)]
struct Plain {
    platforms: BTreeMap<Platform, (PlatformProgress, Option<Instant>)>,
}

impl Plain {
    /// The line for an event, if it deserves one.
    fn line(&mut self, event: &SyncEvent, at: Instant) -> Option<String> {
        let platform = platform_of(event)?;
        let (progress, told) =
            self.platforms.entry(platform).or_insert_with(|| (PlatformProgress::new(), None));
        let before = progress.line(&Local);
        progress.apply(event, at);
        let line = match event {
            SyncEvent::Finished { report, .. } => render::sync::report_line(report),
            SyncEvent::Planned { conversations, to_open, unchanged, .. } => {
                render::sync::planned(*conversations, *to_open, *unchanged)
            }
            SyncEvent::Thread { done, to_open, .. } => {
                let due = told.is_none_or(|told| at.saturating_duration_since(told) >= PLAIN_EVERY);
                if !due && done != to_open {
                    return None;
                }
                *told = Some(at);
                progress.line(&Local)
            }
            _ => progress.line(&Local),
        };
        (line != before).then(|| format!("{platform}: {line}"))
    }
}

impl Show for Plain {
    fn event(&mut self, event: &SyncEvent, at: Instant) {
        if let Some(line) = self.line(event, at) {
            say(&line);
        }
    }

    fn note(&mut self, note: &str) {
        say(note);
    }
}

/// One line per platform, drawn in place.
struct Live {
    lines: MultiProgress,
    platforms: BTreeMap<Platform, (PlatformProgress, ProgressBar)>,
    busy: ProgressStyle,
    reading: ProgressStyle,
    ended: ProgressStyle,
    style: Style,
}

impl Live {
    fn new(style: Style) -> Self {
        let template = |text: &str| {
            ProgressStyle::with_template(text).unwrap_or_else(|_| ProgressStyle::default_spinner())
        };
        Self {
            lines: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
            platforms: BTreeMap::new(),
            busy: template("{spinner} {prefix:10} {wide_msg}"),
            reading: template("{spinner} {prefix:10} {bar:16} {wide_msg}"),
            ended: template("{prefix:12} {wide_msg}"),
            style,
        }
    }

    fn add(&mut self, platform: Platform) {
        let bar = self.lines.add(ProgressBar::new_spinner().with_style(self.busy.clone()));
        bar.set_prefix(platform.to_string());
        let progress = PlatformProgress::new();
        bar.set_message(progress.line(&Local));
        self.platforms.insert(platform, (progress, bar));
    }
}

impl Show for Live {
    fn event(&mut self, event: &SyncEvent, at: Instant) {
        if let SyncEvent::Started { platforms, .. } = event {
            for platform in platforms {
                self.add(*platform);
            }
        }
        let Some(platform) = platform_of(event) else { return };
        if !self.platforms.contains_key(&platform) {
            self.add(platform);
        }
        let Some((progress, bar)) = self.platforms.get_mut(&platform) else { return };
        progress.apply(event, at);
        match event {
            SyncEvent::Finished { report, .. } => {
                let mark = render::sync::mark(report, self.style);
                bar.set_style(self.ended.clone());
                bar.set_prefix(format!("{mark} {platform}"));
                bar.finish_with_message(render::sync::report_line(report));
            }
            SyncEvent::Planned { to_open, .. } => bar.set_length(u64::from(*to_open)),
            SyncEvent::Thread { done, .. } => {
                // Each of these draws; the words go first, so that the bar is never ahead of them.
                bar.set_message(progress.line(&Local));
                bar.set_style(self.reading.clone());
                bar.set_position(u64::from(*done));
            }
            _ => {
                bar.set_style(self.busy.clone());
                bar.set_message(progress.line(&Local));
            }
        }
    }

    fn note(&mut self, note: &str) {
        // An error means that the terminal is gone; the run goes on.
        let _gone = self.lines.println(note);
    }

    fn frame(&mut self) {
        for (_, bar) in self.platforms.values().filter(|(_, bar)| !bar.is_finished()) {
            bar.tick();
        }
    }

    fn end(&mut self) {
        for (_, bar) in self.platforms.values().filter(|(_, bar)| !bar.is_finished()) {
            bar.finish_and_clear();
        }
        // The result that follows on the same terminal says it all again.
        if io::stdout().is_terminal() {
            let _gone = self.lines.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use crm_sync_engine::sync::{PlatformOutcome, PlatformReport, SyncStage, ThreadOutcome};

    use super::*;

    #[test]
    fn plain_lines_tell_each_stage_once_and_of_conversations_only_now_and_then() {
        let platform = Platform::TikTok;
        let start = Instant::now();
        let stage = |stage| SyncEvent::Stage { platform, stage };
        let thread = |done| SyncEvent::Thread {
            platform,
            done,
            to_open: 4,
            username: "sara".to_owned(),
            outcome: ThreadOutcome::Read { new_messages: 0 },
        };
        let report = PlatformReport { opened: 4, ..PlatformReport::new(PlatformOutcome::Ok) };
        let events = [
            (stage(SyncStage::Checking), 0),
            (stage(SyncStage::Checking), 0),
            (thread(1), 1),
            (thread(2), 2),
            (thread(3), 12),
            (thread(4), 13),
            (SyncEvent::Finished { platform, report: Box::new(report) }, 13),
        ];
        let mut plain = Plain::default();
        let said: Vec<_> = events
            .iter()
            .filter_map(|(event, second)| plain.line(event, start + Duration::from_secs(*second)))
            .collect();
        assert_eq!(
            said,
            [
                "tiktok: checking the service",
                "tiktok: reading 1/4",
                "tiktok: reading 3/4",
                "tiktok: reading 4/4",
                "tiktok: 0 conversations, 4 opened, 0 new messages · 0.0 s",
            ]
        );
    }
}
