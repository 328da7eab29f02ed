//! How the domain's values stand in columns: times as milliseconds, moments as four columns, enums as their words.

use chrono::{DateTime, Utc};
use crm_sync_domain::{Moment, Platform};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Row, Sqlite, Type};

use crate::StoreError;

pub(crate) type Statement<'q> = Query<'q, Sqlite, SqliteArguments<'q>>;

/// Milliseconds since 1970, UTC.
pub(crate) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// A moment as it will be read back: what is finer than a millisecond is not kept, and must not look like a change.
pub(crate) fn storable(moment: &Moment) -> Moment {
    let cut =
        |at: Option<DateTime<Utc>>| at.map(|at| DateTime::from_timestamp_millis(millis(at)).unwrap_or(at));
    Moment { earliest: cut(moment.earliest), latest: cut(moment.latest), ..moment.clone() }
}

/// The word of an enum value, as serde spells it: the domain is the one home of the words.
pub(crate) fn word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(StoreError::Internal { detail: format!("a value without a word: {other:?}") }),
    }
}

/// The value that a stored word stands for.
pub(crate) fn value_of<T: DeserializeOwned>(column: &str, word: String) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(word.clone()))
        .map_err(|_| StoreError::UnknownValue { column: column.to_owned(), value: word })
}

/// Binds the four columns of a moment.
pub(crate) fn bind_moment<'q>(
    statement: Statement<'q>,
    moment: Option<&'q Moment>,
) -> Result<Statement<'q>, StoreError> {
    let precision = moment.map(|m| word(&m.precision)).transpose()?;
    Ok(statement
        .bind(moment.and_then(|m| m.text.as_deref()))
        .bind(moment.and_then(|m| m.earliest).map(millis))
        .bind(moment.and_then(|m| m.latest).map(millis))
        .bind(precision))
}

/// Reads the columns of a row in the order of its SELECT list.
pub(crate) struct Columns<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r SqliteRow) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn take<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T, StoreError> {
        let index = self.next;
        self.next += 1;
        Ok(self.row.try_get(index)?)
    }

    /// A number that only this crate writes, in the narrower type it was written from.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        let stored: i64 = self.take()?;
        T::try_from(stored).map_err(|_| self.unknown(stored.to_string()))
    }

    pub(crate) fn time(&mut self) -> Result<DateTime<Utc>, StoreError> {
        let stored: i64 = self.take()?;
        DateTime::from_timestamp_millis(stored).ok_or_else(|| self.unknown(stored.to_string()))
    }

    pub(crate) fn opt_time(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let stored: Option<i64> = self.take()?;
        stored
            .map(|ms| DateTime::from_timestamp_millis(ms).ok_or_else(|| self.unknown(ms.to_string())))
            .transpose()
    }

    pub(crate) fn word<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let stored: String = self.take()?;
        value_of(&self.name(), stored)
    }

    pub(crate) fn opt_word<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError> {
        let stored: Option<String> = self.take()?;
        stored.map(|word| value_of(&self.name(), word)).transpose()
    }

    pub(crate) fn platform(&mut self) -> Result<Platform, StoreError> {
        self.word()
    }

    /// A moment of four columns; none where its precision is NULL.
    pub(crate) fn moment(&mut self) -> Result<Option<Moment>, StoreError> {
        let text = self.take()?;
        let earliest = self.opt_time()?;
        let latest = self.opt_time()?;
        Ok(self.opt_word()?.map(|precision| Moment { text, earliest, latest, precision }))
    }

    fn unknown(&self, value: String) -> StoreError {
        StoreError::UnknownValue { column: self.name(), value }
    }

    /// The name of the column read last.
    fn name(&self) -> String {
        use sqlx::Column;
        self.next
            .checked_sub(1)
            .and_then(|index| self.row.columns().get(index))
            .map_or_else(String::new, |column| column.name().to_owned())
    }
}
