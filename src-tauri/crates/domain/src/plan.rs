//! Which threads to open, and in which order: a pure function of what is cached, what was listed, and the run.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::identity::SeenContact;
use crate::{Contact, ContactId, Fingerprint, InboxTab, NameKey, Platform, Reason, Shape, name, preview};

/// Why a thread is due to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenReason {
    /// Its messages were never proved.
    NeverRead,
    /// The preview differs from that of the last proved read.
    PreviewChanged,
    /// It became unread.
    BecameUnread,
    /// Its time is later than the whole interval known at the last proved read.
    LaterActivity,
    /// It climbed above a row that did not change.
    Climbed,
    /// Its turn to be checked for changes that the listing doesn't show.
    Recheck,
    /// A person asked for everything.
    Full,
}

/// What a sync reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// What the listing shows as changed, and a few re-checks.
    #[default]
    Changed,
    /// Every thread.
    Full,
    /// Changed threads that are unread.
    UnreadOnly,
    /// Nothing: names and previews alone.
    ListOnly,
}

/// The most runs that an unreadable thread rests.
const LONGEST_REST: u64 = 24;
/// No thread is re-checked that was read within this time.
const RECHECK_AGE: Duration = Duration::days(1);

/// The changes that a listing shows, one entry per contact of the listing: what makes its thread due.
///
/// `last_listed` is the time of the platform's last stored listing: places in a list can be compared only between
/// contacts that stood in that same listing.
pub fn changes(
    seen: &[SeenContact],
    known: &[Contact],
    last_listed: Option<DateTime<Utc>>,
) -> Vec<Option<OpenReason>> {
    let by_id: HashMap<ContactId, &Contact> = known.iter().map(|c| (c.id, c)).collect();
    let cached: Vec<Option<&Contact>> =
        seen.iter().map(|s| s.existing.and_then(|id| by_id.get(&id).copied())).collect();
    let mut due: Vec<Option<OpenReason>> = seen.iter().zip(&cached).map(|(s, c)| change(s, *c)).collect();
    mark_climbed(seen, &cached, last_listed, &mut due);
    due
}

fn change(seen: &SeenContact, cached: Option<&Contact>) -> Option<OpenReason> {
    let Some((cached, proved)) = cached.and_then(|c| Some((c, c.fingerprint.as_ref()?))) else {
        return Some(OpenReason::NeverRead);
    };
    if seen.preview.is_some() && seen.preview != proved.preview {
        return Some(OpenReason::PreviewChanged);
    }
    if seen.unread == Some(true) && cached.unread == Some(false) {
        return Some(OpenReason::BecameUnread);
    }
    if let (Some(now), Some(then)) = (&seen.activity, &proved.activity)
        && now.is_after(then)
    {
        return Some(OpenReason::LaterActivity);
    }
    cached.due
}

/// Lists are ordered by activity: a row that now stands above an unchanged row it stood below has new activity.
fn mark_climbed(
    seen: &[SeenContact],
    cached: &[Option<&Contact>],
    last_listed: Option<DateTime<Utc>>,
    due: &mut [Option<OpenReason>],
) {
    let mut rows: Vec<usize> = (0..seen.len()).collect();
    rows.sort_by_key(|i| (seen[*i].tab, seen[*i].position));
    let mut highest_unchanged_below: Option<(InboxTab, u32)> = None;
    for i in rows.into_iter().rev() {
        let tab = seen[i].tab;
        let before =
            cached[i].filter(|c| c.tab == tab && last_listed == Some(c.listed_at)).map(|c| c.position);
        let Some(before) = before else { continue };
        let anchor = highest_unchanged_below.filter(|(t, _)| *t == tab).map(|(_, position)| position);
        if due[i].is_some() {
            continue;
        }
        match anchor {
            Some(anchor) if anchor < before => due[i] = Some(OpenReason::Climbed),
            _ => highest_unchanged_below = Some((tab, anchor.map_or(before, |a| a.min(before)))),
        }
    }
}

