//! What the preview of a listed conversation is worth as evidence.
//!
//! A preview ties a read thread to the contact that was opened, so it is used only where it is the beginning of a
//! message that the same source would also show in the thread. A preview that is no message ("You sent an
//! attachment."), or a message that the source hides from its threads, would disprove threads that are right.

use std::borrow::Cow;

use crate::{Platform, Shape};

/// How much of a message the services' previews show, in characters. Source: observed on the real servers.
pub const PREVIEW_CHARS: usize = 100;

/// Where the real services cut a message's text, in characters. Source: observed on the real servers.
pub const TEXT_CHARS: usize = 500;

/// Fewest characters that must stand before a "…" for it to count as a cut text rather than as how people write.
const LEAST_BEFORE_ELLIPSIS: usize = 10;

/// Shortest preview that may have been cut, in UTF-16 units: the service cuts, then takes "You: " off.
const LEAST_CUT: usize = PREVIEW_CHARS - "You: ".len();

/// What is left of an emoji that was cut in half.
const HALF_CHAR: char = '\u{fffd}';

/// What the platforms show in place of a message, in lower case and without the full stop at the end.
/// Compared as a whole, never as a part: people do write "I sent a photo yesterday".
const SYSTEM_LINES: &[&str] = &[
    // attachments and shares
    "sent an attachment",
    "you sent an attachment",
    "sent you an attachment",
    "sent a photo",
    "you sent a photo",
    "sent you a photo",
    "sent a video",
    "you sent a video",
    "sent you a video",
    "sent a voice message",
    "you sent a voice message",
    "sent you a voice message",
    "sent a gif",
    "you sent a gif",
    "sent a sticker",
    "you sent a sticker",
    "sent a link",
    "you sent a link",
    "sent a post",
    "you sent a post",
    "sent a reel",
    "you sent a reel",
    "sent a story",
    "you sent a story",
    "shared a video",
    "you shared a video",
    "shared a photo",
    "you shared a photo",
    "shared a post",
    "you shared a post",
    "shared a reel",
    "you shared a reel",
    "shared a story",
    "you shared a story",
    "shared a profile",
    "you shared a profile",
    "shared a live",
    "you shared a live",
    "photo",
    "video",
    "gif",
    "sticker",
    "voice message",
    "attachment",
    // stories
    "mentioned you in their story",
    "you mentioned them in your story",
    "replied to your story",
    "you replied to their story",
    "reacted to your story",
    "you reacted to their story",
    // reactions
    "liked a message",
    "you liked a message",
    "liked your message",
    "reacted to a message",
    "you reacted to a message",
    "reacted to your message",
    // calls
    "audio call",
    "audio call ended",
    "video call",
    "video call ended",
    "missed audio call",
    "missed video call",
    "missed call",
    "missed voice call",
    "started an audio call",
    "started a video call",
    "you started an audio call",
    "you started a video call",
    "you missed an audio call",
    "you missed a video call",
    "you missed a call",
    // presence and state of the conversation
    "active now",
    "active today",
    "active yesterday",
    "typing",
    "typing...",
    "typing…",
    "seen",
    "delivered",
    "sent",
    "unsent a message",
    "you unsent a message",
    "message unavailable",
    "this message is unavailable",
    "accepted the request",
    "you accepted the request",
    "new message",
    "say hi",
];

/// The preview as evidence, or `None` where it proves and disproves nothing: nothing shown, a lone "@handle", a
/// system line, or a text that this source does not show in a thread. White space is folded, a leading "You: "
/// is off, and at most [`PREVIEW_CHARS`] characters are left; where the source had cut the preview and folding
/// shortened it further, it ends in "…" so that [`shows`] still knows it as cut.
pub fn usable(platform: Platform, shape: Shape, preview: &str) -> Option<Cow<'_, str>> {
    let bare = without_you(preview.trim());
    let folded = fold(bare);
    let is_handle = folded.starts_with('@') && !folded.contains(' ');
    if folded.is_empty() || is_handle || is_system_line(&folded) || is_dropped(platform, shape, bare) {
        return None;
    }
    // The real Twitter service takes the first piece of a row that is longer than ten characters, so anything
    // shorter is not the message. Source: observed on the real servers.
    if platform == Platform::Twitter && shape == Shape::Real && utf16_len(bare) <= 10 {
        return None;
    }
    let was_cut = preview.ends_with(HALF_CHAR) || utf16_len(preview) >= LEAST_CUT;
    match folded.char_indices().nth(PREVIEW_CHARS) {
        Some((end, _)) => Some(match folded {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
            Cow::Owned(mut text) => {
                text.truncate(end);
                Cow::Owned(text)
            }
        }),
        None if was_cut && cut_stem(&folded).is_none() => {
            let mut cut = folded.trim_end_matches(HALF_CHAR).to_owned();
            if cut.chars().count() < PREVIEW_CHARS {
                cut.push('…');
            }
            Some(Cow::Owned(cut))
        }
        None => Some(folded),
    }
}

