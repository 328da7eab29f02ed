//! Whose thread is this? The decision table between reading a window of messages and believing it.
//!
//! `open` and `messages` share one browser tab: what comes back may be the previous thread, a stranger's, or that of
//! whoever else uses the tab. So a window is a claim, and it is stored under a contact only when something proves
//! that it belongs there. Disproof wins over proof; no evidence at all means that nothing is stored.
//!
//! The table is in `docs/ARCHITECTURE.md`; the order of the checks below is its order.

use std::collections::HashSet;

use crate::merge::{self, Overlap};
use crate::{Direction, NameKey, Platform, ReadMessage, Shape, StoredMessage, preview};

/// How many of the newest messages may hold the text that the listing shows.
const NEWEST: usize = 5;
/// How long a run of consecutive messages must be to tie a window to a cached thread.
const TELLING_RUN: usize = 3;
/// How long a text must be to be one thread's alone: "ok" will be everybody's, wherever it was read first.
const TELLING_TEXT: usize = 10;

/// What the pane showed before the open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaneBefore {
    /// Nobody looked.
    Unknown,
    /// These messages; none where the pane was empty.
    Showed(Vec<ReadMessage>),
}

/// Who a thread id is stored for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadOwner {
    /// No contact.
    Nobody,
    /// The contact that was opened.
    This,
    /// Another contact.
    Another,
}

/// The thread ids around one read. Instagram shows the open thread in its address; the other two don't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadIds {
    /// Before the open.
    pub before: Option<String>,
    /// After the open, before the read.
    pub at_read: Option<String>,
    /// After the read.
    pub after_read: Option<String>,
    /// The id stored for the contact.
    pub stored: Option<String>,
    /// Who `at_read` is stored for.
    pub owner: ThreadOwner,
}

/// Which parts of a window stand in other cached threads of the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Texts that another thread holds too.
    pub texts: HashSet<String>,
    /// Real ids that another thread holds too.
    pub ids: HashSet<String>,
}

/// Everything that is known when a window has been read.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and the table reads them one by one"
)]
pub struct Claim<'a> {
    /// Whose inbox.
    pub platform: Platform,
    /// Of the listing.
    pub shape: Shape,
    /// The contact's key and aliases: names that a sender may have.
    pub names: &'a [NameKey],
    /// The display name, folded; a sender of this name tells nothing.
    pub display_name: Option<&'a NameKey>,
    /// The listing's preview as given.
    pub preview: Option<&'a str>,
    /// The preview is usable, and no other contact of the listing shows the same.
    pub preview_unique: bool,
    /// No other contact of the listing has the same name or display name.
    pub name_unique: bool,
    /// What is cached of the contact's thread.
    pub cached: &'a [StoredMessage],
    /// What was read, oldest first.
    pub window: &'a [ReadMessage],
    /// How many messages were asked for.
    pub limit: u32,
    /// What the pane showed before the open.
    pub before: &'a PaneBefore,
    /// The read before this one, after the same open, showed the same.
    pub steady: bool,
    /// Thread ids, where the service shows them.
    pub ids: Option<&'a ThreadIds>,
    /// Looked up only when the table asks for it ([`Missing::Elsewhere`]).
    pub elsewhere: Option<&'a Elsewhere>,
    /// The contact was opened again and the same came up (on Instagram the same thread id, elsewhere the same messages
    /// after the inbox was shown with no thread open in between), and another contact's open showed something else.
    pub second_open_agrees: bool,
    /// Somebody else moved the tab during this run: what shows may be theirs.
    pub disturbed: bool,
}

/// What ties a window to the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// (a) Every inbound sender is the contact.
    Senders,
    /// (b) The thread's own id.
    ThreadId,
    /// (c) It continues the cached thread.
    Continues,
    /// (d) The pane changed, and its newest message is what the listing shows of the contact and of nobody else.
    Preview,
}

/// What shows that a window is not the contact's thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disproof {
    /// An inbound message of somebody else.
    ForeignSender,
    /// The text that the listing shows is not among the newest messages.
    PreviewMissing,
    /// The whole thread, and it holds fewer than half of what is cached.
    ForgotTooMuch,
    /// The thread id is stored for another contact.
    AnothersThread,
    /// The thread that was open before is still open.
    ThreadDidNotChange,
    /// The contact's thread has another id: somebody else of the same name.
    NotItsThread,
}

