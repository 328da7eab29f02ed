//! What the integration tests and the benchmarks share: a data directory with an engine on a simulated world
//! ([`House`]), and the comparison of what was stored with what is true ([`Verdict`]).

#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a test that can't be set up has failed")]

mod house;
mod verdict;

pub use house::{House, Sync};
pub use verdict::Verdict;
