//! Decoding a list of conversations.

use crm_sync_domain::{InboxTab, ListedConversation, Listing, NameKey, Platform, Shape};
use serde_json::Value;

use crate::json;

/// Which rows to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// The rows that the browser tab shows now. Which of Instagram's tabs that is, the answer doesn't say: its rows
    /// are given as those of the first one.
    Shown,
    /// All tabs: four on Instagram, inbox and requests on Twitter; on TikTok the same as [`ListKind::Shown`].
    All,
    /// Only unread rows.
    Unread,
}

/// Decodes an answer.
///
/// Errors: what is wrong with it, where it holds no list at all. An empty list and a missing one are told apart: only
/// the first says something about the inbox.
pub(crate) fn decode(platform: Platform, kind: ListKind, answer: &Value) -> Result<Listing, String> {
    let first_tab = match platform {
        Platform::Instagram => InboxTab::Primary,
        Platform::Twitter | Platform::TikTok => InboxTab::Inbox,
    };
    let conversations = match answer {
        Value::Array(_) => answer,
        Value::Object(fields) => match fields.get("conversations") {
            Some(conversations) => conversations,
            None => return Err(missing(answer)),
        },
        other => return Err(format!("expected conversations, got {}", json::kind(other))),
    };
    let mut skipped = 0;
    let tabs: Vec<(InboxTab, &Vec<Value>)> = match conversations {
        Value::Array(rows) => vec![(first_tab, rows)],
        Value::Object(tabs) => {
            let mut lists = Vec::new();
            for (word, rows) in tabs {
                match rows {
                    Value::Array(rows) => lists.push((tab_of(platform, word, first_tab), rows)),
                    _ => skipped += 1,
                }
            }
            if lists.is_empty() {
                return Err("conversations holds no list of any tab".to_owned());
            }
            lists
        }
        other => return Err(format!("conversations is {}, not a list", json::kind(other))),
    };

    let mut rows = Vec::new();
    for (tab, entries) in &tabs {
        let mut position =
            u32::try_from(rows.iter().filter(|row: &&ListedConversation| row.tab == *tab).count())
                .unwrap_or(u32::MAX);
        for entry in *entries {
            match row(kind, *tab, position, entry) {
                Some(row) => {
                    rows.push(row);
                    position = position.saturating_add(1);
                }
                None => skipped += 1,
            }
        }
    }
    let entries: Vec<&Value> = tabs.into_iter().flat_map(|(_, entries)| entries).collect();
    Ok(Listing { platform, shape: shape(platform, kind, &entries), rows, skipped })
}

fn missing(answer: &Value) -> String {
    match crate::error::said(answer) {
        Some(said) => format!("no conversations in the answer: {said}"),
        None => "no conversations in the answer".to_owned(),
    }
}

/// The tab that a key names. Twitter's documents call its inbox "primary"; a tab that nobody knows yet is listed with
/// the first one rather than lost.
fn tab_of(platform: Platform, word: &str, first_tab: InboxTab) -> InboxTab {
    let tab = match word {
        "hiddenRequests" | "hidden" => Some(InboxTab::HiddenRequests),
        _ => InboxTab::parse(word),
    };
    match (platform, tab) {
        (Platform::Instagram, Some(tab)) if tab != InboxTab::Inbox => tab,
        (_, Some(tab @ (InboxTab::Requests | InboxTab::HiddenRequests))) => tab,
        _ => first_tab,
    }
}

fn row(kind: ListKind, tab: InboxTab, position: u32, entry: &Value) -> Option<ListedConversation> {
    let name = ["username", "handle"]
        .iter()
        .filter_map(|key| entry.get(key)?.as_str())
        .find(|name| NameKey::of(name).is_some())?;
    let given = ["lastMessage", "preview"].iter().find_map(|key| entry.get(key)?.as_str());
    let flag = json::flag(entry, "lastMessageIsOutbound");
    // Where the service says that the text is theirs, "You: " is part of it.
    let (preview, ours) = match given.and_then(|text| text.strip_prefix("You: ")) {
        Some(bare) if flag != Some(false) => (Some(bare), Some(true)),
        _ => (given, flag),
    };
    let unread = json::flag(entry, "unread")
        .or_else(|| json::whole(entry, "unreadCount").map(|count| count > 0))
        .or((kind == ListKind::Unread).then_some(true));
    Some(ListedConversation {
        name: name.to_owned(),
        display_name: json::text(entry, "displayName").map(str::to_owned),
        preview: preview.map(str::to_owned),
        preview_outbound: ours,
        time_text: json::first_text(entry, &["timestamp", "lastMessageAt"]).map(str::to_owned),
        unread,
        thread_id: json::text(entry, "threadId").map(str::to_owned),
        tab,
        position,
    })
}

