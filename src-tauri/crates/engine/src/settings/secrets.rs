//! How to tell a secret from other text: one rule for what settings refuse and what a log line leaves out.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::SettingsError;

/// What stands where a secret stood.
pub const REDACTED: &str = "[secret]";

/// A secret found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which bytes of the text.
    pub range: Range<usize>,
    /// What it looks like, in words.
    pub kind: &'static str,
}

/// The first secret in a text, if there is one.
///
/// Sources: Supabase (`sb_secret_…`; the older keys are JSON web tokens, `eyJ…`), Airtable (`pat` + 14 letters or
/// digits, a dot, 64 hexadecimal digits), Standard Webhooks (`whsec_…`).
pub fn find(text: &str) -> Option<Found> {
    find_token(text).into_iter().chain(find_password(text)).min_by_key(|found| found.range.start)
}

/// The text with every secret replaced.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut clean = Cow::Borrowed(text);
    // From the beginning each time: what is left of an address after its password is no address any more.
    while let Some(Found { range, .. }) = find(&clean) {
        clean.to_mut().replace_range(range, REDACTED);
    }
    clean
}

fn find_token(text: &str) -> Option<Found> {
    let mut start = None;
    let ends = text.char_indices().map(|(at, c)| (at, is_token(c))).chain([(text.len(), false)]);
    for (at, inside) in ends {
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                if let Some((skip, kind)) = token_kind(&text[from..at]) {
                    return Some(Found { range: from + skip..at, kind });
                }
                start = None;
            }
            _ => {}
        }
    }
    None
}

const fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+')
}

/// What a token is, and where in it the secret begins.
fn token_kind(token: &str) -> Option<(usize, &'static str)> {
    const PREFIXES: [(&str, usize, &str); 3] = [
        ("sb_secret_", 1, "a Supabase key"),
        ("whsec_", 1, "a webhook signing secret"),
        // "eyJ" is how every JSON object begins in base64.
        ("eyJ", 17, "a key in the form of a JSON web token"),
    ];
    for (prefix, at_least, kind) in PREFIXES {
        if let Some(at) = token.find(prefix)
            && token.len() - at - prefix.len() >= at_least
        {
            return Some((at, kind));
        }
    }
    // The parts of a web token may be short, but there are three of them.
    if token.starts_with("eyJ") && token.matches('.').count() == 2 {
        return Some((0, "a key in the form of a JSON web token"));
    }
    let (head, tail) = token.split_once('.')?;
    let at = head.rfind("pat")?;
    let letters = &head[at + 3..];
    // Shorter than real ones are taken too; "patients2026.contacts" is a file.
    let is_airtable = letters.len() >= 8
        && letters.chars().all(|c| c.is_ascii_alphanumeric())
        && tail.len() >= 12
        && tail.chars().all(|c| c.is_ascii_alphanumeric())
        && tail.contains(|c: char| c.is_ascii_digit());
    is_airtable.then_some((at, "an Airtable token"))
}

/// `scheme://user:password@host`, and `password=` among the parameters of an address.
fn find_password(text: &str) -> Option<Found> {
    let mut from = 0;
    while let Some(at) = text[from..].find("://") {
        let start = from + at + 3;
        let length = text[start..].find(|c: char| c.is_whitespace() || c == '"');
        let end = length.map_or(text.len(), |length| start + length);
        if let Some(range) = password_of(&text[start..end]) {
            return Some(Found {
                range: start + range.start..start + range.end,
                kind: "a password in a URL",
            });
        }
        from = end;
    }
    None
}

