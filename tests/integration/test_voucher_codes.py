"""A voucher's code on its way through two real tills and the real ledger: shown by one, used at the other, and used at both."""

from __future__ import annotations

import pytest

from ledger.clock import wall_clock_us
from ledger.vouchers import held_by
from points import Choice
from protocol.push import Outcome
from protocol.voucher_codes import make
from tests.integration.test_vouchers import WASH, Town, town
from till.draft import SaleDraft
from till.errors import RefusedError
from till.receipts import Receipt
from till.redeeming import redeem_and_commit
from till.scanning import VoucherScanned

__all__ = ["town"]
USE = Choice("wash", 1, WASH)


def with_voucher(town: Town, number: int, text: str) -> SaleDraft:
    """Scanned at a till, and its reward chosen."""
    found = town.tills[number].till.counter.scan(text, SaleDraft())
    assert isinstance(found, VoucherScanned)
    assert found.rewards == ("wash",)
    return SaleDraft().with_member(found.member, found.proof).with_choice(USE)


def pages_codes(town: Town) -> list[str]:
    """What the member's page shows now."""
    key = town.books.keys.current(wall_clock_us()).private
    with town.books.database.read() as connection:
        held = held_by(connection, town.member, {WASH}, 9)
    return [make(code, key) for one in held for code in one.codes]


def use(town: Town, number: int, text: str, *, is_online: bool = True) -> Receipt:
    """At a till; offline nobody is asked, and what it takes waits to be pushed."""
    desk, sale = town.tills[number].till.counter._desk, with_voucher(town, number, text)
    return redeem_and_commit(desk, town.sessions[number], sale, is_online=is_online)


def outcome(town: Town, number: int, receipt: Receipt) -> Outcome:
    """What became of it, once the ledger has said so."""
    journal = town.tills[number].till.counter._desk.journal
    town.tills[number].until(lambda: bool(journal.outcomes([receipt.seq])), "an outcome")
    return journal.outcomes([receipt.seq])[receipt.seq]


def test_shown_by_the_till_that_issued_it_and_used_at_another(town: Town) -> None:
    """The other till cannot prove it, the ledger can; after that neither till takes it, nor has the page another."""
    issued = town.redeem(0, Choice("wash-issue", 800))
    (code,) = town.tills[0].till.counter.issued(issued.seq)
    town.known_everywhere(1)
    (on_the_page,) = pages_codes(town)
    receipt = use(town, 1, code.text)
    assert receipt.redemptions[0].authority == "online"
    town.known_everywhere(0)
    assert pages_codes(town) == []
    for number, text in ((0, code.text), (1, code.text), (0, on_the_page), (1, on_the_page)):
        with pytest.raises(RefusedError) as refused:
            with_voucher(town, number, text)
        assert refused.value.code == ("voucher-used" if number else "voucher-not-held")


def test_of_two_offline_uses_the_first_booked_stands(town: Town) -> None:
    """On the floor of both tills, by the paper and by the page; the second one's shop bears it, though the member has another
    voucher: that one he still has, and it has a code of its own."""
    issued = town.redeem(0, Choice("wash-issue", 800))
    town.redeem(0, Choice("wash-issue", 800))
    (code,) = town.tills[0].till.counter.issued(issued.seq)
    town.known_everywhere(2)
    copy = next(text for text in pages_codes(town) if _is_same(town, text, code.text))
    first = use(town, 0, code.text, is_online=False)
    assert first.redemptions[0].authority == "floor"
    assert outcome(town, 0, first).status == "booked"
    second = use(town, 1, copy, is_online=False)
    assert second.redemptions[0].authority == "floor"
    told = outcome(town, 1, second)
    assert (told.status, told.shortfall, told.reason) == ("shortfall", 1, "nonce-used")
    town.known_everywhere(1)
    (left,) = pages_codes(town)
    assert use(town, 1, left).redemptions[0].authority == "online"


def _is_same(town: Town, one: str, other: str) -> bool:
    """Whether two codes are of one voucher."""
    proofs = [with_voucher(town, 0, text).proof for text in (one, other)]
    return len({proof.nonce for proof in proofs if proof}) == 1
