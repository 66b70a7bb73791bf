"""A redemption that the member's phone allows: the same reservation as online, asked for by another way."""

from __future__ import annotations

import pytest

from ledger.authorising import authorise, who_asks
from ledger.keys import Keys, new_keys
from protocol.authorisations import (
    Authorisation,
    Challenge,
    challenge_text,
    kind_tag,
    quote_tag,
    read,
    terminal_tag,
)
from protocol.entries import Sale
from protocol.errors import ChallengeError
from protocol.ids import bucket_of
from protocol.reservations import Granted, Refused
from tests.ledger.shop import KIND, NOW_US, Shop, Till

MEMBER = "1000000001"


@pytest.fixture(scope="module")
def keys() -> Keys:
    """The ledger's keys."""
    return new_keys(NOW_US)


def asking(sale: Sale, points: int = 60, terminal: str = "T1", kind: str = KIND) -> str:
    """What the till shows for this sale."""
    quote = quote_tag(sale.id, "r", kind, points, sale.due_fen)
    return challenge_text(
        "https://points.example.com", Challenge(sale.id, points, terminal_tag(terminal), kind_tag(kind), quote)
    )


def at_a_till(shop: Shop, points: int = 100) -> Till:
    """A till, and a member with points."""
    till = shop.till()
    shop.join(MEMBER)
    till.send(till.sale(MEMBER, award=points))
    return till


def test_a_phone_allows_what_the_till_asks(shop: Shop, keys: Keys) -> None:
    """The points leave `available`, the till reads who, where, what and how many, and the sale uses them."""
    till = at_a_till(shop)
    sale = till.sale(MEMBER, redeem=60)
    asked = who_asks(shop.database, MEMBER, asking(sale))
    assert (asked.terminal, asked.till, asked.store, asked.merchant, asked.kind, asked.points) == (
        "T1", "T1", "S1", "M1", KIND, 60,
    )  # fmt: skip
    text = authorise(shop.database, keys, MEMBER, asking(sale), shop.tick())
    assert isinstance(text, str)
    quote = quote_tag(sale.id, "r", KIND, 60, sale.due_fen)
    assert read(text, keys.ring) == Authorisation(sale.id, "T1", MEMBER, KIND, 60, quote)
    assert shop.balance(MEMBER) == (40, 60, 0)
    assert till.send(sale).shortfall == 0
    assert shop.balance(MEMBER) == (40, 0, 0)
    shop.assert_well()


def test_asked_again_it_is_the_same(shop: Shop, keys: Keys) -> None:
    """The page was closed, or the till asked online meanwhile: one reservation."""
    till = at_a_till(shop)
    sale = till.sale(MEMBER, redeem=60)
    first = authorise(shop.database, keys, MEMBER, asking(sale), shop.tick())
    before = shop.everything()
    second = authorise(shop.database, keys, MEMBER, asking(sale), shop.tick())
    assert isinstance(first, str)
    assert isinstance(second, str)
    assert read(first, keys.ring) == read(second, keys.ring)
    assert isinstance(till.reserve(sale, 60), Granted)
    assert shop.everything() == before


def test_it_is_refused_as_online(shop: Shop, keys: Keys) -> None:
    """Too few points, an id that is done, a till that was lost: the same words."""
    till = at_a_till(shop)
    sale = till.sale(MEMBER, redeem=60)
    assert authorise(shop.database, keys, MEMBER, asking(sale, 101), shop.tick()) == Refused(
        reason="not-enough-points", spendable=100
    )
    till.send(sale)
    assert authorise(shop.database, keys, MEMBER, asking(sale), shop.tick()) == Refused(
        reason="already-ended", spendable=40
    )
    shop.assert_well()


@pytest.mark.parametrize(
    ("terminal", "kind", "code"),
    [("T1", "silver", "challenge-unknown"), ("T7", KIND, "challenge-unknown"), ("T1", KIND, "challenge-of-another")],
)
def test_what_cannot_be_meant_is_refused(shop: Shop, keys: Keys, terminal: str, kind: str, code: str) -> None:
    """No such till, no such points, or another member's sale: nothing moves."""
    till = at_a_till(shop)
    other = next(f"20{n:08d}" for n in range(99) if bucket_of(f"20{n:08d}") != bucket_of(MEMBER))
    sale = till.sale(other if code == "challenge-of-another" else MEMBER, redeem=60)
    before = shop.everything()
    with pytest.raises(ChallengeError) as caught:
        authorise(shop.database, keys, MEMBER, asking(sale, terminal=terminal, kind=kind), shop.tick())
    assert caught.value.code == code
    assert shop.everything() == before
