//! Arbitrary JSON for the tests of the decoders.

use proptest::prelude::*;
use serde_json::Value;

/// Any JSON of a few levels, with the names of fields that decoders look for.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(Value::from("You: ")),
        Just(Value::from("msg-1")),
    ];
    let key = prop::sample::select(vec![
        "conversations",
        "messages",
        "contacts",
        "stats",
        "score",
        "overall",
        "username",
        "handle",
        "text",
        "content",
        "id",
        "sender",
        "isOwn",
        "unread",
        "unreadCount",
        "timestamp",
        "lastMessage",
        "primary",
        "hidden_requests",
        "totalContacts",
        "success",
        "error",
        "detail",
        "",
    ]);
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}
