//! How one service behaves: the builder of its scenario.

use std::collections::BTreeSet;
use std::time::Duration;

use crm_sync_domain::{Platform, Shape};

use crate::behaviour::{Change, Claim, Crm, Ids, Late, Login, Script, When};
use crate::world::PersonId;
use crate::{Endpoint, Fault, Timings};

/// How one service behaves. Every "n-th" counts calls of this platform from 1.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a scenario, each set by name")]
pub struct PlatformScenario {
    pub(crate) platform: Platform,
    pub(crate) shape: Shape,
    pub(crate) port: u16,
    pub(crate) running: bool,
    pub(crate) timings: Timings,
    pub(crate) late: Option<Late>,
    pub(crate) never_opens: bool,
    pub(crate) fails_every: Option<u32>,
    pub(crate) opens_wrong_every: Option<u32>,
    pub(crate) claims_success_every: Option<u32>,
    pub(crate) claims_success_for: BTreeSet<PersonId>,
    pub(crate) cold_lists: u32,
    pub(crate) cold_for: Option<Duration>,
    pub(crate) navigate_warms: bool,
    pub(crate) login: Login,
    pub(crate) claim: Claim,
    pub(crate) crm: Crm,
    pub(crate) crm_lists_shown_names: bool,
    pub(crate) ids: Ids,
    pub(crate) senders: bool,
    pub(crate) plain_health: bool,
    pub(crate) shared_routes: bool,
    pub(crate) rows_per_page: Option<usize>,
    pub(crate) virtual_window: Option<usize>,
    pub(crate) row_limit: Option<usize>,
    pub(crate) messages_per_page: Option<usize>,
    pub(crate) front_tab: bool,
    pub(crate) rate_limited: bool,
    pub(crate) error_shown: bool,
    pub(crate) scripts: Vec<Script>,
    pub(crate) faults: Vec<Fault>,
}

impl PlatformScenario {
    pub(crate) fn new(platform: Platform, shape: Shape) -> Self {
        let scenario = Self {
            platform,
            shape,
            port: 0,
            running: true,
            timings: Timings::none(),
            late: None,
            never_opens: false,
            fails_every: None,
            opens_wrong_every: None,
            claims_success_every: None,
            claims_success_for: BTreeSet::new(),
            cold_lists: 0,
            cold_for: None,
            navigate_warms: true,
            login: Login::In,
            claim: Claim::Alive,
            crm: Crm::Healthy,
            crm_lists_shown_names: false,
            ids: Ids::Unique,
            senders: true,
            plain_health: false,
            shared_routes: false,
            rows_per_page: None,
            virtual_window: None,
            row_limit: None,
            messages_per_page: None,
            front_tab: false,
            rate_limited: false,
            error_shown: false,
            scripts: Vec::new(),
            faults: Vec::new(),
        };
        scenario.shape(shape)
    }

