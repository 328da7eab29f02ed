//! Standard output and standard error. A reader that goes away (`| head`) is no error; a full disk is.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Stdout, Write};

use serde::Serialize;

use crate::style::Style;

/// Where results go.
#[derive(Debug)]
pub struct Out {
    /// One JSON document instead of text.
    pub json: bool,
    /// How text is painted.
    pub style: Style,
    /// Columns of the terminal; `None` where standard output is none.
    pub room: Option<usize>,
}

#[expect(clippy::unused_self, reason = "only who was handed the output prints to it")]
impl Out {
    /// For this process's standard output.
    pub fn new(json: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        let size = terminal.then(terminal_size::terminal_size).flatten();
        Self { json, style: Style::for_stream(terminal), room: size.map(|(width, _)| usize::from(width.0)) }
    }

    /// Prints text as it is.
    pub fn text(&self, text: &str) -> io::Result<()> {
        let mut pipe = Pipe::new();
        pipe.write_all(text.as_bytes())?;
        pipe.flush()
    }

    /// Prints one line.
    pub fn line(&self, text: &str) -> io::Result<()> {
        self.text(&format!("{text}\n"))
    }

    /// Prints one JSON document.
    pub fn document(&self, document: &impl Serialize) -> io::Result<()> {
        let mut pipe = Pipe::new();
        serde_json::to_writer_pretty(&mut pipe, document)?;
        writeln!(pipe)?;
        pipe.flush()
    }
}

/// Standard output that goes on as if nothing were wrong once its reader has left.
#[derive(Debug)]
pub struct Pipe {
    stdout: BufWriter<Unbroken>,
}

impl Pipe {
    /// To this process's standard output. Flush it: what is left in it when it goes may not arrive.
    pub fn new() -> Self {
        Self { stdout: BufWriter::with_capacity(64 * 1024, Unbroken(io::stdout())) }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stdout.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

#[derive(Debug)]
struct Unbroken(Stdout);

impl Write for Unbroken {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

/// Prints one line to standard error. Nobody may be listening there, and nothing depends on it.
pub fn say(line: &str) {
    let _unheard = writeln!(io::stderr().lock(), "{line}");
}
