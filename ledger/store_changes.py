"""What was taken back in a store on a business day: voids and refunds, each with the sale that it is of where that is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import rows
from ledger.counting import sales_behind
from ledger.sent import sent_on
from protocol.entries import Refund, Sale, Void
from protocol.ids import bucket_in
from protocol.sold import awarded_by, redeemed_by


class Change(NamedTuple):
    """`at`, `sold_at`: µs UTC; 0 where the sale is not here. `points` by kind, for the member: given back less taken back."""

    what: Literal["void", "refund"]
    at: int
    terminal: str
    till: str
    by: str
    member: str
    money_fen: int
    points: Counter[str]
    sold_at: int
    sold_by: str


def changes_of(connection: Connection, store: str, day: str) -> list[Change]:
    """In the order of their moments."""
    own = "SELECT terminal, name FROM terminal WHERE store = ? ORDER BY terminal"
    sent = [
        (terminal, name, one.entry)
        for terminal, name in rows.fetch(connection, own, store)
        for one in sent_on(connection, terminal, day)
        if isinstance(one.entry, Void | Refund)
    ]
    sales = _sales(connection, [_of(entry) for _terminal, _name, entry in sent])
    found = [_change(terminal, name, entry, sales.get(_of(entry))) for terminal, name, entry in sent]
    return sorted(found, key=lambda one: (one.at, one.terminal))


def _change(terminal: str, till: str, entry: Void | Refund, sale: Sale | None) -> Change:
    points = Counter[str]()
    if isinstance(entry, Refund):
        given, taken, money_fen = (
            Counter(entry.given_back) + Counter(awarded_by(entry)),
            entry.taken_back,
            entry.money_fen,
        )
    else:
        given, taken = (Counter(redeemed_by(sale)), awarded_by(sale)) if sale else (points, {})
        money_fen = sale.due_fen if sale else 0
    points.update(given)
    points.subtract(taken)
    return Change(
        "refund" if isinstance(entry, Refund) else "void", entry.occurred_at, terminal, till, entry.by, entry.member,
        money_fen, points, sale.occurred_at if sale else 0, sale.by if sale else "",
    )  # fmt: skip


def _of(entry: Void | Refund) -> UUID:
    return entry.refunds if isinstance(entry, Refund) else entry.voids


def _sales(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Sale]:
    keys = [(bucket_in(one), one.bytes) for one in set(ids)]
    return {UUID(bytes=key[1]): sale for key, sale in sales_behind(connection, keys).items()}
