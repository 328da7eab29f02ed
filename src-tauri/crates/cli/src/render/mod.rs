//! From values to text: pure functions, one file per kind of thing shown.

pub mod contacts;
pub mod doctor;
pub mod runs;
pub mod services;
pub mod sync;
pub mod timeline;

/// Text that grows line by line.
#[derive(Debug, Default)]
pub struct Lines(String);

impl Lines {
    /// Adds a line.
    pub fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// Adds text that ends its own lines.
    pub fn text(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// The text.
    pub fn done(self) -> String {
        self.0
    }
}

/// What stands where nothing is known.
pub const UNKNOWN: &str = "–";

/// A number with one decimal, or nothing known.
pub fn score(value: Option<f64>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| format!("{value:.1}"))
}

/// A whole number, or nothing known.
pub fn number(value: Option<impl ToString>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}
