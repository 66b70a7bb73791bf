"""A merchant or a programme that is suspended (A9): nothing is earned or redeemed; looking up and voiding go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import canonical
from protocol.documents import AllowancePolicy, Document, Suspension
from protocol.errors import SignatureError
from sync.link import LinkState
from tests.desks import FAR_FUTURE_US, MEMBER, TestDesk, documents_of, grants, member_row, payloads
from tests.till.test_allowances import ALLOWANCE, here, set_aside
from tests.till.test_redeeming import refusal, wanting
from tests.till.test_selling import identified
from tests.till.test_store import read
from till.allowances import tend
from till.authorising import ask
from till.counter import Counter
from till.errors import RefusedError
from till.redeeming import Standing, standing
from till.scanning import identify
from till.selling import commit_sale, quote_draft
from till.store import read_store
from till.voiding import void_sale

Make = Callable[..., TestDesk]


def stop(test: TestDesk, what: str = "merchant") -> None:
    """The documents that came with a pull say so; empty: it goes on."""
    test.desk.use_cache(test.desk._cache, replace(test.desk.store, suspended=what))  # type: ignore[arg-type]


def suspension(what: str, name: str, number: int, at: int = 7) -> Document:
    content = Suspension(what=what, id=name, suspended_at=at)  # type: ignore[arg-type]
    return Document(kind="suspension", id=f"{what}/{name}", number=number, valid_until=FAR_FUTURE_US,
                    content=msgspec.Raw(canonical.encode(content)))  # fmt: skip


@pytest.mark.parametrize("what", ["merchant", "programme"])
def test_nothing_is_earned_redeemed_or_promised(desk_with: Make, what: str) -> None:
    """Refused with what is stopped, online and offline, and nothing is written; then it goes on."""
    test = desk_with(members=[member_row()], member_page="https://p.example.com", usual_amount_fen=800_00)
    test.ledger.answer = grants
    draft = identified(test).with_amount(128_50)
    stop(test, what)
    code = f"{what}-suspended"
    for refused in (lambda: quote_draft(test.desk, draft), lambda: commit_sale(test.desk, test.manager, draft),
                    lambda: ask(test.desk, wanting(test))):  # fmt: skip
        with pytest.raises(RefusedError, match=code):
            refused()
    assert [refusal(test, wanting(test), is_online=online) for online in (True, False)] == [code, code]
    assert test.ledger.asked == []
    assert refusal(test, wanting(test).with_amount(9_999_99)) == code, "nobody is asked whether the amount is right"
    assert Counter(test.desk, LinkState).rules_trouble == code
    stop(test, "")
    assert commit_sale(test.desk, test.manager, draft).awarded == {"points": 154}
    assert Counter(test.desk, LinkState).rules_trouble == ""


def test_no_rung_stands(desk_with: Make) -> None:
    """The counter says so before anything is chosen."""
    test = desk_with(members=[member_row()])
    draft = wanting(test)
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    offer = quoted.offers[0]
    assert standing(test.desk, draft, offer, 1_000, is_online=True) == Standing("online")
    stop(test)
    stands = [standing(test.desk, draft, offer, 1_000, is_online=online) for online in (True, False)]
    assert stands == [Standing("", "merchant-suspended")] * 2


def test_looking_up_and_voiding_go_on(desk_with: Make) -> None:
    """A member is found with his points, and a sale of before is taken back."""
    test = desk_with(members=[member_row()])
    sale = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    stop(test)
    assert identify(test.desk, MEMBER, "code").spendable("points") == 1_370
    void_sale(test.desk, test.manager, sale.id)
    assert payloads(test.desk)[-1]["type"] == "void"


def test_what_was_set_aside_goes_back(desk_with: Make) -> None:
    """Here the member could not spend it; and no more is asked for until it goes on."""
    test = desk_with(members=[set_aside()], allowance=AllowancePolicy(per_member=2_000))
    tend(test.desk, is_caught_up=True)
    here(test)
    tend(test.desk, is_caught_up=True)
    assert (ALLOWANCE in test.ledger.lying, len(test.ledger.wanted)) == (True, 2)
    stop(test)
    tend(test.desk, is_caught_up=True)
    assert (test.ledger.lying, len(test.ledger.wanted)) == ({}, 2)
    assert payloads(test.desk)[-1]["type"] == "returned"


def test_the_newest_document_of_its_own_counts() -> None:
    """Stopped, and going on again; another merchant's is none of its business; the merchant comes before the programme."""
    root, working = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    known = [document for document, _ in documents_of(working)]

    def state(*more: Document) -> str:
        return read([*known, *more], working, root).suspended

    assert state() == ""
    assert state(suspension("merchant", "qingsui", 9)) == "merchant"
    assert state(suspension("merchant", "qingsui", 9), suspension("merchant", "qingsui", 10, at=0)) == ""
    assert state(suspension("merchant", "banshao", 9)) == ""
    assert state(suspension("programme", "qingsui-market", 9)) == "programme"
    assert state(suspension("programme", "another", 9)) == ""
    assert state(suspension("programme", "qingsui-market", 9), suspension("merchant", "qingsui", 10)) == "merchant"


def test_a_till_believes_what_the_ledger_signed_alone(desk_with: Make) -> None:
    """A programme, or a word that all is well again, by any other key: the whole cache is not read further."""
    test = desk_with(members=[member_row()])
    stranger = Ed25519PrivateKey.generate()
    documents, numbers = documents_of(stranger), 0
    for document, signed in documents:
        own = [one for one in test.desk.cache().documents() if (one.kind, one.id) != (document.kind, document.id)]
        forged = next(iter(test.desk.cache().documents()))._replace(
            kind=document.kind, id=document.id, signed=signed
        )  # fmt: skip
        with pytest.raises(SignatureError):
            read_store([*own, forged], test.desk.keys, "zhongshan")
        numbers += 1
    assert numbers == 3
