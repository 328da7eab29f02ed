//! A specification made into people. Shares become exact counts: who gets what is drawn, how many is not.

use std::collections::HashSet;

use chrono::{TimeDelta, Utc};
use crm_sync_domain::{InboxTab, Platform};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{CrmEntry, Inbox, InboxSpec, Person, PersonId, Recipe, Texts, Thread, WorldSpec, names};

const STAGES: [&str; 5] = ["new", "cold", "warm", "hot", "customer"];

/// The platform's own id of a thread.
pub(super) fn thread_id(platform: Platform, person: PersonId) -> String {
    let base: u64 = match platform {
        Platform::Instagram => 1_336_800_000,
        Platform::Twitter => 1_770_000_000_000,
        Platform::TikTok => 7_300_000_000_000,
    };
    (base + u64::from(person.0) * 97 + 138).to_string()
}

pub(super) fn inbox(spec: &WorldSpec, platform: Platform) -> Inbox {
    let numbers = spec.inbox(platform);
    let mut draw =
        ChaCha8Rng::seed_from_u64(spec.seed.wrapping_mul(31).wrapping_add(super::index(platform) as u64));
    let templates = chosen(numbers.contacts, numbers.template_share, &mut draw);
    let unread = chosen(numbers.contacts, numbers.unread_share, &mut draw);
    let scored = chosen(numbers.contacts, numbers.scored_share, &mut draw);
    let tabs = tabs(platform, numbers, &mut draw);
    let mut people: Vec<Person> = (0..numbers.contacts)
        .map(|n| {
            let id = PersonId(n);
            // Newest first is by number; every gap is a little different so that no two are at the same moment.
            let age = i64::from(n) * 37 * 60 + draw.random_range(60..1_800);
            Person {
                id,
                handle: names::handle(n, numbers.names),
                display_name: names::display(n, numbers.names),
                thread_id: thread_id(platform, id),
                tabs: vec![tabs[n as usize]],
                unread: unread.contains(&n),
                openable: true,
                listed: true,
                rank: 0,
                crm: scored.contains(&n).then(|| crm(spec, platform, n, &mut draw)),
                thread: Thread::from_recipe(Recipe {
                    seed: spec.seed,
                    platform,
                    person: id,
                    count: if templates.contains(&n) { 1 } else { count(numbers, platform, id) },
                    texts: numbers.texts,
                    template: templates.contains(&n),
                    short_reply_every: numbers.short_reply_every,
                    newest_at: spec.now.with_timezone(&Utc) - TimeDelta::seconds(age),
                    step: draw.random_range(120..7_200),
                }),
            }
        })
        .collect();
    share_names(&mut people, numbers);
    list_twice(&mut people, platform, numbers.duplicates);
    let owner = if numbers.texts == Texts::Demo { "north.loft.studio" } else { "our.account" };
    Inbox::new(platform, owner, people)
}

fn count(numbers: &InboxSpec, platform: Platform, person: PersonId) -> u32 {
    let (low, high) = (*numbers.messages.start(), *numbers.messages.end());
    let count = low + person.0.wrapping_mul(7) % (high.saturating_sub(low) + 1);
    if numbers.texts == Texts::Demo { count.min(super::demo::turns(platform, person)) } else { count }
}

/// Exactly `share` per cent of the contacts.
fn chosen(contacts: u32, share: u32, draw: &mut ChaCha8Rng) -> HashSet<u32> {
    let mut all: Vec<u32> = (0..contacts).collect();
    all.shuffle(draw);
    all.truncate((u64::from(contacts) * u64::from(share.min(100)) / 100) as usize);
    all.into_iter().collect()
}

fn tabs(platform: Platform, numbers: &InboxSpec, draw: &mut ChaCha8Rng) -> Vec<InboxTab> {
    let main = if platform == Platform::Instagram { InboxTab::Primary } else { InboxTab::Inbox };
    let mut tabs = vec![main; numbers.contacts as usize];
    let shares: &[(InboxTab, u32)] = match platform {
        Platform::Instagram => &[
            (InboxTab::General, numbers.general_share),
            (InboxTab::Requests, numbers.requests_share),
            (InboxTab::HiddenRequests, numbers.hidden_share),
        ],
        Platform::Twitter => &[(InboxTab::Requests, numbers.requests_share)],
        Platform::TikTok => &[],
    };
    let mut left: Vec<usize> = (0..tabs.len()).collect();
    left.shuffle(draw);
    for (tab, share) in shares {
        let wanted = tabs.len() * (*share as usize) / 100;
        for n in left.split_off(left.len().saturating_sub(wanted)) {
            tabs[n] = *tab;
        }
    }
    tabs
}

fn crm(spec: &WorldSpec, platform: Platform, n: u32, draw: &mut ChaCha8Rng) -> CrmEntry {
    let sent = draw.random_range(1..12);
    CrmEntry {
        id: format!(
            "{n:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            spec.seed & 0xffff,
            n & 0xfff,
            n & 0xfff,
            thread_number(platform, n)
        ),
        score: (n % 10 != 9).then(|| draw.random_range(5..98)),
        stage: STAGES[draw.random_range(0..STAGES.len())].to_owned(),
        messages_sent: sent,
        replies_received: draw.random_range(0..=sent),
        last_contacted: (n % 10 != 9)
            .then(|| spec.now.with_timezone(&Utc) - TimeDelta::hours(i64::from(n) + 2)),
    }
}

