//! The one constructor of HTTP clients. A client that is built elsewhere would follow redirects, wait for ever and
//! read as much as it is sent; `clippy.toml` forbids it.
//!
//! What always holds in here:
//! - **Only the allow-list is called.** [`allow`] names every method and path that may be sent to a service; the
//!   services also send messages and run scripts in a signed-in browser for whoever asks, and this program must
//!   never be the one who asks.
//! - **A call ends.** Its time-out covers connecting, headers and body; its body is read up to a cap; it is sent once.
//! - **It ends where it was sent.** No redirect is followed, and what goes to this machine passes no proxy.
//!
//! A new route is a row in [`allow`]; its test walks everything that must stay refused.

pub mod allow;
mod base;
mod client;
mod error;

pub use client::{ClientOptions, HttpClient, Reply};
pub use error::HttpError;

/// The methods that the services are called with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`, with a JSON body or none.
    Post,
}

impl Method {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