    /// In which shape this service answers; resets what follows from it (row limits, rendered rows).
    #[must_use]
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        (self.row_limit, self.rows_per_page) = match (shape, self.platform) {
            (Shape::Documented, _) => (None, None),
            (Shape::Real, Platform::Instagram) => (Some(50), None),
            (Shape::Real, Platform::Twitter) => (Some(30), None),
            (Shape::Real, Platform::TikTok) => (None, Some(20)),
        };
        self
    }

    /// Listens on that port of 127.0.0.1 instead of a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Nothing listens on this platform's address.
    #[must_use]
    pub fn not_running(mut self) -> Self {
        self.running = false;
        self
    }

    /// The service's own delays.
    #[must_use]
    pub fn timings(mut self, timings: Timings) -> Self {
        self.timings = timings;
        self
    }

    /// Pages that catch up late.
    #[must_use]
    pub fn late(mut self, late: Late) -> Self {
        self.late = Some(late);
        self
    }

    /// Every `open` says no: the real Twitter's defect, whose messages are then empty too.
    #[must_use]
    pub fn never_opens(mut self) -> Self {
        self.never_opens = true;
        self
    }

    /// Opens work again.
    #[must_use]
    pub fn opens_again(mut self) -> Self {
        self.never_opens = false;
        self
    }

    /// Every n-th `open` says no and changes nothing.
    #[must_use]
    pub fn open_fails_every(mut self, n: u32) -> Self {
        self.fails_every = Some(n.max(1));
        self
    }

    /// Every n-th `open` says yes and opens the row below.
    #[must_use]
    pub fn open_opens_wrong_every(mut self, n: u32) -> Self {
        self.opens_wrong_every = Some(n.max(1));
        self
    }

    /// Every n-th `open` says yes and opens nothing.
    #[must_use]
    pub fn open_claims_success_every(mut self, n: u32) -> Self {
        self.claims_success_every = Some(n.max(1));
        self
    }

    /// `open` of these people says yes and opens nothing.
    #[must_use]
    pub fn open_claims_success_for(mut self, people: impl IntoIterator<Item = PersonId>) -> Self {
        self.claims_success_for.extend(people);
        self
    }

    /// The first n lists are empty, unless `inbox/navigate` comes first.
    #[must_use]
    pub fn cold(mut self, lists: u32) -> Self {
        self.cold_lists = lists;
        self
    }

    /// Lists are empty for so long after the start, unless `inbox/navigate` comes first.
    #[must_use]
    pub fn cold_for(mut self, time: Duration) -> Self {
        self.cold_for = Some(time);
        self
    }

    /// A cold inbox that `inbox/navigate` doesn't warm.
    #[must_use]
    pub fn navigate_does_not_warm(mut self) -> Self {
        self.navigate_warms = false;
        self
    }

    /// The session behind the service.
    #[must_use]
    pub fn login(mut self, login: Login) -> Self {
        self.login = login;
        self
    }

    /// The service's claim on its tab.
    #[must_use]
    pub fn claim(mut self, claim: Claim) -> Self {
        self.claim = claim;
        self
    }

    /// The service's own CRM.
    #[must_use]
    pub fn crm(mut self, crm: Crm) -> Self {
        self.crm = crm;
        self
    }

    /// `top-contacts` calls people as the lists do. Else, on real servers, by the handle they were written to, which
    /// the lists mostly don't show.
    #[must_use]
    pub fn crm_lists_shown_names(mut self) -> Self {
        self.crm_lists_shown_names = true;
        self
    }

    /// The ids of documented messages.
    #[must_use]
    pub fn ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Documented messages without `sender`.
    #[must_use]
    pub fn no_senders(mut self) -> Self {
        self.senders = false;
        self
    }

    /// `GET /health` says `{"status":"ok"}` and not which service it is.
    #[must_use]
    pub fn plain_health(mut self) -> Self {
        self.plain_health = true;
        self
    }

    /// The documented shape has the real servers' further routes too (session, status, tabs, threads, rate status).
    #[must_use]
    pub fn shared_routes(mut self) -> Self {
        self.shared_routes = true;
        self
    }

    /// TikTok renders so many rows, and so many more with each scroll.
    #[must_use]
    pub fn rows_per_page(mut self, rows: usize) -> Self {
        self.rows_per_page = Some(rows.max(1));
        self
    }

    /// TikTok keeps only the last so many rendered rows: a list that drops rows above.
    #[must_use]
    pub fn virtual_window(mut self, rows: usize) -> Self {
        self.virtual_window = Some(rows.max(1));
        self
    }

    /// A list holds at most so many rows per tab.
    #[must_use]
    pub fn row_limit(mut self, rows: Option<usize>) -> Self {
        self.row_limit = rows;
        self
    }

    /// A Twitter thread has its newest n messages loaded, and n more with each scroll.
    #[must_use]
    pub fn messages_per_page(mut self, messages: usize) -> Self {
        self.messages_per_page = Some(messages.max(1));
        self
    }

    /// The real Twitter's status looks at Safari's front tab; with this, that is its own.
    #[must_use]
    pub fn front_tab(mut self) -> Self {
        self.front_tab = true;
        self
    }

    /// The platform shows a rate limit (Twitter, TikTok: `rate-status`).
    #[must_use]
    pub fn rate_limited(mut self) -> Self {
        self.rate_limited = true;
        self
    }

    /// TikTok shows its error page (`error-check`).
    #[must_use]
    pub fn error_shown(mut self) -> Self {
        self.error_shown = true;
        self
    }

    /// Something happens at the n-th call of an endpoint.
    #[must_use]
    pub fn at(mut self, endpoint: Endpoint, call: u32, when: When, change: Change) -> Self {
        self.scripts.push(Script { endpoint, call: call.max(1), repeats: false, when, change });
        self
    }

    /// Something happens at every n-th call of an endpoint.
    #[must_use]
    pub fn every(mut self, endpoint: Endpoint, n: u32, when: When, change: Change) -> Self {
        self.scripts.push(Script { endpoint, call: n.max(1), repeats: true, when, change });
        self
    }

    /// Another client opens that thread at every n-th call of an endpoint.
    #[must_use]
    pub fn second_client(self, person: PersonId, endpoint: Endpoint, n: u32, when: When) -> Self {
        self.every(endpoint, n, when, Change::OtherClientOpens(person))
    }

    /// No call goes wrong any more.
    #[must_use]
    pub fn without_faults(mut self) -> Self {
        self.faults.clear();
        self
    }

    /// Calls that go wrong.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}