/// What the planner must know of a run.
#[derive(Debug, Clone)]
pub struct RunFacts<'a> {
    /// Whose inbox.
    pub platform: Platform,
    /// Of this listing.
    pub shape: Shape,
    /// What to read.
    pub mode: Mode,
    /// Leave unread threads unopened, since opening marks them as read on the platform.
    pub leave_unread: bool,
    /// The platform's run number.
    pub run: u64,
    /// The run's start.
    pub now: DateTime<Utc>,
    /// How many unchanged threads are re-checked.
    pub rechecks: usize,
    /// The tabs whose threads may be opened.
    pub open_tabs: &'a [InboxTab],
    /// No open ever succeeded so far: try one.
    pub opens_broken: bool,
}

/// One thread to open.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedOpen {
    /// Index into the planned contacts.
    pub contact: usize,
    /// Why.
    pub reason: OpenReason,
}

/// One step of the plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Show this tab: the real Instagram finds only rows of the tab shown.
    SelectTab(InboxTab),
    /// Show the inbox with no thread open.
    NavigateInbox,
    /// Open and read a thread.
    Open(PlannedOpen),
}

/// What a sync will do with a platform's listing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// In this order.
    pub steps: Vec<Step>,
    /// Threads that can't be read, and why: index into the planned contacts, and whether that is news (its listing
    /// changed, or it was not known before).
    pub unreadable: Vec<(usize, Reason, bool)>,
    /// Due, but left for another run: unread ones that a person wants unopened, or beyond the one try of a broken
    /// service.
    pub left: usize,
}

impl Plan {
    /// How many threads the plan opens.
    pub fn opens(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Open(_))).count()
    }

    fn give_up(&mut self, contact: usize, reason: Reason, of: &Contact, facts: &RunFacts<'_>) {
        let news = of.unreadable.as_ref().is_none_or(|u| u.reason != reason || listing_changed(of, u));
        self.unreadable.push((contact, reason, news && facts.mode != Mode::ListOnly));
    }
}

/// Plans the opens for the contacts of one listing. `contacts` are those of the listing as stored, `due` included.
pub fn plan(contacts: &[Contact], facts: &RunFacts<'_>) -> Plan {
    let mut plan = Plan::default();
    let fuzzy = FuzzyNames::of(contacts, facts);
    let mut chosen: Vec<PlannedOpen> = Vec::new();
    let mut quiet: Vec<usize> = Vec::new();
    for (i, contact) in contacts.iter().enumerate() {
        if let Some(reason) = cannot_be_opened(contact, facts) {
            plan.give_up(i, reason, contact, facts);
            continue;
        }
        if facts.mode == Mode::ListOnly || !facts.open_tabs.contains(&contact.tab) {
            continue;
        }
        let due = if facts.mode == Mode::Full { Some(OpenReason::Full) } else { due_now(contact) };
        let Some(reason) = due else {
            quiet.push(i);
            continue;
        };
        let unread = contact.unread == Some(true);
        if facts.mode == Mode::UnreadOnly && !unread {
            continue;
        }
        if facts.leave_unread && unread {
            plan.left += 1;
            continue;
        }
        if let Some(resting) = contact.unreadable.as_ref().filter(|u| rests(contact, u, facts)) {
            plan.unreadable.push((i, resting.reason, false));
            continue;
        }
        if fuzzy.may_open_another(contact) {
            plan.give_up(i, Reason::AmbiguousName, contact, facts);
            continue;
        }
        chosen.push(PlannedOpen { contact: i, reason });
    }
    if facts.mode == Mode::Changed {
        quiet.retain(|i| !fuzzy.may_open_another(&contacts[*i]));
        chosen.extend(rechecks(contacts, quiet, facts));
    }
    if facts.opens_broken && chosen.len() > 1 {
        plan.left += chosen.len() - 1;
        chosen.truncate(1);
    }
    plan.steps = in_order(contacts, chosen, facts);
    plan
}

fn due_now(contact: &Contact) -> Option<OpenReason> {
    contact.due.or_else(|| contact.fingerprint.is_none().then_some(OpenReason::NeverRead))
}

