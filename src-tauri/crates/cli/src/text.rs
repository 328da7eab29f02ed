//! Text from strangers on a terminal: made harmless, measured, and cut to a width.

use unicode_width::UnicodeWidthStr;

/// Text as one line in which nothing can move the cursor, change colours, or turn the reading order of what
/// stands around it: control characters become visible pictures, direction overrides a replacement mark, line
/// ends and tabs a space. Right-to-left letters, emoji and combining marks stay as they are.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { harmless(c) }).collect()
}

/// Text line by line, each made harmless as by [`one_line`].
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(one_line).collect()
}

fn harmless(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        // C1 controls; line and paragraph separators; marks, embeddings, overrides and isolates of direction;
        // interlinear annotation; byte order mark.
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{feff}' => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// Columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text if it fits, else as much of it as fits with an ellipsis.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else { return String::new() };
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        if width(text.get(..next).unwrap_or_default()) > room {
            break;
        }
        end = next;
    }
    // A joiner at the end would reach for the ellipsis.
    let kept = text.get(..end).unwrap_or_default().trim_end_matches('\u{200d}').trim_end();
    format!("{kept}…")
}

/// The text followed by as many spaces as make it `columns` wide.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text after as many spaces as make it `columns` wide.
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// "1 thread", "2 threads".
pub fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// 12345 as "12,345".
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("plain", "plain")]
    #[case("a\u{1b}[2Jb", "a␛[2Jb")]
    #[case("two\nlines\tand\0nul", "two lines and␀nul")]
    #[case("\u{202e}gpj.exe", "\u{fffd}gpj.exe")]
    #[case("مرحبا 👩‍👩‍👧 Zoe\u{308}", "مرحبا 👩‍👩‍👧 Zoe\u{308}")]
    #[case("\u{9b}31m", "\u{fffd}31m")]
    fn a_name_is_shown_as_text(#[case] name: &str, #[case] shown: &str) {
        assert_eq!(one_line(name), shown);
    }

    #[rstest]
    #[case("short", 10, "short")]
    #[case("just right", 10, "just right")]
    #[case("far too long", 8, "far too…")]
    #[case("漢字漢字", 6, "漢字…")]
    #[case("x", 0, "")]
    fn a_cut_text_fits(#[case] text: &str, #[case] columns: usize, #[case] cut_to: &str) {
        assert_eq!(cut(text, columns), cut_to);
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((count(1_u32, "thread"), count(0_u32, "thread")), ("1 thread".into(), "0 threads".into()));
    }

    proptest! {
        #[test]
        fn nothing_that_controls_a_terminal_is_left(text in any::<String>()) {
            let steers = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
            let left = one_line(&text).chars().filter(|c| steers(*c)).count();
            prop_assert_eq!(left, 0);
        }

        #[test]
        fn no_cut_is_wider_than_its_room(text in "\\PC{0,30}", columns in 0_usize..40) {
            prop_assert!(width(&cut(&text, columns)) <= columns);
        }
    }
}
