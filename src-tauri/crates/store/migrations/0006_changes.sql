-- Which contacts the write transactions changed. A contact keeps its newest generation only, so the table never grows
-- past the contacts and a reader that was away for a year still catches up with one query.
CREATE TABLE changes (
    -- Without a reference: that a contact is gone (joined into another) is a change too.
    contact_id INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL
) STRICT;

CREATE INDEX changes_by_generation ON changes (generation);
