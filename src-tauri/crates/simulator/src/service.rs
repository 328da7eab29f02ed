//! One running service: its state, and the way of a call through it.
//!
//! A call runs on its own: when the client goes away the server carries on, as the real ones do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use crm_sync_domain::{InboxTab, Platform, Shape};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::endpoint::{Endpoint, route};
use crate::faults::FaultKind;
use crate::reply::Reply;
use crate::scenario::{Change, Claim, Login, PlatformScenario, When};
use crate::tab::{Page, Tab, first_tab};
use crate::timings::Work;
use crate::world::{Inbox, PersonId};
use crate::{Clock, crm, documented, guard, instagram, pages, session, tiktok, twitter};

/// One call as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    /// `{}` where there was none, or none of JSON's type.
    pub(crate) body: Value,
    pub(crate) endpoint: Endpoint,
}

impl Call {
    /// `limit` as these servers read it: nothing, 0 and gibberish are the default, a negative one is none at all.
    pub(crate) fn limit(&self, default: usize) -> usize {
        match self.query.get("limit").and_then(|text| text.parse::<i64>().ok()) {
            None | Some(0) => default,
            Some(n) => usize::try_from(n).unwrap_or(0),
        }
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.body.get(key)?.as_str()
    }
}

/// One call as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Which call.
    pub endpoint: Endpoint,
    /// `GET`, `POST`, …
    pub method: String,
    /// With the query.
    pub path: String,
    /// The body sent, `{}` without one.
    pub body: Value,
    /// When it came, on the scenario's clock.
    pub at: DateTime<FixedOffset>,
    /// The status answered; 0 while there is none, and where the connection ended instead.
    pub status: u16,
}

/// What happens to the connection.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answer(Reply),
    /// The answer, spoiled on its way.
    Spoiled(Reply, FaultKind),
}

pub(crate) struct Service {
    pub(crate) platform: Platform,
    scenario: Mutex<Arc<PlatformScenario>>,
    pub(crate) clock: Clock,
    pub(crate) stop: CancellationToken,
    started: Instant,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) inbox: Inbox,
    pub(crate) tab: Tab,
    pub(crate) login: Login,
    pub(crate) claim: Claim,
    pub(crate) claimed: bool,
    pub(crate) warm: bool,
    pub(crate) cold_lists: u32,
    /// Thread ids by lower-cased name (Instagram's `threads/register`).
    pub(crate) threads: BTreeMap<String, String>,
    calls: BTreeMap<Endpoint, u32>,
    fault_calls: Vec<u32>,
    opens: u32,
    pub(crate) log: Log,
    pub(crate) delayed: Duration,
}

/// The calls so far. Places stay what they are when the log is cleared.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) records: Vec<CallRecord>,
    forgotten: usize,
}

impl Log {
    pub(crate) fn clear(&mut self) {
        self.forgotten += self.records.len();
        self.records.clear();
    }

    fn push(&mut self, record: CallRecord) {
        self.records.push(record);
    }

    fn last_place(&self) -> usize {
        self.forgotten + self.records.len() - 1
    }

    fn get_mut(&mut self, place: usize) -> Option<&mut CallRecord> {
        self.records.get_mut(place.checked_sub(self.forgotten)?)
    }
}

