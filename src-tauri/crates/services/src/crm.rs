//! Decoding the services' CRM statistics and scores.

use chrono::DateTime;
use crm_sync_domain::score::{RawScore, ScoreField};
use serde_json::Value;

use crate::json;

/// The service's CRM statistics.
#[derive(Debug, Clone, PartialEq)]
pub enum Stats {
    /// `stats: null`: no CRM database is configured in the service.
    NotConfigured,
    /// Every number is 0: the service's CRM database is empty, or failing; the service doesn't tell which.
    AllZero,
    /// At least one number that is not 0.
    Known(StatsNumbers),
}

/// The numbers as given; `None` is "the service did not say".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StatsNumbers {
    /// The platform that the service names (documented shape).
    pub platform: Option<String>,
    /// `totalContacts`.
    pub total_contacts: Option<i64>,
    /// `totalMessagesSent` (documented) or `messagesSentTotal` (real).
    pub messages_sent: Option<i64>,
    /// `messagesToday` (real).
    pub messages_today: Option<i64>,
    /// `totalRepliesReceived` (documented).
    pub replies_received: Option<i64>,
    /// `replyRate` (documented): 0–1.
    pub reply_rate: Option<f64>,
    /// `avgEngagementScore` (documented): 0–10.
    pub average_score: Option<f64>,
}

/// One contact of `top-contacts`; `None` is "the service did not say".
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredContact {
    /// The service's own id, for `score`.
    pub id: Option<String>,
    /// The name as given: the handle used for sending, which need not be the name in the inbox.
    pub username: String,
    /// The score as given. The real servers give 0 to whoever was never scored: 0 without a single message sent is
    /// taken as unknown.
    pub score: Option<RawScore>,
    /// `stage`, else `pipeline_stage`.
    pub stage: Option<String>,
    /// Messages sent.
    pub messages_sent: Option<i64>,
    /// Replies received.
    pub replies_received: Option<i64>,
    /// The last time somebody wrote to the contact. The real servers call it `lastMessage`.
    pub last_contacted_text: Option<String>,
}

/// What a recalculation of one contact brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScoreReply {
    /// The new score.
    Known(RawScore),
    /// The service knows no such contact, or its CRM database is missing or failing; it doesn't tell which.
    Unknown,
}

/// What a recalculation of all contacts brought. Both 0 can also mean that the CRM database is missing or failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScoreAll {
    /// Contacts with a new score.
    pub updated: Option<u64>,
    /// Contacts that failed.
    pub errors: Option<u64>,
}

pub(crate) fn stats(answer: &Value) -> Result<Stats, String> {
    let stats = match answer.get("stats") {
        Some(Value::Null) => return Ok(Stats::NotConfigured),
        Some(stats @ Value::Object(_)) => stats,
        Some(other) => return Err(format!("stats is {}, not an object", json::kind(other))),
        None => return Err("no stats in the answer".to_owned()),
    };
    let numbers = StatsNumbers {
        platform: json::text(stats, "platform").map(str::to_owned),
        total_contacts: json::whole(stats, "totalContacts"),
        messages_sent: json::first_whole(stats, &["totalMessagesSent", "messagesSentTotal"]),
        messages_today: json::whole(stats, "messagesToday"),
        replies_received: json::whole(stats, "totalRepliesReceived"),
        reply_rate: json::number(stats, "replyRate"),
        average_score: json::number(stats, "avgEngagementScore"),
    };
    let counts =
        [numbers.total_contacts, numbers.messages_sent, numbers.messages_today, numbers.replies_received];
    let rates = [numbers.reply_rate, numbers.average_score];
    let mut given = counts.iter().flatten().map(|n| *n == 0).chain(rates.iter().flatten().map(|n| *n == 0.0));
    match given.next() {
        None => Err("stats holds no number".to_owned()),
        Some(first) if first && given.all(|zero| zero) => Ok(Stats::AllZero),
        Some(_) => Ok(Stats::Known(numbers)),
    }
}

pub(crate) fn top_contacts(answer: &Value) -> Result<Vec<ScoredContact>, String> {
    let entries = match answer {
        Value::Array(entries) => entries,
        _ => match answer.get("contacts") {
            Some(Value::Array(entries)) => entries,
            Some(other) => return Err(format!("contacts is {}, not a list", json::kind(other))),
            None => return Err("no contacts in the answer".to_owned()),
        },
    };
    Ok(entries.iter().filter_map(scored_contact).collect())
}

