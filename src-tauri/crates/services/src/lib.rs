//! The clients of the three direct-message services: one [`Service`] over a table of routes, and decoding by what is
//! there. Two worlds answer behind the same routes, the documented one and the servers as they really are; each field
//! is taken where it is found, and a listing says which world it came from.
//!
//! What always holds in here:
//! - **Unknown is absent.** What a service did not say is `None`; a list that is missing is an error, not an empty one.
//! - **One bad entry costs one entry.** It is skipped and counted; the rest of the answer stands.
//! - **Nothing is concluded.** An answer is decoded, not believed: whose messages they are, the rules decide.
//! - **Details are for people.** One line, no scripts, no paths of another machine, never the text of a message.
//!
//! Another endpoint is a variant of [`Endpoint`] with its route, a row in `crm_sync_http::allow`, a decoder that takes
//! a JSON value, and a method of [`Service`]; its recordings go to `tests/fixtures/services`.

mod crm;
mod endpoint;
mod error;
mod json;
mod listing;
mod messages;
mod service;
mod session;
#[cfg(test)]
mod strategy;
mod text;

pub use crm::{ScoreAll, ScoreReply, ScoredContact, Stats, StatsNumbers};
pub use endpoint::Endpoint;
pub use error::{ErrorClass, ServiceError};
pub use listing::ListKind;
pub use messages::Window;
pub use service::{Opened, Service, Timeouts};
pub use session::{Health, Identity, Navigated, PageStatus, RateStatus, Session, SessionStatus, TabClaim};
