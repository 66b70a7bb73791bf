"""Sales of a merchant as the ledger has them: for a till that takes goods back which another till, or another day, sold."""

from __future__ import annotations

from typing import Literal

from protocol.canonical import Count, Model, Name, Positive

SaleKey = Literal["reference", "member", "sale"]
MOST_SALES = 20


class SalesRequest(Model, kw_only=True):
    """The newest sales of the caller's merchant, at most `MOST_SALES`: by external reference, member number, or id."""

    by: SaleKey
    value: Name


class KnownSale(Model, kw_only=True):
    """A booked sale that was not voided: its entry as it was sent, and what came back of it at any till.

    `given_back`, `taken_back`: points by kind. What waits for a person is not among them.
    """

    terminal: Name
    seq: Positive
    payload: str
    sums_fen: dict[str, Count] = {}
    money_fen: Count = 0
    given_back: dict[str, Count] = {}
    taken_back: dict[str, Count] = {}
    is_compensated: bool = False


class SalesAnswer(Model, kw_only=True):
    """Newest first."""

    sales: tuple[KnownSale, ...] = ()
