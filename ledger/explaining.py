"""Why a sale earned and cost what it did: its quote once more, from the facts its entry carries, by the rules of its day (A2).

What comes out otherwise never changes what was printed and booked (DESIGN 6): it is told, with both figures, to a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import documents, rows
from ledger.problems import NotKnownError, ProblemError
from ledger.terms import Terms
from points.engine import quote_with
from points.errors import PointsError
from points.programme import Programme
from points.quote import Quote
from protocol.business_days import Calendar
from protocol.documents import StoreSettings
from protocol.entries import LateCredit, ManualPoints, Sale, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.sold import basket_of, choices_of, facts_of


class Difference(NamedTuple):
    """Of one figure: what the entry says and what the rules make of its facts. `what` is ``due``, a kind of points, or what
    a campaign with a bound added."""

    what: str
    said: int
    found: int

    def __str__(self) -> str:
        return f"{self.what}: the till said {self.said}, the rules make it {self.found}"


class Explained(NamedTuple):
    """A sale with its quote by the rules it names; `refusal` where these refuse what was redeemed, and then no quote."""

    sale: Sale
    programme: Programme
    quote: Quote | None
    refusal: str
    differences: tuple[Difference, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is not as the rules have it."""
        refused = (f"the rules refuse it: {self.refusal}",) if self.refusal else ()
        return (*refused, *map(str, self.differences))


class NoSaleError(ProblemError):
    """What is asked about is no sale that could be explained."""

    def __init__(self, terminal: str, seq: int, why: str) -> None:
        super().__init__("no-sale", f"entry {seq} of {terminal} {why}")


def explain(connection: Connection, terms: Terms, terminal: str, seq: int) -> Explained:
    """The sale with number `seq` in a terminal's journal. Raises `NotKnownError` and `NoSaleError`."""
    sale = _sale(connection, terminal, seq)
    programme = terms.programme(connection, (sale.programme, sale.programme_version, sale.engine))
    if programme is None:
        raise NoSaleError(terminal, seq, f"names {sale.programme} version {sale.programme_version}, never published")
    try:
        quote = _quote(connection, programme, sale)
    except PointsError as error:
        return Explained(sale, programme, None, str(error), ())
    except ValueError:  # it waits for a person because of it
        raise NoSaleError(terminal, seq, f"is of {sale.business_day}, which is no day") from None
    return Explained(sale, programme, quote, "", tuple(_differences(sale, quote)))


def quote_of(connection: Connection, terms: Terms, sale: Sale) -> Quote | None:
    """Of a sale, by the rules that it names; None where nobody published them, or they refuse what it redeemed."""
    with suppress(PointsError, ValueError):
        programme = terms.programme(connection, (sale.programme, sale.programme_version, sale.engine))
        return _quote(connection, programme, sale) if programme is not None else None
    return None


def differing(connection: Connection, terms: Terms, day: str) -> Iterator[tuple[str, int, Explained]]:
    """The sales of a business day that were booked and that the rules make otherwise, by terminal and number."""
    found = rows.fetch(
        connection,
        "SELECT terminal, seq FROM entry WHERE type IN ('sale', 'late-credit') AND business_day = ? ORDER BY terminal, seq",
        day,
    )
    for terminal, seq in found:
        explained = explain(connection, terms, terminal, seq)
        if explained.sentences:
            yield terminal, seq, explained


def _quote(connection: Connection, programme: Programme, sale: Sale) -> Quote:
    """Raises a `PointsError`, and `ValueError` where its business day is no day."""
    at = _moment(sale, _calendar(connection, sale.store))
    return quote_with(sale.engine, programme, basket_of(sale), facts_of(sale), at, choices_of(sale))


def _sale(connection: Connection, terminal: str, seq: int) -> Sale:
    found = rows.fetch(
        connection, "SELECT payload, payload_hash FROM received WHERE terminal = ? AND seq = ?", terminal, seq
    )
    if not found:
        raise NotKnownError("entry", f"{seq} of {terminal}")
    payload, stated = found[0]
    if stated:
        raise NoSaleError(terminal, seq, "came damaged")
    try:
        entry = decode_entry(bytes(payload))
    except UnreadableEntryError as error:
        raise NoSaleError(terminal, seq, f"cannot be read: {error}") from None
    if not isinstance(entry, Sale) or isinstance(entry, ManualPoints):
        raise NoSaleError(terminal, seq, "is no sale")
    return entry


def _calendar(connection: Connection, store: str) -> Calendar:
    settings = documents.newest(connection, "store", store, StoreSettings)
    return settings.calendar if settings else Calendar()


def _moment(sale: Sale, calendar: Calendar) -> datetime:
    """The day is the entry's own: a store may have moved the end of its day since. A late credit is of noon, its sale's day."""
    if isinstance(sale, LateCredit):
        return datetime.combine(date.fromisoformat(sale.sold_on), time(12))
    return datetime.combine(date.fromisoformat(sale.business_day), calendar.civil(sale.occurred_at).time())


def _differences(sale: Sale, quote: Quote) -> Iterator[Difference]:
    if quote.due_fen != sale.due_fen:
        yield Difference("due", sale.due_fen, quote.due_fen)
    said = {award.kind: award.points for award in sale.awards}
    found = {award.kind: award.points for award in quote.awards}
    for kind in sorted(said.keys() | found.keys()):
        if said.get(kind, 0) != found.get(kind, 0):
            yield Difference(kind, said.get(kind, 0), found.get(kind, 0))
    said = {name: points for award in sale.awards for name, points in award.gained.items()}
    found = {name: points for award in quote.awards for name, points in award.gained.items()}
    for campaign in sorted(said.keys() | found.keys()):
        if said.get(campaign, 0) != found.get(campaign, 0):
            yield Difference(campaign, said.get(campaign, 0), found.get(campaign, 0))
    for line, taken in zip(sale.redemptions, quote.redemptions, strict=True):
        if line.off_bill_fen != taken.off_bill_fen:
            yield Difference(line.reward, line.off_bill_fen, taken.off_bill_fen)
