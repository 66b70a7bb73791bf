"""Vouchers at the till: issued and used in one entry each, bounded by what they are worth, taken back with their sale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from points import Choice
from protocol.documents import FloorPolicy
from protocol.feed import Balance
from protocol.push import Outcome
from tests.desks import MEMBER, NOON_US, TestDesk, grants, member_row, payloads
from tests.till.test_selling import identified
from till.appointments import read_appointment
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.floor import floor_obstacle
from till.i18n import _, language, use
from till.redeeming import redeem_and_commit, standing
from till.report_sections import report_sections
from till.report_words import all_rows
from till.selling import quote_draft
from till.shift_report import shift_report
from till.voiding import void_sale

Make = Callable[..., TestDesk]
ISSUE, WASH, ROOM, TEA = Choice("wash-issue", 800), Choice("wash", 1), Choice("view-room", 5_000), Choice("tea", 100)
"""Of `tests/later.toml`."""


def workshop(desk_with: Make, *, held: dict[str, int] | None = None, **settings: Any) -> TestDesk:
    held = {"points": 1_250} if held is None else held
    row = member_row(balances={kind: Balance(available=points) for kind, points in held.items()})
    test = desk_with(industry="later", members=[row], **settings)
    test.ledger.answer = grants
    return test


def choosing(test: TestDesk, choice: Choice, nonce: str = "aa", fen: int = 0) -> SaleDraft:
    draft = identified(test).with_amount(fen)
    assert draft.member is not None
    return draft.with_member(draft.member, MemberProof("dynamic", "D1:…", nonce, 1)).with_choice(choice)


def spendable(test: TestDesk, kind: str) -> int:
    member = identified(test).member
    assert member is not None
    return member.spendable(kind)


def test_one_entry_takes_the_points_and_gives_the_voucher(desk_with: Make) -> None:
    """The reservation is for the points alone; the receipt says what he has and until when; he has it at once here."""
    test = workshop(desk_with)
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, ISSUE, fen=40_00), is_online=True)
    sale = payloads(test.desk)[-1]
    assert [(one.kind, one.points) for one in test.ledger.asked] == [("points", 800)]
    assert [(one["reward"], one["kind"], one["points"]) for one in sale["redemptions"]] == [
        ("wash-issue", "points", 800)
    ]
    assert {one["kind"]: one["points"] for one in sale["awards"]} == {"points": 40, "wash-voucher": 1}
    assert (sale["gross_fen"], sale["due_fen"]) == (40_00, 40_00)
    (taken,) = receipt.redemptions
    assert (taken.gives, taken.units, taken.gives_until) == ("wash-voucher", 1, "2026-12-14")
    assert receipt.kinds["wash-voucher"].name.zh == "洗车券"
    assert (spendable(test, "points"), spendable(test, "wash-voucher")) == (490, 1)


def test_a_voucher_that_is_not_booked_yet_is_not_used_offline(desk_with: Make) -> None:
    """Online the ledger has the last word; on the floor the till knows that it was not booked."""
    test = workshop(desk_with, floor=FloorPolicy(per_redemption=2_000, per_member=2_000, per_terminal=9_000))
    redeem_and_commit(test.desk, test.manager, choosing(test, ISSUE), is_online=True)
    with pytest.raises(RefusedError) as refused:
        redeem_and_commit(test.desk, test.manager, choosing(test, WASH, "bb"), is_online=False)
    assert refused.value.code == "not-enough-booked"


def test_the_floor_counts_a_voucher_as_what_it_is_worth(desk_with: Make) -> None:
    """A wash of 30 yuan is one piece and 1,500 points: too much at once below that, and for a member twice is 3,000."""
    tight = workshop(
        desk_with,
        held={"wash-voucher": 2},
        floor=FloorPolicy(per_redemption=1_499, per_member=9_000, per_terminal=9_000),
    )
    assert floor_of(tight, WASH) == "floor-per-redemption"
    test = workshop(
        desk_with,
        held={"wash-voucher": 2},
        floor=FloorPolicy(per_redemption=1_500, per_member=2_999, per_terminal=9_000),
    )
    assert floor_of(test, WASH) == ""
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, WASH), is_online=False)
    assert receipt.redemptions[0].authority == "floor"
    assert floor_of(test, WASH) == "floor-per-member"


def floor_of(test: TestDesk, choice: Choice) -> str:
    """Why the floor does not carry it; empty if it does."""
    draft = choosing(test, choice, "cc")
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    assert draft.member is not None
    offer = next(offer for offer in quoted.offers if offer.reward_id == choice.reward_id)
    return floor_obstacle(test.desk, draft.member, draft.proof, offer, choice.points)


def test_a_card_alone_uses_no_voucher(desk_with: Make) -> None:
    """What the store allows a day by a static code is written in points, and a voucher may be worth any number of them."""
    test = workshop(desk_with, held={"points": 900, "wash-voucher": 1}, static_daily_points=900)
    draft = identified(test)
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    by_reward = {offer.reward_id: offer for offer in quoted.offers}
    said = {
        name: standing(test.desk, draft, by_reward[name], by_reward[name].points, is_online=True).needs
        for name in ("wash-issue", "wash")
    }
    assert said == {"wash-issue": "", "wash": "pin"}


def test_taking_the_sale_back_takes_the_voucher(desk_with: Make) -> None:
    """At once here; one that was used meanwhile is owed, as the books will say."""
    test = workshop(desk_with)
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, ISSUE), is_online=True)
    void_sale(test.desk, test.manager, receipt.id)
    assert (spendable(test, "points"), spendable(test, "wash-voucher")) == (1_250, 0)
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, ISSUE, "bb"), is_online=True)
    redeem_and_commit(test.desk, test.manager, choosing(test, WASH, "cc"), is_online=True)
    void_sale(test.desk, test.manager, receipt.id)
    assert (spendable(test, "points"), spendable(test, "wash-voucher")) == (1_250, 0)
    redeem_and_commit(test.desk, test.manager, choosing(test, ISSUE, "dd"), is_online=True)
    assert spendable(test, "wash-voucher") == 0, "the next one pays what is owed"


def test_cash_beside_points_is_in_the_entry(desk_with: Make) -> None:
    """So that who reads it knows why more is due than the goods cost."""
    test = workshop(desk_with, held={"points": 5_000})
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, ROOM, fen=120_00), is_online=True)
    sale = payloads(test.desk)[-1]
    assert (sale["gross_fen"], sale["due_fen"], sale["redemptions"][0]["cash_fen"]) == (120_00, 219_00, 99_00)
    assert (receipt.due_fen, receipt.redemptions[0].cash_fen, receipt.awarded["points"]) == (219_00, 99_00, 219)


def test_a_limit_holds_from_the_moment_of_the_sale(desk_with: Make) -> None:
    """Once a month: the till's own entry counts before anybody has booked it, and no more once it is taken back."""
    test = workshop(desk_with)
    receipt = redeem_and_commit(test.desk, test.manager, choosing(test, TEA), is_online=True)
    assert obstacle(test) == "limit-reached"
    void_sale(test.desk, test.manager, receipt.id)
    assert obstacle(test) == ""


