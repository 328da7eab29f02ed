//! Search in the texts of all cached messages. What a person types is words, never a query language.

use crm_sync_domain::{ContactId, Platform, StoredMessage};

use crate::messages::{decode_row, message_columns};
use crate::{Store, StoreError};

/// A message that was found, and whose thread it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageHit {
    /// Whose thread.
    pub contact: HitContact,
    /// The message.
    pub message: StoredMessage,
}

/// The contact of a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HitContact {
    /// Row id in the cache.
    pub id: ContactId,
    /// Whose inbox.
    pub platform: Platform,
    /// The spelling first seen.
    pub username: String,
    /// The service's display name.
    pub display_name: Option<String>,
}

impl Store {
    /// Messages that hold every word of `text` (without case and accents; the last word may be just begun), stored last
    /// first. Words of signs alone, such as emoji, must stand in the text as they are. Nothing to look for finds
    /// nothing.
    pub async fn search_messages(&self, text: &str, limit: u32) -> Result<Vec<MessageHit>, StoreError> {
        let wanted = Wanted::of(text);
        if wanted.is_nothing() {
            return Ok(Vec::new());
        }
        let statement = statement(&wanted);
        let mut query = sqlx::query(&statement).persistent(false);
        if !wanted.words.is_empty() {
            query = query.bind(&wanted.words);
        }
        for sign in &wanted.signs {
            query = query.bind(*sign);
        }
        let rows = query.bind(i64::from(limit)).fetch_all(self.read()).await?;
        rows.iter()
            .map(|row| {
                let (message, mut columns) = decode_row(row)?;
                let contact = HitContact {
                    id: ContactId(columns.take()?),
                    platform: columns.platform()?,
                    username: columns.take()?,
                    display_name: columns.take()?,
                };
                Ok(MessageHit { contact, message })
            })
            .collect()
    }
}

/// The statement for this many signs; bound are the words (if any), each sign, the limit.
pub(crate) fn statement(wanted: &Wanted<'_>) -> String {
    // The row id of the index is the message's: ordered by it, FTS5 stops at the limit instead of sorting all hits.
    let (from, order) = if wanted.words.is_empty() {
        ("messages AS m JOIN contacts AS c ON c.id = m.contact_id WHERE true", "m.id")
    } else {
        (
            "message_search JOIN messages AS m ON m.id = message_search.rowid \
             JOIN contacts AS c ON c.id = m.contact_id WHERE message_search MATCH ?",
            "message_search.rowid",
        )
    };
    let signs = " AND instr(m.text, ?) > 0".repeat(wanted.signs.len());
    let columns = message_columns!();
    format!(
        "SELECT {columns}, c.id, c.platform, c.username, c.display_name FROM {from}{signs} \
         ORDER BY {order} DESC LIMIT ?"
    )
}

/// What to look for: an FTS5 expression of the words, and the signs that the index doesn't know.
pub(crate) struct Wanted<'a> {
    words: String,
    signs: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    /// Every word becomes a quoted string, in which FTS5 knows no operator.
    pub(crate) fn of(text: &'a str) -> Self {
        let parts = text.split(|c: char| c.is_whitespace() || c == '\0').filter(|part| !part.is_empty());
        let (words, signs): (Vec<_>, Vec<_>) = parts.partition(|part| part.contains(char::is_alphanumeric));
        let quoted: Vec<_> =
            words.into_iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
        // Only the last word can be one that is still being typed.
        let prefix = if quoted.is_empty() { "" } else { "*" };
        Self { words: quoted.join(" ") + prefix, signs }
    }

    fn is_nothing(&self) -> bool {
        self.words.is_empty() && self.signs.is_empty()
    }
}
