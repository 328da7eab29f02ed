//! Colour, where it is welcome.

use std::env;

use anstyle::{AnsiColor, Effects};

/// Whether and how text is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// No colour, for tests of what is rendered.
    #[cfg(test)]
    pub const PLAIN: Self = Self { colour: false };

    /// Colour on a terminal that can show it, unless `NO_COLOR` is set (and not empty).
    pub fn for_stream(is_terminal: bool) -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { colour: is_terminal && !refused && !dumb }
    }

    /// Less important.
    pub fn dim(self, text: &str) -> String {
        self.paint(anstyle::Style::new().effects(Effects::DIMMED), text)
    }

    /// A heading.
    pub fn bold(self, text: &str) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    /// All is well.
    pub fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// Somebody should look.
    pub fn warn(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// It failed.
    pub fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    fn paint(self, style: anstyle::Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_terminal_gets_no_colour() {
        assert_eq!(Style::for_stream(false), Style::PLAIN);
        assert_eq!(Style::PLAIN.bad("x"), "x");
    }

    #[test]
    fn colour_ends_where_its_text_ends() {
        assert_eq!(Style { colour: true }.good("ok"), "\u{1b}[32mok\u{1b}[0m");
    }
}