fn thread_number(platform: Platform, n: u32) -> u64 {
    thread_id(platform, PersonId(n)).parse().unwrap_or_default()
}

/// Gives people each other's names: first the pairs within a tab, then those over two tabs, then names in names.
/// Each person takes part once; where the people run out, so do the pairs.
fn share_names(people: &mut [Person], numbers: &InboxSpec) {
    let mut free: Vec<usize> = (0..people.len()).collect();
    let mut pair = |people: &[Person], fits: &dyn Fn(&Person, &Person) -> bool| -> Option<(usize, usize)> {
        let (a, b) = free.iter().enumerate().find_map(|(i, a)| {
            free[i + 1..].iter().find(|b| fits(&people[*a], &people[**b])).map(|b| (*a, *b))
        })?;
        free.retain(|n| *n != a && *n != b);
        Some((a, b))
    };
    for _ in 0..numbers.same_name_one_tab {
        if let Some((a, b)) = pair(people, &|a, b| a.tabs == b.tabs) {
            let name = people[a].display_name.clone();
            people[b].display_name = name;
        }
    }
    for _ in 0..numbers.same_name_two_tabs {
        if let Some((a, b)) = pair(people, &|a, b| a.tabs != b.tabs) {
            let name = people[a].display_name.clone();
            people[b].display_name = name;
        }
    }
    for _ in 0..numbers.names_within_names {
        if let Some((a, b)) = pair(people, &|a, b| a.tabs == b.tabs) {
            // The longer name stands higher in the list, so that a fuzzy `open` of the shorter one hits it.
            people[a].display_name = format!("{} Photography", people[b].display_name);
        }
    }
}

fn list_twice(people: &mut [Person], platform: Platform, wanted: u32) {
    if platform != Platform::Instagram {
        return;
    }
    for person in people.iter_mut().take(wanted as usize) {
        let second = if person.tabs == [InboxTab::Requests] { InboxTab::Primary } else { InboxTab::Requests };
        person.tabs.push(second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::World;

    fn texts_of(world: &World) -> Vec<(String, Vec<String>)> {
        Platform::ALL
            .into_iter()
            .flat_map(|p| world.inbox(p).people().to_vec())
            .map(|p| (p.display_name.clone(), p.messages().into_iter().map(|m| m.text).collect()))
            .collect()
    }

    #[test]
    fn a_seed_makes_one_world_and_another_seed_another() {
        let spec = |seed| WorldSpec::uniform(seed, &InboxSpec::odd(60));
        assert_eq!(texts_of(&World::generate(&spec(7))), texts_of(&World::generate(&spec(7))));
        assert_ne!(texts_of(&World::generate(&spec(7))), texts_of(&World::generate(&spec(8))));
    }

    #[test]
    fn shares_are_exact() {
        let numbers = InboxSpec { template_share: 60, requests_share: 25, ..InboxSpec::of(40) };
        let world = World::generate(&WorldSpec::uniform(1, &numbers));
        let people = world.inbox(Platform::Instagram).people();
        let templates = people
            .iter()
            .filter(|p| p.messages().iter().all(|m| m.text == super::super::texts::TEMPLATE))
            .count();
        let requests = people.iter().filter(|p| p.tabs == [InboxTab::Requests]).count();
        assert_eq!((templates, requests), (24, 10));
    }

    #[test]
    fn every_generated_text_leads_to_its_person_or_is_common() {
        let world =
            World::generate(&WorldSpec::uniform(3, &InboxSpec { texts: Texts::Odd, ..InboxSpec::of(30) }));
        for platform in Platform::ALL {
            for person in world.inbox(platform).people() {
                for message in person.messages().iter().filter(|m| !m.attachment) {
                    assert_eq!(super::super::owner_in_text(&message.text), Some((platform, person.id)));
                }
            }
        }
    }

    #[test]
    fn pairs_share_names_in_one_tab_and_in_two() {
        let numbers = InboxSpec {
            requests_share: 50,
            same_name_one_tab: 2,
            same_name_two_tabs: 1,
            names_within_names: 1,
            ..InboxSpec::of(20)
        };
        let world = World::generate(&WorldSpec::uniform(1, &numbers));
        let people = world.inbox(Platform::Instagram).people();
        let pairs = |same_tab: bool| {
            let equal = |a: &&Person, b: &&Person| {
                a.id < b.id && a.display_name == b.display_name && (a.tabs == b.tabs) == same_tab
            };
            people.iter().map(|a| people.iter().filter(|b| equal(&a, b)).count()).sum::<usize>()
        };
        assert_eq!((pairs(true), pairs(false)), (2, 1));
        assert!(people.iter().any(|a| people.iter().any(|b| a.id != b.id
            && a.display_name != b.display_name
            && b.display_name.contains(&a.display_name))));
    }
}
