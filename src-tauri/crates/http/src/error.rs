//! Why a call brought no answer.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use crate::Method;

/// Why a call brought no answer, or why no client was built. An answer of any status outside 3xx is no error here:
/// what it means is for the caller to say. No variant holds user info, query or body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Not on the allow-list: nothing was sent.
    #[error("{method} {path} is not on the list of calls that may be made; nothing was sent")]
    NotAllowed {
        /// The method that was asked for.
        method: Method,
        /// The path that was asked for, without its query.
        path: String,
    },
    /// The base URL leaves this machine, and that was not allowed.
    #[error(
        "{url} is not on this machine; only localhost, 127.0.0.0/8 and [::1] are, unless remote services are allowed"
    )]
    NotLoopback {
        /// The base URL without user info.
        url: String,
    },
    /// The base URL can't be one.
    #[error("{url} can't be the address of a service: {why}")]
    BadBase {
        /// The base URL without user info.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No connection came up, so the request was never sent.
    #[error("nothing answers at {to}: {detail}")]
    Refused {
        /// Host and port.
        to: String,
        /// The system's words.
        detail: String,
    },
    /// The call took longer than its limit. The server may still be working on it.
    #[error("no complete answer within {after:?}")]
    TimedOut {
        /// The limit.
        after: Duration,
    },
    /// The connection broke after it came up: reset, closed without an answer, or cut off within it. The server may
    /// still be working on the request.
    #[error("the connection broke before the answer was complete: {detail}")]
    Dropped {
        /// The system's words.
        detail: String,
    },
    /// The body is larger than the cap; the rest was not read.
    #[error("the answer is larger than {limit} bytes; the rest was not read")]
    TooLarge {
        /// The cap in bytes.
        limit: u64,
    },
    /// A 3xx answer. Never followed.
    #[error("the answer is a redirect ({status}) to {to}, which is not followed")]
    Redirected {
        /// The status.
        status: u16,
        /// The host it points to; "the same host" or "nowhere" where the answer says no more.
        to: String,
    },
    /// Anything else: not HTTP, a certificate that isn't trusted, …
    #[error("{detail}")]
    Other {
        /// The library's words.
        detail: String,
    },
}

impl HttpError {
    /// What a library error means. `to` is host and port of the service.
    pub(crate) fn of(error: reqwest::Error, to: &str) -> Self {
        let error = error.without_url();
        let mut deepest = error.to_string();
        let (mut io_kind, mut incomplete) = (None, false);
        let mut source = error.source();
        while let Some(cause) = source {
            if let Some(io) = cause.downcast_ref::<io::Error>() {
                io_kind = Some(io.kind());
            }
            deepest = cause.to_string();
            // hyper tells a connection that closed early by words only.
            incomplete |= ["message completed", "closed before", "unexpected EOF", "end of file before"]
                .iter()
                .any(|words| deepest.contains(words));
            source = cause.source();
        }
        if error.is_connect() {
            // A handshake that fails on what the certificate says is no sign that nothing listens.
            return match io_kind {
                Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) | None
                    if !is_lookup(&error) =>
                {
                    Self::Other { detail: format!("connecting to {to} failed: {deepest}") }
                }
                _ => Self::Refused { to: to.to_owned(), detail: deepest },
            };
        }
        let broken = matches!(
            io_kind,
            Some(
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::NotConnected
            )
        );
        if broken || incomplete { Self::Dropped { detail: deepest } } else { Self::Other { detail: deepest } }
    }
}

/// True where the host's name could not be looked up.
fn is_lookup(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.to_string().contains("dns error") {
            return true;
        }
        source = cause.source();
    }
    false
}
