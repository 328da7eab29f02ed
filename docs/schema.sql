-- The schema of the cache, generated from src-tauri/crates/store/migrations by
-- UPDATE_SCHEMA=1 cargo test -p crm-sync-store

CREATE TABLE contacts (
    -- AUTOINCREMENT: the number of a contact that was joined into another is never given to a third, for whom
    -- somebody who still holds it would then store messages.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    -- The name folded for comparison; with the platform it is the contact's identity.
    key TEXT NOT NULL CHECK (key <> ''),
    -- The spelling first seen; never changes.
    username TEXT NOT NULL,
    open_name TEXT NOT NULL,
    display_name TEXT,
    thread_id TEXT,
    ambiguous INTEGER NOT NULL DEFAULT 0 CHECK (ambiguous IN (0, 1)),
    first_seen_at INTEGER NOT NULL,
    -- What the last listing showed.
    listed_at INTEGER NOT NULL,
    listed_run TEXT NOT NULL,
    tab TEXT NOT NULL,
    position INTEGER NOT NULL,
    preview TEXT,
    preview_outbound INTEGER CHECK (preview_outbound IN (0, 1)),
    unread INTEGER CHECK (unread IN (0, 1)),
    activity_text TEXT,
    activity_earliest INTEGER,
    activity_latest INTEGER,
    activity_precision TEXT,
    -- A change that was listed and not read yet.
    due TEXT,
    -- The last proved read, and what the listing showed then.
    read_at INTEGER,
    read_run TEXT,
    read_preview TEXT,
    read_activity_text TEXT,
    read_activity_earliest INTEGER,
    read_activity_latest INTEGER,
    read_activity_precision TEXT,
    message_count INTEGER NOT NULL DEFAULT 0,
    inbound_count INTEGER NOT NULL DEFAULT 0,
    outbound_count INTEGER NOT NULL DEFAULT 0,
    -- Set while the thread can't be read.
    unreadable_reason TEXT,
    unreadable_failures INTEGER NOT NULL DEFAULT 0,
    unreadable_rest_until_run INTEGER NOT NULL DEFAULT 0,
    unreadable_preview TEXT,
    unreadable_activity_text TEXT,
    unreadable_activity_earliest INTEGER,
    unreadable_activity_latest INTEGER,
    unreadable_activity_precision TEXT,
    -- What the service's own CRM says; scores on 0 to 10, the raw one as given.
    service_contact_id TEXT,
    service_stage TEXT,
    score REAL,
    raw_score REAL,
    raw_score_field TEXT,
    scored_at INTEGER,
    messages_sent INTEGER,
    replies_received INTEGER,
    last_contacted_text TEXT,
    last_contacted_earliest INTEGER,
    last_contacted_latest INTEGER,
    last_contacted_precision TEXT,
    -- Worked out here where the service gives no score.
    local_score REAL,
    -- What a person set here; no sync writes these two. A time without a stage: a person cleared it.
    person_stage TEXT,
    person_stage_at INTEGER,
    UNIQUE (platform, key)
) STRICT;

CREATE TABLE contact_aliases (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    alias TEXT NOT NULL CHECK (alias <> ''),
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    UNIQUE (platform, alias)
) STRICT;

CREATE INDEX contact_aliases_by_contact ON contact_aliases (contact_id);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    -- Grows along the thread, oldest first. Not dense and not from 0: older messages found later count down from the
    -- first one, so that what is cached keeps its place.
    position INTEGER NOT NULL,
    -- The service's real id; positional ones are never stored.
    source_id TEXT,
    sender TEXT,
    text TEXT NOT NULL,
    direction TEXT CHECK (direction IN ('inbound', 'outbound')),
    time_text TEXT,
    sent_text TEXT,
    sent_earliest INTEGER,
    sent_latest INTEGER,
    sent_precision TEXT,
    -- 1 where messages may be missing before this one.
    gap_before INTEGER NOT NULL DEFAULT 0 CHECK (gap_before IN (0, 1)),
    first_seen_at INTEGER NOT NULL,
    -- Hashes of (platform, text) and (platform, source_id): "does this stand in another thread?" without a scan and
    -- without a second copy of every text.
    text_hash INTEGER NOT NULL,
    source_id_hash INTEGER
) STRICT;

CREATE INDEX messages_by_thread ON messages (contact_id, position);

CREATE INDEX messages_by_text ON messages (text_hash, contact_id);

CREATE INDEX messages_by_source_id ON messages (source_id_hash, contact_id) WHERE source_id_hash IS NOT NULL;

CREATE VIRTUAL TABLE message_search USING fts5 (
    text,
    content = 'messages',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3'
);

CREATE TRIGGER messages_inserted AFTER INSERT ON messages BEGIN
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.text);
END;

CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', old.id, old.text);
END;

CREATE TRIGGER messages_rewritten AFTER UPDATE OF text ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.text);
END;

CREATE TABLE score_points (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    -- On 0 to 10; unknown where only a raw score came that is out of its scale.
    score REAL,
    raw_score REAL,
    raw_score_field TEXT
) STRICT;

CREATE INDEX score_points_by_contact ON score_points (contact_id, at);

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

CREATE TABLE changes (
    -- Without a reference: that a contact is gone (joined into another) is a change too.
    contact_id INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL
) STRICT;

CREATE INDEX changes_by_generation ON changes (generation);
