//! Names as keys: two spellings are the same contact when they fold to the same key.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::Platform;

/// A name folded for comparison: trimmed, without a leading `@`, NFC, lower case. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameKey(String);

impl NameKey {
    /// The key of a name; `None` where nothing is left of it (empty, white space, a lone `@`).
    pub fn of(name: &str) -> Option<Self> {
        let bare = bare(name);
        if bare.is_empty() {
            return None;
        }
        // Lower-casing can decompose ("İ"), so NFC comes last.
        let folded: String = bare.nfc().collect::<String>().to_lowercase().nfc().collect();
        Some(Self(folded))
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of a contact over all platforms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContactKey {
    /// Whose inbox.
    pub platform: Platform,
    /// The folded name.
    pub name: NameKey,
}

/// A name without surrounding white space and leading `@`s, otherwise as given: what is shown and kept.
pub fn bare(name: &str) -> &str {
    name.trim().trim_start_matches('@').trim_start()
}

/// True where the service's `open` can't find the name however often it is called: Instagram and Twitter put it
/// between quotes into a script, so a quote, a backslash or a line break ends the script instead.
pub fn can_be_opened(platform: Platform, name: &str) -> bool {
    match platform {
        Platform::TikTok => true,
        Platform::Instagram | Platform::Twitter => {
            !name.contains(['\'', '"', '`', '\\', '\n', '\r', '\u{2028}', '\u{2029}'])
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("saraheashley", "@SarahEAshley", true)]
    #[case(" Zoë ", "Zoe\u{308}", true)]
    #[case("İpek", "i\u{307}pek", true)]
    #[case("Dana W", "DanaW", false)]
    fn spellings_of_one_name_have_one_key(#[case] a: &str, #[case] b: &str, #[case] same: bool) {
        assert_eq!(NameKey::of(a) == NameKey::of(b), same);
    }

    #[test]
    fn nothing_is_no_name() {
        assert!(["", "  ", "@", " @ ", "\u{a0}"].iter().all(|name| NameKey::of(name).is_none()));
    }

    #[test]
    fn an_apostrophe_can_be_opened_on_tiktok_alone() {
        let openable: Vec<_> =
            Platform::ALL.into_iter().filter(|p| can_be_opened(*p, "Sam O'Neil")).collect();
        assert_eq!(openable, [Platform::TikTok]);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(name in "\\PC{0,12}") {
            if let Some(key) = NameKey::of(&name) {
                prop_assert_eq!(NameKey::of(key.as_str()), Some(key));
            }
        }
    }
}
