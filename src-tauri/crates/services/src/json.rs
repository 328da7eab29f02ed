//! Reading JSON that is not quite as it should be.

use serde_json::Value;

/// Parses a body by its content, whatever its content type says. A byte-order mark is skipped; bytes that are no
/// UTF-8 and halves of surrogate pairs become replacement characters rather than costing the whole answer.
pub(crate) fn parse(body: &[u8]) -> Result<Value, serde_json::Error> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(body).or_else(|error| {
        let text = String::from_utf8_lossy(body);
        // Only what is mended can parse now; the first error is the one that tells.
        serde_json::from_str(&without_lone_surrogates(&text)).map_err(|_| error)
    })
}

/// Replaces `\uD800`–`\uDFFF` escapes that are not a pair. Services cut texts by UTF-16 units, through emoji.
fn without_lone_surrogates(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(_), _) => {
                mended.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            // The escape and the character after it, so that `\\u` is not taken for an escape.
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        mended.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    mended.push_str(rest);
    mended
}

/// The surrogate that an escape at the very beginning stands for.
fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    matches!(unit, 0xD800..=0xDFFF).then_some(unit)
}

/// What a value is, for messages; never its content.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A text that is not empty.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The first text that is not empty.
pub(crate) fn first_text<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| text(value, key))
}

/// A flag.
pub(crate) fn flag(value: &Value, key: &str) -> Option<bool> {
    value.get(key)?.as_bool()
}

/// The first flag.
pub(crate) fn first_flag(value: &Value, keys: &[&str]) -> Option<bool> {
    keys.iter().find_map(|key| flag(value, key))
}

/// A whole number; `3.0` is one, `3.5` is not.
pub(crate) fn whole(value: &Value, key: &str) -> Option<i64> {
    let value = value.get(key)?;
    value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and far inside the range")]
        (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64)
    })
}

/// The first whole number.
pub(crate) fn first_whole(value: &Value, keys: &[&str]) -> Option<i64> {
    keys.iter().find_map(|key| whole(value, key))
}

/// A number.
pub(crate) fn number(value: &Value, key: &str) -> Option<f64> {
    value.get(key)?.as_f64().filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(b"\xef\xbb\xbf{\"a\":\"b\"}".as_slice(), json!({"a": "b"}))]
    #[case(b"{\"a\":\"\xff\"}".as_slice(), json!({"a": "\u{fffd}"}))]
    #[case(br#"{"a":"x\ud83d"}"#.as_slice(), json!({"a": "x\u{fffd}"}))]
    #[case(br#"{"a":"\ude00\ud83d\ude00"}"#.as_slice(), json!({"a": "\u{fffd}😀"}))]
    #[case(br#"{"a":"\\ud83d","b":"\ud83d"}"#.as_slice(), json!({"a": "\\ud83d", "b": "\u{fffd}"}))]
    fn a_broken_character_does_not_cost_the_answer(#[case] body: &[u8], #[case] value: Value) {
        assert_eq!(parse(body).unwrap(), value);
    }

    #[rstest]
    #[case(b"".as_slice())]
    #[case(b"{\"a\":1".as_slice())]
    #[case(b"<html>".as_slice())]
    #[case(b"{} {}".as_slice())]
    fn what_is_no_json_stays_no_json(#[case] body: &[u8]) {
        assert!(parse(body).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(body in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse(&body);
        }

        #[test]
        fn any_escapes_are_parsed_or_refused(text in "[\\\\u\"dD8cCeEfF0-9é😀]{0,60}") {
            let quoted = format!("\"{text}\"");
            if let Ok(value) = serde_json::from_str::<Value>(&quoted) {
                prop_assert_eq!(parse(quoted.as_bytes()).unwrap(), value);
            } else {
                let _ = parse(quoted.as_bytes());
            }
        }
    }
}
