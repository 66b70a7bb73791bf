"""The equality that the replay is about: what receipts promised, against what the ledger holds.

Receipt by receipt: what it gave and took stands in the books, under the same id and member, on the same authority, no more and
no less; what was taken back is taken back. Member by member: what he had at first, plus and minus his receipts, plus what a
merchant's shortfall paid for him, is what he has. Nothing lies reserved, nothing has no outcome, and the books' own sums hold.
"""

from __future__ import annotations

from collections import Counter as Count
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bench.replay.cashier import Promise
from bench.shop.coalitions import KIND
from ledger import rows
from ledger.database import Database
from ledger.verify import verify


class Held(NamedTuple):
    """One entry in the books: points by account, all postings of one kind."""

    type: str
    member: str
    shortfall: int
    voided: bool
    points: Mapping[str, int]


def differences(database: Database, opening: Mapping[str, int], promises: Iterable[Promise]) -> list[str]:
    """A sentence for each; none when receipts and ledger agree."""
    promises = list(promises)
    with database.read() as connection:
        held = _entries(connection)
        found = [
            *_by_receipt(held, promises),
            *_by_member(connection, held, opening, promises),
            *_left_over(connection),
        ]
    return [*found, *verify(database)]


def _entries(connection: Connection) -> dict[UUID, Held]:
    points: dict[UUID, dict[str, int]] = defaultdict(dict)
    sums = (
        "SELECT entry, account, sum(points) FROM posting WHERE kind = ? AND account IN ('issuance', 'clearing')"
        " GROUP BY entry, account"
    )
    for entry, account, total in rows.fetch(connection, sums, KIND):
        points[UUID(bytes=bytes(entry))][account] = int(total)
    known = rows.fetch(
        connection, "SELECT id, type, member, shortfall, length(voided_by) FROM entry WHERE type IN ('sale', 'void')"
    )
    found = {}
    for identity, kind, member, shortfall, voided in known:
        entry = UUID(bytes=bytes(identity))
        found[entry] = Held(kind, member, shortfall, bool(voided), points.get(entry, {}))
    return found


def _by_receipt(held: Mapping[UUID, Held], promises: Iterable[Promise]) -> Iterator[str]:
    seen: set[UUID] = set()
    for promise in promises:
        receipt = promise.receipt
        seen.add(receipt.id)
        entry = held.get(receipt.id)
        if entry is None:
            yield f"receipt {receipt.reference} of till {promise.till + 1}: not in the books"
            continue
        said = (receipt.member, receipt.awarded.get(KIND, 0), promise.redeemed(KIND), promise.is_voided)
        is_so = (entry.member, -entry.points.get("issuance", 0), entry.points.get("clearing", 0), entry.voided)
        if said != is_so:
            yield f"receipt {receipt.reference}: says {said} (member, given, taken, voided), the books {is_so}"
    for identity, entry in held.items():
        if entry.type == "sale" and identity not in seen:
            yield f"sale {identity} of {entry.member} is in the books, and nobody has a receipt of it"


def _by_member(
    connection: Connection, held: Mapping[UUID, Held], opening: Mapping[str, int], promises: Iterable[Promise]
) -> Iterator[str]:
    expected = Count(opening)
    for promise in promises:
        if not promise.is_voided:
            given = promise.receipt.awarded.get(KIND, 0)
            covered = held[promise.receipt.id].shortfall if promise.receipt.id in held else 0
            expected[promise.receipt.member] += given - promise.redeemed(KIND) + covered
    balances = {
        member: int(points)
        for member, points in rows.fetch(
            connection, "SELECT member, available + reserved - owed FROM balance WHERE kind = ?", KIND
        )
    }
    for member in sorted(expected.keys() | balances.keys()):
        if expected[member] != balances.get(member, 0):
            yield f"member {member}: receipts say {expected[member]:,}, the ledger {balances.get(member, 0):,}"


def _left_over(connection: Connection) -> Iterator[str]:
    for member, points in rows.fetch(connection, "SELECT member, points_left FROM reservation WHERE points_left > 0"):
        yield f"member {member}: {points:,} points still lie reserved"
    for terminal, received, booked in rows.fetch(
        connection, "SELECT terminal, head_seq, booked_seq FROM terminal WHERE head_seq <> booked_seq"
    ):
        yield f"terminal {terminal}: {received} entries received, {booked} have an outcome"
