"""办会员 at a till without a network: a number used once, a phone that nobody here can read again."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from local_db.errors import StorageFullError
from local_db.journal import Journal
from protocol import canonical
from protocol.entries import Joined, decode_entry
from protocol.joining import WORDS, NewMember
from protocol.phone_keys import phone_key
from protocol.sealing import unseal
from sync.link import LinkState
from sync.number_asking import FACT, block_of
from tests.desks import TestDesk, member_row
from till.counter import Counter
from till.draft import SaleDraft
from till.errors import RefusedError
from till.members import MemberView
from till.receipt_words import receipt_rows
from till.report_sections import part_sections

Make = Callable[..., TestDesk]
PHONE, NUMBERS = "13800001234", ("2000000001", "2000000002")
SALT = bytes(16)


@pytest.fixture
def test(desk_with: Make) -> TestDesk:
    """A till with two numbers, whose cache has a phone in it."""
    made = desk_with(members=[member_row(phone_key=phone_key("13900000000", SALT))])
    made.give_numbers(*NUMBERS)
    return made


def counter(test: TestDesk) -> Counter:
    return Counter(test.desk, LinkState)


def join(test: TestDesk, phone: str = "138 0000 1234", name: str = "王小明") -> MemberView:
    return counter(test).joining.join(test.manager, phone, name)


def entries(test: TestDesk) -> list[Joined]:
    rows = test.desk.journal.of_type("joined", 10)
    return [entry for row in rows if isinstance(entry := decode_entry(row.payload), Joined)]


def test_the_new_member_earns_at_once(test: TestDesk) -> None:
    """With nothing on his account, and this sale his own."""
    member = join(test)
    assert (member.member, member.name, member.last4, member.is_new) == (NUMBERS[0], "王*明", "1234", True)
    assert member.facts.spendable == {kind.code: 0 for kind in test.desk.store.programme.kinds}
    receipt = counter(test).commit(test.manager, SaleDraft().with_member(member, None).with_amount(10_00))
    assert receipt.member == NUMBERS[0]
    assert receipt.awarded
    rows = receipt_rows(receipt, test.desk.store, lambda _us: "2026-09-15 12:00").head
    assert ("Welcome as a member", NUMBERS[0]) in [(row.label, row.value) for row in rows]


def test_the_ledger_alone_reads_who_he_is(test: TestDesk) -> None:
    """And only as this member."""
    join(test)
    (entry,) = entries(test)
    opened = unseal(entry.sealed, test.seal_key, NUMBERS[0].encode())
    assert canonical.decode(opened, NewMember) == NewMember(phone=PHONE, name="王*明")
    assert (entry.agreed_to, entry.by) == (WORDS, "1001")


def test_no_file_of_the_till_has_the_phone(test: TestDesk) -> None:
    """Nor the name that was typed."""
    join(test)
    for path in test.desk.folder.iterdir():
        raw = path.read_bytes()
        assert PHONE.encode() not in raw
        assert "王小明".encode() not in raw


def test_a_number_is_used_once(test: TestDesk) -> None:
    """Then they are gone, and a sentence says so."""
    assert [join(test).member, join(test, "13800001235").member] == list(NUMBERS)
    with pytest.raises(RefusedError, match="join-no-numbers"):
        join(test, "13800001236")
    assert test.ledger.numbers_wanted == 2


def test_a_number_whose_entry_never_came_is_not_used_again(test: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power was cut between the two writes: better a number lost than two people with one."""

    def full(*_: object) -> None:
        raise StorageFullError("full")

    with monkeypatch.context() as broken:
        broken.setattr(Journal, "append", full)
        with pytest.raises(StorageFullError):
            join(test)
    assert join(test).member == NUMBERS[1]


def test_who_comes_back_before_the_network_does_is_known(test: TestDesk) -> None:
    """By his phone, without the ledger; with it his row counts."""
    join(test)
    again = counter(test).look_up(PHONE)
    assert (again.member, again.is_new) == (NUMBERS[0], True)
    test.put_members(member_row(NUMBERS[0], 40, name="王*明", last4="1234"))
    assert counter(test).refresh(again).is_new  # in this sale he is
    assert not counter(test).look_up(PHONE).is_new


def test_what_he_earned_is_shown_when_he_comes_back(test: TestDesk) -> None:
    """The till's own entries count as for anybody."""
    member = join(test)
    receipt = counter(test).commit(test.manager, SaleDraft().with_member(member, None).with_amount(10_00))
    assert counter(test).look_up(PHONE).spendable("points") == receipt.awarded["points"]


@pytest.mark.parametrize(("phone", "code"), [("1380000123", "join-phone"), ("23800001234", "join-phone")])
def test_what_is_no_mobile_number_joins_nobody(test: TestDesk, phone: str, code: str) -> None:
    with pytest.raises(RefusedError, match=code):
        join(test, phone)
    assert entries(test) == []


def test_another_terminals_numbers_are_not_used(test: TestDesk) -> None:
    """A journal that was restored is a new terminal's, and its numbers may be used already."""
    block = block_of(test.desk.journal, test.desk.terminal)
    assert block is not None
    other = msgspec.structs.replace(block, terminal="zhongshan-09")
    test.desk.journal.set_fact(FACT, canonical.encode(other).decode())
    with pytest.raises(RefusedError, match="join-no-numbers"):
        join(test)


def test_a_key_that_the_root_did_not_sign_seals_nothing(test: TestDesk) -> None:
    """Else who changes the file reads the phones."""
    test.root = test.working_key
    test.give_numbers(*NUMBERS)
    with pytest.raises(RefusedError, match="join-no-numbers"):
        join(test)


def test_numbers_are_asked_for_below_a_half(test: TestDesk) -> None:
    test.give_numbers(*(f"{2_000_000_000 + n}" for n in range(50)))
    counter(test).joining.prepare()
    assert test.ledger.numbers_wanted == 0
    join(test)
    assert test.ledger.numbers_wanted == 1


def test_the_chain_is_whole(test: TestDesk) -> None:
    """`till journal verify` finds nothing about the new kind of entry."""
    member = join(test)
    counter(test).commit(test.manager, SaleDraft().with_member(member, None).with_amount(10_00))
    desk = test.desk
    assert list(desk.journal.verify(desk.genesis, desk.terminal, desk.key.public_key().public_bytes_raw())) == []


def test_the_receipt_names_his_page_once(desk_with: Make) -> None:
    """Where the store's members have one; his next receipt is as anybody's."""
    test = desk_with(members=[member_row(phone_key=phone_key("13900000000", SALT))], member_page="https://p.example")
    test.give_numbers(*NUMBERS)
    draft = SaleDraft().with_member(join(test), None).with_amount(10_00)
    assert counter(test).commit(test.manager, draft).page == "https://p.example"
    test.put_members(member_row(NUMBERS[0], 40))
    draft = SaleDraft().with_member(counter(test).look_up(NUMBERS[0]), None).with_amount(10_00)
    assert counter(test).commit(test.manager, draft).page == ""


def test_the_shift_says_how_many_joined(test: TestDesk) -> None:
    """And at whose hands, for X, Z and handing over."""
    join(test)
    report = counter(test).shift_report(test.manager.shift)
    assert (report.joined, report.cashiers["1001"].joined) == (1, 1)
    said = [row.label for section in part_sections(report, report, test.desk.store) for row in section.rows]
    assert "New members" in said
