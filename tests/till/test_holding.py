"""Sales put aside: they outlive the program, and nothing of them is more than they need."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from local_db.journal import Journal
from protocol.dynamic_codes import make
from sync.link import LinkState
from tests.desks import MEMBER, NOON_US, TestDesk, member_row, payloads
from tests.till.test_selling import MILK, identified
from till.counter import Counter
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.holding import FACT, MOST_HELD
from till.scanning import MemberIdentified

Make = Callable[..., TestDesk]


def test_a_held_sale_outlives_the_program(desk_with: Make, tmp_path: Path) -> None:
    """Nothing is closed and nothing flushed: what lies on the disk the moment `hold` returns is the whole sale."""
    test = desk_with(members=[member_row()], products=[MILK])
    draft = identified(test).with_product(MILK).with_product(MILK)
    Counter(test.desk, LinkState).hold(test.manager, draft, "33.3")
    for name in ("journal.db", "journal.db-wal"):
        shutil.copy(test.desk.folder / name, tmp_path / name)
    test.desk.journal.close()
    test.desk.journal = Journal.open(tmp_path)
    test.closing.append(test.desk.journal.close)

    after = Counter(test.desk, LinkState)
    (sale,) = after.held(test.manager)
    assert (after.take_back(sale), sale.typed) == (draft, "33.3")
    assert after.held(test.manager) == []


def test_nothing_is_kept_but_the_members_number(desk_with: Make) -> None:
    """Neither name nor digits of his phone, and no code: who was proven by one is there again without a proof."""
    test = desk_with(members=[member_row()])
    counter = Counter(test.desk, LinkState)
    code = make(MEMBER, NOON_US // 1_000_000 - 5, b"12345678", test.working_key)
    scanned = counter.scan(code, SaleDraft())
    assert isinstance(scanned, MemberIdentified)
    counter.hold(test.manager, SaleDraft().with_member(scanned.member, scanned.proof), "10")
    kept = test.desk.journal.fact(FACT) or ""
    assert MEMBER in kept
    assert not any(secret in kept for secret in ("张", '1234"', scanned.proof.nonce, code))
    back = counter.take_back(counter.held(test.manager)[0])
    assert back.member == scanned.member
    assert back.proof is None
    assert [entry["type"] for entry in payloads(test.desk)] == ["shift-opened"]


def test_a_card_is_proof_enough_to_stay(desk_with: Make) -> None:
    """What is printed proves the same an hour later."""
    test = desk_with(members=[member_row()])
    counter = Counter(test.desk, LinkState)
    counter.hold(test.manager, identified(test), "10")
    assert counter.take_back(counter.held(test.manager)[0]).proof == MemberProof("static")


def test_as_many_as_the_list_has_digits(desk_with: Make) -> None:
    """And the same one comes back once."""
    test = desk_with()
    counter = Counter(test.desk, LinkState)
    for number in range(MOST_HELD):
        counter.hold(test.manager, SaleDraft(), f"{number + 1}")
    with pytest.raises(RefusedError, match="too-many-held"):
        counter.hold(test.manager, SaleDraft(), "10")
    sale = counter.held(test.manager)[3]
    counter.take_back(sale)
    with pytest.raises(RefusedError, match="held-gone"):
        counter.take_back(sale)
    assert [left.typed for left in counter.held(test.manager)] == ["1", "2", "3", "5", "6", "7", "8", "9"]


def test_a_held_sale_belongs_to_its_shift(desk_with: Make) -> None:
    """The shift is not closed over it, and none is put aside in a shift that is over."""
    test = desk_with(members=[member_row()])
    counter = Counter(test.desk, LinkState)
    counter.hold(test.manager, identified(test), "10")
    with pytest.raises(RefusedError, match="sales-held"):
        counter.close_shift(test.manager)
    counter.take_back(counter.held(test.manager)[0])
    counter.close_shift(test.manager)
    with pytest.raises(RefusedError, match="no-shift"):
        counter.hold(test.manager, identified(test), "10")


@pytest.mark.parametrize(
    "written", ["", "nonsense", '[{"at":1}]', '[{"at":1,"shift":"s","lines":[{"category":"","amount_fen":-1}]}]']
)
def test_what_cannot_be_read_holds_up_no_shift(desk_with: Make, written: str) -> None:
    """Somebody wrote into the file: there is none, and the shift ends."""
    test = desk_with()
    test.desk.journal.set_fact(FACT, written.replace('"s"', f'"{test.manager.shift}"'))
    counter = Counter(test.desk, LinkState)
    assert counter.held(test.manager) == []
    counter.close_shift(test.manager)
