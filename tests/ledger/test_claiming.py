"""Points of a sale without a member: claimed once, by the first, before or after the sale arrives, and they follow the sale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from itertools import permutations
from typing import Any

import msgspec
import pytest

from ledger import claiming, rows
from ledger.abuse.moves import Thresholds
from ledger.abuse.reading import find_abuse
from ledger.abuse.words import sentence_of
from ledger.claiming import claim, end_unclaimed, look_at
from ledger.feed import member_row
from ledger.known_sales import sales_for
from ledger.merging import merge
from ledger.pages.words import words_in
from protocol.claims import Claim, ClaimAnswer, is_claim_account, new_claim, read_claim
from protocol.documents import Staff, StaffMember
from protocol.entries import Award, Entry, Sale
from protocol.sales import SalesRequest
from tests.ledger.shop import KIND, NOW_US, Shop, Till

ANNA, BOB = "1000000001", "1000000002"
UNTIL = "2026-10-01"
"""After the days of `NOW_US`, 2026-09-21."""
DAY_US = 86_400 * 1_000_000


@pytest.fixture
def till(shop: Shop) -> Till:
    """One till of the first store; both members have joined."""
    shop.join(ANNA)
    shop.join(BOB)
    return shop.till()


@pytest.fixture(autouse=True)
def books_are_right(shop: Shop) -> Iterator[None]:
    """After every test all sums hold."""
    yield
    shop.assert_well()


def unclaimed(till: Till, award: int = 100, **changes: Any) -> tuple[Sale, Claim]:
    """A sale of nobody, not sent yet, and the claim on its receipt."""
    made = new_claim(till.shop.random.getrandbits, UNTIL)
    changes = {"identified": "none", "claim_until": UNTIL, "sums_fen": {"general": 100_00}} | changes
    return till.sale(made.account, award=award, **changes), made


def sent(till: Till, entry: Entry) -> str:
    """What became of it."""
    return till.send(entry).status


def state(shop: Shop, member: str, made: Claim) -> str:
    """What became of the claim."""
    return ask(shop, member, made).state


def ask(shop: Shop, member: str, made: Claim, later_us: int = 0) -> ClaimAnswer:
    """As the member's page does."""
    return claim(shop.database, member, made.text, NOW_US + later_us)


def test_the_first_who_claims_has_the_points_and_nobody_else(shop: Shop, till: Till) -> None:
    """Whoever asks again is told the same; issuer, price and end are those of the sale."""
    sale, made = unclaimed(till)
    assert till.send(sale).status == "booked"
    assert ask(shop, ANNA, made) == ClaimAnswer(state="claimed", points={KIND: 100})
    assert ask(shop, ANNA, made) == ClaimAnswer(state="claimed", points={KIND: 100})
    assert ask(shop, BOB, made).state == "taken"
    assert (shop.balance(ANNA), shop.balance(BOB)) == ((100, 0, 0), (0, 0, 0))
    with shop.database.read() as connection:
        lots = rows.fetch(connection, "SELECT issuer, expires_on FROM lot WHERE member = ? AND points_left > 0", ANNA)
    assert lots == [("M1", "2028-11-21")]


def test_many_claim_at_once_and_one_has_it(shop: Shop, till: Till) -> None:
    """In threads: one answer is yes, and the points are there once."""
    sale, made = unclaimed(till)
    till.send(sale)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda who: ask(shop, who, made).state, [ANNA, BOB] * 4))
    assert set(answers) == {"claimed", "taken"}
    assert shop.balance(ANNA)[0] + shop.balance(BOB)[0] == 100


def test_a_claim_before_the_sale_waits_for_it(shop: Shop, till: Till) -> None:
    """The till was offline: the points come with its entry, without another claim; nobody else gets them meanwhile."""
    sale, made = unclaimed(till)
    assert ask(shop, ANNA, made).state == "waits"
    assert ask(shop, BOB, made).state == "taken"
    assert shop.balance(ANNA) == (0, 0, 0)
    assert till.send(sale).status == "booked"
    assert shop.balance(ANNA) == (100, 0, 0)
    assert ask(shop, ANNA, made) == ClaimAnswer(state="claimed", points={KIND: 100})


