//! Where a window lies on the cached thread.

use std::collections::HashSet;
use std::ops::Range;

use super::align::{End, align};
use super::same::Symbols;
use crate::StoredMessage;

/// What kind of window it is; see [`super::WindowFacts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) complete: bool,
    pub(super) first_n: bool,
    pub(super) drops_repeats: bool,
}

/// Which message of the window is which cached one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placement {
    /// Pairs (place in the cache, place in the window), both rising.
    pub(super) pairs: Vec<(usize, usize)>,
    /// False where the pairs are only a precaution against counting a message twice.
    pub(super) trusted: bool,
}

/// So many consecutive messages in common are no coincidence.
const ENOUGH: usize = 3;

/// So many different texts in a run are no coincidence even where each of them is repeated elsewhere.
const VARIED: usize = 6;

pub(super) fn place(cached: &[StoredMessage], symbols: &Symbols, window: Window) -> Placement {
    let (n, m) = (symbols.cached.len(), symbols.window.len());
    let trusted = |pairs| Placement { pairs, trusted: true };
    if n == 0 || m == 0 {
        return trusted(Vec::new());
    }
    if window.first_n {
        let both = n.min(m);
        if diagonal(symbols, 0, 0, both) {
            return trusted(pairs_on(0, 0, both));
        }
    }
    let run = if window.first_n { 0 } else { run_at_the_seam(symbols) };
    let seam = pairs_on(n - run, 0, run);
    if seam.iter().any(|pair| symbols.unique(*pair)) || (window.complete && run == n) {
        return trusted(seam);
    }
    if run < n
        && !window.first_n
        && let Some(pairs) = whole_cache(symbols, window)
    {
        return trusted(pairs);
    }
    let aligned = aligned(symbols, window);
    let new = m - aligned.len();
    // Edits: new messages, and cached ones that the window lacks.
    let edits = new + missing(&aligned, n, window);
    if accepted(cached, symbols, window, &aligned) && (new == 0 || run == 0 || edits < m - run) {
        return trusted(aligned);
    }
    Placement { pairs: seam, trusted: run >= ENOUGH }
}

/// The runs of pairs that are consecutive on both sides, as ranges of `pairs`.
pub(super) fn runs(pairs: &[(usize, usize)]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    pairs.chunk_by(|a, b| (a.0 + 1, a.1 + 1) == *b).map(move |run| {
        let range = start..start + run.len();
        start = range.end;
        range
    })
}

/// True where a run of pairs is no coincidence: long enough, or holding a pair that can't be anything else.
pub(super) fn is_firm(symbols: &Symbols, run: &[(usize, usize)]) -> bool {
    run.len() >= ENOUGH || run.iter().any(|pair| symbols.unique(*pair))
}

/// True where the window goes back further than the cache: what it shows before the first match is older than
/// everything cached, not put between cached messages.
pub(super) fn reaches_back(pairs: &[(usize, usize)]) -> bool {
    pairs.first().is_some_and(|(c, w)| w > c && *c <= pairs.len())
}

fn diagonal(symbols: &Symbols, c: usize, w: usize, length: usize) -> bool {
    symbols.cached[c..c + length].iter().zip(&symbols.window[w..w + length]).all(|(a, b)| a.same(b))
}

fn pairs_on(c: usize, w: usize, length: usize) -> Vec<(usize, usize)> {
    (0..length).map(|at| (c + at, w + at)).collect()
}

/// The longest run that ends the cache and begins the window.
fn run_at_the_seam(symbols: &Symbols) -> usize {
    let n = symbols.cached.len();
    (1..=n.min(symbols.window.len())).rev().find(|run| diagonal(symbols, n - run, 0, *run)).unwrap_or(0)
}

/// The whole cache as a part of the window, as a window scrolled further up shows it. The latest place, which makes
/// the fewest messages come after it.
fn whole_cache(symbols: &Symbols, window: Window) -> Option<Vec<(usize, usize)>> {
    let n = symbols.cached.len();
    let room = symbols.window.len().checked_sub(n)?;
    let at = (0..=room).rev().find(|at| diagonal(symbols, 0, *at, n))?;
    let pairs = pairs_on(0, at, n);
    (window.complete || is_firm(symbols, &pairs)).then_some(pairs)
}

/// The best alignment with the part of the cache that the window can reach.
fn aligned(symbols: &Symbols, window: Window) -> Vec<(usize, usize)> {
    let n = symbols.cached.len();
    if window.first_n {
        return align(&symbols.cached, &symbols.window, End::Free);
    }
    // A window whose overlap is accepted lacks at most as many messages as it matches.
    let reach = if window.complete { n } else { n.min(2 * symbols.window.len() + 1) };
    let mut pairs = align(&symbols.cached[n - reach..], &symbols.window, End::Missing);
    for (c, _) in &mut pairs {
        *c += n - reach;
    }
    pairs
}

/// How many cached messages the window should show and doesn't.
fn missing(pairs: &[(usize, usize)], cached: usize, window: Window) -> usize {
    let (Some(first), Some(last)) = (pairs.first(), pairs.last()) else { return cached };
    let end = if window.first_n { last.0 + 1 } else { cached };
    end - first.0 - pairs.len()
}

/// True where an alignment shows that the two are one thread.
fn accepted(cached: &[StoredMessage], symbols: &Symbols, window: Window, pairs: &[(usize, usize)]) -> bool {
    let (n, m) = (symbols.cached.len(), symbols.window.len());
    let (Some(first), Some(last)) = (pairs.first(), pairs.last()) else { return false };
    // Both are the whole thread, or both begin where the thread begins: half of it in common is enough.
    if (window.complete && 2 * pairs.len() >= n) || (window.first_n && 2 * pairs.len() >= n.min(m)) {
        return true;
    }
    // What fills a gap is no contradiction.
    let fills: usize = pairs
        .windows(2)
        .filter(|pair| cached[pair[0].0 + 1..=pair[1].0].iter().any(|stored| stored.gap_before))
        .map(|pair| pair[1].1 - pair[0].1 - 1)
        .sum();
    let start = if reaches_back(pairs) { first.1 } else { 0 };
    let matched: HashSet<usize> = pairs.iter().map(|(_, w)| *w).collect();
    let doubtful = (start..last.1).any(|w| !matched.contains(&w) && symbols.cached_copies(w).0 > 0);
    if doubtful && !window.drops_repeats {
        return false;
    }
    let inserted = last.1 + 1 - start - pairs.len() - fills;
    // Without a text that stands once, so much can be left out until the rest fits that the run at the seam, which
    // leaves nothing out, is the better guess. A source that drops repeats leaves things out all the time.
    let unique = pairs.iter().filter(|pair| symbols.unique(**pair)).count();
    let firm = unique >= if window.drops_repeats { 1 } else { ENOUGH }
        || runs(pairs).any(|run| {
            let texts: HashSet<usize> =
                pairs[run.clone()].iter().map(|(c, _)| symbols.cached[*c].text).collect();
            (window.drops_repeats && run.len() >= ENOUGH) || texts.len() >= VARIED
        });
    firm && pairs.len() >= missing(pairs, n, window) && pairs.len() >= inserted
}
