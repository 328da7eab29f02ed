//! What was stored, measured against what is true.

use std::collections::{BTreeMap, BTreeSet};

use crm_sync_domain::{Direction, NameKey, Platform};
use crm_sync_engine::Engine;
use crm_sync_simulator::{Simulator, TrueContact};

/// How a platform's cache compares with the simulator's truth. Every list holds lines that a person can read.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Messages stored under a contact who never had them.
    pub foreign: Vec<String>,
    /// Messages stored more often than they were sent, and contacts stored twice.
    pub doubled: Vec<String>,
    /// People of the lists without a contact.
    pub missing: Vec<String>,
    /// Contacts whose stored thread equals what the server can show.
    pub right: BTreeSet<String>,
    /// Contacts with a stored thread that differs from what the server can show.
    pub wrong: Vec<String>,
    /// Contacts without messages.
    pub unread: BTreeSet<String>,
    /// Contacts without messages though the server could show some.
    pub unread_but_readable: BTreeSet<String>,
}

impl Verdict {
    /// Compares one platform.
    pub async fn of(engine: &Engine, simulator: &Simulator, platform: Platform, limit: usize) -> Self {
        let mut verdict = Self::default();
        let mut truth: BTreeMap<NameKey, Vec<TrueContact>> = BTreeMap::new();
        for contact in simulator.truth(platform) {
            truth.entry(NameKey::of(&contact.listed_name).unwrap()).or_default().push(contact);
        }
        let contacts = engine.store().contacts(platform).await.unwrap();
        let mut seen: BTreeMap<&NameKey, usize> = BTreeMap::new();
        for contact in &contacts {
            for key in std::iter::once(&contact.key).chain(&contact.aliases) {
                *seen.entry(key).or_default() += 1;
            }
        }
        verdict
            .doubled
            .extend(seen.iter().filter(|(_, n)| **n > 1).map(|(key, n)| format!("{key}: {n} contacts")));
        let listed = simulator.listed(platform);
        let in_a_list = |people: &[TrueContact]| people.iter().any(|person| listed.contains(&person.person));
        let missing = truth.iter().filter(|(key, people)| !seen.contains_key(key) && in_a_list(people));
        verdict.missing.extend(missing.map(|(key, _)| key.to_string()));
        for contact in &contacts {
            let name = contact.username.clone();
            let people = std::iter::once(&contact.key).chain(&contact.aliases).find_map(|key| truth.get(key));
            let Some(people) = people else { continue };
            let stored: Vec<(String, bool)> = engine
                .store()
                .thread(contact.id)
                .await
                .unwrap()
                .into_iter()
                .map(|m| (m.message.text, m.message.direction == Some(Direction::Outbound)))
                .collect();
            let shown = people.iter().find_map(|person| simulator.visible(platform, person.person, limit));
            if stored.is_empty() {
                if let Some(newest) = shown.as_ref().and_then(|shown| shown.last()) {
                    let line = format!(
                        "{name} ({:?}): listed as {:?}, newest {:?}",
                        contact.tab, contact.preview, newest.text
                    );
                    verdict.unread_but_readable.insert(line);
                }
                verdict.unread.insert(name);
                continue;
            }
            verdict.compare(&name, &stored, people, simulator, platform, limit);
        }
        verdict
    }

    fn compare(
        &mut self,
        name: &str,
        stored: &[(String, bool)],
        people: &[TrueContact],
        simulator: &Simulator,
        platform: Platform,
        limit: usize,
    ) {
        // One name may be two people; what is stored must be the thread of one of them.
        let not_sent_by = |person: &TrueContact| -> Vec<String> {
            let strange = stored.iter().filter(|(text, outbound)| sent(person, text, *outbound) == 0);
            strange.map(|(text, _)| text.clone()).collect()
        };
        let Some(person) = people.iter().find(|person| not_sent_by(person).is_empty()) else {
            self.foreign.push(format!("{name}: {:?}", not_sent_by(&people[0])));
            return;
        };
        let mut held: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        for (text, outbound) in stored {
            *held.entry((text, *outbound)).or_default() += 1;
        }
        for ((text, outbound), n) in held {
            if n > sent(person, text, outbound) {
                self.doubled.push(format!("{name}: {text:?} × {n}"));
            }
        }
        let shown: Option<Vec<(String, bool)>> = simulator
            .visible(platform, person.person, limit)
            .map(|shown| shown.into_iter().map(|m| (m.text, m.outbound)).collect());
        match shown {
            Some(shown) if shown != stored => {
                self.wrong.push(format!("{name}: {} stored, {} shown", stored.len(), shown.len()));
            }
            // What the server can't show by name came up by another's name, and was proved all the same.
            _ => {
                self.right.insert(name.to_owned());
            }
        }
    }

    /// Panics unless what is stored is right, whatever is missing.
    pub fn assert_read_is_right(&self) {
        assert!(self.foreign.is_empty(), "messages under a wrong contact: {:#?}", self.foreign);
        assert!(self.doubled.is_empty(), "stored more than once: {:#?}", self.doubled);
        assert!(self.wrong.is_empty(), "stored in part: {:#?}", self.wrong);
    }

    /// Panics unless nothing is foreign, doubled or missing.
    pub fn assert_clean(&self) {
        assert!(self.foreign.is_empty(), "messages under a wrong contact: {:#?}", self.foreign);
        assert!(self.doubled.is_empty(), "stored more than once: {:#?}", self.doubled);
        assert!(self.missing.is_empty(), "contacts missing: {:#?}", self.missing);
    }
}

/// How often a person's thread holds a text, as a server may show it: trimmed, and cut where it is long.
fn sent(person: &TrueContact, text: &str, outbound: bool) -> usize {
    let cut = text.chars().count() >= 200;
    let shows = |full: &str| full.trim() == text.trim() || (cut && full.trim().starts_with(text.trim()));
    person.messages.iter().filter(|m| m.outbound == outbound && shows(&m.text)).count()
}