def obstacle(test: TestDesk) -> str:
    """Why he cannot have his tea."""
    quoted = quote_draft(test.desk, identified(test, MEMBER))
    assert quoted is not None
    found = next(offer for offer in quoted.offers if offer.reward_id == "tea").obstacle
    return found.code if found else ""


@pytest.fixture
def in_english() -> Iterator[None]:
    """Whatever language other tests left behind."""
    before = language()
    use("en")
    yield
    use(before)


@pytest.mark.usefixtures("in_english")
def test_a_shift_adds_vouchers_to_no_points(desk_with: Make) -> None:
    """Each kind by itself, by authority too; what was paid beside points stands between the amount and what was due."""
    test = workshop(desk_with, held={"points": 6_000, "wash-voucher": 1})
    for nonce, choice in (("aa", ISSUE), ("bb", WASH), ("cc", ROOM)):
        redeem_and_commit(test.desk, test.manager, choosing(test, choice, nonce, 10_00), is_online=True)
    report = shift_report(test.desk.journal, test.manager.shift)
    assert report.redeemed_by_authority == {"online": {"points": 5_800, "wash-voucher": 1}}
    assert report.unconfirmed_by_kind == {"points": 30 + 99 - 5_800, "wash-voucher": 0}
    said = {row.label: row.value for row in all_rows(report_sections(report, test.desk.store, str))}
    assert said["  confirmed online"] == "5,800 points  car wash 1 voucher"
    assert said["  points in them, and what they are worth redeemed"] == "-5,671  ¥0.00"
    money = [said[label] for label in ("Amount before points", "Paid beside points", "To pay")]
    assert money == ["30.00", "99.00", "129.00"]


