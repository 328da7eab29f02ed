use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::contact::Unreadable;
use crate::testing::{new_contact, now, read_contact, seen};
use crate::{Moment, Precision};

fn facts(platform: Platform, shape: Shape) -> RunFacts<'static> {
    RunFacts {
        platform,
        shape,
        mode: Mode::Changed,
        leave_unread: false,
        run: 10,
        now: now(),
        rechecks: 2,
        open_tabs: &[InboxTab::Primary, InboxTab::General, InboxTab::Requests, InboxTab::Inbox],
        opens_broken: false,
    }
}

fn documented() -> RunFacts<'static> {
    facts(Platform::Twitter, Shape::Documented)
}

/// The contacts that a plan opens, in its order.
fn opened(plan: &Plan) -> Vec<usize> {
    let open = |step: &Step| if let Step::Open(open) = step { Some(open.contact) } else { None };
    plan.steps.iter().filter_map(open).collect()
}

fn at(text: &str, earliest: i64, latest: i64) -> Moment {
    let hours = |h| Some(now() + TimeDelta::hours(h));
    Moment {
        text: Some(text.to_owned()),
        earliest: hours(earliest),
        latest: hours(latest),
        precision: Precision::Day,
    }
}

fn only_change(change: impl Fn(&mut Contact, &mut SeenContact)) -> Option<OpenReason> {
    let mut contact = read_contact(0, "Dana", "see you at noon");
    contact.fingerprint.as_mut().unwrap().activity = Some(at("17:51", -20, -19));
    contact.activity = Some(at("17:51", -20, -19));
    let mut now = seen(&contact);
    change(&mut contact, &mut now);
    changes(&[now], &[contact], None)[0]
}

#[test]
fn what_makes_a_thread_due() {
    assert_eq!(only_change(|_, _| {}), None);
    assert_eq!(only_change(|c, _| c.fingerprint = None), Some(OpenReason::NeverRead));
    assert_eq!(
        only_change(|_, s| s.preview = Some("a new text".to_owned())),
        Some(OpenReason::PreviewChanged)
    );
    assert_eq!(only_change(|_, s| s.preview = Some(String::new())), Some(OpenReason::PreviewChanged));
    assert_eq!(only_change(|_, s| s.preview = None), None);
    assert_eq!(only_change(|_, s| s.unread = Some(true)), Some(OpenReason::BecameUnread));
    // Reading makes it read, and a service that never says so changes nothing either.
    assert_eq!(only_change(|c, _| c.unread = Some(true)), None);
    assert_eq!(only_change(|c, s| (c.unread, s.unread) = (Some(true), Some(true))), None);
    assert_eq!(only_change(|_, s| s.activity = Some(at("18:20", -1, -1))), Some(OpenReason::LaterActivity));
    assert_eq!(only_change(|_, s| s.activity = Some(at("Yesterday", -43, -19))), None);
    assert_eq!(only_change(|c, _| c.due = Some(OpenReason::Climbed)), Some(OpenReason::Climbed));
}

/// What a listing in this order shows, of contacts that stood in the order of their numbers before.
fn climbed(order: &[i64], changed: &[i64]) -> Vec<i64> {
    let known: Vec<Contact> =
        (0..6).map(|id| read_contact(id, &format!("name {id}"), &format!("text {id}"))).collect();
    let listed = order.iter().enumerate().map(|(position, id)| {
        let mut seen = seen(&known[usize::try_from(*id).unwrap()]);
        seen.position = u32::try_from(position).unwrap();
        if changed.contains(id) {
            seen.preview = Some("something new".to_owned());
        }
        seen
    });
    let listed: Vec<SeenContact> = listed.collect();
    let due = changes(&listed, &known, Some(known[0].listed_at));
    let climbed = due.iter().zip(order).filter(|(due, _)| **due == Some(OpenReason::Climbed));
    climbed.map(|(_, id)| *id).collect()
}

#[rstest]
#[case(&[0, 1, 2, 3, 4, 5], &[], &[])]
#[case(&[3, 0, 1, 2, 4, 5], &[], &[3])]
#[case(&[5, 3, 0, 1, 2, 4], &[], &[5, 3])]
#[case::those_that_changed_anyway(&[3, 0, 1, 2, 4, 5], &[3], &[])]
#[case::somebody_left(&[0, 2, 3, 5], &[], &[])]
#[case::a_change_is_no_anchor(&[1, 0, 2, 3, 4, 5], &[0], &[])]
fn a_row_that_climbed_above_an_unchanged_one_is_due(
    #[case] order: &[i64],
    #[case] changed: &[i64],
    #[case] due: &[i64],
) {
    assert_eq!(climbed(order, changed), due);
}