/// What would be needed to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The pane shows no message.
    Messages,
    /// The pane shows what it showed before the open.
    Change,
    /// A second read that shows the same.
    SteadyRead,
    /// [`Claim::elsewhere`].
    Elsewhere,
    /// A second open after showing the inbox.
    SecondOpen,
    /// Nothing that the service can show would prove it.
    Evidence,
}

/// The table's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The window is the contact's.
    Proved(Proof),
    /// It is not. (A page that is still changing may yet show the right one.)
    Disproved(Disproof),
    /// Not decided.
    Open(Missing),
}

/// Decides whose thread a window is.
pub fn judge(claim: &Claim<'_>) -> Verdict {
    if claim.window.is_empty() {
        return Verdict::Open(Missing::Messages);
    }
    let shown = claim.preview.and_then(|p| preview::usable(claim.platform, claim.shape, p));
    let overlap = merge::overlap(claim.cached, claim.window);
    if let Some(disproof) = disproof(claim, shown.as_deref(), &overlap) {
        return Verdict::Disproved(disproof);
    }
    if by_senders(claim) {
        return Verdict::Proved(Proof::Senders);
    }
    let answers = [
        by_thread_id(claim, shown.as_deref()),
        by_overlap(claim, shown.as_deref(), &overlap),
        by_preview(claim, shown.as_deref()),
    ];
    if let Some(proved) = answers.iter().find(|answer| matches!(answer, Verdict::Proved(_))) {
        return *proved;
    }
    // Of several things that would help, the cheapest first.
    let wanted = |missing| answers.contains(&Verdict::Open(missing));
    let cheapest = [Missing::Elsewhere, Missing::SteadyRead, Missing::Change, Missing::SecondOpen];
    Verdict::Open(cheapest.into_iter().find(|missing| wanted(*missing)).unwrap_or(Missing::Evidence))
}

fn disproof(claim: &Claim<'_>, shown: Option<&str>, overlap: &Overlap) -> Option<Disproof> {
    if inbound_senders(claim.window).any(|sender| sender_is(claim, sender) == Some(false)) {
        return Some(Disproof::ForeignSender);
    }
    if let Some(disproof) = claim.ids.and_then(by_other_id) {
        return Some(disproof);
    }
    if let Some(shown) = shown {
        // The real Instagram drops every repeat of a text, so the newest message may stand where it stood first.
        let drops_repeats = claim.platform == Platform::Instagram && claim.shape == Shape::Real;
        let newest = if drops_repeats { claim.window.len() } else { NEWEST };
        if !claim.window.iter().rev().take(newest).any(|m| preview::shows(shown, &m.text)) {
            return Some(Disproof::PreviewMissing);
        }
    }
    let whole = claim.window.len() < claim.limit as usize;
    (whole && overlap.held * 2 < claim.cached.len()).then_some(Disproof::ForgotTooMuch)
}

fn by_other_id(ids: &ThreadIds) -> Option<Disproof> {
    let now = ids.at_read.as_ref()?;
    if ids.owner == ThreadOwner::This {
        return None;
    }
    if ids.before.as_ref() == Some(now) {
        Some(Disproof::ThreadDidNotChange)
    } else if ids.owner == ThreadOwner::Another {
        Some(Disproof::AnothersThread)
    } else {
        ids.stored.is_some().then_some(Disproof::NotItsThread)
    }
}

fn inbound_senders(window: &[ReadMessage]) -> impl Iterator<Item = &str> {
    window.iter().filter(|m| m.direction == Some(Direction::Inbound)).filter_map(|m| m.sender.as_deref())
}

/// Whether a sender is the contact; `None` where the name tells nothing.
fn sender_is(claim: &Claim<'_>, sender: &str) -> Option<bool> {
    let key = NameKey::of(sender)?;
    if claim.names.contains(&key) {
        return Some(true);
    }
    if claim.display_name == Some(&key) { None } else { Some(false) }
}

/// (a)
fn by_senders(claim: &Claim<'_>) -> bool {
    let mut inbound = claim.window.iter().filter(|m| m.direction == Some(Direction::Inbound)).peekable();
    let by_contact = |m: &ReadMessage| m.sender.as_deref().and_then(|s| sender_is(claim, s)) == Some(true);
    inbound.peek().is_some() && inbound.all(by_contact)
}

