//! What is true, and what of it a server can show: what tests compare a sync with.

use std::collections::HashSet;

use crm_sync_domain::{InboxTab, Platform, Shape};

use crate::handle::Simulator;
use crate::pages::{self, VisibleMessage};
use crate::scenario::PlatformScenario;
use crate::service::State;
use crate::world::{Message, PersonId, owner_in_text};

/// One person as they are, whatever a service says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueContact {
    /// Who.
    pub person: PersonId,
    /// What the service calls them in its lists, and `open` must be called with.
    pub listed_name: String,
    /// The user name.
    pub handle: String,
    /// The shown name.
    pub display_name: String,
    /// The tabs that hold a row of them.
    pub tabs: Vec<InboxTab>,
    /// The platform's thread id.
    pub thread_id: String,
    /// The row is marked unread.
    pub unread: bool,
    /// The whole thread, oldest first.
    pub messages: Vec<Message>,
}

impl Simulator {
    /// Everybody who is in some list, by newest activity first.
    pub fn truth(&self, platform: Platform) -> Vec<TrueContact> {
        self.with_state(platform, |scenario, state| {
            let order = state.inbox.order().to_vec();
            let people = order.into_iter().filter_map(|id| state.inbox.person(id)).filter(|p| p.listed);
            people
                .map(|person| TrueContact {
                    person: person.id,
                    listed_name: pages::listed_name(scenario.shape, person).to_owned(),
                    handle: person.handle.clone(),
                    display_name: person.display_name.clone(),
                    tabs: person.tabs.clone(),
                    thread_id: person.thread_id.clone(),
                    unread: person.unread,
                    messages: person.messages(),
                })
                .collect()
        })
    }

    /// Those of them that the lists can show at all: within the row limits, and one of those whom the server takes
    /// for the same. By newest activity first.
    pub fn listed(&self, platform: Platform) -> Vec<PersonId> {
        self.with_state(platform, |scenario, state| {
            let tabs: &[InboxTab] = match platform {
                Platform::Instagram => {
                    &[InboxTab::Primary, InboxTab::General, InboxTab::Requests, InboxTab::HiddenRequests]
                }
                Platform::Twitter if scenario.shape == Shape::Real => &[InboxTab::Inbox, InboxTab::Requests],
                // The document knows one list.
                Platform::Twitter | Platform::TikTok => &[InboxTab::Inbox],
            };
            let shown: HashSet<_> =
                tabs.iter().flat_map(|tab| pages::rows(scenario, &mut state.inbox, *tab)).collect();
            state.inbox.order().iter().copied().filter(|id| shown.contains(id)).collect()
        })
    }

    /// What that server can show of a thread when it is opened by its listed name, its page has caught up and all
    /// goes well: dropped, cut and limited as that server does. `None` where no call of `open` by name can reach it,
    /// because it isn't listed, the name can't be looked for, or the name hits somebody else's row.
    ///
    /// Asks for the world as it stands now. Whether the session is alive and what faults are planned doesn't matter.
    pub fn visible(&self, platform: Platform, person: PersonId, limit: usize) -> Option<Vec<VisibleMessage>> {
        self.with_state(platform, |scenario, state| {
            if !reachable(scenario, state, person) {
                return None;
            }
            let found = state.inbox.person(person)?;
            Some(pages::window(scenario, &state.inbox, found, limit, 1))
        })
    }

    /// Whose text this is: by the trace in generated texts, else by looking for it in that platform's threads.
    /// `None` for texts that several people wrote (templates, short replies) or nobody.
    pub fn owner_of(&self, platform: Platform, text: &str) -> Option<PersonId> {
        if let Some((of, person)) = owner_in_text(text) {
            // A trace of another platform is nobody's here.
            return (of == platform).then_some(person);
        }
        self.with_state(platform, |_, state| {
            let mut writers = state
                .inbox
                .people()
                .iter()
                .filter(|p| p.messages().iter().any(|m| m.text == text))
                .map(|p| p.id);
            let first = writers.next()?;
            writers.next().is_none().then_some(first)
        })
    }

    /// The page of the platform's tab catches up at once.
    pub fn settle(&self, platform: Platform) {
        self.with_state(platform, |_, state| state.tab.settle());
    }

    /// Whose thread the pane of the platform's tab shows now.
    pub fn in_pane(&self, platform: Platform) -> Option<PersonId> {
        self.with_state(platform, |_, state| state.tab.pane())
    }
}

fn reachable(scenario: &PlatformScenario, state: &mut State, person: PersonId) -> bool {
    if scenario.never_opens || scenario.claims_success_for.contains(&person) {
        return false;
    }
    let Some(found) = state.inbox.person(person).filter(|p| p.listed).cloned() else { return false };
    let name = pages::listed_name(scenario.shape, &found);
    match scenario.shape {
        Shape::Documented => {
            let mut rows = state.inbox.with_handle(name);
            rows.retain(|id| state.inbox.person(*id).is_some_and(|person| person.listed));
            pages::find(scenario, &state.inbox, &rows, name) == Some(person)
        }
        Shape::Real => found.tabs.iter().any(|tab| {
            let rows = pages::rows(scenario, &mut state.inbox, *tab);
            pages::find(scenario, &state.inbox, &rows, name) == Some(person)
        }),
    }
}
