-- What one sync must know of the sync before it, per platform.
CREATE TABLE platform_state (
    platform TEXT PRIMARY KEY,
    -- Counts the platform's runs; rests are measured in it.
    runs INTEGER NOT NULL DEFAULT 0,
    last_full_list_at INTEGER,
    last_listed_at INTEGER,
    -- A dropped call may go on inside the service until then.
    quiet_until INTEGER,
    opens_broken INTEGER NOT NULL DEFAULT 0 CHECK (opens_broken IN (0, 1)),
    last_ok_at INTEGER,
    -- The most rows that a list ever had.
    rows_seen INTEGER NOT NULL DEFAULT 0
) STRICT;
