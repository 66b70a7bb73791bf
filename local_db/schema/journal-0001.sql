-- The journal: what happened at this till. Entries are never changed; everything else here can be told from them, or is
-- about sending them. Times are µs UTC, hashes and ids are raw bytes. A `checksum` is over the values before it
-- (local_db/checksums.py): what the chain does not cover and no entry says again has one.

CREATE TABLE entry (
    seq          INTEGER PRIMARY KEY CHECK (seq > 0),
    id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    type         TEXT    NOT NULL,
    member       TEXT    NOT NULL,
    shift        TEXT    NOT NULL,
    occurred_at  INTEGER NOT NULL CHECK (occurred_at > 0),
    payload      BLOB    NOT NULL,
    payload_hash BLOB    NOT NULL CHECK (length(payload_hash) = 32),
    hash         BLOB    NOT NULL CHECK (length(hash) = 32),
    signature    BLOB    NOT NULL CHECK (length(signature) = 64)
) STRICT;
CREATE INDEX entry_member ON entry (member, seq) WHERE member <> '';
-- Sales that took points on the floor, and those in which a service was booked, by what their payload says: a quote inside a
-- JSON text is escaped, so no text says it.
CREATE INDEX entry_floor ON entry (seq) WHERE instr(payload, CAST('"authority":"floor"' AS BLOB)) > 0;
CREATE INDEX entry_appointment ON entry (seq) WHERE instr(payload, CAST('"appointment":{' AS BLOB)) > 0;
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER entry_is_never_replaced BEFORE INSERT ON entry
WHEN NEW.seq <= (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM entry WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'entries are never replaced'); END;

-- From `first_seq` on entries belong to `shift`, until the next row. So a commit pays for no index over shifts.
CREATE TABLE shift_span (
    first_seq INTEGER PRIMARY KEY REFERENCES entry (seq),
    shift     TEXT    NOT NULL
) STRICT;
CREATE INDEX shift_span_shift ON shift_span (shift);

CREATE TABLE outcome (
    seq       INTEGER PRIMARY KEY REFERENCES entry (seq),
    status    TEXT    NOT NULL CHECK (status IN ('booked', 'shortfall', 'quarantined', 'recorded')),
    position  INTEGER NOT NULL CHECK (position >= 0),
    shortfall INTEGER NOT NULL CHECK (shortfall >= 0),
    reason    TEXT    NOT NULL,
    detail    TEXT    NOT NULL,
    marked_at INTEGER NOT NULL,
    life      INTEGER NOT NULL CHECK (life >= 0),
    checksum  INTEGER NOT NULL
) STRICT;
CREATE INDEX outcome_for_a_person ON outcome (seq) WHERE status IN ('quarantined', 'shortfall');

-- What a person decided about an entry that was not simply booked: once, and beside its outcome. `told` is what the ledger said,
-- canonical JSON.
CREATE TABLE decision (
    seq       INTEGER PRIMARY KEY REFERENCES entry (seq),
    number    INTEGER NOT NULL CHECK (number > 0),
    choice    TEXT    NOT NULL CHECK (choice IN ('accepted', 'corrected', 'written-off')),
    position  INTEGER NOT NULL CHECK (position >= 0),
    shortfall INTEGER NOT NULL CHECK (shortfall >= 0),
    told      BLOB    NOT NULL,
    marked_at INTEGER NOT NULL,
    checksum  INTEGER NOT NULL
) STRICT;

-- Outcomes that the ledger gave and then forgot, because its books were restored from a copy. They hold for the lives of its
-- books from `life` up to `until`, which is the first one that knows nothing of them. A life is a place in the fact `epochs`.
CREATE TABLE former_outcome (
    seq       INTEGER NOT NULL REFERENCES entry (seq),
    until     INTEGER NOT NULL CHECK (until > 0),
    status    TEXT    NOT NULL CHECK (status IN ('booked', 'shortfall', 'quarantined', 'recorded')),
    position  INTEGER NOT NULL CHECK (position >= 0),
    shortfall INTEGER NOT NULL CHECK (shortfall >= 0),
    reason    TEXT    NOT NULL,
    detail    TEXT    NOT NULL,
    marked_at INTEGER NOT NULL,
    life      INTEGER NOT NULL CHECK (life >= 0),
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (seq, until)
) STRICT, WITHOUT ROWID;

-- The ledger's receipts, as it signed them: the newest one (shift ''), and the newest one of each shift.
CREATE TABLE checkpoint (
    shift    TEXT    PRIMARY KEY,
    document BLOB    NOT NULL,
    checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a receipt shows beside the entry: basket lines, the explanation. Kept apart so that it can be deleted while the
-- chain stays whole.
CREATE TABLE receipt (
    seq      INTEGER PRIMARY KEY REFERENCES entry (seq),
    document BLOB    NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

CREATE TABLE reference (
    reference TEXT    PRIMARY KEY,
    seq       INTEGER NOT NULL REFERENCES entry (seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE nonce (
    nonce TEXT PRIMARY KEY,
    id    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Failed tries with a PIN, of staff (by 工号); `locked_until` is µs UTC, 0 when open.
CREATE TABLE pin_try (
    staff        TEXT    PRIMARY KEY,
    failures     INTEGER NOT NULL CHECK (failures >= 0),
    locked_until INTEGER NOT NULL,
    checksum     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Single facts: who this till is, which cache file is current, how far entries were sent, which sales are put aside.
CREATE TABLE fact (
    name     TEXT    PRIMARY KEY,
    value    TEXT    NOT NULL,
    checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