/// A preview with white space folded and surrounding space off: how two previews are compared.
pub fn folded(preview: &str) -> String {
    fold(preview.trim()).into_owned()
}

/// True where a message's text is what a [`usable`] preview shows: the same text with white space folded, or,
/// where the preview was cut (100 characters long, or ending in an ellipsis), a text that begins with it.
pub fn shows(preview: &str, text: &str) -> bool {
    if preview.is_empty() {
        return false;
    }
    let text = fold(text.trim());
    [&*text, without_you(&text)].into_iter().any(|text| {
        text == preview
            || cut_stem(preview).is_some_and(|stem| text.starts_with(stem))
            // A text that the source cut shorter than the preview can't be told from another one.
            || (preview.chars().count() >= PREVIEW_CHARS && text.starts_with(preview))
    })
}

/// True for a text that this source leaves out of the threads it shows. The real Instagram service takes short
/// texts for buttons and labels: up to 3 characters, anything without lower-case letters (so every caseless script
/// too) under 20, and everything over 2,000. Lengths are in UTF-16 units, as the service counts them.
/// Source: observed on the real servers.
pub fn is_dropped(platform: Platform, shape: Shape, text: &str) -> bool {
    if platform != Platform::Instagram || shape != Shape::Real {
        return false;
    }
    let text = text.trim();
    let length = utf16_len(text);
    length <= 3 || length > 2000 || (length < 20 && text.to_uppercase() == text)
}

/// The part before an ellipsis that stands for a cut.
fn cut_stem(preview: &str) -> Option<&str> {
    let stem = preview.strip_suffix('…').or_else(|| preview.strip_suffix("..."))?.trim_end();
    (stem.chars().count() >= LEAST_BEFORE_ELLIPSIS).then_some(stem)
}

/// True for what a platform says about a message instead of the message.
fn is_system_line(folded: &str) -> bool {
    let lower = folded.to_lowercase();
    let line = lower.strip_suffix('.').filter(|rest| !rest.ends_with('.')).unwrap_or(&lower);
    SYSTEM_LINES.contains(&line) || is_reaction(line)
}

/// "reacted ❤️ to your message": one sign without letters or digits in a fixed sentence.
fn is_reaction(line: &str) -> bool {
    line.strip_prefix("you ")
        .unwrap_or(line)
        .strip_prefix("reacted ")
        .and_then(|rest| {
            rest.strip_suffix(" to your message")
                .or_else(|| rest.strip_suffix(" to a message"))
                .or_else(|| rest.strip_suffix(" to their message"))
        })
        .is_some_and(|sign| !sign.is_empty() && !sign.contains(|c: char| c.is_alphanumeric() || c == ' '))
}

/// A text without the "You: " that marks our own messages.
fn without_you(text: &str) -> &str {
    text.strip_prefix("You: ").map_or(text, str::trim_start)
}

/// White space folded: a preview is one line.
fn fold(text: &str) -> Cow<'_, str> {
    let tidy = text.trim() == text
        && !text.chars().zip(text.chars().skip(1)).any(|(a, b)| a.is_whitespace() && b.is_whitespace())
        && text.chars().all(|c| c == ' ' || !c.is_whitespace());
    if tidy { Cow::Borrowed(text) } else { Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ")) }
}

fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::Platform::{Instagram, TikTok, Twitter};
    use crate::Shape::{Documented, Real};

    #[rstest]
    #[case(Instagram, Real, "Sounds great", Some("Sounds great"))]
    #[case(Instagram, Real, "  You:  Sounds\n great ", Some("Sounds great"))]
    #[case(TikTok, Real, "ok!", Some("ok!"))]
    #[case(Instagram, Documented, "ok", Some("ok"))]
    #[case(Instagram, Real, "ok", None)]
    #[case(Instagram, Real, "YES PLEASE", None)]
    #[case(Instagram, Real, "مرحبا، شكرا لك", None)]
    #[case(TikTok, Real, "مرحبا، شكرا لك", Some("مرحبا، شكرا لك"))]
    #[case(Instagram, Real, "YES PLEASE DO SEND ME ONE", Some("YES PLEASE DO SEND ME ONE"))]
    #[case(Twitter, Real, "", None)]
    #[case(Twitter, Real, " \u{a0} ", None)]
    #[case(Twitter, Real, "@maplestudio", None)]
    #[case(Twitter, Real, "@maplestudio thanks", Some("@maplestudio thanks"))]
    #[case(Twitter, Real, "Love it!", None)]
    #[case(Twitter, Documented, "Love it!", Some("Love it!"))]
    #[case(TikTok, Real, "You shared a video", None)]
    #[case(TikTok, Documented, "You shared a video", None)]
    #[case(Instagram, Real, "You sent an attachment.", None)]
    #[case(Instagram, Real, "SENT A PHOTO", None)]
    #[case(Instagram, Real, "Reacted ❤️ to your message", None)]
    #[case(Instagram, Real, "Reacted badly to your message", Some("Reacted badly to your message"))]
    #[case(Instagram, Real, "Video call ended", None)]
    #[case(Instagram, Real, "I sent a photo yesterday", Some("I sent a photo yesterday"))]
    #[case(Instagram, Real, "Sent a photo..", Some("Sent a photo.."))]
    fn a_preview_is_evidence_only_where_it_is_a_message(
        #[case] platform: Platform,
        #[case] shape: Shape,
        #[case] preview: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(usable(platform, shape, preview).as_deref(), expected);
    }

    #[rstest]
    #[case("hello there", "hello there", true)]
    #[case("hello there", "hello\n\n  there ", true)]
    #[case("ok", "ok let me see", false)]
    #[case("we could meet at…", "we could meet at noon", true)]
    #[case("we could meet at...", "we could meet at noon", true)]
    #[case("well…", "well done", false)]
    #[case("...", "anything", false)]
    #[case("", "", false)]
    #[case("hi", "You: hi", true)]
    fn a_preview_shows_a_text_it_equals_or_begins(
        #[case] preview: &str,
        #[case] text: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(shows(preview, text), expected);
    }

    #[test]
    fn system_lines_are_written_the_way_they_are_looked_up() {
        for line in SYSTEM_LINES {
            assert_eq!(*line, line.to_lowercase());
            assert!(is_system_line(line), "{line}");
            assert!(!is_system_line(&format!("{line} yesterday, sorry")), "{line}");
        }
    }

    /// What a service does: the first 100 UTF-16 units.
    fn service_preview(text: &str) -> String {
        String::from_utf16_lossy(&text.encode_utf16().take(PREVIEW_CHARS).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn the_preview_of_a_text_shows_that_text(
            text in "[a-z😀é \n]{1,300}", platform in prop::sample::select(Platform::ALL.to_vec()), real: bool,
        ) {
            let shape = if real { Real } else { Documented };
            let given = service_preview(&text);
            if let Some(preview) = usable(platform, shape, &given) {
                prop_assert!(preview.chars().count() <= PREVIEW_CHARS);
                prop_assert!(shows(&preview, &text), "{preview:?} of {text:?}");
                // The text itself may be cut too.
                let cut = String::from_utf16_lossy(&text.encode_utf16().take(TEXT_CHARS).collect::<Vec<_>>());
                prop_assert!(shows(&preview, &cut));
            }
        }

        #[test]
        fn a_usable_preview_stays_usable(text in "\\PC{0,150}") {
            if let Some(preview) = usable(TikTok, Real, &text) {
                let again = usable(TikTok, Real, &preview);
                prop_assert!(again.is_some() || text.starts_with("You: "));
            }
        }

        #[test]
        fn a_documented_source_drops_nothing(text in "\\PC{0,30}") {
            for platform in Platform::ALL {
                prop_assert!(!is_dropped(platform, Documented, &text));
            }
        }
    }
}