def test_a_service_is_booked_with_whom_and_when(desk_with: Make) -> None:
    """Nothing is asked of the ledger before; a staff number and a civil time stand in the entry and on the receipt."""
    test = workshop(desk_with)
    draft = choosing(test, Choice("consult-issue", 20))
    with pytest.raises(RefusedError) as refused:
        redeem_and_commit(test.desk, test.manager, draft, is_online=True)
    assert (refused.value.code, test.ledger.asked) == ("appointment-missing", [])
    booked = replace(draft, appointment=read_appointment(test.desk, "consult-issue", " 10-28 10:00  1023 "))
    receipt = redeem_and_commit(test.desk, test.manager, booked, is_online=True)
    taken = payloads(test.desk)[-1]["redemptions"][0]
    assert taken["appointment"] == {"at": "2026-10-28T10:00", "by": "1023"}
    assert (taken["gives"], taken["units"]) == ("consultation", 1)
    assert receipt.redemptions[0].appointment == booked.appointment


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9-15 12:00 1023", "2026-09-15T12:00"),
        ("9-15 11:59 1023", "appointment-too-late"),
        ("11.14 9:05 1023", "2026-11-14T09:05"),
        ("11-15 9:05 1023", "appointment-too-late"),
        ("2-29 10:00 1023", "appointment-unreadable"),
        ("11-31 10:00 1023", "appointment-unreadable"),
        ("11-28 24:00 1023", "appointment-unreadable"),
        ("11-28 10:00", "appointment-unreadable"),
        ("", "appointment-unreadable"),
        ("11-28 10:00 9999", "appointment-nobody"),
        ("11-28 10:00 13800138000", "appointment-nobody"),
    ],
)
def test_an_appointment_is_typed_in_one_line(desk_with: Make, typed: str, read: str) -> None:
    """It is noon of 15 September: what is over is of next year, when the voucher has ended. No telephone number is taken."""
    test = workshop(desk_with)
    try:
        found = read_appointment(test.desk, "consult-issue", typed).at
    except RefusedError as error:
        found = error.code
    assert found == read


def test_the_shift_report_says_what_nobody_had_by_its_kind(desk_with: Make) -> None:
    """A voucher that was used twice and points that were not there: one piece and so many points, never their sum."""
    use("en")
    test = workshop(desk_with, held={"points": 1_250, "wash-voucher": 1})
    receipts = [
        redeem_and_commit(test.desk, test.manager, choosing(test, choice, nonce), is_online=True)
        for choice, nonce in ((WASH, "aa"), (TEA, "bb"))
    ]
    test.desk.journal.mark(
        [
            Outcome(seq=receipt.seq, id=receipt.id, status="shortfall", position=11, shortfall=missing)
            for receipt, missing in zip(receipts, (1, 40), strict=True)
        ],
        NOON_US,
    )
    report = shift_report(test.desk.journal, test.manager.shift)
    assert report.shortfall == {"wash-voucher": 1, "points": 40}
    rows = all_rows(report_sections(report, test.desk.store, str))
    said = [row.value for row in rows if row.label == _("Overdrawn, borne by the shop")]
    assert [one.split("  ") for one in said] == [["car wash 1 voucher", "40 points"]]
