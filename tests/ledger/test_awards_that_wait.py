"""A redemption happened: it is booked, also where what its sale gives waits for a person (DESIGN, section 4)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ledger import rows
from protocol import canonical
from protocol.canonical import MAX_INTEGER
from protocol.entries import Award, Entry, Redemption, Sale
from protocol.push import Outcome
from protocol.reservations import Granted
from tests.ledger.shop import KIND, Shop, Till

MEMBER = "1000000001"
REASONS: dict[str, dict[str, Any]] = {
    "unknown-programme": {"programme_version": 9},
    "unknown-kind": {"awards": (Award(kind="stars", points=5),)},
    "points-out-of-range": {"awards": (Award(kind=KIND, points=10**12 + 1),)},
    "unreadable": {"awards": (Award(kind=KIND, points=5, expires_on="2026-02-30"),)},
    "reference-taken": {"reference": "A17"},
}


def with_points(shop: Shop, points: int = 100) -> Till:
    till = shop.till()
    shop.join(MEMBER)
    till.send(till.sale(MEMBER, award=points, reference="A17"))
    return till


def sent(till: Till, journal: list[Entry], *, is_one_batch: bool) -> list[Outcome]:
    if not is_one_batch:
        return [till.send(entry) for entry in journal]
    seqs = [till.append(entry) for entry in journal]
    return list(till.push(seqs[0]).outcomes)


@pytest.mark.parametrize("reason", REASONS)
def test_what_the_sale_took_is_booked(shop: Shop, reason: str) -> None:
    """Its position says where, the reason why the rest waits; nobody spends the points again; nothing was given."""
    till = with_points(shop)
    outcome = till.send(till.sale(MEMBER, award=5, redeem=60, **REASONS[reason]))
    assert (outcome.status, outcome.reason, outcome.position, outcome.shortfall) == ("quarantined", reason, 3, 0)
    assert outcome.detail
    assert shop.balance(MEMBER) == (40, 0, 0)
    shop.assert_well()


@pytest.mark.parametrize("reason", REASONS)
def test_a_sale_that_only_gives_waits_whole(shop: Shop, reason: str) -> None:
    """There is nothing to book, so it has no place in the feed."""
    till = with_points(shop)
    outcome = till.send(till.sale(MEMBER, award=5, **REASONS[reason]))
    assert (outcome.status, outcome.reason, outcome.position) == ("quarantined", reason, 0)
    assert shop.balance(MEMBER) == (100, 0, 0)


def test_its_reservation_pays_first_then_what_is_available_then_the_merchant(shop: Shop) -> None:
    """As in any other sale, and the reservation ends."""
    till = with_points(shop)
    sale = till.sale(MEMBER, award=5, redeem=130, programme_version=9)
    assert isinstance(till.reserve(sale, 60), Granted)
    outcome = till.send(sale)
    assert (outcome.status, outcome.shortfall) == ("quarantined", 30)
    assert shop.balance(MEMBER) == (0, 0, 0)
    assert not isinstance(till.reserve(sale, 1), Granted)
    shop.assert_well()


def test_a_balance_that_the_award_would_burst(shop: Shop) -> None:
    """What the sale takes is booked before what it gives is looked at."""
    till = with_points(shop)
    with shop.database.write() as connection:
        rows.execute(connection, "UPDATE balance SET available = ?", MAX_INTEGER)
        rows.execute(connection, "UPDATE lot SET points = ?, points_left = ?", MAX_INTEGER, MAX_INTEGER)
    outcome = till.send(till.sale(MEMBER, award=200, redeem=60))
    assert (outcome.status, outcome.reason) == ("quarantined", "points-out-of-range")
    assert shop.balance(MEMBER) == (MAX_INTEGER - 60, 0, 0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "stars"}, "unknown-kind"),
        ({"kind": "stars", "programme_version": 9}, "unknown-kind"),
        ({"redemptions": (Redemption(reward="r", kind=KIND, points=10**12 + 1, off_bill_fen=1, authority="floor",
                                     proof="static"),)}, "points-out-of-range"),
        ({"store": "S2"}, "unreadable"),
    ],
)  # fmt: skip
def test_what_nobody_can_have_taken_waits_whole(shop: Shop, change: dict[str, Any], reason: str) -> None:
    """Points that the coalition does not know, or no account can hold, or of a foreign store: the reservation stays too."""
    till = with_points(shop)
    sale = till.sale(MEMBER, award=5, redeem=60, **change)
    assert isinstance(till.reserve(sale, 60), Granted)
    outcome = till.send(sale)
    assert (outcome.status, outcome.reason, outcome.position) == ("quarantined", reason, 0)
    assert shop.balance(MEMBER) == (40, 60, 0)
    shop.assert_well()


def test_a_kind_of_another_programme_is_taken_and_looked_at(shop: Shop) -> None:
    """The coalition knows these points, the sale's own rules do not: booked, and a person hears of it."""
    till = with_points(shop)
    shop.publish(version=2, kinds=("gold",))
    outcome = till.send(till.sale(MEMBER, redeem=60, programme_version=2))
    assert (outcome.status, outcome.reason, outcome.position > 0) == ("quarantined", "unknown-kind", True)
    assert shop.balance(MEMBER) == (40, 0, 0)


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_its_void_brings_back_what_it_took_and_takes_nothing(shop: Shop, is_one_batch: bool) -> None:
    """The award that waits was never given. Twice it is not voided."""
    till = with_points(shop)
    sale = till.sale(MEMBER, award=5, redeem=130, programme_version=9)
    journal: list[Entry] = [sale, till.void(sale), till.void(sale)]
    assert [(one.status, one.reason) for one in sent(till, journal, is_one_batch=is_one_batch)] == [
        ("quarantined", "unknown-programme"), ("booked", ""), ("quarantined", "already-voided"),
    ]  # fmt: skip
    assert shop.balance(MEMBER) == (100, 0, 0)
    shop.assert_well()


