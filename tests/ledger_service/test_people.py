"""Members and keys: what is kept of a person, and of a secret."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from ledger import members
from ledger.keys import DAY_US, load_keys, new_keys, save_keys, with_new_key
from ledger.opening import Opening
from ledger.problems import BadRequestError, NotKnownError, TakenError
from ledger.schema import Member
from ledger.schema_people import Phone
from ledger.verify import verify
from protocol.errors import SignatureError
from protocol.look_up import normal_phone
from protocol.names import clean, mask
from protocol.phone_keys import KIB, phone_key
from protocol.signing import KeyRing
from tests.ledger_service.town import MEMBER, NOW_US, PHONE, Town


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三丰", "张*丰"),
        ("李四", "李*"),
        ("王", "王*"),
        ("欧阳小雨", "欧*雨"),
        ("张三[VIP]", "张*[VIP]"),
        ("张三（转）", "张*（转）"),
        ("[/]", "[*"),
        ("张\x1b[31m三", "张*[31m三"),
        ("\u202e丰三张", "丰*张"),
        ("张\u200b三", "张*"),
    ],
)
def test_names_are_masked_and_obey_nobody(name: str, shown: str) -> None:
    """Escape, direction and zero-width characters are gone; brackets stay text."""
    assert mask(name) == shown
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", clean(name))


@pytest.mark.parametrize("name", ["", "  ", "\x1b", "\u200b"])
def test_a_member_has_a_name(sqlite_town: Town, name: str) -> None:
    """A name of nothing, or of nothing visible, is none."""
    with pytest.raises(BadRequestError):
        members.join(sqlite_town.database, members.Person(name), NOW_US)


def test_the_books_hold_little_of_a_person(town: Town) -> None:
    """The row has the masked name, four digits and a slow hash; two ledgers' hashes of one phone differ."""
    with town.database.read() as connection:
        row = connection.execute(select(Member).where(col(Member.member) == MEMBER)).one()
        keys = connection.execute(select(col(Phone.phone)).where(col(Phone.member) == MEMBER)).scalars().all()
    assert PHONE in keys
    assert (row.name, row.last4) == ("张*丰", "1234")
    assert "13900001234" not in repr(tuple(row))
    assert row.phone_key.startswith(f"$argon2id$v=19$m={KIB},t=2,p=1$")
    assert phone_key(PHONE, b"0" * 16) != row.phone_key


def test_a_phone_belongs_to_one_member(town: Town) -> None:
    """However it is written; and nobody is half joined."""
    with pytest.raises(TakenError, match=r"\.\.\.1234"):
        members.join(town.database, members.Person("赵六", "+86 139 0000 1234", member="1000000077"), NOW_US)
    with pytest.raises(TakenError):
        members.join(town.database, members.Person("赵六", member=MEMBER), NOW_US)
    with town.database.read() as connection:
        assert members.find(connection, "member", "1000000077") is None


def test_a_new_member_gets_a_number_of_his_own(town: Town) -> None:
    """Ten digits, without a leading zero, and the points he brings are in the books."""
    opening = (Opening("points", 70, "qingsui", "2027-12-31"), Opening("points", 30, "banshao"))
    number = members.join(town.database, members.Person("赵六", opening=opening), NOW_US)
    assert re.fullmatch(r"[1-9]\d{9}", number)
    assert verify(town.database) == []


@pytest.mark.parametrize("opening", [Opening("points", 0, "qingsui"), Opening("points", 5, "qingsui", "2027-02-30")])
def test_an_opening_that_is_none_opens_nothing(sqlite_town: Town, opening: Opening) -> None:
    """No points, or a day that does not exist: the account is not opened either."""
    with pytest.raises(BadRequestError):
        members.join(sqlite_town.database, members.Person("赵六", member="1000000077", opening=(opening,)), NOW_US)
    with sqlite_town.database.read() as connection:
        assert members.find(connection, "member", "1000000077") is None


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "１２３４"])
def test_pins_are_digits(sqlite_town: Town, pin: str) -> None:
    """4 to 8 of them, half width."""
    with pytest.raises(BadRequestError):
        members.set_pin(sqlite_town.database, MEMBER, pin)


def test_nobody_is_changed_who_is_not_there(sqlite_town: Town) -> None:
    """An unknown number is refused."""
    with pytest.raises(NotKnownError):
        members.set_status(sqlite_town.database, "1999999999", "blocked")


def test_phones_are_one_however_written() -> None:
    """Full width, blanks, dashes and +86 are one number."""
    assert {normal_phone(text) for text in ("13900001234", "+86 139-0000-1234", "１３９ ００００ １２３４")} == {
        PHONE
    }


def test_keys_lie_in_files_of_their_own(tmp_path: Path) -> None:
    """0600, written once, read back as they were."""
    keys = new_keys(NOW_US)
    save_keys(keys, tmp_path)
    renewed = with_new_key(load_keys(tmp_path), NOW_US + DAY_US)
    save_keys(renewed, tmp_path)
    found = load_keys(tmp_path)
    assert found.fingerprint == keys.fingerprint
    assert [working.id for working in found.working] == [working.id for working in renewed.working]
    for path in tmp_path.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_have_their_time() -> None:
    """From a day before they were made, for 400 days; then nothing is signed any more."""
    keys = new_keys(NOW_US)
    keys.current(NOW_US - DAY_US)
    keys.current(NOW_US + 400 * DAY_US)
    for outside in (NOW_US - DAY_US - 1, NOW_US + 400 * DAY_US + 1):
        with pytest.raises(SignatureError):
            keys.current(outside)


def test_a_new_key_is_published_long_before_it_signs() -> None:
    """The former key signs until 30 days before its end; tills have both certificates all the time."""
    keys = new_keys(NOW_US)
    assert (keys.needs_new(NOW_US + 279 * DAY_US), keys.needs_new(NOW_US + 281 * DAY_US)) == (False, True)
    both = with_new_key(keys, NOW_US + 281 * DAY_US)
    first, second = (working.id for working in both.working)
    assert both.current(NOW_US + 369 * DAY_US).id == first
    assert both.current(NOW_US + 371 * DAY_US).id == second
    ring = KeyRing(both.root_public, both.certificates)
    assert ring.public(first, NOW_US + 399 * DAY_US) != ring.public(second, NOW_US + 399 * DAY_US)
