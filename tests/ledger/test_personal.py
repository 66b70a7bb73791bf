"""What suits one member: only of who agreed to it, at his merchant alone, and gone with his word (A6, A10)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from ledger import rows
from ledger.consent import consents_of
from ledger.members import set_status
from ledger.merging import merge
from ledger.personal import forget_offers, offer
from ledger.problems import BadRequestError, NotKnownError
from ledger.rising import rising
from ledger.withdrawing import set_consent
from protocol.feed import MemberRow
from tests.ledger.shop import DAY, NOW_US, Shop
from tests.ledger.test_counting import KINDS, MEMBER, OTHER, counts, reward, takes
from tests.ledger.test_counts_told import DAY_US
from tests.ledger.test_tiers import TIERS
from tests.ledger.test_visits import told

OFFERS = (
    KINDS
    + TIERS
    + reward("a")
    + reward("b", 'limit = { per_member = 9, period = "ever" }')
    + reward("mine", "personal = true")
    + """
[[campaign]]
id = "for-you"
name = { zh = "专享", en = "For you" }
from = "2026-01-01"
until = "2026-12-31"
earn = "2"
offer = true
conditions = { zh = "专享", en = "For you" }
"""
)


@pytest.fixture
def personal(shop: Shop) -> Shop:
    """Two members, of whom one agreed."""
    shop.publish_whole(OFFERS)
    shop.join(MEMBER)
    shop.join(OTHER)
    agree(shop)
    return shop


def agree(shop: Shop, member: str = MEMBER, *, is_given: bool = True) -> None:
    set_consent(shop.database, member, "personal", shop.tick(), is_given=is_given)


def row(shop: Shop, store: str = "S1", member: str = MEMBER) -> MemberRow:
    return told(shop, member, store)


def kept(shop: Shop) -> list[Any]:
    """Everything that is kept of anybody alone."""
    with shop.database.read() as connection:
        usual = rows.fetch(connection, "SELECT member, reward, times FROM usual WHERE times <> 0")
        return sorted([*usual, *rows.fetch(connection, "SELECT member, id, until FROM personal_offer")], key=repr)


def test_silence_is_a_no(shop: Shop) -> None:
    """Of these purposes one is asked for first."""
    shop.join(MEMBER)
    with shop.database.read() as connection:
        said = consents_of(connection, MEMBER)
    assert {purpose: word.is_given for purpose, word in said.items()} == {
        "name": True,
        "habit": True,
        "personal": False,
    }


def test_what_he_takes_most(personal: Shop) -> None:
    """From the second time on; at that merchant's tills alone; a void takes it back; of who did not agree nothing is kept."""
    here = personal.till()
    here.send(takes(here, MEMBER, "a", "b"))
    assert row(personal).usual == ""
    here.send(again := takes(here, MEMBER, "b"))
    here.send(takes(here, OTHER, "a"))
    here.send(takes(here, OTHER, "a"))
    assert row(personal).usual == "b"
    assert row(personal, "S2").usual == ""
    assert row(personal, member=OTHER).usual == ""
    assert {who for who, *_rest in kept(personal)} == {MEMBER}
    here.send(here.void(again))
    assert row(personal).usual == ""


def test_an_offer_is_told_until_its_last_day(personal: Shop) -> None:
    """A campaign with offer = true or a personal reward, to the merchant's tills, with the day on which it ends."""
    with personal.database.write() as connection:
        rows.execute(connection, "INSERT INTO merchant VALUES ('m1', 'm1', 'active')")
        rows.execute(connection, "INSERT INTO store VALUES ('S3', 'm1', 'S3')")
    assert offer(personal.database, MEMBER, "mine", "2026-10-01", personal.tick()) == "m1"
    assert offer(personal.database, MEMBER, "for-you", "2026-09-20", personal.tick()) == "m1"
    assert kept(personal) == [(MEMBER, "for-you", "2026-09-20"), (MEMBER, "mine", "2026-10-01")]
    assert row(personal, "S3").offers == {"for-you": "2026-09-20", "mine": "2026-10-01"}
    assert row(personal, "S1").offers == {}
    assert told(personal, MEMBER, "S3", NOW_US + 2 * DAY_US).offers == {"mine": "2026-10-01"}
    assert forget_offers(personal.database, "2026-09-20") == 0
    assert forget_offers(personal.database, "2026-09-21") == 1


