//! The promises of the cache, kept on real database files.
#![expect(clippy::unwrap_used, reason = "a test whose setting can't be made has failed")]

mod concurrency;
mod contacts;
mod crash;
mod opening;
mod released;
mod renames;
mod runs;
mod schema;
mod scores;
mod search;
mod support;
mod threads;
