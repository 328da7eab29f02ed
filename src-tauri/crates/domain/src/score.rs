//! Engagement on one scale, 0–10.
//!
//! Services score on two scales: `engagementScore` is 0–10 already, `score` and `relationship_score` are 0–100.
//! Where a service gives no score, [`local_score`] works one out from the cached thread. It is ours, not the
//! service's: shown as such, and exported only where a mapping asks for it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Direction, StoredMessage};

/// The field that a service's score came from; decides its scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreField {
    /// `engagementScore`: 0–10, taken as it is.
    EngagementScore,
    /// `score`: 0–100.
    Score,
    /// `relationship_score`: 0–100.
    RelationshipScore,
}

/// A service's score as given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RawScore {
    /// The number as given.
    pub value: f64,
    /// Where it stood.
    pub field: ScoreField,
}

impl RawScore {
    /// The score on 0–10. `None` for what lies outside the field's own scale: such a number says that something
    /// is wrong, not that somebody is very engaged, so it is not clamped.
    pub fn on_ten(self) -> Option<f64> {
        let top = match self.field {
            ScoreField::EngagementScore => 10.0,
            ScoreField::Score | ScoreField::RelationshipScore => 100.0,
        };
        (0.0..=top).contains(&self.value).then(|| self.value * 10.0 / top)
    }
}

/// Points for how lately the contact wrote. The three weights are those of the services' own score (recency 30 %,
/// resonance 35 %, activity 35 %).
const RECENCY: f64 = 3.0;
/// Points for how often the contact answered.
const REPLIES: f64 = 3.5;
/// Points for how evenly both sides write.
const BALANCE: f64 = 3.5;
/// Days after which a message counts half.
const HALF_LIFE_DAYS: f64 = 14.0;
/// Replies that earn half of the points for replies.
const HALF_REPLIES: f64 = 3.0;

/// A score on 0–10 worked out from the cached thread alone, rounded to one decimal.
///
/// - **recency**, 3 points: halves every 14 days since the contact's newest message (its latest possible time);
/// - **replies**, 3.5 points: `r / (r + 3)` of them, where `r` counts the times the contact wrote after we did;
/// - **balance**, 3.5 points: the smaller side's number of messages divided by the larger side's.
///
/// Who never wrote back scores 0. Where no time of the contact's messages is known, recency is left out and the
/// other two are scaled to ten. `None` where nothing can be said: no messages, or none whose direction is known.
pub fn local_score(thread: &[StoredMessage], now: DateTime<Utc>) -> Option<f64> {
    let (mut inbound, mut outbound, mut replies) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut newest: Option<DateTime<Utc>> = None;
    let mut ours_before = false;
    for stored in thread {
        match stored.message.direction {
            Some(Direction::Inbound) => {
                inbound += 1.0;
                if std::mem::take(&mut ours_before) {
                    replies += 1.0;
                }
                newest = newest.max(stored.sent.as_ref().and_then(|sent| sent.latest));
            }
            Some(Direction::Outbound) => {
                outbound += 1.0;
                ours_before = true;
            }
            None => {}
        }
    }
    if inbound + outbound == 0.0 {
        return None;
    }
    if inbound == 0.0 {
        return Some(0.0);
    }
    let rest = REPLIES * replies / (replies + HALF_REPLIES)
        + BALANCE * inbound.min(outbound) / inbound.max(outbound);
    let score = match newest {
        Some(newest) => RECENCY * 0.5_f64.powf(days_between(newest, now) / HALF_LIFE_DAYS) + rest,
        None => rest * 10.0 / (REPLIES + BALANCE),
    };
    Some((score.clamp(0.0, 10.0) * 10.0).round() / 10.0)
}

/// Days from one moment to a later one; 0 where the clock says otherwise.
fn days_between(earlier: DateTime<Utc>, later: DateTime<Utc>) -> f64 {
    (later - earlier).as_seconds_f64().max(0.0) / 86_400.0
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::{Moment, ReadMessage};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_000_000, 0).unwrap()
    }

    /// "i" inbound, "o" outbound, "?" not said; all sent `days` ago where `days` is known.
    fn thread(directions: &str, days: Option<i64>) -> Vec<StoredMessage> {
        directions
            .chars()
            .map(|letter| StoredMessage {
                row_id: 0,
                message: ReadMessage {
                    id: None,
                    sender: None,
                    text: "text".to_owned(),
                    direction: match letter {
                        'i' => Some(Direction::Inbound),
                        'o' => Some(Direction::Outbound),
                        _ => None,
                    },
                    time_text: None,
                },
                sent: days.map(|days| Moment::between(None, now() - TimeDelta::days(days))),
                gap_before: false,
            })
            .collect()
    }

    #[rstest]
    #[case(ScoreField::EngagementScore, 8.5, Some(8.5))]
    #[case(ScoreField::EngagementScore, 85.0, None)]
    #[case(ScoreField::Score, 85.0, Some(8.5))]
    #[case(ScoreField::Score, 0.0, Some(0.0))]
    #[case(ScoreField::RelationshipScore, 100.0, Some(10.0))]
    #[case(ScoreField::RelationshipScore, 101.0, None)]
    #[case(ScoreField::Score, -1.0, None)]
    #[case(ScoreField::Score, f64::NAN, None)]
    #[case(ScoreField::EngagementScore, f64::INFINITY, None)]
    fn every_scale_becomes_0_to_10_and_nothing_is_clamped(
        #[case] field: ScoreField,
        #[case] value: f64,
        #[case] on_ten: Option<f64>,
    ) {
        assert_eq!(RawScore { value, field }.on_ten(), on_ten);
    }

    #[rstest]
    #[case("", Some(1), None)]
    #[case("??", Some(1), None)]
    #[case("ooo", Some(0), Some(0.0))]
    // 3 + 3.5 × 1/4 + 3.5
    #[case("oi", Some(0), Some(7.4))]
    // half of the recency after two weeks
    #[case("oi", Some(14), Some(5.9))]
    // (0.875 + 3.5) × 10/7
    #[case("oi", None, Some(6.3))]
    // wrote, but never in answer to us: 3 + 0 + 0
    #[case("ii", Some(0), Some(3.0))]
    // three messages in a row are one reply
    #[case("oiii", Some(0), Some(5.0))]
    fn the_local_score_is_recency_replies_and_balance(
        #[case] directions: &str,
        #[case] days: Option<i64>,
        #[case] score: Option<f64>,
    ) {
        assert_eq!(local_score(&thread(directions, days), now()), score);
    }

    proptest! {
        #[test]
        fn a_local_score_stays_on_its_scale_and_only_falls_with_time(
            directions in "[io?]{1,30}", days in 0_i64..2000, later in 0_i64..2000,
        ) {
            let thread = thread(&directions, Some(days));
            if let Some(score) = local_score(&thread, now()) {
                prop_assert!((0.0..=10.0).contains(&score));
                prop_assert!(local_score(&thread, now() + TimeDelta::days(later)).unwrap() <= score);
            }
        }
    }
}
