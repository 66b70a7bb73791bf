-- The cache: what the ledger said last. Rebuildable; nothing in it is needed to read the journal.

CREATE TABLE member (
    member    TEXT    PRIMARY KEY,
    position  INTEGER NOT NULL,
    phone_key TEXT    NOT NULL,
    last4     TEXT    NOT NULL,
    row       BLOB    NOT NULL
) WITHOUT ROWID;
CREATE INDEX member_phone_key ON member (phone_key) WHERE phone_key <> '';

-- Rows of members who have an entry that is sent and unanswered: nobody knows yet whether it is in them.
CREATE TABLE held_member (
    member TEXT PRIMARY KEY,
    row    BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE bucket (
    bucket INTEGER PRIMARY KEY,
    number INTEGER NOT NULL
);

CREATE TABLE document (
    kind   TEXT    NOT NULL,
    id     TEXT    NOT NULL,
    number INTEGER NOT NULL,
    signed BLOB    NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE TABLE product (
    code      TEXT    PRIMARY KEY,
    name      TEXT    NOT NULL,
    category  TEXT    NOT NULL,
    price_fen INTEGER NOT NULL CHECK (price_fen >= 0)
) WITHOUT ROWID;

CREATE TABLE fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
