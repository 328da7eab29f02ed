-- The record of every run and what it did, step by step.
CREATE TABLE runs (
    id TEXT PRIMARY KEY CHECK (id <> ''),
    kind TEXT NOT NULL,
    trigger TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    -- NULL while it runs; 'interrupted' where it ended without saying so.
    outcome TEXT,
    -- The document that `runs show` prints, as JSON.
    document TEXT
) STRICT;

CREATE INDEX runs_by_start ON runs (started_at);

CREATE INDEX runs_unfinished ON runs (kind) WHERE outcome IS NULL;

CREATE TABLE run_steps (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    platform TEXT,
    name TEXT NOT NULL,
    detail TEXT,
    duration_ms INTEGER
) STRICT;

CREATE INDEX run_steps_by_run ON run_steps (run_id);