def test_the_void_of_a_sale_that_waits_whole_waits_too(shop: Shop) -> None:
    """Nothing was booked that it could take back; the points that lie in the reservation stay there."""
    till = with_points(shop)
    sale = till.sale(MEMBER, redeem=60, kind="stars")
    till.reserve(sale, 60)
    till.send(sale)
    assert till.send(till.void(sale)).reason == "unknown-entry"
    assert shop.balance(MEMBER) == (40, 60, 0)


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_an_award_that_waits_claims_no_reference(shop: Shop, is_one_batch: bool) -> None:
    """The next sale on the slip earns; a void of the first does not take the slip from it."""
    till = with_points(shop)
    waiting = till.sale(MEMBER, award=5, redeem=10, reference="B1", programme_version=9)
    journal: list[Entry] = [waiting, till.sale(MEMBER, award=7, reference="B1"), till.void(waiting)]
    sent(till, journal, is_one_batch=is_one_batch)
    assert shop.balance(MEMBER) == (107, 0, 0)
    assert till.send(till.sale(MEMBER, award=7, reference="B1")).reason == "reference-taken"
    shop.assert_well()


def test_a_void_of_a_sale_on_a_taken_reference_leaves_it_to_its_owner(shop: Shop) -> None:
    """The redemption was booked without the slip."""
    till = with_points(shop)
    second = till.sale(MEMBER, award=5, redeem=10, reference="A17")
    assert till.send(second).reason == "reference-taken"
    assert till.send(till.void(second)).status == "booked"
    assert till.send(till.sale(MEMBER, award=5, reference="A17")).reason == "reference-taken"
    assert shop.balance(MEMBER) == (100, 0, 0)


def test_its_code_belongs_to_it(shop: Shop) -> None:
    """A dynamic code that paid in such a sale pays in no other; one that had paid before leaves it to the merchant."""
    till = with_points(shop)
    till.send(till.sale(MEMBER, award=5, redeem=10, nonce="ab12", programme_version=9))
    assert till.send(till.sale(MEMBER, redeem=20, nonce="ab12")).reason == "nonce-used"
    outcome = till.send(till.sale(MEMBER, award=5, redeem=30, nonce="ab12", programme_version=9))
    assert (outcome.status, outcome.reason, outcome.shortfall) == ("quarantined", "unknown-programme", 30)
    assert shop.balance(MEMBER) == (90, 0, 0)


def test_sent_again_it_gets_its_first_outcome(shop: Shop) -> None:
    """Byte for byte, and nothing is written; also after the programme was published."""
    till = with_points(shop)
    sale: Sale = msgspec.structs.replace(till.sale(MEMBER, award=5, redeem=60), programme_version=2)
    first = till.send(sale)
    shop.publish(version=2)
    before = shop.everything()
    assert canonical.encode(till.push(2, 2).outcomes[0]) == canonical.encode(first)
    assert shop.everything() == before
