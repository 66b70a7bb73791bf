"""Sales of a merchant as the ledger has them: for a till that takes goods back which another till, or another day, sold."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from protocol.canonical import Count, Model, Name, Positive, Settled

SaleKey = Literal["reference", "member", "sale"]
MOST_SALES = 20


class SalesRequest(Model, kw_only=True):
    """The newest sales of the caller's merchant, at most `MOST_SALES`: by external reference, member number, or id."""

    by: SaleKey
    value: Name


Awards = Literal["given", "waiting", "refused"]


class KnownSale(Settled, kw_only=True):
    """A booked sale that was not voided: its entry as it was sent, and what came back of it at any till.

    `given_back`, `taken_back`: points by kind. What waits for a person is not among them. `refunds`: the entries with which
    it came back, so that a till counts its own among them once, whenever it asked.
    """

    terminal: Name
    seq: Positive
    payload: str
    sums_fen: dict[str, Count] = {}
    money_fen: Count = 0
    given_back: dict[str, Count] = {}
    taken_back: dict[str, Count] = {}
    refunds: tuple[UUID, ...] = ()
    is_compensated: bool = False
    awards: Awards = "given"
    """What became of the points that its entry gives: they wait for a person, or one has decided against them."""
    uncovered: dict[str, Count] = {}
    """Of the points that it took, by kind: what nobody had covered. It comes back first, and to the merchant."""
    ended: dict[str, Count] = {}
    """Of the points that it gave and that have not come back, by kind: what ended unused. They go first, and from nobody."""


class SalesAnswer(Model, kw_only=True):
    """Newest first."""

    sales: tuple[KnownSale, ...] = ()
