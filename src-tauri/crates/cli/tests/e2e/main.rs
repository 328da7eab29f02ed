//! The built `crm-sync` against simulated services: what a person or a script gets from it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod desk;
mod documents;
#[cfg(target_os = "linux")]
mod memory;
mod reading;
mod settings;
mod stopping;
