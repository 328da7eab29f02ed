//! How fast conversations are read, and how long the rest will take.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Below this many conversations a forecast says nothing.
const ENOUGH: usize = 5;
/// Only the latest conversations count: pages get slower and faster as a run goes on.
const RECENT: usize = 15;

/// The pace of one platform.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    recent: VecDeque<Duration>,
    seen: usize,
}

impl Pace {
    /// The reading begins, or goes on after a pause that must not count.
    pub(super) fn start(&mut self, at: Instant) {
        self.last = Some(at);
    }

    /// One more conversation is done.
    pub(super) fn finished_one(&mut self, at: Instant) {
        if let Some(last) = self.last.replace(at) {
            if self.recent.len() == RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back(at.saturating_duration_since(last));
            self.seen += 1;
        }
    }

    /// The median of the latest conversations, once there are enough: one slow page doesn't move it.
    fn median(&self) -> Option<Duration> {
        if self.seen < ENOUGH {
            return None;
        }
        let mut sorted: Vec<_> = self.recent.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }

    /// Conversations per minute, rounded.
    pub(super) fn per_minute(&self) -> Option<u64> {
        let millis = u64::try_from(self.median()?.as_millis()).ok()?.max(1);
        Some((60_000 + millis / 2) / millis)
    }

    /// How long `remaining` conversations will take, in words.
    pub(super) fn left(&self, remaining: u32) -> Option<String> {
        let each = self.median()?;
        Some(rounded(each.saturating_mul(remaining)))
    }
}

/// Rounded as far as a forecast deserves.
fn rounded(left: Duration) -> String {
    let seconds = left.as_secs();
    match seconds {
        0..5 => "a few seconds left".to_owned(),
        5..55 => format!("about {} s left", seconds.div_ceil(5) * 5),
        55..5_400 => format!("about {} min left", (seconds + 30) / 60),
        _ => format!("about {} h left", (seconds + 1_800) / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn pace(millis: &[u64]) -> Pace {
        let mut at = Instant::now();
        let mut pace = Pace::default();
        pace.start(at);
        for each in millis {
            at += Duration::from_millis(*each);
            pace.finished_one(at);
        }
        pace
    }

    #[test]
    fn a_forecast_waits_for_five_conversations() {
        assert_eq!(pace(&[2_000; 4]).left(10), None);
        assert_eq!(pace(&[2_000; 5]).left(10).as_deref(), Some("about 20 s left"));
        assert_eq!(pace(&[2_000; 5]).per_minute(), Some(30));
    }

    #[test]
    fn one_slow_page_moves_no_forecast() {
        assert_eq!(
            pace(&[2_000, 2_000, 90_000, 2_000, 2_000]).left(100).as_deref(),
            Some("about 3 min left")
        );
    }

    #[test]
    fn a_platform_that_became_slower_is_believed() {
        let mut millis = vec![100; 50];
        millis.extend([4_000; 15]);
        assert_eq!(pace(&millis).left(30).as_deref(), Some("about 2 min left"));
    }

    #[rstest]
    #[case(3, "a few seconds left")]
    #[case(41, "about 45 s left")]
    #[case(59, "about 1 min left")]
    #[case(3_500, "about 58 min left")]
    #[case(7_300, "about 2 h left")]
    fn a_forecast_is_no_more_exact_than_it_can_be(#[case] seconds: u64, #[case] said: &str) {
        assert_eq!(rounded(Duration::from_secs(seconds)), said);
    }
}