fn scored_contact(entry: &Value) -> Option<ScoredContact> {
    let messages_sent = json::first_whole(entry, &["messagesSent", "messages_sent"]);
    // A `lastMessage` that is no time would be a text, as everywhere else.
    let last_contacted = json::first_text(entry, &["lastContactedAt", "last_contacted_at"]).or_else(|| {
        json::text(entry, "lastMessage").filter(|text| DateTime::parse_from_rfc3339(text).is_ok())
    });
    let never_written_to = messages_sent.unwrap_or(0) == 0 && last_contacted.is_none();
    let score = raw_score(entry).filter(|score| {
        !(score.value == 0.0 && score.field != ScoreField::EngagementScore && never_written_to)
    });
    Some(ScoredContact {
        id: json::text(entry, "id").map(str::to_owned),
        username: json::first_text(entry, &["username", "handle"])?.to_owned(),
        score,
        stage: json::first_text(entry, &["stage", "pipeline_stage", "pipelineStage"]).map(str::to_owned),
        messages_sent,
        replies_received: json::first_whole(entry, &["repliesReceived", "replies_received"]),
        last_contacted_text: last_contacted.map(str::to_owned),
    })
}

/// The first score that is there, and which field it is.
fn raw_score(entry: &Value) -> Option<RawScore> {
    [
        ("engagementScore", ScoreField::EngagementScore),
        ("engagement_score", ScoreField::EngagementScore),
        ("score", ScoreField::Score),
        ("relationship_score", ScoreField::RelationshipScore),
        ("relationshipScore", ScoreField::RelationshipScore),
    ]
    .into_iter()
    .find_map(|(key, field)| json::number(entry, key).map(|value| RawScore { value, field }))
}

/// `{score:{overall:…}}` is the real shape; the documentation leaves the answer open, so a bare number of any of the
/// known names is taken too.
pub(crate) fn score(answer: &Value) -> Result<ScoreReply, String> {
    let known = match answer.get("score") {
        Some(score @ Value::Object(_)) => json::number(score, "overall")
            .map(|value| RawScore { value, field: ScoreField::Score })
            .or_else(|| raw_score(score)),
        _ => raw_score(answer).or_else(|| raw_score(answer.get("contact")?)),
    };
    match known {
        Some(score) => Ok(ScoreReply::Known(score)),
        None if json::flag(answer, "success") == Some(false) => Ok(ScoreReply::Unknown),
        None if answer.get("score").is_some_and(Value::is_null) => Ok(ScoreReply::Unknown),
        None => Err("no score in the answer".to_owned()),
    }
}

pub(crate) fn score_all(answer: &Value) -> ScoreAll {
    let count = |key| json::whole(answer, key).and_then(|count| u64::try_from(count).ok());
    ScoreAll { updated: count("updated"), errors: count("errors") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::strategy::any_json;

    fn contact(mut entry: Value) -> ScoredContact {
        entry["username"] = json!("dana");
        top_contacts(&json!({ "contacts": [entry] })).unwrap().remove(0)
    }

    #[rstest]
    #[case(json!({"engagementScore": 8.5, "score": 12}), Some((8.5, ScoreField::EngagementScore)))]
    #[case(json!({"engagementScore": 0}), Some((0.0, ScoreField::EngagementScore)))]
    #[case(json!({"score": 72}), Some((72.0, ScoreField::Score)))]
    #[case(json!({"relationship_score": 40}), Some((40.0, ScoreField::RelationshipScore)))]
    #[case(json!({"score": 0, "messagesSent": 0, "lastMessage": null}), None)]
    #[case(json!({"score": 0, "messagesSent": 3}), Some((0.0, ScoreField::Score)))]
    #[case(json!({"score": null}), None)]
    #[case(json!({"score": "72"}), None)]
    #[case(json!({}), None)]
    fn a_score_keeps_the_field_it_came_from_and_unknown_is_never_0(
        #[case] entry: Value,
        #[case] score: Option<(f64, ScoreField)>,
    ) {
        assert_eq!(contact(entry).score.map(|score| (score.value, score.field)), score);
    }

    #[rstest]
    #[case(json!({"lastContactedAt": "2026-02-26T20:00:00Z"}), Some("2026-02-26T20:00:00Z"))]
    #[case(json!({"lastMessage": "2026-11-20T19:00:00+00:00"}), Some("2026-11-20T19:00:00+00:00"))]
    #[case(json!({"lastMessage": "see you at noon"}), None)]
    #[case(json!({"lastMessage": null}), None)]
    fn a_last_message_is_a_time_only_when_it_reads_as_one(#[case] entry: Value, #[case] time: Option<&str>) {
        assert_eq!(contact(entry).last_contacted_text.as_deref(), time);
    }

    #[rstest]
    #[case(json!({"stage": "warm", "pipeline_stage": "pitched"}), Some("warm"))]
    #[case(json!({"pipeline_stage": "pitched"}), Some("pitched"))]
    #[case(json!({"stage": ""}), None)]
    fn a_stage_is_taken_from_either_field(#[case] entry: Value, #[case] stage: Option<&str>) {
        assert_eq!(contact(entry).stage.as_deref(), stage);
    }

    proptest! {
        #[test]
        fn any_json_is_decoded_or_refused(answer in any_json(), inner in any_json()) {
            for answer in [answer, json!({ "stats": inner, "score": inner, "contacts": inner })] {
                let _ = (stats(&answer), top_contacts(&answer), score(&answer), score_all(&answer));
            }
        }
    }
}
