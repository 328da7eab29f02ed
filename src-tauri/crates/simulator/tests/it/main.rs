//! The simulated services over the wire, as any client sees them.

#![expect(clippy::unwrap_used, reason = "a test whose helper has nothing to give fails there")]

mod documented;
mod real;
mod recordings;
mod support;
mod wire;
