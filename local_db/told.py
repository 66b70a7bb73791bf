"""What the ledger told of entries, as rows; and what happens to it when its books turn out to be older than that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from local_db.checksums import checksum_of
from protocol.push import Outcome

_COLUMNS = "status, position, shortfall, reason, detail, marked_at, life"
_PUT_ASIDE = "INSERT OR REPLACE INTO former_outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

OutcomeRow = tuple[int, str, int, int, str, str, int, int, int]


def outcome_rows(outcomes: Iterable[Outcome], now_us: int, life: int) -> list[OutcomeRow]:
    """As they are stored, each with its checksum last."""
    told = [(o.seq, o.status, o.position, o.shortfall, o.reason, o.detail, now_us, life) for o in outcomes]
    return [(*values, checksum_of("outcome", *values)) for values in told]


def forget_outcomes(
    connection: sqlite3.Connection, life: int, first: int, told: Sequence[Outcome], now_us: int
) -> int:
    """In the caller's transaction: from entry `first` on what is `told` is true from `life` on; how many outcomes went.

    An outcome that is told again as it was stays; another one, or none, takes its place, and the former is kept beside it.
    """
    now = {row[0]: row for row in outcome_rows(told, now_us, life)}
    found = connection.execute(f"SELECT seq, {_COLUMNS} FROM outcome WHERE seq >= ?", (first,)).fetchall()
    gone = [row for row in found if row[0] not in now or row[1:6] != now[row[0]][1:6]]
    aside = [(row[0], life, *row[1:]) for row in gone]
    connection.executemany(_PUT_ASIDE, [(*row, checksum_of("former_outcome", *row)) for row in aside])
    connection.executemany("DELETE FROM outcome WHERE seq = ?", [(row[0],) for row in gone])
    kept = {row[0] for row in found} - {row[0] for row in gone}
    fresh = [row for seq, row in now.items() if seq not in kept]
    connection.executemany("INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", fresh)
    return len(gone)


def start_over(connection: sqlite3.Connection) -> int:
    """The names of the epochs were lost: all outcomes are taken for those of the first; how many there are."""
    found = connection.execute(f"SELECT seq, {_COLUMNS} FROM outcome").fetchall()
    connection.execute("DELETE FROM former_outcome")
    rows = [(*row[:-1], 0) for row in found]
    changed = [(checksum_of("outcome", *row), row[0]) for row in rows]
    connection.executemany("UPDATE outcome SET life = 0, checksum = ? WHERE seq = ?", changed)
    return len(found)
