"""A link to the member's page, as the till asks for it: with which proof, under which id, and what is said without one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest

from points import Choice
from protocol.dynamic_codes import make
from protocol.ids import bucket_in, bucket_of
from protocol.member_links import MemberLink, MemberLinkRequest
from protocol.reservations import RefusalReason, Refused
from sync.errors import FinalSyncError, NotTheLedgerError, TransientSyncError
from terminal.sentences import SENTENCES
from tests.desks import MEMBER, NOON_US, TestDesk, member_row
from tests.till.test_selling import identified
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.floor import proves_here
from till.member_linking import link_member
from till.redeeming import redeem_and_commit
from till.scanning import MemberConfirmed, scan

Make = Callable[..., TestDesk]
PAGE = "https://p.example.com"
LINK = MemberLink(address="HTTPS://P.EXAMPLE.COM/L/ABC", ends_at=NOON_US + 600_000_000)
PIN = MemberProof("pin", "246810")


@pytest.fixture
def test(desk_with: Make) -> TestDesk:
    """A till whose store has a page; the ledger gives a link to anybody."""
    made = desk_with(members=[member_row()], member_page=PAGE)
    made.ledger.links = lambda _request: LINK
    return made


def code(test: TestDesk, sale: SaleDraft, nonce: bytes = b"12345678") -> MemberProof:
    """The member shows a dynamic code in the middle of a sale."""
    scanned = scan(test.desk, make(MEMBER, test.clocks.wall_us // 1_000_000 - 5, nonce, test.working_key), sale)
    assert isinstance(scanned, MemberConfirmed)
    return scanned.proof


def ask(
    test: TestDesk, proof: MemberProof = PIN, *, is_online: bool = True, sale: SaleDraft | None = None
) -> MemberLink:
    return link_member(test.desk, sale or identified(test, MEMBER), proof, is_online=is_online)


def refusal(test: TestDesk, *, is_online: bool = True) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        ask(test, is_online=is_online)
    return refused.value


def test_a_pin_gets_a_link(test: TestDesk) -> None:
    """Under an id of its own each time, in the member's bucket; nothing of PIN and link is on the till's disk."""
    assert [ask(test), ask(test)] == [LINK, LINK]
    first, second = test.ledger.links_asked
    assert (first.member, first.proof, first.evidence) == (MEMBER, "pin", PIN.evidence)
    assert first.id != second.id
    assert bucket_in(first.id) == bucket_of(MEMBER)
    stored = b"".join(path.read_bytes() for path in test.desk.folder.glob("*") if path.is_file())
    assert PIN.evidence.encode() not in stored
    assert LINK.address.encode() not in stored


def test_a_code_belongs_to_the_id_that_it_was_sent_with_first(test: TestDesk) -> None:
    """A redemption that came to nothing, then a link, then another one: one id, for there a code serves one. A newer code
    has its own.
    """
    sale = identified(test, MEMBER).with_amount(128_50)
    assert sale.member is not None
    shown = code(test, sale)
    with pytest.raises(RefusedError):
        redeem_and_commit(
            test.desk, test.manager, sale.with_member(sale.member, shown).with_choice(Choice("voucher", 1_000)),
            is_online=True,
        )  # fmt: skip
    ask(test, shown)
    ask(test, shown)
    ask(test, code(test, sale, b"abcdefgh"))
    (redeeming,) = test.ledger.asked
    again, once_more, newer = test.ledger.links_asked
    assert redeeming.id == again.id == once_more.id != newer.id
    assert again.evidence == shown.evidence


def test_a_code_that_was_shown_for_the_sale_opens_nothing(test: TestDesk) -> None:
    """Else a cashier could take the account of everybody who earns a point; a newer one of the same member does."""
    sale = identified(test, MEMBER)
    shown = code(test, sale)
    in_sale = replace(sale, proof=shown)
    with pytest.raises(RefusedError, match="link-proof-missing"):
        ask(test, shown, sale=in_sale)
    assert test.ledger.links_asked == []
    assert ask(test, code(test, in_sale, b"abcdefgh"), sale=in_sale) == LINK


def test_a_code_that_opened_the_page_proves_no_redemption_here(test: TestDesk) -> None:
    """There it belongs to the link: a floor that took it would be the merchant's loss."""
    shown = code(test, identified(test, MEMBER))
    assert proves_here(test.desk, shown)
    ask(test, shown)
    assert not proves_here(test.desk, shown)


@pytest.mark.parametrize("reason", get_args(RefusalReason))
def test_each_no_has_a_sentence(test: TestDesk, reason: RefusalReason) -> None:
    """The ledger's reasons, in words that help with a link; the tries that are left are in it."""
    test.ledger.links = lambda _request: Refused(reason=reason, tries_left=2)
    refused = refusal(test)
    assert refused.code in SENTENCES
    assert refused.code in (f"reserve-{reason}", f"link-{reason}")
    assert refused.facts["left"] == 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TransientSyncError("no-answer"), "link-unanswered"),
        (NotTheLedgerError("portal", "a log-in page"), "link-unanswered"),
        (TransientSyncError("too-many"), "link-too-many"),
        (FinalSyncError("no-member-page", "the settings name none"), "link-no-page"),
        (FinalSyncError("bad-request", "who knows"), "ledger-refuses"),
    ],
)
def test_whatever_kept_the_answer_away_has_a_sentence(test: TestDesk, error: Exception, expected: str) -> None:
    """Silence, a stranger, too often, and a no that is signed."""

    def fails(_request: MemberLinkRequest) -> MemberLink:
        raise error

    test.ledger.links = fails
    assert refusal(test).code == expected
    assert expected in SENTENCES


def test_nobody_is_asked_in_vain(test: TestDesk, desk_with: Make) -> None:
    """Offline, without a page, and without a member."""
    assert refusal(test, is_online=False).code == "link-offline"
    with pytest.raises(RefusedError, match="no-member"):
        link_member(test.desk, SaleDraft(), PIN, is_online=True)
    plain = desk_with(members=[member_row()])
    assert refusal(plain).code == "link-no-page"
    assert test.ledger.links_asked == plain.ledger.links_asked == []
