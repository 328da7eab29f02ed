//! What the servers make of the pages they read: which rows, which previews, which messages, and which row an `open`
//! hits.
//!
//! The losses stated here (dropped short texts, cut previews, fuzzy hits) are the servers' behaviour, observed on the
//! real ones. The domain crate states on its own what a client may conclude from them. The two are kept apart on
//! purpose: if they were shared, a wrong rule would agree with itself in every test.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, FixedOffset};
use crm_sync_domain::{InboxTab, Platform, Shape};

use crate::scenario::{Ids, PlatformScenario};
use crate::world::{Inbox, Message, Person, PersonId, fold};

/// One message as a server shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleMessage {
    /// As shown: cut where the server cuts.
    pub text: String,
    /// Written by the owner of the inbox.
    pub outbound: bool,
    /// The documented shape's id.
    pub id: Option<String>,
    /// The documented shape's sender.
    pub sender: Option<String>,
    /// When it was really sent; only the documented shape says so.
    pub at: DateTime<chrono::Utc>,
}

/// What a service calls a person in its lists.
pub(crate) fn listed_name(shape: Shape, person: &Person) -> &str {
    match shape {
        Shape::Documented => &person.handle,
        Shape::Real => &person.display_name,
    }
}

/// The people of one list, from the top.
pub(crate) fn rows(scenario: &PlatformScenario, inbox: &mut Inbox, tab: InboxTab) -> Vec<PersonId> {
    let order = inbox.order().to_vec();
    // Instagram's server keeps rows by name: of two people called the same it sees one.
    let collapse = scenario.shape == Shape::Real && scenario.platform == Platform::Instagram;
    let mut names = HashSet::new();
    order
        .into_iter()
        .filter(|id| {
            inbox.person(*id).is_some_and(|person| {
                person.listed
                    && person.tabs.contains(&tab)
                    && (!collapse || names.insert(person.display_name.clone()))
            })
        })
        .take(scenario.row_limit.unwrap_or(usize::MAX))
        .collect()
}

/// The rows that a list has in the page, of which the first `rendered` have been scrolled to.
pub(crate) fn rendered(scenario: &PlatformScenario, rows: &[PersonId], rendered: usize) -> Vec<PersonId> {
    let end = if scenario.rows_per_page.is_some() { rendered.min(rows.len()) } else { rows.len() };
    let start = scenario.virtual_window.map_or(0, |window| end.saturating_sub(window));
    rows[start..end].to_vec()
}

/// The newest text as a row shows it: one line of at most 100 characters.
pub(crate) fn preview(person: &Person) -> String {
    person.newest().map_or_else(String::new, |newest| {
        if newest.attachment {
            return "You sent an attachment.".to_owned();
        }
        cut(&newest.text.split_whitespace().collect::<Vec<_>>().join(" "), 100)
    })
}

/// Twitter's server takes the first text of the row that is longer than 10 characters and not the name: a short
/// message is missed, and a long `@handle` is taken for a message.
pub(crate) fn twitter_preview(person: &Person) -> String {
    [format!("@{}", person.handle), preview(person)]
        .into_iter()
        .find(|span| js_length(span) > 10 && *span != person.display_name)
        .unwrap_or_default()
}

/// Which row of a list `open` clicks.
pub(crate) fn find(
    scenario: &PlatformScenario,
    inbox: &Inbox,
    rows: &[PersonId],
    name: &str,
) -> Option<PersonId> {
    let wanted = name.to_lowercase();
    let exact = |shown: &str| fold(shown) == fold(name);
    let fits = |person: &Person| match (scenario.shape, scenario.platform) {
        (Shape::Documented, _) => exact(&person.handle),
        (Shape::Real, Platform::Instagram) => exact(&person.display_name),
        (Shape::Real, Platform::Twitter) => row_text(person).contains(&wanted),
        (Shape::Real, Platform::TikTok) => {
            let text = row_text(person);
            text.contains(&wanted) || fragments(&wanted).any(|part| text.contains(part))
        }
    };
    if breaks_the_script(scenario, name) {
        return None;
    }
    let hit = rows.iter().filter_map(|id| inbox.person(*id)).find(|person| fits(person))?;
    hit.openable.then_some(hit.id)
}

/// A name that ends the string it is pasted into: the page's script fails and finds nobody.
fn breaks_the_script(scenario: &PlatformScenario, name: &str) -> bool {
    scenario.shape == Shape::Real
        && scenario.platform != Platform::TikTok
        && name.contains(['\'', '"', '`', '\\', '\n', '\r', '\u{2028}', '\u{2029}'])
}

/// All that a fuzzy `open` searches in.
fn row_text(person: &Person) -> String {
    format!("{}\n@{}\n{}", person.display_name, person.handle, preview(person)).to_lowercase()
}

/// TikTok's server also takes a row that holds any longer part of the name.
fn fragments(name: &str) -> impl Iterator<Item = &str> {
    let whole = js_length(name);
    name.split(['_', '.']).filter(move |part| js_length(part) > 3 && js_length(part) < whole)
}

