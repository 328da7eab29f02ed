//! The three services as small stateful servers on 127.0.0.1, for the demo, tests, benchmarks and development: with
//! one browser tab each, in the shape of the published documentation or in that of the real servers.
//!
//! ```
//! use std::time::Duration;
//! use crm_sync_domain::Platform;
//! use crm_sync_simulator::{
//!     Endpoint, Fault, FaultKind, InboxSpec, Late, Login, Scenario, Simulator, World, WorldSpec,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), crm_sync_simulator::StartError> {
//! let world = World::generate(&WorldSpec::uniform(7, &InboxSpec { duplicates: 3, ..InboxSpec::odd(60) }));
//! let scenario = Scenario::documented()
//!     .everywhere(|p| p.late(Late::previous(Duration::from_millis(700))).open_fails_every(12))
//!     .on(Platform::Instagram, |p| p.cold(2))
//!     .on(Platform::Twitter, |p| p.login(Login::Unauthorized))
//!     .on(Platform::TikTok, |p| p.rows_per_page(20).fault(Fault::on(Endpoint::Messages, FaultKind::Reset).times(1)));
//! let simulator = Simulator::start(world, scenario).await?;
//!
//! let base = simulator.base_url(Platform::Instagram);
//! assert!(base.starts_with("http://127.0.0.1:"));
//! // … sync against it, then compare with what that server can show:
//! for contact in simulator.truth(Platform::Instagram) {
//!     let shown = simulator.visible(Platform::Instagram, contact.person, 50);
//!     assert!(shown.is_some_and(|messages| messages.len() <= contact.messages.len()));
//! }
//! simulator.receive(Platform::Instagram, crm_sync_simulator::PersonId(4), "any news?");
//! assert_eq!(simulator.count(Platform::Instagram, Endpoint::Open), 0);
//! # Ok(()) }
//! ```
//!
//! - **World** ([`WorldSpec`] → [`World::generate`], or [`demo()`]): people, threads, tabs; the same for the same seed.
//!   Every generated text that isn't common to many threads leads to its writer ([`Simulator::owner_of`]).
//! - **Scenario** ([`Scenario`], [`PlatformScenario`]): shape, timings, late pages, faults, a second client, changes in
//!   the middle of a run. Everything goes wrong by count, never by chance.
//! - **Simulator** ([`Simulator`]): the running servers; truth, calls, and changes to the world.
//!
//! What always holds in here:
//! - Nothing binds anything but 127.0.0.1, and no clock is read but the one passed in.
//! - Nothing serialises callers: two clients race for the tab, and a server carries on when its client goes away.
//! - The servers' losses and quirks are stated here on their own, not taken from the domain crate; see `pages`.
//!
//! A new fault of the wire is a variant of [`FaultKind`] and its answer in `spoil`; a new quirk of a server is a switch
//! of [`PlatformScenario`], off by default, used in that server's module.

mod behaviour;
mod clock;
mod crm;
mod documented;
mod endpoint;
mod faults;
mod guard;
mod handle;
mod instagram;
mod pages;
mod platform_scenario;
mod reply;
mod scenario;
mod server;
mod service;
mod session;
mod spoil;
mod tab;
mod tiktok;
mod timings;
mod truth;
mod twitter;
mod world;

pub use clock::{Clock, base_time};
pub use endpoint::Endpoint;
pub use faults::{Fault, FaultKind};
pub use handle::{Simulator, StartError};
pub use pages::VisibleMessage;
pub use scenario::{
    Change, Claim, Crm, Ids, Late, Login, Meanwhile, PlatformScenario, Scenario, Script, When,
};
pub use service::CallRecord;
pub use timings::Timings;
pub use truth::TrueContact;
pub use world::{
    CrmEntry, Inbox, InboxSpec, Message, Names, Person, PersonId, Texts, World, WorldSpec, demo,
};
