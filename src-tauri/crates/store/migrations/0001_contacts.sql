-- "CRMS": tells the program whose database this is before it reads any table.
PRAGMA application_id = 0x43524d53;

-- Contacts and the other names they go by. Times are milliseconds since 1970 in UTC; a moment stands in four columns:
-- the text as shown, the earliest and the latest possible time, and how exact that is.
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

-- Later names of the same contact (a proved rename), folded; in the order they were met.
CREATE TABLE contact_aliases (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    alias TEXT NOT NULL CHECK (alias <> ''),
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    UNIQUE (platform, alias)
) STRICT;

CREATE INDEX contact_aliases_by_contact ON contact_aliases (contact_id);
