//! The handle on a running simulator.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use crm_sync_domain::{InboxTab, Platform};
use tokio_util::sync::CancellationToken;

use crate::scenario::{Change, PlatformScenario, Scenario};
use crate::service::{CallRecord, Service};
use crate::world::{PersonId, World, index};
use crate::{Endpoint, server};

/// The three services, running on 127.0.0.1 until [`Simulator::stop`] or drop.
pub struct Simulator {
    services: [Arc<Service>; 3],
    addresses: [SocketAddr; 3],
    /// Cancelled to close one platform's port and connections.
    listeners: Mutex<[CancellationToken; 3]>,
    stop: CancellationToken,
}

/// Why a simulator can't start.
#[derive(Debug, thiserror::Error)]
#[error(
    "the simulated {platform} can't listen on 127.0.0.1:{port}: {source}; choose another port, or 0 for a free one"
)]
pub struct StartError {
    /// Which service.
    pub platform: Platform,
    /// The port asked for; 0 is any.
    pub port: u16,
    /// What the system said.
    pub source: io::Error,
}

impl Simulator {
    /// Starts the three services.
    pub async fn start(world: World, scenario: Scenario) -> Result<Self, StartError> {
        let stop = CancellationToken::new();
        let mut inboxes = world.inboxes.into_iter();
        let clock = scenario.clock;
        let services = scenario.platforms.map(|platform| {
            let inbox =
                inboxes.next().unwrap_or_else(|| crate::world::Inbox::new(platform.platform, "", Vec::new()));
            Arc::new(Service::new(platform, inbox, clock.clone(), stop.clone()))
        });
        let mut addresses = [SocketAddr::from(([127, 0, 0, 1], 0)); 3];
        let listeners = [(); 3].map(|()| stop.child_token());
        for (place, service) in services.iter().enumerate() {
            let port = service.scenario().port;
            let error = |source| StartError { platform: service.platform, port, source };
            let listener = server::bind(port).await.map_err(error)?;
            addresses[place] = listener.local_addr().map_err(error)?;
            if service.scenario().running {
                tokio::spawn(server::listen(service.clone(), listener, listeners[place].clone()));
            }
        }
        Ok(Self { services, addresses, listeners: Mutex::new(listeners), stop })
    }

    fn service(&self, platform: Platform) -> &Arc<Service> {
        &self.services[index(platform)]
    }

    /// `http://127.0.0.1:PORT`, also of a service that doesn't run.
    pub fn base_url(&self, platform: Platform) -> String {
        format!("http://{}", self.addresses[index(platform)])
    }

    /// From now on the service behaves otherwise; its world, tab and log stay as they are. Everything that is
    /// counted (calls for faults and scripts, opens, cold lists) begins anew, and so does the login.
    pub fn change(&self, platform: Platform, change: impl FnOnce(PlatformScenario) -> PlatformScenario) {
        let service = self.service(platform);
        service.behave(change(PlatformScenario::clone(&service.scenario())));
    }

    /// What time it is for the services.
    pub fn now(&self) -> DateTime<FixedOffset> {
        self.services[0].clock.now()
    }

    /// Changes the running world.
    pub fn apply(&self, platform: Platform, change: &Change) {
        self.service(platform).apply(change);
    }

    /// The person writes: their row becomes unread and the first of its list.
    pub fn receive(&self, platform: Platform, person: PersonId, text: &str) {
        self.apply(platform, &Change::Receive(person, text.to_owned()));
    }

    /// The owner of the inbox writes to the person.
    pub fn send(&self, platform: Platform, person: PersonId, text: &str) {
        self.apply(platform, &Change::Send(person, text.to_owned()));
    }

    /// The person is called otherwise from now on.
    pub fn rename(&self, platform: Platform, person: PersonId, handle: &str, display_name: &str) {
        self.apply(platform, &Change::Rename(person, handle.to_owned(), display_name.to_owned()));
    }

    /// Somebody new writes for the first time.
    pub fn add_contact(
        &self,
        platform: Platform,
        handle: &str,
        display_name: &str,
        tab: InboxTab,
        text: &str,
    ) -> PersonId {
        let service = self.service(platform);
        let now = service.clock.now().to_utc();
        service.state().inbox.add(handle, display_name, tab, text, now)
    }

    /// Time passes for all services.
    pub fn advance_clock(&self, by: Duration) {
        self.services[0].clock.advance(by);
    }

    /// Every call that arrived, in order.
    pub fn calls(&self, platform: Platform) -> Vec<CallRecord> {
        self.service(platform).state().log.records.clone()
    }

    /// How many calls of one endpoint arrived.
    pub fn count(&self, platform: Platform, endpoint: Endpoint) -> usize {
        self.service(platform).state().log.records.iter().filter(|call| call.endpoint == endpoint).count()
    }

    /// The names that `open` was called with, in order.
    pub fn opens(&self, platform: Platform) -> Vec<String> {
        let state = self.service(platform).state();
        let opens = state.log.records.iter().filter(|call| call.endpoint == Endpoint::Open);
        opens.map(|call| call.body["username"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Forgets the calls and delays so far; faults and scripts go on counting.
    pub fn reset_log(&self) {
        for service in &self.services {
            let mut state = service.state();
            state.log.clear();
            state.delayed = Duration::ZERO;
        }
    }

    /// The sum of the service's own delays of all calls so far: the least time that they can take one after another.
    pub fn delayed(&self, platform: Platform) -> Duration {
        self.service(platform).state().delayed
    }

    /// What a call of that endpoint is made to take.
    pub fn planned_delay(&self, platform: Platform, endpoint: Endpoint) -> Duration {
        self.service(platform).scenario().timings.planned(platform, endpoint)
    }

    /// Closes one platform's port and connections: calls are refused.
    pub fn stop_listening(&self, platform: Platform) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)[index(platform)].cancel();
    }

    /// Opens one platform's port again, in the state that the service was in.
    pub async fn listen_again(&self, platform: Platform) -> Result<(), StartError> {
        self.stop_listening(platform);
        let port = self.addresses[index(platform)].port();
        let error = |source| StartError { platform, port, source };
        let token = self.stop.child_token();
        let listener = rebind(port).await.map_err(error)?;
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)[index(platform)] = token.clone();
        tokio::spawn(server::listen(self.service(platform).clone(), listener, token));
        Ok(())
    }

    /// Ends everything, calls in flight too.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    pub(crate) fn with_state<T>(
        &self,
        platform: Platform,
        look: impl FnOnce(&crate::PlatformScenario, &mut crate::service::State) -> T,
    ) -> T {
        let service = self.service(platform);
        let scenario = service.scenario();
        look(&scenario, &mut service.state())
    }
}

/// The task that held the port drops it in its own time.
async fn rebind(port: u16) -> io::Result<tokio::net::TcpListener> {
    let mut tries = 0;
    loop {
        match server::bind(port).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < 1_000 => {
                tries += 1;
                tokio::task::yield_now().await;
            }
            result => return result,
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop();
    }
}
