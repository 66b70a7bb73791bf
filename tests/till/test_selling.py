"""From scan to entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from points import Choice, parse_amount
from protocol.chain import Head
from protocol.codes import member_code
from protocol.documents import Product
from protocol.feed import Balance, Expiring
from sync.link import LinkState
from tests.desks import MEMBER, TestDesk, member_row, payloads
from till.counter import Counter
from till.draft import SaleDraft
from till.errors import RefusedError
from till.members import MemberView
from till.scanning import MemberIdentified, ProductScanned, scan
from till.selling import commit_sale, quote_draft
from till.shifts import Session

Make = Callable[..., TestDesk]
MILK = Product(code="6901234567892", name="鲜牛奶", category="fresh", price_fen=12_50)


def identified(test: TestDesk, member: str = MEMBER) -> SaleDraft:
    found = scan(test.desk, member_code(member), SaleDraft())
    assert isinstance(found, MemberIdentified)
    return SaleDraft().with_member(found.member, found.proof)


def test_a_sale_is_scan_amount_and_commit(desk_with: Make) -> None:
    """Gold earns 1.2 points a yuan, rounded down once, and the entry carries what the receipt says."""
    test = desk_with(members=[member_row()])
    draft = identified(test).with_amount(parse_amount("128.50"))
    receipt = commit_sale(test.desk, test.manager, draft)
    sale = payloads(test.desk)[-1]
    assert receipt.awarded == {"points": 154}
    assert sale["awards"][0]["points"] == 154
    assert (sale["member"], sale["gross_fen"], sale["due_fen"], sale["tier"]) == (MEMBER, 128_50, 128_50, "gold")
    assert receipt.spendable_after == {"points": 1_404}
    assert test.ledger.woken


def test_a_receipt_says_what_expires_first_after_the_sale(desk_with: Make) -> None:
    """What the ledger told of, and what the sale gives where that ends earlier or nothing else is there."""
    soon = Expiring(kind="points", points=300, on="2026-12-31")
    for balance, told, expected in (
        (1_250, (soon,), [("points", 300, "2026-12-31")]),
        (0, (), [("points", 154, "2028-09-15")]),
        (300, (Expiring(kind="points", points=300, on="2028-09-15"),), [("points", 454, "2028-09-15")]),
        (300, (Expiring(kind="points", points=300, on="2029-01-01"),), [("points", 154, "2028-09-15")]),
    ):
        test = desk_with(members=[member_row(points=balance, expiring=told)])
        receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(parse_amount("128.50")))
        assert [(first.kind, first.points, first.on) for first in receipt.expiring] == expected


def test_a_receipt_of_a_redemption_says_what_is_left_of_the_first_to_expire(desk_with: Make) -> None:
    """Where all of it was taken, nothing is known of the next."""
    for told, expected in ((1_300, [("points", 300, "2026-12-31")]), (1_000, []), (400, [])):
        soon = Expiring(kind="points", points=told, on="2026-12-31")
        test = desk_with(members=[member_row(points=2_000, expiring=(soon,))])
        draft = identified(test).with_amount(parse_amount("128.50")).with_choice(Choice("voucher", 1_000))
        receipt = commit_sale(test.desk, test.manager, draft, "online")
        assert [(first.kind, first.points, first.on) for first in receipt.expiring] == expected


def test_a_receipt_is_a_witness_of_the_chain(desk_with: Make) -> None:
    """The short code on the receipt is that of the head which the sale made."""
    test = desk_with(members=[member_row()])
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(100))
    last = test.desk.journal.last()
    assert last is not None
    assert receipt.code == Head(terminal=test.desk.terminal, seq=last.seq, hash=last.hash.hex()).short_code
    assert list(test.desk.journal.verify(test.desk.genesis, test.desk.terminal)) == []


def test_a_member_unknown_here_still_earns(desk_with: Make) -> None:
    """A well-formed code of somebody the ledger has not told of is a sale like any other."""
    test = desk_with()
    receipt = commit_sale(test.desk, test.manager, identified(test, "1999999999").with_amount(50_00))
    assert receipt.awarded == {"points": 50}


def test_products_are_scanned_into_a_basket(desk_with: Make) -> None:
    """The same product twice is one line of two, and its category is what the entry sums by."""
    test = desk_with(members=[member_row()], products=[MILK])
    draft = identified(test)
    for _ in range(2):
        found = scan(test.desk, MILK.code, draft)
        assert isinstance(found, ProductScanned)
        draft = draft.with_product(found.product)
    commit_sale(test.desk, test.manager, draft)
    assert [line.quantity for line in draft.lines] == [2]
    assert payloads(test.desk)[-1]["sums_fen"] == {"fresh": 25_00}


def test_an_unusual_amount_is_asked_for_once_more(desk_with: Make) -> None:
    """Far above what the store sells: refused until somebody has said yes."""
    test = desk_with(members=[member_row()], usual_amount_fen=800_00)
    draft = identified(test).with_amount(12_850_00)
    with pytest.raises(RefusedError, match="amount-unusual"):
        commit_sale(test.desk, test.manager, draft)
    commit_sale(test.desk, test.manager, replace(draft, amount_confirmed=True))


def test_one_reference_earns_once(desk_with: Make) -> None:
    """A second sale under the same 小票号 is refused before anything is written."""
    test = desk_with(members=[member_row()])
    draft = replace(identified(test).with_amount(100), reference="20261121-02-0371")
    commit_sale(test.desk, test.manager, draft)
    count = len(payloads(test.desk))
    with pytest.raises(RefusedError, match="reference-taken"):
        commit_sale(test.desk, test.manager, draft)
    assert len(payloads(test.desk)) == count


def test_a_table_earns_as_often_as_somebody_sits_there(desk_with: Make) -> None:
    """桌号 is a place and no number: the next guests at table 8 earn too, and the entry says where they sat."""
    test = desk_with(industry="restaurant", members=[member_row()])
    for _ in range(2):
        commit_sale(test.desk, test.manager, replace(identified(test).with_amount(88_00), reference="8"))
    assert [(sale.get("table"), "reference" in sale) for sale in payloads(test.desk)[-2:]] == [("8", False)] * 2


@pytest.mark.parametrize(
    ("draft", "code"),
    [(SaleDraft().with_amount(100), "no-member"), (SaleDraft(), "no-member")],
)
def test_what_is_no_sale_is_refused(desk_with: Make, draft: SaleDraft, code: str) -> None:
    """Nothing is written for a sale without a member."""
    test = desk_with()
    with pytest.raises(RefusedError, match=code):
        commit_sale(test.desk, test.manager, draft)


def test_a_blocked_member_is_refused(desk_with: Make) -> None:
    """A revoked member neither earns nor redeems, and the reason is said."""
    test = desk_with(members=[member_row(status="revoked")])
    with pytest.raises(RefusedError, match="member-blocked"):
        commit_sale(test.desk, test.manager, identified(test).with_amount(100))


@pytest.mark.parametrize("code", ["134567890123456789", "281234567890123456", "6212345678901234567"])
def test_a_payment_code_is_refused_and_never_kept(desk_with: Make, code: str) -> None:
    """A code that pays is recognised while a member is awaited, and is in no message and no file."""
    test = desk_with()
    with pytest.raises(RefusedError, match="payment-code") as refused:
        scan(test.desk, code, SaleDraft())
    assert code not in str(refused.value)
    assert all(code.encode() not in file.read_bytes() for file in test.desk.folder.iterdir())


def test_what_was_held_counts_as_identified(desk_with: Make) -> None:
    """5,000 points held give fresh at 10 % off, and a quote says so line by line."""
    test = desk_with(members=[member_row(points=5_000, tier="standard")], products=[MILK])
    draft = identified(test).with_product(MILK)
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    assert (quoted.quote.gross_fen, quoted.quote.due_fen) == (12_50, 11_25)
    assert quoted.quote.lines[0].rule == "discount"


def test_points_of_other_merchants_are_not_on_the_receipt(desk_with: Make) -> None:
    """This store's rules have no name for them: a bare number would be read as points of its own."""
    balances = {"points": Balance(available=1_250), "hotel-nights": Balance(available=7)}
    soon = (Expiring(kind="hotel-nights", points=7, on="2026-12-31"),)
    test = desk_with(members=[member_row(balances=balances, expiring=soon)])
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(parse_amount("10")))
    assert receipt.spendable_after == {"points": 1_262}
    assert [one.kind for one in receipt.expiring if one.kind != "points"] == []


def test_a_merged_member_is_shown_as_who_he_is_now(desk_with: Make) -> None:
    """A tombstone leads to the member that it was merged into."""
    merged = member_row("1000000002", status="merged", merged_into=MEMBER)
    test = desk_with(members=[member_row(), merged])
    draft = identified(test, "1000000002")
    assert isinstance(draft.member, MemberView)
    assert draft.member.member == MEMBER


def test_a_session_without_a_shift_is_no_session(desk_with: Make) -> None:
    """Entries carry the shift they were made in."""
    test = desk_with(members=[member_row()])
    commit_sale(test.desk, test.manager, identified(test).with_amount(100))
    assert payloads(test.desk)[-1]["shift"] == test.manager.shift
    assert isinstance(test.manager, Session)


def test_a_member_whom_the_ledger_found_stays_known_while_he_is_at_the_counter(desk_with: Make) -> None:
    """He joined a minute ago: found by phone, online. An outcome that arrives meanwhile must not cost him name and tier."""
    test = desk_with()
    test.ledger.found = member_row()
    counter = Counter(test.desk, lambda: LinkState("online"))
    member = counter.look_up("13900001234")
    assert (member.name, member.tier) == ("张*丰", "gold")
    assert counter.refresh(member) == member