impl Service {
    pub(crate) fn new(
        scenario: PlatformScenario,
        inbox: Inbox,
        clock: Clock,
        stop: CancellationToken,
    ) -> Self {
        let rendered = scenario.rows_per_page.unwrap_or(usize::MAX);
        let state = State {
            tab: Tab::new(scenario.platform, rendered),
            inbox,
            login: scenario.login,
            claim: scenario.claim,
            claimed: true,
            warm: false,
            cold_lists: scenario.cold_lists,
            threads: BTreeMap::new(),
            calls: BTreeMap::new(),
            fault_calls: vec![0; scenario.faults.len()],
            opens: 0,
            log: Log::default(),
            delayed: Duration::ZERO,
        };
        let platform = scenario.platform;
        let scenario = Mutex::new(Arc::new(scenario));
        Self { platform, scenario, clock, stop, started: Instant::now(), state: Mutex::new(state) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the service behaves just now.
    pub(crate) fn scenario(&self) -> Arc<PlatformScenario> {
        self.scenario.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on the service behaves so. World, tab and log stay as they are; everything counted begins anew.
    pub(crate) fn behave(&self, scenario: PlatformScenario) {
        {
            let mut state = self.state();
            state.login = scenario.login;
            state.claim = scenario.claim;
            state.warm = false;
            state.cold_lists = scenario.cold_lists;
            state.calls.clear();
            state.fault_calls = vec![0; scenario.faults.len()];
            state.opens = 0;
        }
        *self.scenario.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(scenario);
    }

    pub(crate) fn endpoint(&self, method: &str, path: &str) -> Endpoint {
        route(self.platform, self.scenario().shape, method, path)
    }

    /// The service's own delay, counted.
    pub(crate) async fn pause(&self, endpoint: Endpoint, work: Work) {
        let delay = self.scenario().timings.of(self.platform, endpoint, work);
        if !delay.is_zero() {
            self.state().delayed += delay;
            tokio::time::sleep(delay).await;
        }
    }

    /// Takes a call from its arrival to what happens to its connection.
    pub(crate) async fn take(self: Arc<Self>, call: Call, log_path: String) -> Outcome {
        let (nth, place) = self.arrive(&call, log_path);
        self.run_scripts(call.endpoint, nth, When::Before);
        let fault = self.fault(call.endpoint);
        let outcome = match fault {
            Some(kind) if !kind.acts() => Outcome::Spoiled(Reply::ok(Value::Null), kind),
            fault => {
                let reply = self.act(&call).await;
                match fault {
                    Some(kind) => Outcome::Spoiled(reply, kind),
                    None => Outcome::Answer(reply),
                }
            }
        };
        self.run_scripts(call.endpoint, nth, When::After);
        if let Outcome::Answer(reply) = &outcome
            && let Some(record) = self.state().log.get_mut(place)
        {
            record.status = reply.status;
        }
        outcome
    }

    fn arrive(&self, call: &Call, path: String) -> (u32, usize) {
        let at = self.clock.now();
        let mut state = self.state();
        let nth = state.calls.entry(call.endpoint).or_default();
        *nth += 1;
        let nth = *nth;
        state.log.push(CallRecord {
            endpoint: call.endpoint,
            method: call.method.clone(),
            path,
            body: call.body.clone(),
            at,
            status: 0,
        });
        (nth, state.log.last_place())
    }

    /// Every fault counts the calls it concerns; the first that hits is what happens.
    fn fault(&self, endpoint: Endpoint) -> Option<FaultKind> {
        let mut state = self.state();
        let mut hit = None;
        for (fault, calls) in self.scenario().faults.iter().zip(&mut state.fault_calls) {
            if fault.concerns(endpoint) {
                *calls += 1;
                if hit.is_none() && fault.hits(*calls) {
                    hit = Some(fault.kind.clone());
                }
            }
        }
        hit
    }

    fn run_scripts(&self, endpoint: Endpoint, nth: u32, when: When) {
        for script in self.scenario().scripts.iter().filter(|s| s.endpoint == endpoint && s.when == when) {
            if nth == script.call || (script.repeats && nth.is_multiple_of(script.call)) {
                self.apply(&script.change);
            }
        }
    }

    async fn act(&self, call: &Call) -> Reply {
        if let Some(refusal) = guard::refuse(self, call.endpoint) {
            return refusal;
        }
        let known = call.endpoint != Endpoint::Unknown;
        let documented = self.scenario().shape == Shape::Documented;
        let has_route =
            !documented || self.scenario().shared_routes || call.endpoint.is_documented(self.platform);
        if !known || !has_route {
            return self.without_route(call);
        }
        if let Some(reply) = session::answer(self, call).await {
            return reply;
        }
        if call.endpoint.is_crm() {
            return crm::answer(self, call).await;
        }
        match (self.scenario().shape, self.platform) {
            (Shape::Documented, _) => documented::answer(self, call).await,
            (Shape::Real, Platform::Instagram) => instagram::answer(self, call).await,
            (Shape::Real, Platform::Twitter) => twitter::answer(self, call).await,
            (Shape::Real, Platform::TikTok) => tiktok::answer(self, call).await,
        }
    }

    fn without_route(&self, call: &Call) -> Reply {
        if self.scenario().shape == Shape::Real
            && self.platform == Platform::TikTok
            && let Some(reply) = tiktok::alias(self, call)
        {
            return reply;
        }
        Reply::page(404, &format!("Cannot {} {}", call.method, call.path))
    }

    /// A change to the running world.
    pub(crate) fn apply(&self, change: &Change) {
        let now = self.clock.now().to_utc();
        let mut state = self.state();
        let state = &mut *state;
        match change {
            Change::OtherClientOpens(person) => {
                state.tab.page = Page::Inbox;
                state.tab.click(*person, Duration::ZERO, None);
            }
            Change::OtherClientNavigates => state.navigate(&self.scenario()),
            Change::Receive(id, text) => state.say(*id, text, false, now),
            Change::Send(id, text) => state.say(*id, text, true, now),
            Change::Unsend(id, seq) => state.change(*id, |p| {
                p.unsend(*seq);
            }),
            Change::Rename(id, handle, name) => state.change(*id, |p| {
                p.handle.clone_from(handle);
                p.display_name.clone_from(name);
            }),
            Change::Remove(id) => state.change(*id, |p| p.listed = false),
            Change::MarkUnread(id, unread) => state.change(*id, |p| p.unread = *unread),
            Change::Openable(id, openable) => state.change(*id, |p| p.openable = *openable),
            Change::Move(id, tab) => state.change(*id, |p| p.tabs = vec![*tab]),
            Change::Login(login) => state.login = *login,
            Change::Claim(claim) => state.claim = *claim,
            Change::Advance(by) => self.clock.advance(*by),
        }
    }

    /// Counts a call of a list; true while the inbox has not loaded, or there is nothing to see in the tab at all.
    pub(crate) fn shows_nothing(&self) -> bool {
        let mut state = self.state();
        if state.sees_nothing() || state.tab.page == Page::Profile {
            return true;
        }
        if state.warm {
            return false;
        }
        if state.cold_lists > 0 {
            state.cold_lists -= 1;
            return true;
        }
        self.scenario().cold_for.is_some_and(|time| self.started.elapsed() < time)
    }

    /// The click of an `open` and whether the server believes that it opened something. `rows` is the list that the
    /// page shows.
    pub(crate) fn open(&self, rows: &[PersonId], name: &str, work: Work) -> bool {
        let answer_in = self.scenario().timings.of(self.platform, Endpoint::Open, work);
        let scenario = &*self.scenario();
        let mut state = self.state();
        state.opens += 1;
        let nth = state.opens;
        let every = |n: Option<u32>| n.is_some_and(|n| nth.is_multiple_of(n));
        if scenario.never_opens || state.sees_nothing() || every(scenario.fails_every) {
            return false;
        }
        let Some(hit) = pages::find(scenario, &state.inbox, rows, name) else { return false };
        if every(scenario.claims_success_every) || scenario.claims_success_for.contains(&hit) {
            return true;
        }
        let opened = if every(scenario.opens_wrong_every) { below(rows, hit) } else { hit };
        state.tab.click(opened, answer_in, scenario.late.filter(|late| nth.is_multiple_of(late.every)));
        state.inbox.mark_read(opened);
        true
    }
}

/// The row below, round to the top.
fn below(rows: &[PersonId], hit: PersonId) -> PersonId {
    let place = rows.iter().position(|id| *id == hit).unwrap_or_default();
    rows.get((place + 1) % rows.len().max(1)).copied().unwrap_or(hit)
}

impl State {
    pub(crate) fn change(&mut self, id: PersonId, change: impl FnOnce(&mut crate::world::Person)) {
        if let Some(person) = self.inbox.person_mut(id) {
            change(person);
        }
    }

    fn say(&mut self, id: PersonId, text: &str, outbound: bool, at: DateTime<Utc>) {
        self.change(id, |person| person.say(text, outbound, at));
        self.inbox.touch(id);
    }

    /// 200 with nothing: the page shows its login, or the claim points at another site.
    pub(crate) fn sees_nothing(&self) -> bool {
        self.login == Login::Out || self.claim == Claim::WrongSite
    }

    /// The inbox loaded anew.
    pub(crate) fn navigate(&mut self, scenario: &PlatformScenario) {
        self.tab.show(first_tab(scenario.platform));
        self.tab.rendered = scenario.rows_per_page.unwrap_or(usize::MAX);
        if scenario.navigate_warms {
            self.warm = true;
        }
    }

    /// The people of the list that is shown.
    pub(crate) fn rows(&mut self, scenario: &PlatformScenario, tab: InboxTab) -> Vec<PersonId> {
        pages::rows(scenario, &mut self.inbox, tab)
    }

    /// The messages in the pane, as this server shows them.
    pub(crate) fn window(&mut self, scenario: &PlatformScenario, limit: usize) -> Vec<pages::VisibleMessage> {
        if self.sees_nothing() || scenario.never_opens || self.tab.page == Page::Profile {
            return Vec::new();
        }
        let pages_loaded = self.tab.loaded_pages;
        let Some(person) = self.tab.pane().and_then(|id| self.inbox.person(id)) else { return Vec::new() };
        pages::window(scenario, &self.inbox, person, limit, pages_loaded)
    }
}

/// `{"conversations": […], "count": n}`
pub(crate) fn listed(rows: Vec<Value>) -> Value {
    counted("conversations", rows)
}

/// `{"messages": […], "count": n}`
pub(crate) fn messages(messages: Vec<Value>) -> Value {
    counted("messages", messages)
}

fn counted(key: &str, rows: Vec<Value>) -> Value {
    let count = json!(rows.len());
    Value::Object([(key.to_owned(), Value::Array(rows)), ("count".to_owned(), count)].into_iter().collect())
}
