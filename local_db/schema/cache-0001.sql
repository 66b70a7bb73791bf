-- The cache: what the ledger said last. Rebuildable; nothing in it is needed to read the journal.

CREATE TABLE member (
    member    TEXT    PRIMARY KEY,
    position  INTEGER NOT NULL,
    phone_key TEXT    NOT NULL,
    last4     TEXT    NOT NULL,
    row       BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX member_phone_key ON member (phone_key) WHERE phone_key <> '';

-- Rows of members who have an entry that is sent and unanswered: nobody knows yet whether it is in them. `as_of_us` is until
-- when the row that stays in `member` meanwhile was known to be the newest.
CREATE TABLE held_member (
    member   TEXT    PRIMARY KEY,
    position INTEGER NOT NULL,
    row      BLOB    NOT NULL,
    as_of_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bucket (
    bucket INTEGER PRIMARY KEY CHECK (bucket BETWEEN 0 AND 1023),
    number INTEGER NOT NULL CHECK (number >= 0)
) STRICT;

CREATE TABLE document (
    kind   TEXT    NOT NULL,
    id     TEXT    NOT NULL,
    number INTEGER NOT NULL,
    signed BLOB    NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE product (
    code       TEXT    PRIMARY KEY,
    name       TEXT    NOT NULL,
    category   TEXT    NOT NULL,
    price_fen  INTEGER NOT NULL CHECK (price_fen >= 0),
    attributes BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
