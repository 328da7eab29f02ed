//! What people write. Every generated text that isn't common to many threads carries its writer's trace, like
//! `[I12.3]` (Instagram, person 12, message 3): capitals and digits only, so that the trace doesn't change which
//! texts a server drops as "capitals" or "caseless", and within the first 100 characters, so that cut texts keep it.

use crm_sync_domain::Platform;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{PersonId, Recipe, Texts, demo};

/// The one message of cold outreach.
pub(super) const TEMPLATE: &str =
    "Hi! We love what you post and would like to send you our spring collection. Open to a collab?";

/// Replies that everybody writes: they prove nothing about whose thread it is.
const SHORT: [&str; 10] = [
    "ok",
    "thanks!",
    "Yes",
    "👍",
    "YES PLEASE",
    "sounds good",
    "مرحبا، شكرا لك",
    "lol",
    "Thank you so much!",
    "no",
];

const OPENERS: [&str; 12] = [
    "could you send the numbers for",
    "I looked at",
    "we are happy with",
    "let me get back to you about",
    "just checking in on",
    "my team wants",
    "thanks for sharing",
    "what is the price of",
    "still waiting for",
    "great work on",
    "when do you ship",
    "quick question about",
];
const SUBJECTS: [&str; 12] = [
    "the blue jacket",
    "the summer campaign",
    "that invoice",
    "the second draft",
    "your newest reel",
    "the photo set",
    "next week's call",
    "the sample box",
    "our discount code",
    "the contract",
    "the studio visit",
    "the launch date",
];

pub(super) struct Line {
    pub(super) text: String,
    pub(super) outbound: bool,
    pub(super) attachment: bool,
}

/// The `seq`-th message of a thread.
pub(super) fn line(recipe: &Recipe, seq: u32) -> Line {
    let mut rng = rng(recipe.seed, recipe.platform, recipe.person, seq);
    let mut line = Line { text: String::new(), outbound: rng.random_bool(0.5), attachment: false };
    if recipe.template {
        return Line { text: TEMPLATE.to_owned(), outbound: true, ..line };
    }
    if recipe.texts == Texts::Demo {
        return demo::line(recipe, seq);
    }
    if recipe.short_reply_every > 0 && seq % recipe.short_reply_every == recipe.short_reply_every - 1 {
        SHORT[rng.random_range(0..SHORT.len())].clone_into(&mut line.text);
        return line;
    }
    let trace = trace(recipe.platform, recipe.person, seq);
    if recipe.texts == Texts::Odd && rng.random_ratio(1, 4) {
        return odd(&trace, line, &mut rng);
    }
    line.text = plain(&trace, &mut rng);
    line
}

/// A generator for one place in the world, independent of all others.
pub(super) fn rng(seed: u64, platform: Platform, person: PersonId, seq: u32) -> ChaCha8Rng {
    let place = (u64::from(person.0) << 32 | u64::from(seq)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ChaCha8Rng::seed_from_u64(seed ^ place ^ (super::index(platform) as u64) << 61)
}

fn plain(trace: &str, rng: &mut ChaCha8Rng) -> String {
    let opener = OPENERS[rng.random_range(0..OPENERS.len())];
    let subject = SUBJECTS[rng.random_range(0..SUBJECTS.len())];
    format!("{opener} {subject} {trace}")
}

fn odd(trace: &str, line: Line, rng: &mut ChaCha8Rng) -> Line {
    let text = match rng.random_range(0..16) {
        0 => format!("{trace} مرحبا، هل يمكنك إرسال السعر من فضلك؟"),
        1 => format!("{trace} 🎉👩🏽\u{200d}🚀🔥"),
        2 => format!("e\u{301}toile\u{300} {trace} n\u{303}andu\u{301}"),
        3 => format!("it's \"{trace}\" isn't it? \\o/"),
        4 => format!("<script>alert('{trace}')</script>&amp;"),
        5 => format!("=HYPERLINK(\"http://x\",\"{trace}\")"),
        6 => format!("null byte \0 inside {trace}"),
        7 => format!("first line {trace}\nsecond line\r\n\r\nfourth\u{2028}fifth"),
        8 => format!("CALL ME {trace}"),
        9 => format!("{trace} {}", "All the details of the offer, one by one. ".repeat(20)),
        10 => format!("{trace} {}", "Terms and conditions apply to everything said here. ".repeat(48)),
        // The row of a received one is worded by the page, the row of a sent one by the server: only that is known.
        11 => return Line { attachment: true, outbound: true, ..line },
        12 => format!("  spaces around {trace}  "),
        13 => format!("{trace}日本語のメッセージ"),
        14 => format!("@{trace} https://example.com/?a=1&b=%20{{}}|$1 ;--"),
        _ => format!("\u{202e}{trace} gnirts\u{202c} + zero\u{200b}width"),
    };
    Line { text, ..line }
}

const fn letter(platform: Platform) -> char {
    match platform {
        Platform::Instagram => 'I',
        Platform::Twitter => 'X',
        Platform::TikTok => 'K',
    }
}

fn trace(platform: Platform, person: PersonId, seq: u32) -> String {
    format!("[{}{}.{seq}]", letter(platform), person.0)
}

/// Whose text this is by its trace, and of which inbox; `None` without one (templates, short replies, own texts).
pub(crate) fn owner_in_text(text: &str) -> Option<(Platform, PersonId)> {
    text.match_indices('[').find_map(|(at, _)| {
        let inside = text[at + 1..].split(']').next()?;
        let mut characters = inside.chars();
        let mark = characters.next()?;
        let platform = Platform::ALL.into_iter().find(|p| letter(*p) == mark)?;
        let (person, seq) = characters.as_str().split_once('.')?;
        seq.parse::<u32>().ok()?;
        Some((platform, PersonId(person.parse().ok()?)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_leads_to_its_writer() {
        let text = format!("[hello] {}", trace(Platform::Twitter, PersonId(12), 7));
        assert_eq!(owner_in_text(&text), Some((Platform::Twitter, PersonId(12))));
        assert_eq!(owner_in_text(TEMPLATE), None);
        assert!(SHORT.iter().all(|short| owner_in_text(short).is_none()));
    }
}