@pytest.mark.parametrize(
    ("member", "what", "error"),
    [
        (OTHER, "mine", BadRequestError),
        ("1000000009", "mine", NotKnownError),
        (MEMBER, "a", NotKnownError),
        (MEMBER, "nothing", NotKnownError),
    ],
)
def test_what_cannot_be_offered(personal: Shop, member: str, what: str, error: type[Exception]) -> None:
    """To who did not agree, to nobody, what everybody may have anyway, and what there is not."""
    with pytest.raises(error):
        offer(personal.database, member, what, "2026-10-01", personal.tick())
    assert kept(personal) == []


def test_who_is_blocked_is_offered_nothing(personal: Shop) -> None:
    set_status(personal.database, MEMBER, "blocked", NOW_US)
    with pytest.raises(BadRequestError):
        offer(personal.database, MEMBER, "mine", "2026-10-01", personal.tick())


@pytest.mark.parametrize(("status", "stays"), [("blocked", True), ("left", False), ("revoked", False)])
def test_who_leaves_leaves_nothing_of_it(personal: Shop, status: Any, stays: bool) -> None:
    """At once, not when his account is forgotten; his counts stay with his entries."""
    till = personal.till()
    till.send(takes(till, MEMBER, "b"))
    set_status(personal.database, MEMBER, status, NOW_US)
    assert bool(kept(personal)) == stays
    assert counts(personal)[(MEMBER, "M1", "taken/b/ever")] == 1
    personal.assert_well()


def test_a_withdrawn_word_takes_it_all_and_nothing_else(personal: Shop) -> None:
    """What was kept for him is deleted, and not kept again; points, limits and his tier stay as they are."""
    till = personal.till()
    for _ in range(3):
        till.send(takes(till, MEMBER, "b", award=0, due_fen=100_00, business_day="2026-09-21"))
    offer(personal.database, MEMBER, "mine", "2026-10-01", personal.tick())
    before = row(personal)
    assert (before.usual, before.standing.tier) == ("b", "gold")
    agree(personal, is_given=False)
    assert kept(personal) == []
    after = row(personal)
    assert (after.usual, after.offers) == ("", {})
    assert (after.counts, after.standing, after.balances) == (before.counts, before.standing, before.balances)
    till.send(takes(till, MEMBER, "b"))
    assert kept(personal) == []
    personal.assert_well()


@pytest.mark.parametrize("agreed", [True, False])
def test_one_person_has_one_word(personal: Shop, agreed: bool) -> None:
    """What was kept under the other number goes along where he agreed, and is forgotten where either said no."""
    till = personal.till()
    agree(personal, OTHER)
    till.send(takes(till, OTHER, "a"))
    till.send(takes(till, OTHER, "a"))
    agree(personal, is_given=agreed)
    merge(personal.database, OTHER, MEMBER, personal.tick())
    till.send(takes(till, OTHER, "a"))
    assert row(personal).usual == ("a" if agreed else "")
    assert kept(personal) == ([(MEMBER, "a", 3)] if agreed else [])


def test_who_rises_and_why(personal: Shop) -> None:
    """Three visits this month against one a month before; who did not agree is not looked at, who is new does not rise."""
    till = personal.till()
    for member in (MEMBER, OTHER):
        for day in ("2026-08-30", "2026-09-01", "2026-10-31", *["2026-11-02"] * 3):
            till.append(till.sale(member, programme_version=2, business_day=day, due_fen=50_00))
    till.push()
    with personal.database.read() as connection:
        (one,) = rising(connection, "M1", DAY[:7])
        assert rising(connection, "M2", DAY[:7]) == []
        assert rising(connection, "M1", "2026-08") == [], "nobody knows what was before"
    assert (one.member, one.visits, one.spent_fen) == (MEMBER, 3, 150_00)
    assert (one.mean_visits, one.growth) == (Fraction(1), Fraction(3))
    assert one.sentence == (
        "came 3 times and paid 150.00 yuan this month; 1 times and 50.00 yuan a month in the three before: "
        "at least 3 times as much"
    )
    assert counts(personal)[(MEMBER, "M1", "visits/2026-11")] == 3