#[test]
fn places_of_different_listings_are_not_compared() {
    let mut known: Vec<Contact> = (0..2).map(|id| read_contact(id, &format!("name {id}"), "text")).collect();
    known[1].listed_at -= TimeDelta::days(3);
    let listed: Vec<SeenContact> = [1, 0]
        .into_iter()
        .zip(0..)
        .map(|(id, position)| SeenContact { position, ..seen(&known[id]) })
        .collect();
    assert_eq!(changes(&listed, &known, Some(known[0].listed_at)), [None, None]);
}

fn unreadable(contact: &Contact, rest_until_run: u64) -> Unreadable {
    Unreadable { reason: Reason::NotFound, failures: 2, rest_until_run, seen: shown(contact) }
}

#[test]
fn an_unreadable_thread_rests_unless_its_listing_changes() {
    let mut contact = new_contact(0, "Dana", "see you at noon");
    contact.unreadable = Some(unreadable(&contact, 11));
    let rests = plan(&[contact.clone()], &documented());
    assert_eq!((rests.opens(), &rests.unreadable), (0, &vec![(0, Reason::NotFound, false)]));
    assert_eq!(plan(&[contact.clone()], &RunFacts { run: 11, ..documented() }).opens(), 1);
    assert_eq!(plan(&[contact.clone()], &RunFacts { mode: Mode::Full, ..documented() }).opens(), 1);
    contact.preview = Some("something new".to_owned());
    assert_eq!(plan(&[contact], &documented()).opens(), 1);
}

#[rstest]
#[case(1, 2)]
#[case(2, 4)]
#[case(3, 8)]
#[case(5, 24)]
#[case(64, 24)]
fn rests_double_and_end(#[case] failures: u32, #[case] sits_out: u64) {
    assert_eq!(rest_until(100, failures) - 100 - 1, sits_out);
}

#[test]
fn rechecks_take_turns_from_the_oldest_read() {
    let mut contacts: Vec<Contact> =
        (0..5).map(|id| read_contact(id, &format!("name {id}"), "text")).collect();
    for (i, days) in [3, 0, 9, 1, 5].into_iter().enumerate() {
        contacts[i].read_at = Some(now() - TimeDelta::days(days));
    }
    assert_eq!(opened(&plan(&contacts, &documented())), [2, 4]);
    assert_eq!(plan(&contacts, &RunFacts { rechecks: 9, ..documented() }).opens(), 4);
    assert_eq!(plan(&contacts, &RunFacts { mode: Mode::UnreadOnly, ..documented() }).opens(), 0);
}

#[test]
fn modes_open_what_they_say() {
    let mut contacts =
        vec![read_contact(0, "read", "a"), new_contact(1, "new", "b"), new_contact(2, "new and unread", "c")];
    contacts[2].unread = Some(true);
    let with = |mode, leave_unread| plan(&contacts, &RunFacts { mode, leave_unread, ..documented() });
    assert_eq!(opened(&with(Mode::Changed, false)), [1, 2]);
    assert_eq!(opened(&with(Mode::Full, false)), [0, 1, 2]);
    assert_eq!(opened(&with(Mode::UnreadOnly, false)), [2]);
    assert_eq!(opened(&with(Mode::ListOnly, false)), Vec::<usize>::new());
    let left = with(Mode::Changed, true);
    assert_eq!((opened(&left), left.left), (vec![1], 1));
}

#[test]
fn what_can_never_be_opened_is_reported_once_as_news() {
    let mut contacts = vec![new_contact(0, "Sam O'Neil", "a"), new_contact(1, "Dana", "b")];
    contacts[1].ambiguous = true;
    let first = plan(&contacts, &documented());
    let told = [(0, Reason::CannotOpenName, true), (1, Reason::AnotherPersonSameName, true)];
    assert_eq!((first.opens(), first.unreadable.as_slice()), (0, &told[..]));
    for (contact, (_, reason, _)) in contacts.iter_mut().zip(told) {
        contact.unreadable =
            Some(Unreadable { reason, failures: 1, rest_until_run: 0, seen: shown(contact) });
    }
    assert!(plan(&contacts, &documented()).unreadable.iter().all(|(_, _, news)| !news));
}

