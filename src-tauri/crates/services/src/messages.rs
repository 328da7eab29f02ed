//! Decoding the messages of the open conversation.

use chrono::DateTime;
use crm_sync_domain::{Direction, Platform, ReadMessage};
use serde_json::Value;

use crate::json;

/// What one read of the open conversation showed. Whose conversation that was is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Oldest first.
    pub messages: Vec<ReadMessage>,
    /// Entries that could not be understood (no text, not an object): skipped and counted.
    pub skipped: u32,
    /// How many were asked for. Instagram and Twitter give the last ones, TikTok the first.
    pub limit: u32,
}

/// Decodes an answer.
///
/// Errors: what is wrong with it, where it holds no list at all.
pub(crate) fn decode(platform: Platform, limit: u32, answer: &Value) -> Result<Window, String> {
    let entries = match answer {
        Value::Array(entries) => entries,
        Value::Object(fields) => match fields.get("messages") {
            Some(Value::Array(entries)) => entries,
            Some(other) => return Err(format!("messages is {}, not a list", json::kind(other))),
            None => {
                return Err(match crate::error::said(answer) {
                    Some(said) => format!("no messages in the answer: {said}"),
                    None => "no messages in the answer".to_owned(),
                });
            }
        },
        other => return Err(format!("expected messages, got {}", json::kind(other))),
    };
    // The real TikTok server gives the time of the read as the time of every message.
    let made_up_times = platform == Platform::TikTok && entries.iter().any(is_real_tiktok);
    let mut messages: Vec<ReadMessage> =
        entries.iter().filter_map(|entry| message(entry, made_up_times)).collect();
    let skipped = u32::try_from(entries.len() - messages.len()).unwrap_or(u32::MAX);
    if is_newest_first(&messages) {
        messages.reverse();
    }
    Ok(Window { messages, skipped, limit })
}

fn is_real_tiktok(entry: &Value) -> bool {
    entry.get("isOwn").is_some()
        || entry.get("from").is_some()
        || json::text(entry, "id").is_some_and(is_positional)
}