@pytest.mark.parametrize("taken_back", ["void", "refund"])
def test_in_every_order_the_points_follow_the_sale(shop: Shop, till: Till, taken_back: str) -> None:
    """Sale, what takes it back, and two who claim, in every order in which they can come: what stands is the same."""
    steps = ("sale", "back", "anna", "bob")
    for order in permutations(steps):
        if order.index("sale") > order.index("back"):
            continue
        before = shop.balance(ANNA)[0], shop.balance(BOB)[0]
        sale, made = unclaimed(till)
        back = (
            till.void(sale) if taken_back == "void" else till.refund(sale, taken_back=40, sums_fen={"general": 40_00})
        )
        do: dict[str, Callable[[], str]] = {
            "sale": partial(sent, till, sale), "back": partial(sent, till, back),
            "anna": partial(state, shop, ANNA, made), "bob": partial(state, shop, BOB, made),
        }  # fmt: skip
        said = {step: do[step]() for step in order}
        assert (said["sale"], said["back"]) == ("booked", "booked")
        first = "anna" if order.index("anna") < order.index("bob") else "bob"
        left = 0 if taken_back == "void" else 60
        got = [shop.balance(who)[0] - had for who, had in zip((ANNA, BOB), before, strict=True)]
        is_too_late = taken_back == "void" and order.index("back") < order.index(first)
        assert (said[first] == "voided") == is_too_late
        assert got == [left if first == "anna" else 0, left if first == "bob" else 0], order


def test_what_was_spent_meanwhile_is_owed(shop: Shop, till: Till) -> None:
    """The void of a sale whose points were claimed and used: he owes them, as of any sale."""
    sale, made = unclaimed(till)
    till.send(sale)
    ask(shop, ANNA, made)
    till.send(till.sale(ANNA, redeem=70))
    assert till.send(till.void(sale)).status == "booked"
    assert shop.balance(ANNA) == (0, 0, 70)


def test_a_refund_at_another_till_finds_the_sale_by_its_number(shop: Shop, till: Till) -> None:
    """The receipt's number is as unique as that of any sale, and what it earned is told with it."""
    sale, made = unclaimed(till, reference="R-1")
    till.send(sale)
    ask(shop, ANNA, made)
    other = shop.till("T2")
    with shop.database.read() as connection:
        (known,) = sales_for(connection, "M1", SalesRequest(by="reference", value="R-1")).sales
    assert known.awards == "given"
    assert other.send(other.refund(sale, taken_back=100, sums_fen={"general": 100_00})).status == "booked"
    assert shop.balance(ANNA) == (0, 0, 0)
    again, _made = unclaimed(till, reference="R-1")
    assert till.send(again).reason == "reference-taken"


def test_it_ends_after_its_last_day(shop: Shop, till: Till) -> None:
    """Then the points are their issuer's again, and a void afterwards takes them from nobody."""
    sale, made = unclaimed(till)
    till.send(sale)
    assert end_unclaimed(shop.database, UNTIL, NOW_US) == 0
    assert end_unclaimed(shop.database, "2026-10-02", NOW_US + 20 * DAY_US) == 1
    assert end_unclaimed(shop.database, "2026-10-02", NOW_US + 20 * DAY_US) == 0
    assert ask(shop, ANNA, made, 20 * DAY_US) == ClaimAnswer(state="ended", until=UNTIL)
    assert till.send(till.void(sale)).status == "booked"
    assert shop.balance(ANNA) == (0, 0, 0)


def test_points_that_come_after_the_end_end_too(shop: Shop, till: Till) -> None:
    """The till came back after the last day: nobody can claim, so nothing is left lying."""
    sale, _made = unclaimed(till)
    till.send(sale)
    end_unclaimed(shop.database, "2026-10-02", NOW_US)
    late, made = unclaimed(till)
    till.send(late)
    assert end_unclaimed(shop.database, "2026-10-02", NOW_US) == 1
    assert ask(shop, ANNA, made, 20 * DAY_US).state == "ended"


def test_no_claim_is_computed_from_another_or_from_the_books(till: Till) -> None:
    """A code with another day is another account's; the number in the entry is no code."""
    sale, made = unclaimed(till)
    longer = Claim(made.secret, (date.fromisoformat(UNTIL) + timedelta(30)).isoformat())
    assert longer.account != made.account == sale.member
    assert is_claim_account(sale.member)
    assert read_claim(made.account) is None
    assert read_claim(made.address("https://p.example.com")) == read_claim(made.address("")) == made
    assert claim(till.shop.database, ANNA, longer.text, NOW_US).state == "waits"
    assert read_claim(made.text[:-1] + ("A" if made.text[-1] != "A" else "B")) != made


def test_nobody_redeems_from_what_nobody_has_claimed(shop: Shop, till: Till) -> None:
    """A sale on its account takes nothing; nothing is reserved there; no till is told of it."""
    sale, _made = unclaimed(till)
    till.send(sale)
    thief = till.sale(sale.member, redeem=50, claim_until=UNTIL)
    assert till.send(thief).reason == "unknown-member"
    assert till.send(till.sale(sale.member, award=5)).reason == "unreadable"
    assert till.send(till.sale(ANNA, award=5, claim_until=UNTIL)).reason == "unreadable"
    assert till.send(till.returned(sale.member, till.id(sale.member))).reason == "unknown-member"
    verdict = till.reserve(till.sale(sale.member), 10)
    assert getattr(verdict, "reason", "") == "unknown-member"
    with shop.database.read() as connection:
        assert member_row(connection, sale.member) is None