/// The messages that `GET …/messages` answers while that thread stands in the pane, oldest first.
pub(crate) fn window(
    scenario: &PlatformScenario,
    inbox: &Inbox,
    person: &Person,
    limit: usize,
    loaded_pages: usize,
) -> Vec<VisibleMessage> {
    let mut all: Vec<Message> = person.messages().into_iter().filter(|m| !m.attachment).collect();
    if let Some(page) = scenario.messages_per_page {
        all.drain(..all.len().saturating_sub(page.saturating_mul(loaded_pages)));
    }
    let mut shown: Vec<VisibleMessage> = match (scenario.shape, scenario.platform) {
        (Shape::Documented, _) => {
            all.into_iter().map(|message| documented(scenario, inbox, person, message)).collect()
        }
        (Shape::Real, Platform::Instagram) => instagram_keeps(all),
        (Shape::Real, Platform::Twitter) => {
            all.into_iter().map(|m| bare(cut(m.text.trim(), 500), &m)).collect()
        }
        (Shape::Real, Platform::TikTok) => {
            all.into_iter().map(|m| bare(m.text.trim().to_owned(), &m)).collect()
        }
    };
    if scenario.shape == Shape::Real && scenario.platform == Platform::TikTok {
        // In the order of the page, so the oldest: a limit hides the newest messages.
        shown.truncate(limit);
    } else {
        shown.drain(..shown.len().saturating_sub(limit));
    }
    shown
}

fn documented(
    scenario: &PlatformScenario,
    inbox: &Inbox,
    person: &Person,
    message: Message,
) -> VisibleMessage {
    let sender = if message.outbound { &inbox.owner } else { &person.handle };
    VisibleMessage {
        id: (scenario.ids == Ids::Unique)
            .then(|| format!("msg_{:03}", (person.id.0 + 1) * 10_000 + message.seq + 1)),
        sender: scenario.senders.then(|| sender.clone()),
        text: message.text,
        outbound: message.outbound,
        at: message.at,
    }
}

fn bare(text: String, message: &Message) -> VisibleMessage {
    VisibleMessage { text, outbound: message.outbound, id: None, sender: None, at: message.at }
}

/// Instagram's server takes short texts, capitals and scripts without case for buttons and labels, and keeps each
/// text once.
fn instagram_keeps(all: Vec<Message>) -> Vec<VisibleMessage> {
    let mut seen = HashSet::new();
    all.into_iter()
        .filter_map(|message| {
            let text = message.text.trim();
            let length = js_length(text);
            let label = length < 20 && text.to_uppercase() == text;
            let keep = length > 3 && length <= 2_000 && !label && seen.insert(text.to_owned());
            keep.then(|| bare(cut(text, 500), &message))
        })
        .collect()
}

/// Length as the servers' language counts it: in UTF-16 units.
fn js_length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The beginning of a text, at most so many UTF-16 units, never half a character.
fn cut(text: &str, units: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= units
        })
        .collect()
}

/// The time of a row as TikTok shows it: "17:51", "Yesterday", "Monday", "2/14", "1/3/2025".
pub(crate) fn display_time(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> String {
    let at = at.with_timezone(now.offset());
    let days = (now.date_naive() - at.date_naive()).num_days();
    match days {
        ..=0 => at.format("%H:%M").to_string(),
        1 => "Yesterday".to_owned(),
        2..=6 => at.format("%A").to_string(),
        _ if at.year() == now.year() => at.format("%-m/%-d").to_string(),
        _ => at.format("%-m/%-d/%Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rstest::rstest;

    use super::*;
    use crate::clock::base_time;

    fn said(texts: &[&str]) -> Vec<Message> {
        let message = |(seq, text): (u32, &&str)| Message {
            seq,
            text: (*text).to_owned(),
            outbound: false,
            at: DateTime::default(),
            attachment: false,
        };
        (0..).zip(texts).map(message).collect()
    }

    #[test]
    fn instagram_drops_what_it_takes_for_labels_and_keeps_each_text_once() {
        let long = "x".repeat(2_001);
        let half = "y".repeat(600);
        let texts = [
            "ok",
            "YES PLEASE",
            "مرحبا، شكرا لك",
            "see you then",
            "see you then",
            &long,
            &half,
            "THIS IS LONG ENOUGH TO STAY",
        ];
        let kept: Vec<_> = instagram_keeps(said(&texts)).into_iter().map(|m| m.text).collect();
        assert_eq!(kept, ["see you then", &half[..500], "THIS IS LONG ENOUGH TO STAY"]);
    }

    #[rstest]
    #[case(TimeDelta::minutes(39), "17:51")]
    #[case(TimeDelta::hours(20), "Yesterday")]
    #[case(TimeDelta::days(3), "Friday")]
    #[case(TimeDelta::days(16), "2/14")]
    #[case(TimeDelta::days(423), "1/3/2025")]
    fn rows_show_times_as_the_page_does(#[case] ago: TimeDelta, #[case] shown: &str) {
        assert_eq!(display_time(base_time() - ago, base_time()), shown);
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("ab👍", 3), "ab");
        assert_eq!(cut("ab👍", 4), "ab👍");
    }
}
