//! When two messages are the same, as small numbers that compare fast.

use std::collections::HashMap;

use crate::preview::TEXT_CHARS;
use crate::{Direction, ReadMessage, StoredMessage};

/// One message as numbers: equal texts have equal numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Symbol {
    /// The text, as far as a source that cuts would show it.
    pub(super) text: usize,
    /// The whole text where it is longer than that; a cut text has none.
    whole: Option<usize>,
    direction: Option<Direction>,
    pub(super) id: Option<usize>,
}

impl Symbol {
    /// True where nothing says that the two are different messages.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self.id, other.id) {
            (Some(a), Some(b)) => a == b,
            _ => {
                self.text == other.text
                    && agree(self.whole, other.whole)
                    && agree(self.direction, other.direction)
            }
        }
    }
}

/// What is not known agrees with everything.
fn agree<T: Copy + PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    a.is_none() || b.is_none() || a == b
}

/// A cached thread and a window of it as symbols.
pub(super) struct Symbols {
    pub(super) cached: Vec<Symbol>,
    pub(super) window: Vec<Symbol>,
    /// By text: how often it stands in the cache, and where last.
    in_cache: Vec<(usize, usize)>,
    /// By text: how often it stands in the window.
    in_window: Vec<usize>,
}

impl Symbols {
    pub(super) fn of(cached: &[StoredMessage], window: &[ReadMessage]) -> Self {
        let mut numbers = Numbers::default();
        let cached: Vec<_> = cached.iter().map(|stored| numbers.symbol(&stored.message)).collect();
        let window: Vec<_> = window.iter().map(|message| numbers.symbol(message)).collect();
        let mut in_cache = vec![(0, 0); numbers.texts.len()];
        for (place, symbol) in cached.iter().enumerate() {
            in_cache[symbol.text] = (in_cache[symbol.text].0 + 1, place);
        }
        let mut in_window = vec![0; numbers.texts.len()];
        for symbol in &window {
            in_window[symbol.text] += 1;
        }
        Self { cached, window, in_cache, in_window }
    }

    /// True where the pair can't be anything else: a shared id, or a text that stands once in both.
    pub(super) fn unique(&self, (c, w): (usize, usize)) -> bool {
        let (a, b) = (&self.cached[c], &self.window[w]);
        (a.id.is_some() && a.id == b.id) || (self.in_cache[a.text].0 == 1 && self.in_window[b.text] == 1)
    }

    /// How often the text of a message of the window is cached, and where last.
    pub(super) fn cached_copies(&self, w: usize) -> (usize, usize) {
        self.in_cache[self.window[w].text]
    }
}

#[derive(Default)]
struct Numbers<'a> {
    texts: HashMap<&'a str, usize>,
    wholes: HashMap<&'a str, usize>,
    ids: HashMap<&'a str, usize>,
}

impl<'a> Numbers<'a> {
    fn symbol(&mut self, message: &'a ReadMessage) -> Symbol {
        let (shown, whole) = cut(&message.text);
        Symbol {
            text: number(&mut self.texts, shown),
            whole: whole.map(|whole| number(&mut self.wholes, whole)),
            direction: message.direction,
            id: message.id.as_deref().map(|id| number(&mut self.ids, id)),
        }
    }
}

fn number<'a>(numbers: &mut HashMap<&'a str, usize>, text: &'a str) -> usize {
    let next = numbers.len();
    *numbers.entry(text).or_insert(next)
}

/// The part of a text that a source which cuts shows (the services count UTF-16 units, and half an emoji becomes
/// U+FFFD), and the whole of it where it is longer than any cut text.
fn cut(text: &str) -> (&str, Option<&str>) {
    if text.len() < TEXT_CHARS {
        return (text, None);
    }
    let mut units = 0;
    let end = text
        .char_indices()
        .find(|(_, c)| {
            units += c.len_utf16();
            units > TEXT_CHARS
        })
        .map_or(text.len(), |(at, _)| at);
    let shown = text[..end].trim_end_matches('\u{fffd}');
    let is_longer = end < text.len() && text.chars().count() != TEXT_CHARS;
    (shown, is_longer.then_some(text))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ok".to_owned(), "ok".to_owned(), true)]
    #[case("ok".to_owned(), "ok!".to_owned(), false)]
    // a text of 499 characters was not cut
    #[case("a".repeat(499), "a".repeat(600), false)]
    #[case("a".repeat(500), "a".repeat(600), true)]
    // half an emoji at the cut
    #[case(format!("{}\u{fffd}", "a".repeat(499)), format!("{}😀😀", "a".repeat(499)), true)]
    #[case("a".repeat(499), format!("{}😀😀", "a".repeat(499)), true)]
    // cut by characters instead of units
    #[case("😀".repeat(500), "😀".repeat(600), true)]
    // two whole texts that begin alike
    #[case(format!("{}b", "a".repeat(600)), format!("{}c", "a".repeat(600)), false)]
    fn a_cut_text_is_the_text_it_was_cut_from(#[case] a: String, #[case] b: String, #[case] same: bool) {
        let message = |text: &str| ReadMessage {
            id: None,
            sender: None,
            text: text.to_owned(),
            direction: None,
            time_text: None,
        };
        let (a, b) = (message(&a), message(&b));
        let mut numbers = Numbers::default();
        let (a, b) = (numbers.symbol(&a), numbers.symbol(&b));
        assert_eq!(a.same(&b), same);
        assert_eq!(b.same(&a), same);
    }
}