#[rstest]
#[case::part_of_a_name(Platform::Twitter, "Dana", "text of its own 1", "Dana Whitfield", true)]
#[case::part_of_a_preview(Platform::Twitter, "invoice", "", "Maple Studio", false)]
#[case::part_of_the_name_between_dots(
    Platform::TikTok,
    "travel_agent_bob",
    "",
    "Dana W | Travel & Life",
    false
)]
#[case::short_parts_hit_nothing(Platform::TikTok, "the_cat", "", "Cat Lovers", true)]
fn a_name_that_hits_another_row_needs_a_preview_of_its_own(
    #[case] platform: Platform,
    #[case] name: &str,
    #[case] preview: &str,
    #[case] other: &str,
    #[case] opens: bool,
) {
    let contacts = [new_contact(0, name, preview), new_contact(1, other, "the invoice is on its way")];
    let contacts = contacts.map(|c| Contact { platform, ..c });
    let real = plan(&contacts, &facts(platform, Shape::Real));
    assert_eq!(opened(&real).contains(&0), opens);
    assert_eq!(plan(&contacts, &facts(platform, Shape::Documented)).opens(), 2);
}

#[test]
fn instagram_shows_each_tab_and_twitters_requests_come_first() {
    let in_tab =
        |id, tab| Contact { tab, ..new_contact(id, &format!("name {id}"), &format!("text number {id}")) };
    let instagram =
        [in_tab(0, InboxTab::General), in_tab(1, InboxTab::Primary), in_tab(2, InboxTab::HiddenRequests)];
    let steps = plan(&instagram, &facts(Platform::Instagram, Shape::Real)).steps;
    let open = |contact| Step::Open(PlannedOpen { contact, reason: OpenReason::NeverRead });
    let primary_first =
        [Step::SelectTab(InboxTab::Primary), open(1), Step::SelectTab(InboxTab::General), open(0)];
    assert_eq!(steps, primary_first);
    let twitter = [in_tab(0, InboxTab::Inbox), in_tab(1, InboxTab::Requests)];
    let steps = plan(&twitter, &facts(Platform::Twitter, Shape::Real)).steps;
    assert_eq!(steps, [open(1), Step::NavigateInbox, open(0)]);
}

proptest! {
    #[test]
    fn look_alikes_are_neighbours_only_with_the_inbox_between(looks in prop::collection::vec(0..4_u16, 1..24)) {
        let contacts: Vec<Contact> = looks
            .iter()
            .enumerate()
            .map(|(i, look)| {
                let preview = format!("everybody is sent this, number {look}");
                Contact { tab: InboxTab::Primary, ..new_contact(i64::try_from(i).unwrap(), &format!("name {i}"), &preview) }
            })
            .collect();
        let plan = plan(&contacts, &facts(Platform::Instagram, Shape::Real));
        let all: BTreeSet<usize> = opened(&plan).into_iter().collect();
        prop_assert_eq!((all.len(), plan.opens()), (looks.len(), looks.len()));
        let mut last = None;
        let mut between = 0;
        for step in &plan.steps {
            match step {
                Step::Open(open) => {
                    prop_assert_ne!(last, Some(looks[open.contact]));
                    last = Some(looks[open.contact]);
                }
                Step::NavigateInbox => {
                    between += 1;
                    last = None;
                }
                Step::SelectTab(_) => {}
            }
        }
        // The inbox is shown no more often than the biggest crowd makes necessary.
        let crowd = (0..4).map(|look| looks.iter().filter(|l| **l == look).count()).max().unwrap_or(0);
        prop_assert_eq!(between, (2 * crowd).saturating_sub(looks.len() + 1));
    }

    #[test]
    fn an_inbox_that_stays_the_same_opens_nothing_and_k_changes_open_k(changed in prop::collection::btree_set(0..20_usize, 0..8)) {
        let known: Vec<Contact> = (0..20).map(|id| read_contact(id, &format!("name {id}"), &format!("text {id}"))).collect();
        let mut order: Vec<usize> = changed.iter().copied().chain((0..20).filter(|i| !changed.contains(i))).collect();
        if changed.is_empty() {
            order.sort_unstable();
        }
        let listed: Vec<SeenContact> = order
            .iter()
            .enumerate()
            .map(|(position, i)| {
                let mut seen = seen(&known[*i]);
                seen.position = u32::try_from(position).unwrap();
                if changed.contains(i) {
                    seen.preview = Some(format!("news of {i}"));
                }
                seen
            })
            .collect();
        let due = changes(&listed, &known, Some(known[0].listed_at));
        let contacts: Vec<Contact> = order.iter().zip(due).map(|(i, due)| Contact { due, ..known[*i].clone() }).collect();
        let plan = plan(&contacts, &documented());
        let opens: BTreeSet<usize> = opened(&plan).into_iter().map(|place| order[place]).collect();
        prop_assert_eq!(opens, changed);
    }
}
