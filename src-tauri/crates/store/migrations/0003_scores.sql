-- Every change of a service's score, so that a trend can be shown.
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
