-- What devices did: how each scan went, and counts per device and month. Nothing stands on it: it may be deleted at any time. No
-- code is kept whole, and of a code that pays nothing at all. Times are µs UTC.

CREATE TABLE scan (
    number    INTEGER PRIMARY KEY CHECK (number > 0),
    at        INTEGER NOT NULL,
    device    TEXT    NOT NULL,
    size      INTEGER NOT NULL CHECK (size >= 0),
    symbology TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    shown     TEXT    NOT NULL,
    screen    TEXT    NOT NULL,
    code      TEXT    NOT NULL,
    answer_us INTEGER NOT NULL CHECK (answer_us >= 0),
    seq       INTEGER NOT NULL DEFAULT 0 CHECK (seq >= 0)
) STRICT;

CREATE TABLE counted (
    device TEXT    NOT NULL,
    month  TEXT    NOT NULL,
    what   TEXT    NOT NULL,
    count  INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (device, month, what)
) STRICT, WITHOUT ROWID;
