//! A plain table that fits the terminal: wide columns give way first, and nothing is cut where there is no limit.

use crate::style::Style;
use crate::text;

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Numbers stand right.
    pub right: bool,
    /// The least width it keeps when room is short; `None`: it never gives way.
    pub shrinks_to: Option<usize>,
}

impl Column {
    /// A column that keeps its width.
    pub const fn fixed(title: &'static str) -> Self {
        Self { title, right: false, shrinks_to: None }
    }

    /// A column of numbers.
    pub const fn number(title: &'static str) -> Self {
        Self { title, right: true, shrinks_to: None }
    }

    /// A column that is cut when room is short.
    pub const fn text(title: &'static str, shrinks_to: usize) -> Self {
        Self { title, right: false, shrinks_to: Some(shrinks_to) }
    }
}

const BETWEEN: usize = 2;

/// The table as text. Cells must be harmless already ([`text::one_line`]); `room` is the terminal's width.
pub fn render(columns: &[Column], rows: &[Vec<String>], room: Option<usize>, style: Style) -> String {
    let widths = widths(columns, rows, room);
    let titles: Vec<String> = columns.iter().map(|c| c.title.to_owned()).collect();
    let mut out = style.dim(&line(columns, &titles, &widths));
    out.push('\n');
    for row in rows {
        out.push_str(&line(columns, row, &widths));
        out.push('\n');
    }
    out
}

fn widths(columns: &[Column], rows: &[Vec<String>], room: Option<usize>) -> Vec<usize> {
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let cells = rows.iter().filter_map(|row| row.get(i)).map(|cell| text::width(cell));
            cells.chain([text::width(column.title)]).max().unwrap_or(0)
        })
        .collect();
    let Some(room) = room else { return widths };
    let gaps = BETWEEN * columns.len().saturating_sub(1);
    let mut over = (widths.iter().sum::<usize>() + gaps).saturating_sub(room);
    while over > 0 {
        // The widest that may still give way; one column at a time keeps them even.
        let widest = columns
            .iter()
            .zip(&mut widths)
            .filter(|(column, width)| column.shrinks_to.is_some_and(|least| **width > least))
            .max_by_key(|(_, width)| **width);
        let Some((_, width)) = widest else { break };
        *width -= 1;
        over -= 1;
    }
    widths
}

fn line(columns: &[Column], cells: &[String], widths: &[usize]) -> String {
    let parts: Vec<String> = columns
        .iter()
        .zip(cells)
        .zip(widths)
        .map(|((column, cell), width)| {
            let cell = text::cut(cell, *width);
            if column.right { text::pad_left(&cell, *width) } else { text::pad(&cell, *width) }
        })
        .collect();
    parts.join(&" ".repeat(BETWEEN)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] =
        [Column::text("name", 6), Column::number("n"), Column::text("last message", 8)];

    fn rows() -> Vec<Vec<String>> {
        [["Dana W | Travel", "7", "see you on monday then"], ["漢字", "1,204", "ok"]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec()
    }

    #[test]
    fn without_a_limit_nothing_is_cut() {
        assert_eq!(
            render(&COLUMNS, &rows(), None, Style::PLAIN),
            "name                 n  last message\n\
             Dana W | Travel      7  see you on monday then\n\
             漢字             1,204  ok\n"
        );
    }

    #[test]
    fn a_narrow_terminal_cuts_the_widest_texts_and_no_numbers() {
        let narrow = render(&COLUMNS, &rows(), Some(30), Style::PLAIN);
        assert!(narrow.lines().all(|line| text::width(line) <= 30), "{narrow}");
        assert!(narrow.contains("1,204"));
        assert!(narrow.contains('…'));
    }
}
