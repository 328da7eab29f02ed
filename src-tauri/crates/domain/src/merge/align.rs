//! The alignment of two sequences that keeps their order and matches the most.

use super::same::Symbol;

/// What the part of the cache after the last match costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is missing in the window, like what is skipped between two matches.
    Missing,
    /// Nothing: the window was not expected to reach there.
    Free,
}

/// Most cells of the table: two bits each, so 16 MB, a fraction of a second.
const MOST_CELLS: usize = 64 << 20;

/// From this many cells on, what both begin and end with is matched beforehand.
const MANY_CELLS: usize = 1 << 20;

/// One match outweighs every number of missing messages.
const MATCH: i64 = 1 << 32;

/// The matching pairs (place in `cached`, place in `window`) of the best alignment: most matches, then fewest cached
/// messages skipped after the first match, then the earliest places in the window.
pub(super) fn align(cached: &[Symbol], window: &[Symbol], end: End) -> Vec<(usize, usize)> {
    let (mut head, mut tail) = (0, 0);
    if cached.len() * window.len() > MANY_CELLS {
        let both = cached.len().min(window.len());
        head = cached.iter().zip(window).take_while(|(c, w)| c.same(w)).count();
        tail = cached
            .iter()
            .rev()
            .zip(window.iter().rev())
            .take_while(|(c, w)| c.same(w))
            .count()
            .min(both - head);
    }
    let (rest, shown) = (&cached[head..cached.len() - tail], &window[head..window.len() - tail]);
    // Too much to compare: the part of the cache that is furthest from where the window reaches is left out.
    let most = MOST_CELLS / shown.len().max(1);
    let (skipped, rest) = match end {
        End::Missing => rest.split_at(rest.len().saturating_sub(most)),
        End::Free => (&rest[..0], &rest[..rest.len().min(most)]),
    };
    let offset = head + skipped.len();
    let middle = table(rest, shown, end);
    (0..head)
        .map(|at| (at, at))
        .chain(middle.into_iter().map(|(c, w)| (c + offset, w + head)))
        .chain((0..tail).map(|at| (cached.len() - tail + at, window.len() - tail + at)))
        .collect()
}

/// Which way a cell was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    SkipWindow = 0,
    Match = 1,
    SkipCached = 2,
}

fn table(cached: &[Symbol], window: &[Symbol], end: End) -> Vec<(usize, usize)> {
    let (rows, columns) = (cached.len(), window.len());
    let mut steps = Steps::new(rows, columns);
    let mut above = vec![0_i64; columns + 1];
    let mut row = vec![0_i64; columns + 1];
    let mut best = (0_i64, rows);
    for (c, symbol) in cached.iter().enumerate() {
        for w in 0..columns {
            let left = row[w];
            // Before the first match (score 0) skipping costs nothing.
            let up = above[w + 1] - i64::from(above[w + 1] > 0);
            let (mut score, mut step) = (left, Step::SkipWindow);
            if symbol.same(&window[w]) && above[w] + MATCH > score {
                (score, step) = (above[w] + MATCH, Step::Match);
            }
            if up > score {
                (score, step) = (up, Step::SkipCached);
            }
            row[w + 1] = score;
            steps.set(c, w, step);
        }
        if row[columns] > best.0 {
            best = (row[columns], c + 1);
        }
        std::mem::swap(&mut row, &mut above);
    }
    let mut pairs = Vec::new();
    let mut c = if end == End::Free { best.1 } else { rows };
    let mut w = columns;
    while c > 0 && w > 0 {
        match steps.get(c - 1, w - 1) {
            Step::SkipWindow => w -= 1,
            Step::SkipCached => c -= 1,
            Step::Match => {
                (c, w) = (c - 1, w - 1);
                pairs.push((c, w));
            }
        }
    }
    pairs.reverse();
    pairs
}

/// Steps at two bits each.
struct Steps {
    columns: usize,
    bits: Vec<u8>,
}

impl Steps {
    fn new(rows: usize, columns: usize) -> Self {
        Self { columns, bits: vec![0; (rows * columns).div_ceil(4)] }
    }

    fn set(&mut self, row: usize, column: usize, step: Step) {
        let cell = row * self.columns + column;
        self.bits[cell / 4] |= (step as u8) << (cell % 4 * 2);
    }

    fn get(&self, row: usize, column: usize) -> Step {
        let cell = row * self.columns + column;
        match self.bits[cell / 4] >> (cell % 4 * 2) & 3 {
            0 => Step::SkipWindow,
            1 => Step::Match,
            _ => Step::SkipCached,
        }
    }
}