/// Which of the two worlds answered, by the fields of the rows; undecided is [`Shape::Real`]. Source: the published
/// documentation and the recordings of the real servers.
fn shape(platform: Platform, kind: ListKind, entries: &[&Value]) -> Shape {
    let any = |keys: &[&str]| entries.iter().any(|entry| keys.iter().any(|key| entry.get(key).is_some()));
    let documented = match platform {
        Platform::Instagram => {
            any(&["unread", "timestamp", "displayName"]) && !any(&["threadId", "lastMessageIsOutbound"])
        }
        Platform::Twitter => any(&["displayName", "unread"]),
        Platform::TikTok => {
            let named_apart = entries.iter().any(|entry| {
                let (handle, shown) = (json::text(entry, "username"), json::text(entry, "displayName"));
                handle.is_some() && shown.is_some() && handle != shown
            });
            // The real server's list of unread rows has neither display name nor `unread`.
            let full_rows = kind != ListKind::Unread && any(&["username", "handle"]);
            named_apart || (full_rows && !any(&["unread"]))
        }
    };
    if documented { Shape::Documented } else { Shape::Real }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::strategy::any_json;

    fn listing(platform: Platform, rows: &Value) -> Listing {
        decode(platform, ListKind::Shown, &json!({ "conversations": rows })).unwrap()
    }

    #[rstest]
    #[case(json!({"lastMessage": "You: hi"}), Some("hi"), Some(true))]
    #[case(json!({"lastMessage": "You: hi", "lastMessageIsOutbound": true}), Some("hi"), Some(true))]
    #[case(json!({"lastMessage": "You: hi", "lastMessageIsOutbound": false}), Some("You: hi"), Some(false))]
    #[case(json!({"lastMessage": "hi"}), Some("hi"), None)]
    #[case(json!({"lastMessage": ""}), Some(""), None)]
    #[case(json!({"lastMessage": null}), None, None)]
    #[case(json!({"preview": "hi"}), Some("hi"), None)]
    #[case(json!({}), None, None)]
    fn a_preview_of_ours_loses_its_prefix_and_an_absent_one_stays_absent(
        #[case] mut row: Value,
        #[case] preview: Option<&str>,
        #[case] ours: Option<bool>,
    ) {
        row["username"] = json!("dana");
        let listing = listing(Platform::Twitter, &json!([row]));
        assert_eq!((listing.rows[0].preview.as_deref(), listing.rows[0].preview_outbound), (preview, ours));
    }

    #[rstest]
    #[case(Platform::Instagram, json!({"unread": false}), Shape::Documented)]
    #[case(Platform::Instagram, json!({"timestamp": "x"}), Shape::Documented)]
    #[case(Platform::Instagram, json!({"unread": false, "threadId": ""}), Shape::Real)]
    #[case(Platform::Instagram, json!({"unread": false, "lastMessageIsOutbound": true}), Shape::Real)]
    #[case(Platform::Instagram, json!({}), Shape::Real)]
    #[case(Platform::Twitter, json!({"displayName": "Dana"}), Shape::Documented)]
    #[case(Platform::Twitter, json!({"unread": true}), Shape::Documented)]
    #[case(Platform::Twitter, json!({"lastMessage": "x"}), Shape::Real)]
    #[case(Platform::TikTok, json!({"displayName": "Dana W", "unread": true}), Shape::Documented)]
    #[case(Platform::TikTok, json!({"displayName": "dana"}), Shape::Documented)]
    #[case(Platform::TikTok, json!({"displayName": "dana", "unread": true}), Shape::Real)]
    fn the_fields_that_are_there_tell_the_shape(
        #[case] platform: Platform,
        #[case] mut row: Value,
        #[case] shape: Shape,
    ) {
        row["username"] = json!("dana");
        assert_eq!(listing(platform, &json!([row])).shape, shape);
    }

    #[test]
    fn an_empty_list_is_undecided_and_undecided_is_real() {
        for platform in Platform::ALL {
            assert_eq!(listing(platform, &json!([])).shape, Shape::Real);
        }
    }

    #[test]
    fn a_tab_that_nobody_knows_keeps_its_rows_and_positions_stay_unique() {
        let tabs = json!({ "primary": [{"username": "a"}], "vip": [{"username": "b"}, {"username": "c"}] });
        let listing = listing(Platform::Instagram, &tabs);
        let places: Vec<_> = listing.rows.iter().map(|row| (row.tab, row.position)).collect();
        assert_eq!(places, [0, 1, 2].map(|position| (InboxTab::Primary, position)));
    }

    #[rstest]
    #[case(json!({"username": "", "handle": "dana"}), Some("dana"))]
    #[case(json!({"username": "@", "handle": "dana"}), Some("dana"))]
    #[case(json!({"handle": " @dana "}), Some(" @dana "))]
    #[case(json!({"username": " "}), None)]
    #[case(json!({"displayName": "Dana"}), None)]
    #[case(json!("dana"), None)]
    #[case(json!(null), None)]
    fn a_row_without_a_name_is_skipped_and_counted(#[case] row: Value, #[case] name: Option<&str>) {
        let listing = listing(Platform::Twitter, &json!([row]));
        assert_eq!(listing.rows.first().map(|row| row.name.as_str()), name);
        assert_eq!(listing.skipped, u32::from(name.is_none()));
    }

    proptest! {
        #[test]
        fn any_json_is_decoded_or_refused(answer in any_json(), rows in any_json()) {
            for platform in Platform::ALL {
                for kind in [ListKind::Shown, ListKind::All, ListKind::Unread] {
                    let _ = decode(platform, kind, &answer);
                    let _ = decode(platform, kind, &json!({ "conversations": rows }));
                }
            }
        }

        #[test]
        fn a_row_with_a_name_always_survives(
            name in "\\PC{0,4}[a-zA-Zéあ🌸]\\PC{0,4}",
            key in prop::sample::select(vec!["username", "handle"]),
            rest in prop::collection::vec((r"lastMessage|preview|unread|threadId|timestamp|displayName", any_json()), 0..6),
            others in prop::collection::vec(any_json(), 0..4),
        ) {
            let mut row = serde_json::Map::from_iter(rest);
            row.insert(key.to_owned(), json!(name));
            let mut rows = others;
            rows.push(Value::Object(row));
            let count = rows.len();
            for platform in Platform::ALL {
                let listing = listing(platform, &json!(rows));
                prop_assert_eq!(&listing.rows.last().unwrap().name, &name);
                prop_assert_eq!(listing.rows.len() + listing.skipped as usize, count);
            }
        }
    }
}