/// (b)
fn by_thread_id(claim: &Claim<'_>, shown: Option<&str>) -> Verdict {
    let Some(ids) = claim.ids else { return Verdict::Open(Missing::Evidence) };
    let Some(now) = ids.at_read.as_ref().filter(|_| claim.name_unique) else {
        return Verdict::Open(Missing::Evidence);
    };
    if ids.after_read.as_ref() != Some(now) {
        return Verdict::Open(Missing::SteadyRead);
    }
    // The disproofs have left two cases: it is the stored id, or nobody's and changed by this open.
    match differs_from_before(claim) {
        None => return Verdict::Open(Missing::SecondOpen),
        Some(false) => return Verdict::Open(Missing::Change),
        Some(true) if !claim.steady => return Verdict::Open(Missing::SteadyRead),
        Some(true) => {}
    }
    // An id that is not stored yet changed after this open, but perhaps not by it: somebody else may use the tab. So
    // either the listing's own text confirms it, or a second open does.
    let stored = ids.owner == ThreadOwner::This;
    let listed = claim.preview_unique && newest_shows(claim, shown);
    let confirmed = stored || listed || claim.second_open_agrees;
    if confirmed { Verdict::Proved(Proof::ThreadId) } else { Verdict::Open(Missing::SecondOpen) }
}

/// (c)
fn by_overlap(claim: &Claim<'_>, shown: Option<&str>, overlap: &Overlap) -> Verdict {
    let run = claim.window.get(overlap.run.clone()).unwrap_or_default();
    if run.len() < TELLING_RUN {
        return Verdict::Open(Missing::Evidence);
    }
    let inbound = run.iter().any(|m| m.direction == Some(Direction::Inbound));
    // Where the newest message is what the listing shows of this contact alone, an inbound message in the run is
    // enough; else one of the run must be this thread's alone, since people answer the same template in the same
    // words.
    if inbound && claim.preview_unique && newest_shows(claim, shown) {
        return Verdict::Proved(Proof::Continues);
    }
    let Some(elsewhere) = claim.elsewhere else { return Verdict::Open(Missing::Elsewhere) };
    let its_own = |m: &ReadMessage| match &m.id {
        Some(id) => !elsewhere.ids.contains(id),
        None => m.text.chars().count() >= TELLING_TEXT && !elsewhere.texts.contains(&m.text),
    };
    if run.iter().any(its_own) { Verdict::Proved(Proof::Continues) } else { Verdict::Open(Missing::Evidence) }
}

/// The newest message is what the listing shows.
fn newest_shows(claim: &Claim<'_>, shown: Option<&str>) -> bool {
    shown.is_some_and(|shown| claim.window.last().is_some_and(|m| preview::shows(shown, &m.text)))
}

/// (d)
fn by_preview(claim: &Claim<'_>, shown: Option<&str>) -> Verdict {
    if !newest_shows(claim, shown) {
        return Verdict::Open(Missing::Evidence);
    }
    match differs_from_before(claim) {
        None => return Verdict::Open(Missing::SecondOpen),
        Some(false) => return Verdict::Open(Missing::Change),
        Some(true) => {}
    }
    if claim.preview_unique || claim.second_open_agrees {
        return Verdict::Proved(Proof::Preview);
    }
    if claim.window.iter().all(|m| m.id.is_some()) {
        let Some(elsewhere) = claim.elsewhere else { return Verdict::Open(Missing::Elsewhere) };
        let nobody_elses =
            claim.window.iter().filter_map(|m| m.id.as_ref()).all(|id| !elsewhere.ids.contains(id));
        if nobody_elses && !claim.disturbed {
            return Verdict::Proved(Proof::Preview);
        }
    }
    Verdict::Open(Missing::SecondOpen)
}

/// Whether the pane shows something else than before the open; `None` where nobody looked before.
fn differs_from_before(claim: &Claim<'_>) -> Option<bool> {
    match claim.before {
        PaneBefore::Unknown => None,
        PaneBefore::Showed(before) => Some(before != claim.window),
    }
}

#[cfg(test)]
mod tests;
