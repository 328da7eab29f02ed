use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::testing::{listing, now, read_contact, row};
use crate::{Platform, Shape};

fn one(shape: Shape, rows: Vec<ListedConversation>) -> SeenContact {
    let mut all = identify(&listing(Platform::Instagram, shape, rows), &[], &now());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn spellings_of_one_name_are_one_contact_that_keeps_the_first() {
    let known = [read_contact(7, "SarahEAshley", "hi")];
    let rows = vec![row("@saraheashley", InboxTab::Inbox, 0, Some("hi"))];
    let all = identify(&listing(Platform::Twitter, Shape::Documented, rows), &known, &now());
    assert_eq!((all[0].existing, all[0].username.as_str()), (Some(ContactId(7)), "SarahEAshley"));
}

#[rstest]
#[case::handles_are_unique(Shape::Documented, InboxTab::Primary, Some("b"), false)]
#[case::two_rows_of_one_tab(Shape::Real, InboxTab::Primary, Some("a"), true)]
#[case::two_tabs_that_agree(Shape::Real, InboxTab::Requests, Some("a"), false)]
#[case::two_tabs_that_differ(Shape::Real, InboxTab::Requests, Some("b"), true)]
#[case::one_unknown(Shape::Real, InboxTab::Requests, None, false)]
#[case::one_said_to_be_empty(Shape::Real, InboxTab::Requests, Some(""), false)]
fn one_name_twice(
    #[case] shape: Shape,
    #[case] tab: InboxTab,
    #[case] preview: Option<&str>,
    #[case] two: bool,
) {
    let rows = vec![row("Dana", InboxTab::Primary, 0, Some("a")), row("Dana", tab, 1, preview)];
    assert_eq!(one(shape, rows).ambiguous, two);
}

#[test]
fn agreeing_in_everybodys_template_proves_nothing() {
    let rows = vec![
        row("Dana", InboxTab::Primary, 0, Some("our spring offer")),
        row("Sam", InboxTab::Primary, 1, Some("our spring offer")),
        row("Dana", InboxTab::Requests, 0, Some("our spring offer")),
    ];
    let all = identify(&listing(Platform::Instagram, Shape::Real, rows), &[], &now());
    assert!(all[0].ambiguous && !all[1].ambiguous);
}

#[test]
fn thread_ids_decide_where_both_rows_have_one() {
    for (other, two) in [("1", false), ("2", true)] {
        let mut rows =
            vec![row("Dana", InboxTab::Primary, 0, Some("a")), row("Dana", InboxTab::Requests, 0, Some("b"))];
        rows[0].thread_id = Some("1".to_owned());
        rows[1].thread_id = Some(other.to_owned());
        assert_eq!(one(Shape::Real, rows).ambiguous, two);
    }
}

#[test]
fn a_copy_of_the_inbox_in_place_of_the_requests_says_nothing() {
    let inbox = ["Dana", "Sam"].map(|name| row(name, InboxTab::Inbox, 0, Some("the same offer")));
    let copy = ["Dana", "Sam"].map(|name| row(name, InboxTab::Requests, 0, Some("the same offer")));
    let rows = inbox.into_iter().chain(copy).collect();
    let all = identify(&listing(Platform::Twitter, Shape::Real, rows), &[], &now());
    assert!(all.len() == 2 && all.iter().all(|contact| !contact.ambiguous && contact.tab == InboxTab::Inbox));
}

#[test]
fn a_stored_thread_under_a_new_name_is_its_contact_renamed() {
    let mut known = read_contact(3, "Old Name", "hi");
    known.thread_id = Some("42".to_owned());
    let mut renamed = row("New Name", InboxTab::Primary, 0, Some("hi"));
    renamed.thread_id = Some("42".to_owned());
    let all = identify(&listing(Platform::Instagram, Shape::Real, vec![renamed]), &[known], &now());
    assert_eq!((all[0].existing, all[0].username.as_str()), (Some(ContactId(3)), "Old Name"));
    assert_eq!((all[0].open_name.as_str(), &all[0].new_alias), ("New Name", &NameKey::of("new name")));
}

#[test]
fn a_doubt_about_stored_messages_stays() {
    for (messages, doubted) in [(4, true), (0, false)] {
        let mut known = read_contact(1, "Dana", "a");
        (known.ambiguous, known.message_count) = (true, messages);
        let rows = vec![row("Dana", InboxTab::Primary, 0, Some("a"))];
        let all = identify(&listing(Platform::Instagram, Shape::Real, rows), &[known], &now());
        assert_eq!(all[0].ambiguous, doubted);
    }
}

proptest! {
    #[test]
    fn every_named_row_has_its_contact_and_no_contact_is_invented(
        names in prop::collection::vec("[@ ]{0,1}[abAB]{0,2}", 0..12),
        documented in any::<bool>(),
    ) {
        let shape = if documented { Shape::Documented } else { Shape::Real };
        let rows = names.iter().enumerate().map(|(i, name)| {
            let tab = if i % 3 == 0 { InboxTab::Requests } else { InboxTab::Primary };
            row(name, tab, u32::try_from(i).unwrap(), Some("text"))
        });
        let all = identify(&listing(Platform::Instagram, shape, rows.collect()), &[], &now());
        let expected: std::collections::BTreeSet<_> = names.iter().filter_map(|name| NameKey::of(name)).collect();
        let found: std::collections::BTreeSet<_> = all.iter().map(|contact| contact.key.clone()).collect();
        prop_assert_eq!(found.len(), all.len());
        prop_assert_eq!(found, expected);
    }
}
