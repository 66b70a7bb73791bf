"""Training at the counter: what is made there says so everywhere, and training members are strangers to the real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.slip import Line
from ledger.training import MEMBERS
from protocol.codes import member_code
from protocol.entries import ShiftOpened, decode_entry
from tests.desks import MEMBER, TestDesk, make_desk, member_row
from till import i18n
from till.draft import SaleDraft
from till.errors import RefusedError
from till.history import sales_of_shift
from till.looking_up import look_up
from till.receipt_words import receipt_rows
from till.receipts import Receipt
from till.report_words import report_title
from till.scanning import MemberIdentified, scan
from till.selling import commit_sale
from till.shift_report import shift_report
from till.shifts import close_shift
from till.slips import receipt_slip

TRAINEE = "training-zhongshan-02-t0a1b2c"
STUDENT = MEMBERS[0][1].member


def sold(place: TestDesk, member: str = MEMBER) -> Receipt:
    found = scan(place.desk, member_code(member), SaleDraft())
    assert isinstance(found, MemberIdentified)
    return commit_sale(
        place.desk, place.manager, SaleDraft().with_member(found.member, found.proof).with_amount(1_000)
    )


@pytest.fixture
def school(tmp_path: Path) -> TestDesk:
    return make_desk(tmp_path, terminal=TRAINEE, members=[member_row(), member_row(STUDENT)])


def test_every_entry_is_marked_under_its_hash(school: TestDesk) -> None:
    """Shifts and sales alike: they are marked where all of them pass."""
    sold(school)
    sold(school, STUDENT)
    close_shift(school.desk, school.manager)
    entries = [decode_entry(row.payload) for row in school.desk.journal.entries(1, 100)]
    assert [type(entry).__name__ for entry in entries] == ["ShiftOpened", "Sale", "Sale", "ShiftClosed"]
    assert all(entry.training for entry in entries)
    school.close()


def test_a_tills_own_entries_have_no_mark(tmp_path: Path) -> None:
    """So a payload is what it was before there was training."""
    place = make_desk(tmp_path, members=[member_row()])
    receipt = sold(place)
    rows = place.desk.journal.entries(1, 100)
    assert isinstance(decode_entry(rows[0].payload), ShiftOpened)
    assert not any(b"training" in row.payload for row in rows)
    assert not receipt.training
    place.close()


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "培训"), ("en", "TRAINING")])
def test_receipt_and_report_say_it_first_and_last(school: TestDesk, language: i18n.Language, word: str) -> None:
    """The first one and the one that is printed again, on paper as on the screen; and the report's title."""
    i18n.use(language)
    first = sold(school)
    again = sales_of_shift(school.desk.journal, TRAINEE, school.manager.shift)[0].receipt
    for receipt in (first, again):
        rows = receipt_rows(receipt, school.desk.store, str)
        assert rows.head[0].label.startswith(word)
        big = [block.text for block in receipt_slip(rows, "W1") if isinstance(block, Line) and block.is_big]
        assert big[1].startswith(word)
        assert big[-1].startswith(word)
    assert report_title(shift_report(school.desk.journal, school.manager.shift)).startswith(word)
    i18n.use("en")
    school.close()


def test_a_training_member_is_refused_at_a_real_counter(tmp_path: Path) -> None:
    """Scanned or typed: nothing is earned for a number that nobody may have."""
    place = make_desk(tmp_path, members=[member_row()])
    with pytest.raises(RefusedError, match="training-member"):
        scan(place.desk, member_code(STUDENT), SaleDraft())
    with pytest.raises(RefusedError, match="member-unknown-offline"):
        look_up(place.desk, STUDENT, is_online=False)
    place.close()
