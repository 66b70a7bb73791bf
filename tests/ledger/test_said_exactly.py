"""What the ledger says and writes, to the word and the point: who sums up balances alone would not notice."""

from __future__ import annotations

from typing import Any

from ledger import rows
from ledger.accounts import Account, Booking, Holding, Lot, Original, Refusal, Reservation, accepted_id
from ledger.allowances import grant_allowances
from ledger.booking import Facts, book
from ledger.declaring import declare_lost
from ledger.reserving import reserve
from protocol.canonical import MAX_INTEGER
from protocol.entries import Clock, Returned, Void
from protocol.ids import bucket_of, new_id
from protocol.reservations import Granted, LyingElsewhere, Refused, ReserveRequest
from tests.ledger.shop import DAY, KIND, Shop, Till

MEMBER = "1000000001"
ENTRY, MEANT = (new_id(n, bucket_of(MEMBER), n) for n in (1, 2))
FACTS = Facts(Account(MEMBER), "T1", "S1", "M1", {}, now_us=7, position=9)


def header() -> dict[str, Any]:
    clock = Clock(wall=0, boot="b", mono_us=0)
    return {"id": ENTRY, "store": "S1", "occurred_at": 0, "business_day": DAY, "clock": clock, "member": MEMBER}


def test_a_return_of_what_never_was_is_remembered_whole() -> None:
    """Of no kind and no points, so that nothing can ever be reserved or drawn under this id."""
    booked = book(FACTS, Returned(**header(), reservation=MEANT))
    assert isinstance(booked, Booking)
    ended = Reservation(MEANT.bytes, "T1", MEMBER, "", 0, 0, 7, 9, ENTRY.bytes)
    assert (booked.postings, tuple(booked.reservations)) == ([], (ended,))


def test_why_an_entry_waits_is_said_in_words() -> None:
    """For the person who decides about it."""
    theirs = Reservation(MEANT.bytes, "T2", MEMBER, KIND, 5, 5, 0, 1)
    assert book(FACTS._replace(reservation=theirs), Returned(**header(), reservation=MEANT)) == Refusal(
        "unknown-entry", "it returns a reservation of another terminal or member"
    )
    assert book(FACTS, Void(**header(), voids=MEANT)) == Refusal(
        "unknown-entry", "it takes back what is not a booked sale of this member"
    )


def test_a_void_whose_points_find_no_room_waits() -> None:
    """What its sale took would come back to an account that holds all that one can: nothing of it is booked."""
    lot = Lot(b"l", 1, KIND, "M1", MAX_INTEGER, MAX_INTEGER - 5, "", 1)
    full = Account(MEMBER, {KIND: Holding(MAX_INTEGER)}, {lot.key: lot})
    sold = Original(MEANT.bytes, "sale", MEMBER, "S1", "M1", taken={KIND: 5}, uses={lot.key: 5})
    assert book(FACTS._replace(account=full, original=sold), Void(**header(), voids=MEANT)) == Refusal(
        "points-out-of-range", "the balance would be more than an account can hold"
    )


def asked(shop: Shop, points: int = 100) -> Till:
    """A till, and a member who has so many points."""
    till = shop.till()
    shop.join(MEMBER)
    till.send(till.sale(MEMBER, award=points))
    return till


def test_a_void_undoes_every_posting_of_its_sale(shop: Shop) -> None:
    """With the merchant who was paid, who bore the rest, and who issued."""
    till = asked(shop)
    sale = till.sale(MEMBER, award=7, redeem=130)
    till.send(sale)
    void = till.void(sale)
    till.send(void)
    found = "SELECT account, holder, kind, points FROM posting WHERE entry = ? ORDER BY account"
    with shop.database.read() as connection:
        sold, voided = (rows.fetch(connection, found, entry.id.bytes) for entry in (sale, void))
    assert sold == [
        ("available", MEMBER, KIND, 7 - 100), ("clearing", "M1", KIND, 130), ("issuance", "M1", KIND, -7),
        ("shortfall", "M1", KIND, -30),
    ]  # fmt: skip
    assert voided == [(*where, -points) for *where, points in sold]


def test_what_is_accepted_later_has_one_id_for_ever() -> None:
    """It stands in the books: another way to derive it would lose what was accepted when its sale is voided."""
    assert accepted_id(ENTRY.bytes).hex() == "00000000000183e9852cb8b8d582b597"


def test_a_grant_says_what_it_stands_on(shop: Shop) -> None:
    """The till shows it; the books have an entry of the ledger's own for it; batches make room for counters that ask."""
    till = asked(shop)
    verdict = till.reserve(till.sale(MEMBER), 60)
    assert isinstance(verdict, Granted)
    assert (verdict.reservation.authority, verdict.reservation.kind, verdict.reservation.member) == (
        "online",
        KIND,
        MEMBER,
    )
    assert shop.database.gate.is_urgent
    request = ReserveRequest(id=till.id(MEMBER), member=MEMBER, kind=KIND, points=5, proof="authorisation")
    allowed = reserve(shop.database, "T1", request, shop.tick(), authority="authorised")
    assert isinstance(allowed, Granted)
    assert allowed.reservation.authority == "authorised"
    with shop.database.read() as connection:
        found = rows.fetch(connection, "SELECT type, member, terminal, store, merchant FROM entry WHERE seq = 0")
    assert found == [("reserve", MEMBER, "T1", "S1", "M1")] * 2


def test_a_sale_that_was_booked_without_asking_reserves_nothing_later(shop: Shop) -> None:
    """Its request was on the way for longer than the sale."""
    till = asked(shop)
    sale = till.sale(MEMBER, redeem=10)
    till.send(sale)
    assert till.reserve(sale, 60) == Refused(reason="already-ended", spendable=90)


def test_a_refusal_says_what_could_be_spent(shop: Shop) -> None:
    """Nothing, of who has no points of the kind; and a terminal that was declared lost hears that it is none any more."""
    till = asked(shop)
    newcomer = shop.join("1000000002")
    assert till.reserve(till.sale(newcomer), 1) == Refused(reason="not-enough-points", spendable=0)
    assert till.reserve(till.sale(MEMBER), 1, kind="gold") == Refused(reason="not-enough-points", spendable=0)
    declare_lost(shop.database, "T1", shop.tick())
    assert till.reserve(till.sale(MEMBER), 1) == Refused(reason="terminal-revoked", spendable=100)


def test_it_is_called_back_where_that_is_just_enough(shop: Shop) -> None:
    """Of 600 that are free and 200 that are set aside, 800 can be had."""
    shop.allow(per_member=500)
    till = asked(shop, 1_000)
    till.send(till.sale(MEMBER, redeem=200))
    assert [one.points for one in grant_allowances(shop.database, "T1", shop.tick())] == [200]
    other = shop.till("T9", "S2")
    lies = (LyingElsewhere(store="S1", till="T1", points=200),)
    assert other.reserve(other.sale(MEMBER), 800) == Refused(reason="not-enough-points", spendable=600, lying=lies)
    with shop.database.read() as connection:
        assert rows.fetch(connection, "SELECT called_back FROM reservation") == [(1,)]
