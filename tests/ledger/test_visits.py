"""Whose names a till may know: of members who were at its merchant in 13 months; of all others number and points alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from ledger import rows
from ledger.clock import day_of
from ledger.feed import changes, snapshot
from ledger.merging import merge
from ledger.problems import NotKnownError
from ledger.visits import SCOPE_MONTHS, Scope, months_before, scope_of
from protocol.feed import ChangesRequest, MemberRow, Vector
from tests.ledger.shop import NOW_US, Shop

MEMBER, OTHER = "1000000001", "1000000002"
PERSON = {"name": "张*丰", "last4": "1234", "phone_key": "$argon2id$x"}
TODAY = day_of(NOW_US)


def told(shop: Shop, member: str, store: str, now_us: int = NOW_US) -> MemberRow:
    """What a till of a store is told of a member, the same by changes and by a snapshot."""
    with shop.database.read() as connection:
        scope = scope_of(connection, store, now_us)
    page = changes(shop.database, ChangesRequest(numbers=Vector().numbers), scope)
    (moved,) = [row for row in page.rows if row.member == member]
    pieces = [piece for piece in snapshot(shop.database, lambda: now_us, scope) if isinstance(piece, bytes)]
    lines = b"".join(pieces).splitlines()
    assert [line for line in lines if b'"member":"%s"' % member.encode() in line] == [
        msgspec.json.encode(moved, order="sorted")
    ]
    return moved


def is_named(row: MemberRow) -> bool:
    """All of the person, or nothing of him."""
    shown = {name: getattr(row, name) for name in PERSON}
    assert shown in (PERSON, dict.fromkeys(PERSON, ""))
    return shown == PERSON


def test_who_came_is_known_to_that_merchant_alone(shop: Shop) -> None:
    """A sale makes its merchant's tills know him; another merchant's are told his number, rank, status and points."""
    shop.join(MEMBER, **PERSON, tier="gold")
    assert not is_named(told(shop, MEMBER, "S1"))
    till = shop.till()
    till.send(till.sale(MEMBER, award=5, business_day=TODAY))
    assert is_named(told(shop, MEMBER, "S1"))
    stranger = told(shop, MEMBER, "S2")
    assert not is_named(stranger)
    assert (stranger.tier, stranger.status, stranger.balances["points"].available) == ("gold", "active", 5)


@pytest.mark.parametrize(("days_ago", "knows"), [(0, True), (365, True), (395, True), (400, False), (4_000, False)])
def test_who_stays_away_is_forgotten(shop: Shop, days_ago: int, knows: bool) -> None:
    """13 months after his last day there he is a number again."""
    shop.join(MEMBER, **PERSON)
    till = shop.till()
    day = (date.fromisoformat(TODAY) - timedelta(days=days_ago)).isoformat()
    till.send(till.sale(MEMBER, award=5, business_day=day))
    assert is_named(told(shop, MEMBER, "S1")) is knows


def test_the_latest_day_counts(shop: Shop) -> None:
    """An older sale that arrives late takes nothing away, in the same batch or in a later one."""
    shop.join(MEMBER, **PERSON)
    till = shop.till()
    for day in (TODAY, "2020-01-01", "2024-02-29"):
        till.append(till.sale(MEMBER, award=1, business_day=day))
    till.push(1, 2)
    till.push(3, 3)
    assert day_in_the_books(shop) == [(MEMBER, "M1", TODAY)]


def test_a_clock_that_is_ahead_keeps_no_name_for_ever(shop: Shop) -> None:
    """A business day of the year 9000 counts as tomorrow."""
    shop.join(MEMBER, **PERSON)
    till = shop.till()
    till.send(till.sale(MEMBER, award=1, business_day="9000-01-01"))
    assert day_in_the_books(shop) == [(MEMBER, "M1", (date.fromisoformat(TODAY) + timedelta(days=1)).isoformat())]


def test_a_return_or_a_refused_sale_is_no_visit(shop: Shop) -> None:
    """Only a sale that is booked says that somebody was there."""
    shop.join(MEMBER, **PERSON)
    till = shop.till()
    till.send(till.returned(MEMBER, till.sale(MEMBER).id))
    assert till.send(till.sale(MEMBER, award=1, kind="unheard-of", business_day=TODAY)).status == "quarantined"
    assert day_in_the_books(shop) == []


def test_a_visit_costs_one_statement_a_batch(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many members come, the batch remembers them set-wise."""
    till = shop.till()
    for number in range(30):
        till.append(till.sale(shop.join(f"10000000{number:02d}"), award=1, business_day=TODAY))
    calls: list[int] = []
    put_later = rows.put_later

    def counted(connection: Any, model: Any, column: str, values: Any) -> None:
        calls.append(len(values))
        put_later(connection, model, column, values)

    monkeypatch.setattr(rows, "put_later", counted)
    till.push()
    assert calls == [30]
    assert len(day_in_the_books(shop)) == 30


def test_a_merge_takes_visits_along(shop: Shop) -> None:
    """Where the old number was the new one is known, before the merge and after it."""
    shop.join(MEMBER)
    shop.join(OTHER, **PERSON)
    till, elsewhere = shop.till(), shop.till("T2", "S2")
    till.send(till.sale(MEMBER, award=1, business_day=TODAY))
    merge(shop.database, MEMBER, OTHER, NOW_US)
    assert is_named(told(shop, OTHER, "S1"))
    assert not is_named(told(shop, OTHER, "S2"))
    elsewhere.send(elsewhere.sale(MEMBER, award=1, business_day=TODAY))
    assert is_named(told(shop, OTHER, "S2"))


def test_a_scope_is_of_a_store(shop: Shop) -> None:
    """Its merchant, and the day 13 months ago, and yesterday."""
    with shop.database.read() as connection:
        assert scope_of(connection, "S2", NOW_US) == Scope("M2", "2025-08-21", yesterday="2026-09-20")
        with pytest.raises(NotKnownError):
            scope_of(connection, "S9", NOW_US)
    assert months_before(date(2026, 3, 31), SCOPE_MONTHS) == date(2025, 2, 28)
    assert months_before(date(2027, 1, 15), SCOPE_MONTHS) == date(2025, 12, 15)


def day_in_the_books(shop: Shop) -> list[tuple[str, str, str]]:
    """Member, merchant and day of every visit."""
    with shop.database.read() as connection:
        return [
            (member, merchant, day)
            for member, merchant, day in rows.fetch(
                connection, "SELECT member, merchant, day FROM visit ORDER BY member"
            )
        ]
