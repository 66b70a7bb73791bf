"""积分抵扣, the tender line: what this till took off bills for points, beside what the cash register has.

The two must agree every evening. Receipt by receipt: agreed, only here, only there, or not the same amount; what a person
has to know to understand a difference stands with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from local_db.journal import JournalReader
from protocol.entries import Refund, Sale, Void
from protocol.journal_days import first_of_day
from till.own_entries import read_entry

What = Literal["only-here", "only-there", "differs"]
_AT_ONCE = 2_000
_DAMAGED_AT_MOST = 20
"""Entries side by side that cannot be read and are looked past."""


@dataclass
class Taken:
    """Of one receipt at this till. A sale that was voided took nothing."""

    fen: int = 0
    seqs: tuple[int, ...] = ()
    is_voided: bool = False
    came_back: bool = False
    """Goods of it came back with points: the cash register may have that under a receipt of its own."""


@dataclass(frozen=True)
class Difference:
    """`here_fen` and `there_fen`: 0 where there is nothing."""

    what: What
    receipt: str
    here_fen: int
    there_fen: int
    seqs: tuple[int, ...] = ()
    is_voided: bool = False
    came_back: bool = False


@dataclass(frozen=True)
class Comparison:
    """Of one business day. `unnumbered_fen`: taken off bills that have no receipt number here, and cannot be compared."""

    day: str
    agreed: int
    here_fen: int
    there_fen: int
    unnumbered: int
    unnumbered_fen: int
    differences: tuple[Difference, ...]


def taken_on(reader: JournalReader, day: str) -> dict[str, Taken]:
    """By receipt number (empty: none), what was taken off the bills of a business day, and what became of them since."""
    taken: dict[str, Taken] = {}
    receipts: dict[UUID, tuple[str, int]] = {}
    first = first_of_day(
        day, reader.last_seq(), lambda seq: (row.payload for row in reader.entries(seq, _DAMAGED_AT_MOST))
    )
    while rows := reader.entries(first, _AT_ONCE):
        first = rows[-1].seq + 1
        for row in rows:
            match read_entry(row) if row.type in ("sale", "void", "refund") else None:
                case Sale() as sale if sale.business_day == day:
                    if fen := sum(line.off_bill_fen for line in sale.redemptions):
                        receipts[sale.id] = sale.reference, fen
                        known = taken.setdefault(sale.reference, Taken())
                        known.fen, known.seqs = known.fen + fen, (*known.seqs, row.seq)
                case Void(voids=voids) if voids in receipts:
                    receipt, fen = receipts[voids]
                    taken[receipt].fen -= fen
                    taken[receipt].is_voided = True
                case Refund(refunds=refunds, given_back=given_back) if refunds in receipts and given_back:
                    taken[receipts[refunds][0]].came_back = True
    return taken


def compare(day: str, here: Mapping[str, Taken], there: Iterable[tuple[str, int]]) -> Comparison:
    """`there`: receipt number and fen, as the cash register has them; what it has twice is added up."""
    theirs: dict[str, int] = {}
    for receipt, fen in there:
        theirs[receipt] = theirs.get(receipt, 0) + fen
    bare = here.get("", Taken())
    agreed, differences = 0, list[Difference]()
    for receipt in sorted({*here, *theirs} - {""}):
        known, fen = here.get(receipt, Taken()), theirs.get(receipt, 0)
        if known.fen == fen:
            agreed += bool(fen)
            continue
        what: What = "only-there" if not known.fen else "differs" if fen else "only-here"
        differences.append(Difference(what, receipt, known.fen, fen, known.seqs, known.is_voided, known.came_back))
    return Comparison(
        day,
        agreed,
        sum(one.fen for one in here.values()),
        sum(theirs.values()),
        len(bare.seqs),
        bare.fen,
        tuple(differences),
    )