def test_who_was_merged_takes_his_claims_along(shop: Shop, till: Till) -> None:
    """Also those whose sale has not arrived, and what comes back of one later."""
    (first, one), (second, two) = unclaimed(till), unclaimed(till, award=7)
    till.send(first)
    ask(shop, ANNA, one)
    ask(shop, ANNA, two)
    merge(shop.database, ANNA, BOB, NOW_US)
    till.send(second)
    assert shop.balance(BOB) == (107, 0, 0)
    till.send(till.void(first))
    assert shop.balance(BOB) == (7, 0, 0)
    assert ask(shop, BOB, one).state == "claimed"
    with shop.database.read() as connection:
        row = member_row(connection, BOB)
    assert row is not None
    assert set(row.merged) == {ANNA}


def test_who_rang_it_up_does_not_have_it(shop: Shop, till: Till) -> None:
    """The receipts that customers leave lying are not the cashier's; and nobody claims more than a shopper can."""
    who = StaffMember(staff="1023", name="x", roles=("cashier",), pin_hash="x", member=ANNA)
    shop._publish("staff", "S1", Staff(store="S1", staff=(who,)))
    sale, made = unclaimed(till, by="1023")
    till.send(sale)
    assert ask(shop, ANNA, made).state == "not-yours"
    assert ask(shop, BOB, made).state == "claimed"
    for _n in range(claiming.MOST_A_DAY - 1):
        assert ask(shop, BOB, new_claim(shop.random.getrandbits, UNTIL)).state == "waits"
    assert ask(shop, BOB, new_claim(shop.random.getrandbits, UNTIL)).state == "too-many"
    assert ask(shop, BOB, new_claim(shop.random.getrandbits, UNTIL), 2 * DAY_US).state == "waits"


def test_what_the_page_says_before_anybody_claims(shop: Shop, till: Till) -> None:
    """Looking changes nothing."""
    sale, made = unclaimed(till)
    before = shop.everything()
    with shop.database.read() as connection:
        assert look_at(connection, made.text, NOW_US) == ("waits", None)
        assert look_at(connection, "nonsense", NOW_US) == ("unknown", None)
    assert shop.everything() == before
    till.send(sale)
    with shop.database.read() as connection:
        assert look_at(connection, made.text, NOW_US) == ("claimed", sale)
    ask(shop, ANNA, made)
    with shop.database.read() as connection:
        assert look_at(connection, made.text, NOW_US)[0] == "taken"


def test_a_blocked_account_takes_nothing(shop: Shop, till: Till) -> None:
    """Nor does one that nobody has."""
    sale, made = unclaimed(till)
    till.send(sale)
    blocked = shop.join("1000000003", status="blocked")
    assert ask(shop, blocked, made).state == "not-yours"
    assert ask(shop, "1000000099", made).state == "not-yours"


def test_several_kinds_go_over(shop: Shop, till: Till) -> None:
    """All that the sale gave."""
    sale, made = unclaimed(till)
    sale = msgspec.structs.replace(sale, awards=(*sale.awards, Award(kind="gold", points=3, expires_on="")))
    till.send(sale)
    assert ask(shop, ANNA, made).points == {KIND: 100, "gold": 3}
    assert shop.balance(ANNA, "gold") == (3, 0, 0)


def test_a_cashier_who_claimed_before_the_sale_came_is_told_of(shop: Shop, till: Till) -> None:
    """Nobody could know then; the patterns of abuse count the purchase as his."""
    who = StaffMember(staff="1023", name="x", roles=("cashier",), pin_hash="x", member=ANNA)
    shop._publish("staff", "S1", Staff(store="S1", staff=(who,)))
    sale, made = unclaimed(till, by="1023")
    assert ask(shop, ANNA, made).state == "waits"
    till.send(sale)
    with shop.database.read() as connection:
        found = find_abuse(connection, "M1", 0, Thresholds())
    assert [(one.code, one.facts["member"]) for one in found] == [("own-account", ANNA)]


def test_who_collects_receipts_is_told_of(shop: Shop, till: Till) -> None:
    """With how many, and whose; who claims now and then is not."""
    for number in range(17):
        sale, made = unclaimed(till, award=10, by="1023" if number < 12 else "1024", reference=f"R-{number}")
        till.send(sale)
        assert ask(shop, BOB if number in (3, 4) else ANNA, made).state == "claimed"
    with shop.database.read() as connection:
        (found,) = find_abuse(connection, "M1", 0, Thresholds())
        assert find_abuse(connection, "M1", 0, Thresholds(receipts=16)) == []
    assert (found.code, found.subject) == ("receipts", ANNA)
    assert found.facts == {"times": 15, "points": 150, "staff": "S1/1023", "by_staff": 10}
    said = sentence_of(found, words_in("zh-CN"))
    assert "15" in said
    assert "无会员小票" in said
