//! The merged thread, once it is known where the window lies.

use std::collections::HashSet;

use super::place::{Placement, is_firm, reaches_back, runs};
use super::same::Symbols;
use super::{Merged, WindowFacts};
use crate::{Moment, ReadMessage, StoredMessage};

pub(super) fn splice(
    cached: Vec<StoredMessage>,
    window: &[ReadMessage],
    symbols: &Symbols,
    placement: &Placement,
    read: &WindowFacts,
) -> Merged {
    let newcomers =
        Newcomers::find(symbols, placement, read.drops_repeats || (read.complete && !placement.trusted));
    let history = reaches_back(&placement.pairs);
    let count = cached.len();
    let last_match = placement.pairs.last().map(|(_, w)| *w);
    let mut known_ids: HashSet<String> =
        cached.iter().filter_map(|stored| stored.message.id.clone()).collect();
    let mut rest = cached.into_iter();
    let mut taken = 0;
    let mut pairs = placement.pairs.iter().enumerate().peekable();
    let mut thread = Vec::with_capacity(count + window.len());
    let mut waiting: Vec<StoredMessage> = Vec::new();
    let mut new_messages = 0;

    for (w, message) in window.iter().enumerate() {
        let Some((at, &(c, _))) = pairs.next_if(|(_, (_, matched))| *matched == w) else {
            if newcomers.0[w] {
                let follows = last_match.is_none_or(|last| w > last);
                waiting.push(new_message(message, sent(symbols, w, follows, read)));
                new_messages += 1;
            }
            continue;
        };
        if history && taken == 0 && thread.is_empty() {
            thread.append(&mut waiting);
        }
        thread.extend(rest.by_ref().take(c - taken));
        taken = c + 1;
        for mut stored in rest.by_ref().take(1) {
            if placement.trusted {
                fill(&mut stored, message, read.times.get(w), &mut known_ids);
                if stored.gap_before {
                    // The window reaches over the gap and closes it, or into it and moves it up.
                    let bridged = bridges(symbols, &placement.pairs, at);
                    stored.gap_before = !bridged && waiting.is_empty();
                    if let Some(first) = waiting.first_mut() {
                        first.gap_before = !bridged;
                    }
                }
            }
            thread.append(&mut waiting);
            thread.push(stored);
        }
    }
    thread.extend(rest);
    let gap = !placement.trusted && !waiting.is_empty();
    if let Some(first) = waiting.first_mut() {
        first.gap_before = gap;
    }
    thread.append(&mut waiting);
    Merged { thread, new_messages, gap }
}

fn new_message(message: &ReadMessage, sent: Option<Moment>) -> StoredMessage {
    StoredMessage { row_id: 0, message: message.clone(), sent, gap_before: false }
}

/// When a new message was sent. A text that is cached already may be an older message that the source hid until now,
/// so nothing is concluded from the previous read then.
fn sent(symbols: &Symbols, w: usize, follows: bool, read: &WindowFacts) -> Option<Moment> {
    if let Some(Some(own)) = read.times.get(w) {
        return Some(own.clone());
    }
    let previous = read.previous_read.filter(|_| follows)?;
    let hidden_before = symbols.cached_copies(w).0 > 0 && read.drops_repeats;
    Some(Moment::between((!hidden_before).then_some(previous), read.read_at))
}

/// Gives a cached message what it lacked.
fn fill(
    stored: &mut StoredMessage,
    message: &ReadMessage,
    time: Option<&Option<Moment>>,
    known_ids: &mut HashSet<String>,
) {
    let known = &mut stored.message;
    if known.id.is_none() {
        known.id = message.id.clone().filter(|id| known_ids.insert(id.clone()));
    }
    known.sender = known.sender.take().or_else(|| message.sender.clone());
    known.direction = known.direction.or(message.direction);
    if known.text.len() < message.text.len()
        && message.text.starts_with(known.text.trim_end_matches('\u{fffd}'))
    {
        // The cached text was cut.
        known.text.clone_from(&message.text);
    }
    let concluded = stored.sent.as_ref().is_none_or(|sent| sent.text.is_none());
    if let Some(Some(own)) = time
        && concluded
    {
        known.time_text = known.time_text.take().or_else(|| message.time_text.clone());
        stored.sent = Some(own.clone());
    } else if known.time_text.is_none() {
        known.time_text.clone_from(&message.time_text);
    }
}

/// Which unmatched messages of the window are new for certain.
struct Newcomers(Vec<bool>);

impl Newcomers {
    fn find(symbols: &Symbols, placement: &Placement, cautious: bool) -> Self {
        let mut matched = vec![false; symbols.window.len()];
        for (_, w) in &placement.pairs {
            matched[*w] = true;
        }
        let first = placement.pairs.first().map_or(0, |(_, w)| *w);
        let last = placement.pairs.last().map(|(_, w)| *w);
        let history = reaches_back(&placement.pairs);
        let all_named = symbols.cached.iter().all(|symbol| symbol.id.is_some());
        let mut ids: HashSet<usize> = symbols.cached.iter().filter_map(|symbol| symbol.id).collect();
        // Every cached message before this place is older than the message of the window being looked at.
        let mut reached = 0;
        let mut new = vec![false; symbols.window.len()];
        for (w, symbol) in symbols.window.iter().enumerate() {
            let (copies, latest) = symbols.cached_copies(w);
            let follows = last.is_none_or(|last| w > last);
            if !matched[w] && symbol.id.is_none_or(|id| ids.insert(id)) {
                let named = all_named && symbol.id.is_some();
                let later = latest < reached;
                new[w] = copies == 0 || named || (!cautious && (follows || later || (history && w < first)));
            }
            if copies == 1 {
                reached = reached.max(latest);
            }
        }
        Self(new)
    }
}

/// True where the window bridges the gap before the cached message of pair `at`: the messages on both sides of the gap
/// stand in the window, in runs that are no coincidence.
fn bridges(symbols: &Symbols, pairs: &[(usize, usize)], at: usize) -> bool {
    let (before, after) = pairs.split_at(at);
    let (Some(last), Some(next)) = (before.last(), after.first()) else { return false };
    last.0 + 1 == next.0
        && runs(before).last().is_some_and(|run| is_firm(symbols, &before[run]))
        && runs(after).next().is_some_and(|run| is_firm(symbols, &after[run]))
}
