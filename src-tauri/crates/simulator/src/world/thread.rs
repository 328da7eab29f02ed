//! Threads: written out where somebody touched them, else worked out from a recipe when asked for.

use chrono::{DateTime, TimeDelta, Utc};
use crm_sync_domain::Platform;

use super::{PersonId, Texts, texts};

/// One true message, whatever a server shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Number in its thread, from 0; stays when an earlier message is unsent.
    pub seq: u32,
    /// The whole text.
    pub text: String,
    /// Written by the owner of the inbox.
    pub outbound: bool,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// A photo or video: rows show "You sent an attachment.", threads show nothing.
    pub attachment: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Thread {
    /// Until somebody touches the thread.
    recipe: Option<Recipe>,
    held: Vec<Message>,
}

impl Thread {
    pub(crate) fn from_recipe(recipe: Recipe) -> Self {
        Self { recipe: Some(recipe), held: Vec::new() }
    }

    pub(crate) fn of(messages: Vec<Message>) -> Self {
        Self { recipe: None, held: messages }
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.recipe.as_ref().map_or_else(|| self.held.clone(), Recipe::messages)
    }

    pub(crate) fn newest(&self) -> Option<Message> {
        match &self.recipe {
            Some(recipe) => recipe.count.checked_sub(1).map(|last| recipe.message(last)),
            None => self.held.last().cloned(),
        }
    }

    pub(crate) fn activity(&self) -> DateTime<Utc> {
        match &self.recipe {
            Some(recipe) => recipe.newest_at,
            None => self.held.last().map(|m| m.at).unwrap_or_default(),
        }
    }

    /// The messages written out, to be changed.
    pub(crate) fn hold(&mut self) -> &mut Vec<Message> {
        if let Some(recipe) = self.recipe.take() {
            self.held = recipe.messages();
        }
        &mut self.held
    }
}

/// All that it takes to work a thread out.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    pub(crate) platform: Platform,
    pub(crate) person: PersonId,
    pub(crate) count: u32,
    pub(crate) texts: Texts,
    /// The thread is one outbound message, the same as in every other such thread.
    pub(crate) template: bool,
    /// One message in this many is a common short reply; 0: none.
    pub(crate) short_reply_every: u32,
    pub(crate) newest_at: DateTime<Utc>,
    /// Seconds between two messages.
    pub(crate) step: i64,
}

impl Recipe {
    fn messages(&self) -> Vec<Message> {
        (0..self.count).map(|seq| self.message(seq)).collect()
    }

    fn message(&self, seq: u32) -> Message {
        let back = i64::from(self.count.saturating_sub(seq + 1)) * self.step;
        let line = texts::line(self, seq);
        Message {
            seq,
            text: line.text,
            outbound: line.outbound,
            at: self.newest_at - TimeDelta::seconds(back),
            attachment: line.attachment,
        }
    }
}