/// `msg-0`, `msg-1`, …: the place in the window, not the message. The documented `msg_001` is a real id.
pub(crate) fn is_positional(id: &str) -> bool {
    id.trim()
        .strip_prefix("msg-")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn message(entry: &Value, made_up_times: bool) -> Option<ReadMessage> {
    let id = json::text(entry, "id").filter(|id| !is_positional(id)).map(str::to_owned);
    let text =
        ["text", "content"].iter().filter_map(|key| entry.get(key)?.as_str()).find(|text| !text.is_empty());
    // A picture has an id and no text: it is a message all the same. Without either there is nothing to keep.
    if text.is_none() && id.is_none() {
        return None;
    }
    let sender = json::text(entry, "sender");
    let direction = json::flag(entry, "isOutbound")
        .or_else(|| json::flag(entry, "isOwn"))
        .map(|ours| if ours { Direction::Outbound } else { Direction::Inbound })
        .or_else(|| pronoun(json::text(entry, "from")?))
        .or_else(|| pronoun(sender?));
    Some(ReadMessage {
        id,
        sender: sender.filter(|sender| pronoun(sender).is_none()).map(str::to_owned),
        text: text.unwrap_or_default().to_owned(),
        direction,
        time_text: json::text(entry, "timestamp").filter(|_| !made_up_times).map(str::to_owned),
    })
}

fn pronoun(word: &str) -> Option<Direction> {
    match word {
        "me" => Some(Direction::Outbound),
        "them" => Some(Direction::Inbound),
        _ => None,
    }
}

/// True where every message has an exact time and they only go back. The documentation doesn't say which end comes
/// first; every real server gives the oldest first.
fn is_newest_first(messages: &[ReadMessage]) -> bool {
    let times: Option<Vec<_>> = messages
        .iter()
        .map(|message| DateTime::parse_from_rfc3339(message.time_text.as_deref()?).ok())
        .collect();
    times.is_some_and(|times| times.is_sorted_by(|a, b| a >= b) && times.first() > times.last())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::strategy::any_json;

    fn window(platform: Platform, entries: &Value) -> Window {
        decode(platform, 50, &json!({ "messages": entries })).unwrap()
    }

    #[rstest]
    #[case(json!({"isOutbound": true, "sender": "dana"}), Some(Direction::Outbound), Some("dana"))]
    #[case(json!({"isOutbound": false}), Some(Direction::Inbound), None)]
    #[case(json!({"isOwn": true, "from": "me"}), Some(Direction::Outbound), None)]
    #[case(json!({"from": "them"}), Some(Direction::Inbound), None)]
    #[case(json!({"sender": "me"}), Some(Direction::Outbound), None)]
    #[case(json!({"sender": "them"}), Some(Direction::Inbound), None)]
    #[case(json!({"sender": "dana"}), None, Some("dana"))]
    #[case(json!({"sender": "", "isOutbound": null}), None, None)]
    fn who_wrote_is_taken_from_whatever_says_so(
        #[case] mut entry: Value,
        #[case] direction: Option<Direction>,
        #[case] sender: Option<&str>,
    ) {
        entry["text"] = json!("hi");
        let window = window(Platform::Instagram, &json!([entry]));
        assert_eq!((window.messages[0].direction, window.messages[0].sender.as_deref()), (direction, sender));
    }

    #[rstest]
    #[case("msg_001", Some("msg_001"))]
    #[case("msg-x1", Some("msg-x1"))]
    #[case("msg-", Some("msg-"))]
    #[case("1234", Some("1234"))]
    #[case("msg-0", None)]
    #[case("msg-1234", None)]
    #[case("", None)]
    fn a_place_in_the_window_is_no_id(#[case] id: &str, #[case] kept: Option<&str>) {
        let window = window(Platform::Twitter, &json!([{ "id": id, "text": "hi" }]));
        assert_eq!(window.messages[0].id.as_deref(), kept);
    }

    #[test]
    fn the_content_of_other_services_is_a_text_too() {
        let entry = json!({"id": "urn:1", "sender": "Dana", "content": "hi", "timestamp": "Feb 22", "isOutbound": false});
        let window = window(Platform::TikTok, &json!([entry]));
        assert_eq!(window.messages[0].text, "hi");
        assert_eq!(window.messages[0].time_text.as_deref(), Some("Feb 22"));
    }

    #[rstest]
    #[case(json!({"isOwn": false}))]
    #[case(json!({"from": "them"}))]
    #[case(json!({"id": "msg-0"}))]
    fn times_that_tiktok_makes_up_are_dropped_from_the_whole_window(#[case] mut sign: Value) {
        sign["text"] = json!("hi");
        sign["timestamp"] = json!("2026-11-22T21:15:41.877Z");
        let other = json!({"text": "yo", "timestamp": "2026-11-22T21:15:41.878Z"});
        let entries = json!([other, sign]);
        assert!(
            window(Platform::TikTok, &entries).messages.iter().all(|message| message.time_text.is_none())
        );
        assert!(
            window(Platform::Instagram, &entries).messages.iter().all(|message| message.time_text.is_some())
        );
    }

    #[rstest]
    #[case(json!({"text": ""}), 0)]
    #[case(json!({"timestamp": "2026-02-26T20:15:00Z", "isOutbound": true}), 0)]
    #[case(json!({"id": "msg-3", "text": null}), 0)]
    #[case(json!("hi"), 0)]
    #[case(json!({"id": "msg_003", "messageType": "image"}), 1)]
    #[case(json!({"text": " "}), 1)]
    fn an_entry_with_nothing_to_keep_is_skipped_and_counted(#[case] entry: Value, #[case] kept: u32) {
        let window = window(Platform::Twitter, &json!([entry, {"text": "hi"}]));
        assert_eq!((window.messages.len(), window.skipped), (1 + kept as usize, 1 - kept));
    }

    #[rstest]
    #[case(&["2026-01-01T10:00:00Z", "2026-01-01T09:00:00Z", "2026-01-01T09:00:00Z"], true)]
    #[case(&["2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"], false)]
    #[case(&["2026-01-01T09:00:00Z", "2026-01-01T09:00:00Z"], false)]
    #[case(&["2026-01-01T10:00:00Z", "2026-01-01T09:00:00Z", "Yesterday"], false)]
    #[case(&["2026-01-01T10:00:00Z", "2026-01-01T08:00:00Z", "2026-01-01T09:00:00Z"], false)]
    fn only_a_window_that_is_surely_newest_first_is_turned_round(
        #[case] times: &[&str],
        #[case] turned: bool,
    ) {
        let entries: Vec<Value> = times
            .iter()
            .enumerate()
            .map(|(n, time)| json!({"text": n.to_string(), "timestamp": time}))
            .collect();
        assert_eq!(window(Platform::Instagram, &json!(entries)).messages[0].text != "0", turned);
    }

    proptest! {
        #[test]
        fn any_json_is_decoded_or_refused(answer in any_json(), entries in any_json()) {
            for platform in Platform::ALL {
                let _ = decode(platform, 20, &answer);
                let _ = decode(platform, 20, &json!({ "messages": entries }));
            }
        }

        #[test]
        fn every_text_survives_and_no_positional_id_does(
            entries in prop::collection::vec(("[ -~é🌸]{1,8}", prop::option::of("msg[-_][0-9]{1,4}")), 0..12),
        ) {
            let sent: Vec<Value> =
                entries.iter().map(|(text, id)| json!({ "text": text, "id": id, "isOwn": true })).collect();
            for platform in Platform::ALL {
                let window = window(platform, &json!(sent));
                let texts: Vec<&str> = window.messages.iter().map(|message| message.text.as_str()).collect();
                let given: Vec<&str> = entries.iter().map(|(text, _)| text.as_str()).collect();
                prop_assert_eq!(texts, given);
                let ids: Vec<&str> = window.messages.iter().filter_map(|message| message.id.as_deref()).collect();
                prop_assert!(ids.iter().all(|id| id.starts_with("msg_")));
            }
        }
    }
}
