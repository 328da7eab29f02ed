//! The use cases of CRM Sync: what both faces, the command line and the desktop app, do to data. Neither has its own
//! copy of a rule; each turns what stands here into words, tables and windows.
//!
//! What always holds in here:
//! - Time comes from [`clock`], which is passed in; nothing else asks the operating system for it.
//! - Files that a person keeps are replaced as a whole or left as they were ([`atomic`]).
//! - The texts of messages are data: they are never logged and never a formula ([`export`]).
//!
//! A new use case is a module with functions on [`Engine`]; a new way to fail is an [`ApiError`] whose code somebody
//! acts on.

pub mod atomic;
pub mod browser;
pub mod clock;
pub mod contacts;
pub mod data_dir;
pub mod doctor;
mod engine;
pub mod error;
pub mod export;
pub mod health;
pub mod lock;
pub mod logging;
pub mod runs;
pub mod scores;
pub mod settings;
pub mod stats;
pub mod sync;

pub use engine::Engine;
pub use error::{ApiError, Code, Fix};