/// What keeps a thread from ever being opened under its name.
fn cannot_be_opened(contact: &Contact, facts: &RunFacts<'_>) -> Option<Reason> {
    if contact.ambiguous {
        return Some(Reason::AnotherPersonSameName);
    }
    (!name::can_be_opened(facts.platform, &contact.open_name)).then_some(Reason::CannotOpenName)
}

/// What the listing shows of a contact now.
pub fn shown(contact: &Contact) -> Fingerprint {
    Fingerprint { preview: contact.preview.clone(), activity: contact.activity.clone() }
}

fn listing_changed(contact: &Contact, unreadable: &crate::contact::Unreadable) -> bool {
    let later = match (&contact.activity, &unreadable.seen.activity) {
        (Some(now), Some(then)) => now.is_after(then),
        _ => false,
    };
    contact.preview != unreadable.seen.preview || later
}

fn rests(contact: &Contact, unreadable: &crate::contact::Unreadable, facts: &RunFacts<'_>) -> bool {
    facts.mode != Mode::Full && facts.run < unreadable.rest_until_run && !listing_changed(contact, unreadable)
}

/// The run number from which a thread is tried again after `failures` failed tries, the last one in `run`: it sits
/// out 2ⁿ runs, at most 24.
pub fn rest_until(run: u64, failures: u32) -> u64 {
    let rest = 1_u64.checked_shl(failures).unwrap_or(LONGEST_REST).min(LONGEST_REST);
    run + rest + 1
}

/// The threads whose turn it is to be checked for changes that no listing shows, oldest read first.
fn rechecks(contacts: &[Contact], quiet: Vec<usize>, facts: &RunFacts<'_>) -> Vec<PlannedOpen> {
    let mut turn: Vec<(DateTime<Utc>, usize)> = quiet
        .into_iter()
        .filter(|i| !(facts.leave_unread && contacts[*i].unread == Some(true)))
        .filter_map(|i| Some((contacts[i].read_at?, i)))
        .filter(|(read_at, _)| facts.now - *read_at >= RECHECK_AGE)
        .collect();
    turn.sort();
    turn.truncate(facts.rechecks);
    turn.into_iter().map(|(_, contact)| PlannedOpen { contact, reason: OpenReason::Recheck }).collect()
}

/// The order of the opens, tab by tab, with equal previews kept apart.
fn in_order(contacts: &[Contact], chosen: Vec<PlannedOpen>, facts: &RunFacts<'_>) -> Vec<Step> {
    let mut groups: BTreeMap<usize, (InboxTab, Vec<PlannedOpen>)> = BTreeMap::new();
    for open in chosen {
        let tab = contacts[open.contact].tab;
        groups.entry(turn_of(tab, facts)).or_insert_with(|| (tab, Vec::new())).1.push(open);
    }
    let mut steps = Vec::new();
    for (tab, group) in groups.into_values() {
        if facts.shape == Shape::Real {
            match (facts.platform, tab) {
                (Platform::Instagram, tab) => steps.push(Step::SelectTab(tab)),
                // Listing everything leaves Twitter on its requests.
                (Platform::Twitter, InboxTab::Inbox) => steps.push(Step::NavigateInbox),
                _ => {}
            }
        }
        apart(contacts, group, facts, &mut steps);
    }
    steps
}

/// When a tab's threads have their turn. Twitter's requests come first: its listing has just shown them, and there
/// is no other way to show them again.
fn turn_of(tab: InboxTab, facts: &RunFacts<'_>) -> usize {
    match (facts.platform, tab) {
        (Platform::Twitter, InboxTab::Requests) => 0,
        _ => 1 + facts.open_tabs.iter().position(|t| *t == tab).unwrap_or(facts.open_tabs.len()),
    }
}

