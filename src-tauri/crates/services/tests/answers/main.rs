//! What the services answer, and what it means: every recording of the real servers, every documented answer, and
//! every way in which an answer can fail to come.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy excuses the tests themselves, not their helpers"
)]

mod documented;
mod faults;
mod recordings;
mod replay;
mod unrecorded;
