//! From a cached thread and a window read of it to the whole thread.
//!
//! A service shows a window of a thread (its newest messages, or its oldest on TikTok), mostly without ids and times.
//! Where the window lies is found by laying it over the cached thread; the texts alone say nothing, because people
//! write "ok" twice. [`merge`] has no way to remove a cached message.
//!
//! **When two messages are the same** (`same`): the same real id where both have one; else the same text (one of
//! them may be cut at 500 characters) and no contradiction in the direction.
//!
//! **Where the window lies** (`place`), the first of these that holds:
//! 1. The longest run that ends the cache and begins the window, if a text in it is unique in both (or an id is
//!    shared). Windows read from the front (`first_n`) begin where the cache begins instead.
//! 2. The window holds the whole cache in one piece: it was scrolled further up, and what comes first is older.
//! 3. The two agree in order but for insertions and missing messages (sources drop repeats, people unsend), at least
//!    half of both sides is in common, the agreement is no coincidence (ids, three texts unique in both, six different
//!    texts in a row), and it needs fewer edits than rule 4: new messages, and cached ones that the window lacks.
//! 4. The longest run that ends the cache and begins the window. With three messages it counts; with fewer the
//!    messages still count as the same, so that none is stored twice, and a gap is shown before the next one.
//!
//! **Never more than were sent.** If `r` messages really overlap, they are a run that ends the cache and begins the
//! window, so the longest such run, however short, has at least `r`: what is added is part of what was really new,
//! and afterwards the cache ends with the whole window, so the next merge starts from the same ground. The price is
//! that windows of nothing but repeats may add too few. What the window shows in the midst of cached messages
//! (`splice`) may be a cached message seen from another side: it is added only where its text is not cached, or
//! stands in the window after a message that is later than every cached copy. Of sources that drop
//! repeats only texts that are not cached are added, since the copy that they show may be any of several. Where more than half of an overlap was unsent, or messages were unsent among
//! repeats, nobody can say which message is which, and one may be stored twice; so may one where a whole exchange is
//! sent again in other words' company (rule 3 taken for unsending; one in tens of thousands of random histories).

mod align;
mod place;
mod same;
mod splice;

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;

use std::ops::Range;

use chrono::{DateTime, TimeZone, Utc};

use crate::{Moment, ReadMessage, StoredMessage};

use place::Window;
use same::Symbols;

/// What is known of a read window beside its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowFacts {
    /// The window is shorter than its limit: the whole thread, as far as the source shows it.
    pub complete: bool,
    /// The source shows the oldest messages of a thread, not the newest (the real TikTok service).
    pub first_n: bool,
    /// The source shows a text once and drops its repeats (the real Instagram service).
    pub drops_repeats: bool,
    /// The last proved read of this thread before this one.
    pub previous_read: Option<DateTime<Utc>>,
    /// When the window was read.
    pub read_at: DateTime<Utc>,
    /// When each message of the window was sent by its own time, in the window's order ([`message_times`]). Empty
    /// where the source's times mean nothing.
    pub times: Vec<Option<Moment>>,
}

/// The messages' own times, worked out in the zone of the machine that read them.
pub fn message_times<Z: TimeZone>(window: &[ReadMessage], read_at: &DateTime<Z>) -> Vec<Option<Moment>> {
    window.iter().map(|message| Moment::parse(message.time_text.as_deref()?, read_at)).collect()
}

/// A merged thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The whole thread, oldest first: every cached message, and the new ones with row id 0.
    pub thread: Vec<StoredMessage>,
    /// How many are new.
    pub new_messages: u32,
    /// A gap was opened: the window touches the cache nowhere for certain.
    pub gap: bool,
}

/// The whole thread as known after a proved read.
///
/// New messages have the time they give themselves, else "between the previous read and this one" where they follow
/// all that was cached, else none. Cached messages gain what they lacked (id, sender, direction, time, the rest of
/// a cut text) from the message of the window that they are, and lose nothing.
pub fn merge(cached: Vec<StoredMessage>, window: &[ReadMessage], read: &WindowFacts) -> Merged {
    let symbols = Symbols::of(&cached, window);
    let kind = Window { complete: read.complete, first_n: read.first_n, drops_repeats: read.drops_repeats };
    let placement = place::place(&cached, &symbols, kind);
    splice::splice(cached, window, &symbols, &placement, read)
}

/// How a window agrees with the cached thread: evidence that it is this contact's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The most consecutive messages that are the same in both, where [`merge`] would place the window.
    pub longest_run: usize,
    /// Where that run lies in the window.
    pub run: Range<usize>,
    /// How many cached messages the window holds, in order; others may stand between them.
    pub held: usize,
    /// How many messages are cached.
    pub cached: usize,
}

/// Lays a window over a cached thread without merging it.
pub fn overlap(cached: &[StoredMessage], window: &[ReadMessage]) -> Overlap {
    let symbols = Symbols::of(cached, window);
    let as_newest =
        place::place(cached, &symbols, Window { complete: false, first_n: false, drops_repeats: true });
    let pairs = if as_newest.trusted {
        as_newest.pairs
    } else {
        let as_oldest =
            place::place(cached, &symbols, Window { complete: false, first_n: true, drops_repeats: true });
        if as_oldest.trusted { as_oldest.pairs } else { as_newest.pairs }
    };
    let run = place::runs(&pairs).max_by_key(ExactSizeIterator::len).map_or(0..0, |run| {
        let start = pairs[run.start].1;
        start..start + run.len()
    });
    let held = align::align(&symbols.cached, &symbols.window, align::End::Free).len();
    Overlap { longest_run: run.len(), run, held, cached: cached.len() }
}