/// Orders the opens of one tab so that neighbours don't show the same preview: a pane that did not change could not
/// be told from one that did. Where that can't be avoided, the inbox is shown in between. In the documented shape
/// messages carry senders and ids, so look-alikes do no harm and the order stays.
fn apart(contacts: &[Contact], group: Vec<PlannedOpen>, facts: &RunFacts<'_>, steps: &mut Vec<Step>) {
    if facts.shape == Shape::Documented {
        steps.extend(group.into_iter().map(Step::Open));
        return;
    }
    let look = |open: &PlannedOpen| {
        contacts[open.contact].preview.as_deref().map(preview::folded).unwrap_or_default()
    };
    let mut queues: BTreeMap<String, std::collections::VecDeque<(usize, PlannedOpen)>> = BTreeMap::new();
    let total = group.len();
    for (place, open) in group.into_iter().enumerate() {
        queues.entry(look(&open)).or_default().push_back((place, open));
    }
    let mut last: Option<String> = None;
    for done in 0..total {
        let remaining = total - done;
        let front =
            |queue: &std::collections::VecDeque<(usize, PlannedOpen)>| queue.front().map(|(place, _)| *place);
        let others =
            || queues.iter().filter(|(look, queue)| !queue.is_empty() && Some(*look) != last.as_ref());
        // A look that fills more than half of what is left must be taken now, or it meets itself at the end.
        let crowd = others().find(|(_, queue)| queue.len() * 2 > remaining);
        let next = crowd
            .or_else(|| others().min_by_key(|(_, queue)| front(queue)))
            .or_else(|| queues.iter().find(|(_, queue)| !queue.is_empty()))
            .map(|(look, _)| look.clone());
        let Some(next) = next else { return };
        if last.as_ref() == Some(&next) {
            steps.push(Step::NavigateInbox);
        }
        if let Some((_, open)) = queues.get_mut(&next).and_then(std::collections::VecDeque::pop_front) {
            steps.push(Step::Open(open));
        }
        last = Some(next);
    }
}

/// Which names the fuzzy `open` of the real Twitter and TikTok may take for another row.
///
/// Twitter takes the first row whose name or preview contains the name; TikTok does too, and also the first row that
/// contains one of the parts of the name between `_` and `.` that are longer than three characters.
struct FuzzyNames {
    platform: Platform,
    /// The text each row is searched in, with the row's key; empty where `open` is exact.
    rows: Vec<(NameKey, String)>,
    /// How many names show each usable preview.
    previews: HashMap<String, usize>,
    shape: Shape,
}

impl FuzzyNames {
    fn of(contacts: &[Contact], facts: &RunFacts<'_>) -> Self {
        let fuzzy = facts.shape == Shape::Real && facts.platform != Platform::Instagram;
        let rows = if fuzzy {
            let text = |c: &Contact| {
                format!("{}\n{}", c.open_name, c.preview.as_deref().unwrap_or("")).to_lowercase()
            };
            contacts.iter().map(|c| (c.key.clone(), text(c))).collect()
        } else {
            Vec::new()
        };
        let mut previews = HashMap::new();
        for contact in contacts {
            if let Some(text) = usable_preview(contact, facts.shape) {
                *previews.entry(text).or_insert(0) += 1;
            }
        }
        Self { platform: facts.platform, rows, previews, shape: facts.shape }
    }

    /// True where the name may hit another row and nothing in the listing would show that it did.
    fn may_open_another(&self, contact: &Contact) -> bool {
        self.hits_another_row(contact) && !self.preview_is_its_own(contact)
    }

    fn hits_another_row(&self, contact: &Contact) -> bool {
        if self.rows.is_empty() {
            return false;
        }
        let name = contact.open_name.to_lowercase();
        let fragments: Vec<&str> = match self.platform {
            Platform::TikTok => name.split(['_', '.']).filter(|part| part.chars().count() > 3).collect(),
            _ => Vec::new(),
        };
        self.rows
            .iter()
            .filter(|(key, _)| *key != contact.key)
            .any(|(_, text)| text.contains(&name) || fragments.iter().any(|part| text.contains(part)))
    }

    fn preview_is_its_own(&self, contact: &Contact) -> bool {
        usable_preview(contact, self.shape).is_some_and(|text| self.previews.get(&text) == Some(&1))
    }
}

/// A contact's preview where it can serve as evidence, folded for comparison.
pub fn usable_preview(contact: &Contact, shape: Shape) -> Option<String> {
    preview::usable(contact.platform, shape, contact.preview.as_deref()?).map(|text| preview::folded(&text))
}

#[cfg(test)]
mod tests;
