//! What one sync must know of the sync before it, per platform.

use chrono::{DateTime, Utc};
use crm_sync_domain::Platform;

use crate::columns::{Columns, millis};
use crate::{Store, StoreError};

/// A platform's state between syncs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlatformState {
    /// Counts the platform's runs; rests are measured in it.
    pub runs: u64,
    /// The last listing to the very end.
    pub last_full_list_at: Option<DateTime<Utc>>,
    /// The last listing.
    pub last_listed_at: Option<DateTime<Utc>>,
    /// A dropped call may go on inside the service until then.
    pub quiet_until: Option<DateTime<Utc>>,
    /// The service could open nothing in the last run.
    pub opens_broken: bool,
    /// The end of the last run in which all went well.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// The most rows that a list ever had.
    pub rows_seen: u32,
}

impl Store {
    /// The state of a platform; the default before its first run.
    pub async fn platform_state(&self, platform: Platform) -> Result<PlatformState, StoreError> {
        let row = sqlx::query(
            "SELECT runs, last_full_list_at, last_listed_at, quiet_until, opens_broken, last_ok_at, rows_seen \
             FROM platform_state WHERE platform = ?1",
        )
        .bind(platform.as_str())
        .fetch_optional(self.read())
        .await?;
        let Some(row) = row else { return Ok(PlatformState::default()) };
        let mut columns = Columns::of(&row);
        Ok(PlatformState {
            runs: columns.number()?,
            last_full_list_at: columns.opt_time()?,
            last_listed_at: columns.opt_time()?,
            quiet_until: columns.opt_time()?,
            opens_broken: columns.take()?,
            last_ok_at: columns.opt_time()?,
            rows_seen: columns.number()?,
        })
    }

    /// Stores the state of a platform.
    pub async fn save_platform_state(
        &self,
        platform: Platform,
        state: &PlatformState,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query(
            "INSERT INTO platform_state (platform, runs, last_full_list_at, last_listed_at, quiet_until, \
             opens_broken, last_ok_at, rows_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (platform) DO UPDATE SET runs = excluded.runs, \
             last_full_list_at = excluded.last_full_list_at, last_listed_at = excluded.last_listed_at, \
             quiet_until = excluded.quiet_until, opens_broken = excluded.opens_broken, \
             last_ok_at = excluded.last_ok_at, rows_seen = excluded.rows_seen",
        )
        .bind(platform.as_str())
        .bind(i64::try_from(state.runs).unwrap_or(i64::MAX))
        .bind(state.last_full_list_at.map(millis))
        .bind(state.last_listed_at.map(millis))
        .bind(state.quiet_until.map(millis))
        .bind(state.opens_broken)
        .bind(state.last_ok_at.map(millis))
        .bind(i64::from(state.rows_seen))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}
