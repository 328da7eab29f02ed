//! One small thread after another: a letter is a message, `|` a gap before the next one.

use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;

use super::*;
use crate::{Direction, Precision};

pub(super) fn message(text: &str) -> ReadMessage {
    ReadMessage { id: None, sender: None, text: text.to_owned(), direction: None, time_text: None }
}

pub(super) fn stored(message: ReadMessage) -> StoredMessage {
    StoredMessage { row_id: 1, message, sent: None, gap_before: false }
}

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_000_000, 0).unwrap()
}

/// A full window of the newest messages.
pub(super) fn full() -> WindowFacts {
    WindowFacts {
        complete: false,
        first_n: false,
        drops_repeats: false,
        previous_read: None,
        read_at: now(),
        times: Vec::new(),
    }
}

fn complete() -> WindowFacts {
    WindowFacts { complete: true, ..full() }
}

fn first_n() -> WindowFacts {
    WindowFacts { first_n: true, ..full() }
}

fn dropping() -> WindowFacts {
    WindowFacts { drops_repeats: true, ..full() }
}

/// A letter is a text; a letter and a digit is a text with a real id.
fn read(letters: &str) -> Vec<ReadMessage> {
    let mut messages: Vec<ReadMessage> = Vec::new();
    for letter in letters.chars() {
        match messages.last_mut() {
            Some(last) if letter.is_ascii_digit() => last.id = Some(letter.to_string()),
            _ => messages.push(message(&letter.to_string())),
        }
    }
    messages
}

fn cache(letters: &str) -> Vec<StoredMessage> {
    let mut cached = Vec::new();
    for part in letters.split('|') {
        let start = cached.len();
        cached.extend(read(part).into_iter().map(stored));
        cached[start].gap_before = start > 0;
    }
    cached
}

fn shown(thread: &[StoredMessage]) -> String {
    let mut letters = String::new();
    for stored in thread {
        if stored.gap_before {
            letters.push('|');
        }
        letters.push_str(&stored.message.text);
        letters.push_str(stored.message.id.as_deref().unwrap_or_default());
    }
    letters
}

#[rstest]
#[case::first_read("", "abc", full(), "abc")]
#[case::same_window_again("abc", "abc", full(), "abc")]
#[case::an_empty_window_removes_nothing("abc", "", complete(), "abc")]
#[case::three_in_common("abcde", "cdefg", full(), "abcdefg")]
#[case::one_unique_in_common("abcde", "efg", full(), "abcdefg")]
#[case::the_longest_run_of_repeats("aaa", "aaaab", full(), "aaaab")]
#[case::nothing_in_common("abc", "xyz", full(), "abc|xyz")]
#[case::two_repeats_in_common_are_not_counted_twice("abxab", "abcd", full(), "abxab|cd")]
#[case::a_whole_thread_needs_no_run("aa", "aaa", complete(), "aaa")]
#[case::unsent_at_the_end("abcdeu", "cdefg", full(), "abcdeufg")]
#[case::unsent_inside("abcdef", "bdefg", full(), "abcdefg")]
#[case::hidden_until_now("abcdf", "bcdef", full(), "abcdef")]
#[case::a_template_sent_again("abcn", "nabc", full(), "abcnabc")]
#[case::scrolled_up("def", "abcdef", full(), "abcdef")]
#[case::scrolled_up_and_new("def", "abcdefg", full(), "abcdefg")]
#[case::scrolled_up_past_an_unsent_one("defgh", "abcdefh", full(), "abcdefgh")]
#[case::scrolled_up_over_the_first("udefgh", "abcdefgh", full(), "abcudefgh")]
#[case::a_bridged_gap_is_closed("abc|ghi", "abcdefghi", full(), "abcdefghi")]
#[case::a_gap_reached_into_moves_up("abc|ghi", "efghi", full(), "abc|efghi")]
#[case::a_gap_stays_where_only_repeats_touch_it("xkk|kkx", "kkkkx", full(), "xkk|kkx")]
#[case::first_n_again("abcde", "abc", first_n(), "abcde")]
#[case::first_n_grown("abc", "abcde", first_n(), "abcde")]
#[case::first_n_of_repeats("aaa", "aaaa", first_n(), "aaaa")]
#[case::first_n_after_an_unsent_one("abcde", "acdef", first_n(), "abcdef")]
#[case::ids_tell_equal_texts_apart("a1a2", "a2a3", full(), "a1a2a3")]
#[case::an_id_is_never_added_twice("a1b2c3", "c3a1d4", full(), "a1b2c3d4")]
#[case::ids_learnt_later("abc", "a1b2c3d4", complete(), "a1b2c3d4")]
#[case::repeats_cached_before("abac", "bacd", dropping(), "abacd")]
#[case::a_repeat_that_may_be_the_cached_one("abceabc", "abced", dropping(), "abceabcd")]
#[case::a_repeat_is_not_added_for_certain("abx", "xabc", dropping(), "abxc")]
fn a_window_finds_its_place(
    #[case] cached: &str,
    #[case] window: &str,
    #[case] read_facts: WindowFacts,
    #[case] thread: &str,
) {
    let cached = if cached.is_empty() { Vec::new() } else { cache(cached) };
    let merged = merge(cached.clone(), &read(window), &read_facts);
    assert_eq!(shown(&merged.thread), thread);
    assert_eq!(merged.new_messages as usize, merged.thread.len() - cached.len());
    let again = merge(merged.thread.clone(), &read(window), &read_facts);
    assert_eq!((shown(&again.thread).as_str(), again.new_messages), (thread, 0));
}