/// Where the password stands in an address without its scheme.
fn password_of(address: &str) -> Option<Range<usize>> {
    let authority = &address[..address.find(['/', '?', '#']).unwrap_or(address.len())];
    // A password may hold an unescaped "@": the host begins after the last one.
    if let Some(host) = authority.rfind('@')
        && let Some(colon) = authority[..host].find(':')
        && colon + 1 < host
        && &authority[colon + 1..host] != REDACTED
    {
        return Some(colon + 1..host);
    }
    let start = address.find("password=")? + "password=".len();
    let end = address[start..].find('&').map_or(address.len(), |length| start + length);
    // What is redacted already is no secret: else redacting would never end.
    (start < end && &address[start..end] != REDACTED).then_some(start..end)
}

/// Refuses a file in which any value, known to this version or not, looks like a secret.
pub(super) fn refuse(root: &Value) -> Result<(), SettingsError> {
    walk(root, "", None)
}

fn walk(value: &Value, path: &str, sink: Option<&str>) -> Result<(), SettingsError> {
    match value {
        Value::String(text) => match find(text) {
            Some(Found { kind, .. }) => {
                Err(SettingsError::Secret { key: path.to_owned(), kind, id: sink.unwrap_or("ID").to_owned() })
            }
            None => Ok(()),
        },
        Value::Array(items) => items.iter().enumerate().try_for_each(|(at, item)| {
            let id = (path == "sinks").then(|| item.get("id")?.as_str().filter(|id| find(id).is_none()));
            walk(item, &format!("{path}[{at}]"), id.flatten().or(sink))
        }),
        Value::Object(keys) => keys.iter().try_for_each(|(key, item)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            walk(item, &redact(&path), sink)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.abc-DEF_123";
    const PAT: &str = "patAbCdEfGhIjKlMn.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[rstest]
    #[case("sb_secret_abc123", "[secret]")]
    #[case("Bearer sb_secret_abc123, thanks", "Bearer [secret], thanks")]
    #[case(JWT, "[secret]")]
    #[case(&format!("key={JWT}"), "key=[secret]")]
    #[case(PAT, "[secret]")]
    #[case("patAbCdEf123.0123456789abcdef", "[secret]")]
    #[case("eyJhbGciOi.e30.abc", "[secret]")]
    #[case("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "[secret]")]
    #[case("postgres://me:hunter2@db.example.com/crm", "postgres://me:[secret]@db.example.com/crm")]
    #[case("https://u:p@ss@host/x?a=b", "https://u:[secret]@host/x?a=b")]
    #[case(
        "postgres://me@db/crm?password=x&sslmode=require",
        "postgres://me@db/crm?password=[secret]&sslmode=require"
    )]
    #[case("postgres://me:hunter2@db/crm?password=x", "postgres://me:[secret]@db/crm?password=[secret]")]
    #[case("see http://a.example and http://b:c@d", "see http://a.example and http://b:[secret]@d")]
    fn secrets_are_found_and_left_out(#[case] text: &str, #[case] clean: &str) {
        assert!(find(text).is_some());
        assert_eq!(redact(text), clean);
    }

    #[rstest]
    #[case("sb_publishable_abc123")]
    #[case("pattern.match")]
    #[case("patients2026.contacts")]
    #[case("patricia.smith@example.com")]
    #[case("http://localhost:3001")]
    #[case("postgres://user@host:5432/db?sslmode=verify-full")]
    #[case("https://host/a:b@c")]
    #[case("eyJ")]
    #[case("")]
    #[case("سلام 👋")]
    fn other_text_is_left_alone(#[case] text: &str) {
        assert_eq!(find(text), None);
        assert!(matches!(redact(text), Cow::Borrowed(same) if same == text));
    }

    proptest::proptest! {
        #[test]
        fn nothing_secret_is_left_after_redacting(before in "\\PC{0,20}", after in "\\PC{0,20}") {
            for secret in [JWT, PAT, "sb_secret_k3yk3yk3y", "whsec_k3yk3yk3y"] {
                let text = format!("{before} {secret} {after}");
                let clean = redact(&text).into_owned();
                proptest::prop_assert!(!clean.contains(secret), "{clean}");
                proptest::prop_assert_eq!(redact(&clean).into_owned(), clean);
            }
        }
    }
}
