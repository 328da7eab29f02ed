-- The cached threads.
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

-- The words of the texts. Holds no text of its own: the triggers below keep it in step with `messages`.
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
