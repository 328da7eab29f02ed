//! Tests over several crates: the engine on simulated services.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that can't go on has failed, and says what it saw"
)]

mod documented;
mod faults;
mod growth;
mod modes;
mod real;
mod resume;
mod unchanged;
