"""Members who join at a till: made once, whoever else has the phone, and without losing a point."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select
from sqlmodel import col

from ledger import members, rows
from ledger.auth import Caller
from ledger.database import Database
from ledger.feed import member_row
from ledger.joining import give_numbers, make_seal, merge_newcomers
from ledger.keys import Keys, new_keys
from ledger.members import Person, join
from ledger.phone_hashes import make_phone_hashes
from ledger.problems import TakenError
from ledger.schema_people import Phone
from protocol import canonical
from protocol.entries import Joined
from protocol.feed import MemberRow
from protocol.joining import WORDS, NewMember, NumberBlock, NumbersRequest, SealKey
from protocol.sealing import seal
from protocol.signing import open_signed
from tests.ledger.shop import NOW_US, Shop, Till

PHONE = "13800001234"


@pytest.fixture
def keys() -> Keys:
    return new_keys(NOW_US)


@pytest.fixture
def till(shop: Shop) -> Till:
    """A till of a store that wants five numbers ahead."""
    with shop.database.write() as connection:
        members.make_salt(connection)
        make_seal(connection)
    shop.settle("S1", joining=5)
    return shop.till()


def numbers(shop: Shop, till: Till, keys: Keys, have: int = 0) -> NumberBlock:
    caller = Caller(till.terminal, till.store, "active")
    return give_numbers(shop.database, keys, caller, NumbersRequest(have=have), NOW_US)


def joined(
    till: Till, block: NumberBlock, keys: Keys, number: str, phone: str = PHONE, name: str = "王*明"
) -> Joined:
    """What the till writes."""
    key = open_signed(block.seal, "seal", keys.root_public, SealKey)
    data = canonical.encode(NewMember(phone=phone, name=name))
    return Joined(
        **till._header(number), member=number, key=key.key, agreed_to=WORDS,
        sealed=seal(data, key.public, number.encode(), bytes([len(till.payloads) + 1]) * 32),
    )  # fmt: skip


def row_of(database: Database, member: str) -> MemberRow:
    with database.read() as connection:
        row = member_row(connection, member)
    assert row is not None
    return row


def owner(shop: Shop, phone: str = PHONE) -> str:
    with shop.database.read() as connection:
        return str(connection.execute(select(col(Phone.member)).where(col(Phone.phone) == phone)).scalar_one())


def test_numbers_are_given_up_to_what_the_store_wants_and_to_nobody_else(shop: Shop, till: Till, keys: Keys) -> None:
    """Each once, for ever; a store that wants none gets none."""
    first, second = numbers(shop, till, keys), numbers(shop, till, keys, have=3)
    assert (len(first.numbers), len(second.numbers)) == (5, 2)
    assert not set(first.numbers) & set(second.numbers)
    with pytest.raises(TakenError):
        join(shop.database, Person(name="张三", member=first.numbers[0]), NOW_US)
    shop.settle("S1", joining=0)
    assert numbers(shop, till, keys).numbers == ()


def test_who_joins_is_a_member_and_earns_in_the_same_batch(shop: Shop, till: Till, keys: Keys) -> None:
    """His first sale stands behind the entry that makes him, in one push."""
    block = numbers(shop, till, keys)
    member = block.numbers[0]
    till.append(joined(till, block, keys, member))
    till.append(till.sale(member, award=7))
    made, sold = till.push().outcomes
    assert (made.status, sold.status) == ("booked", "booked")
    row = row_of(shop.database, member)
    assert (row.name, row.last4, row.balances["points"].available) == ("王*明", "1234", 7)
    assert made.position < sold.position == row.position
    assert owner(shop) == member
    shop.assert_well()


def test_sent_again_it_is_told_again_and_nothing_changes(shop: Shop, till: Till, keys: Keys) -> None:
    """An answer that was lost."""
    block = numbers(shop, till, keys)
    first = till.send(joined(till, block, keys, block.numbers[0]))
    before = shop.everything()
    assert till.push(1, 1).outcomes == (first,)
    assert shop.everything() == before


def test_tills_without_a_network_find_him_a_moment_later(shop: Shop, till: Till, keys: Keys) -> None:
    """The chore that makes the slow hashes makes his, as of anybody who was here; nobody is merged."""
    block = numbers(shop, till, keys)
    outcome = till.send(joined(till, block, keys, block.numbers[0]))
    assert make_phone_hashes(shop.database, NOW_US) == 1
    row = row_of(shop.database, block.numbers[0])
    assert row.phone_key
    assert row.position > outcome.position
    assert merge_newcomers(shop.database, NOW_US) == 0


def test_a_phone_that_a_member_has_is_merged_and_no_point_is_lost(shop: Shop, till: Till, keys: Keys) -> None:
    """What he earned under the new number, before the merge and after it, is the first one's."""
    old = join(shop.database, Person(name="张三丰", phone=PHONE), NOW_US)
    block = numbers(shop, till, keys)
    member = block.numbers[0]
    till.append(joined(till, block, keys, member))
    till.append(till.sale(member, award=7))
    till.push()
    merge_newcomers(shop.database, NOW_US)
    till.send(till.sale(member, award=5))
    assert row_of(shop.database, member).merged_into == old
    assert shop.balance(old) == (12, 0, 0)
    assert owner(shop) == old
    shop.assert_well()