#[test]
fn the_direction_tells_equal_texts_apart_where_both_are_known() {
    let with = |direction| ReadMessage { direction, ..message("ok") };
    let cached = vec![stored(with(Some(Direction::Inbound)))];
    let ours = merge(cached.clone(), &[with(Some(Direction::Outbound))], &full());
    let unsaid = merge(cached, &[with(None)], &full());
    assert_eq!((ours.new_messages, unsaid.new_messages), (1, 0));
}

#[test]
fn a_cached_message_gains_what_it_lacked_and_keeps_what_it_had() {
    let mut known = message(&"long ".repeat(100));
    known.sender = Some("Dana".to_owned());
    let full_text = "long ".repeat(120);
    let given = ReadMessage {
        id: Some("m1".to_owned()),
        sender: Some("dana_w".to_owned()),
        text: full_text.clone(),
        direction: Some(Direction::Inbound),
        time_text: Some("2026-02-20T10:00:00Z".to_owned()),
    };
    let window = [given];
    let facts = WindowFacts { times: message_times(&window, &now()), ..complete() };
    let merged = merge(vec![stored(known)], &window, &facts);
    let only = &merged.thread[0];
    assert_eq!(merged.new_messages, 0);
    assert_eq!(only.message.sender.as_deref(), Some("Dana"));
    assert_eq!(only.message.id.as_deref(), Some("m1"));
    assert_eq!(only.message.text, full_text);
    assert_eq!(only.message.direction, Some(Direction::Inbound));
    assert_eq!(only.sent.as_ref().map(|sent| sent.precision), Some(Precision::Exact));
}

#[test]
fn a_new_message_lies_between_two_reads_and_on_the_first_read_its_time_is_unknown() {
    let first = merge(Vec::new(), &read("abc"), &full());
    assert!(first.thread.iter().all(|stored| stored.sent.is_none()));
    let previous = now() - TimeDelta::hours(1);
    let facts = WindowFacts { previous_read: Some(previous), ..full() };
    let merged = merge(first.thread, &read("abcd"), &facts);
    assert_eq!(merged.thread[3].sent, Some(Moment::between(Some(previous), now())));
    assert!(merged.thread[..3].iter().all(|stored| stored.sent.is_none()));
}

#[rstest]
#[case("abcdef", "cdefgh", 4, 0..4, 4)]
#[case("abcdef", "xyz", 0, 0..0, 0)]
#[case("abcdef", "abcdef", 6, 0..6, 6)]
#[case("abcdef", "bdefg", 3, 1..4, 4)]
#[case("", "abc", 0, 0..0, 0)]
#[case("abab", "ab", 2, 0..2, 2)]
fn the_overlap_is_counted_where_the_window_would_be_placed(
    #[case] cached: &str,
    #[case] window: &str,
    #[case] longest_run: usize,
    #[case] run: std::ops::Range<usize>,
    #[case] held: usize,
) {
    let cached = if cached.is_empty() { Vec::new() } else { cache(cached) };
    let expected = Overlap { longest_run, run, held, cached: cached.len() };
    assert_eq!(overlap(&cached, &read(window)), expected);
}