def test_two_tills_offline_with_one_phone_are_one_member(shop: Shop, till: Till, keys: Keys) -> None:
    """Whoever is heard first has the phone."""
    other = shop.till("T2")
    mine, theirs = numbers(shop, till, keys), numbers(shop, other, keys)
    other.append(joined(other, theirs, keys, theirs.numbers[0]))
    other.append(other.sale(theirs.numbers[0], award=3))
    till.append(joined(till, mine, keys, mine.numbers[0]))
    till.append(till.sale(mine.numbers[0], award=4))
    till.push()
    other.push()
    merge_newcomers(shop.database, NOW_US)
    assert shop.balance(mine.numbers[0]) == (7, 0, 0)
    assert row_of(shop.database, theirs.numbers[0]).merged_into == mine.numbers[0]
    shop.assert_well()


@pytest.mark.parametrize("number", ["", "012345678", "0000123456", "12345678901", "１２３４５６７８９０"])
def test_what_is_no_number_of_a_member_waits(shop: Shop, till: Till, keys: Keys, number: str) -> None:
    block = numbers(shop, till, keys)
    entry = joined(till, block, keys, number or till.terminal)
    outcome = till.send(entry)
    assert (outcome.status, outcome.reason) == ("quarantined", "number-taken")


def test_a_number_of_another_till_or_member_waits(shop: Shop, till: Till, keys: Keys) -> None:
    """Nobody becomes somebody else."""
    block, other = numbers(shop, till, keys), numbers(shop, shop.till("T2"), keys)
    somebody = shop.join("1000000001")
    for number in (other.numbers[0], somebody):
        assert till.send(joined(till, block, keys, number)).reason == "number-taken"
    assert till.send(joined(till, block, keys, block.numbers[0])).status == "booked"
    assert till.send(joined(till, block, keys, block.numbers[0], "13900000000")).reason == "number-taken"
    shop.assert_well()


def test_books_that_forgot_the_number_take_him_all_the_same(shop: Shop, till: Till, keys: Keys) -> None:
    """Restored from a copy of before: the till sends its journal again, and his points are there."""
    block = numbers(shop, till, keys)
    shop.database.transact(lambda connection: rows.execute(connection, "DELETE FROM number_given"))
    till.append(joined(till, block, keys, block.numbers[0]))
    till.append(till.sale(block.numbers[0], award=7))
    assert [one.status for one in till.push().outcomes] == ["booked", "booked"]
    with pytest.raises(TakenError):
        join(shop.database, Person(name="张三", member=block.numbers[0]), NOW_US)


def test_what_was_not_sealed_for_this_ledger_waits(shop: Shop, till: Till, keys: Keys) -> None:
    """Another key; the same bytes under another number."""
    block = numbers(shop, till, keys)
    good = joined(till, block, keys, block.numbers[0])
    stranger = X25519PrivateKey.generate().public_key().public_bytes_raw()
    data = canonical.encode(NewMember(phone=PHONE))
    for number, sealed in (
        (block.numbers[1], good.sealed),
        (block.numbers[0], seal(data, stranger, block.numbers[0].encode(), bytes(32))),
        (block.numbers[0], b"short"),
    ):
        entry = Joined(**till._header(number), member=number, key=good.key, sealed=sealed, agreed_to=WORDS)
        assert till.send(entry).reason == "unreadable"
    assert till.send(good).status == "booked"


def test_a_till_that_was_stolen_makes_no_members(shop: Shop, till: Till, keys: Keys) -> None:
    """What comes after the last head before it was revoked waits for a person."""
    block = numbers(shop, till, keys)
    shop.database.transact(
        lambda connection: rows.execute(connection, "UPDATE terminal SET status = 'revoked' WHERE terminal = 'T1'")
    )
    assert till.send(joined(till, block, keys, block.numbers[0])).reason == "terminal-revoked"
    with shop.database.read() as connection:
        assert not members.is_member(connection, block.numbers[0])


def test_the_phone_of_who_has_ended_is_said_and_kept(
    shop: Shop, till: Till, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    """There is nobody to merge into: both numbers stay, without a word about the phone in the log."""
    old = join(shop.database, Person(name="张三丰", phone=PHONE), NOW_US)
    members.set_status(shop.database, old, "left", NOW_US)
    block = numbers(shop, till, keys)
    till.send(joined(till, block, keys, block.numbers[0]))
    merge_newcomers(shop.database, NOW_US)
    assert row_of(shop.database, block.numbers[0]).status == "active"
    assert "is not merged" in caplog.text
    assert PHONE not in caplog.text
    assert merge_newcomers(shop.database, NOW_US) == 0


def test_the_length_says_nothing(keys: Keys) -> None:
    """Nor does the same person sealed twice look the same."""
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    short, long = NewMember(phone=PHONE), NewMember(phone=PHONE, name="阿" * 20)
    sealed = [
        seal(canonical.encode(one), public, b"1", bytes([at]) * 32) for at, one in enumerate((short, short, long))
    ]
    assert len({len(one) for one in sealed}) == 1
    assert len(set(sealed)) == 3
