"""Members of the system before, as they are known there: number, name, phone, plate, rank, where they were last.

The slow hash by which tills find a phone offline takes 50 ms a number, so it is not made here: whoever is asked for online is
found at once, and the ledger makes the hashes behind (`ledger.phone_hashes`), of those first who came within 13 months.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.clock import day_of
from ledger.database import Database
from ledger.importing.table import (
    Column,
    Lines,
    Report,
    Row,
    RowError,
    Tell,
    carry_out,
    code,
    day,
    in_chunks,
    parsed,
    text,
)
from ledger.members import PLATE_KEY, free_number
from ledger.pages.words import msg
from ledger.schema_people import Phone
from ledger.shelf import lock_buckets
from ledger.visits import remember
from protocol.ids import bucket_of
from protocol.look_up import normal_phone, normal_plate
from protocol.names import clean, mask
from protocol.training import is_training_member

COLUMNS: Final = (
    Column("member", ("会员号", "会员编号", "会员卡号", "卡号", "member_no"), msg("empty: he gets one")),
    Column("name", ("姓名", "会员姓名", "名称"), msg("kept masked: 张三丰 is 张*丰"), is_needed=True),
    Column("phone", ("手机", "手机号", "手机号码", "电话", "mobile"), msg("at most one member has it")),
    Column("plate", ("车牌", "车牌号"), msg("of his car")),
    Column("tier", ("等级", "会员等级", "级别"), msg("the rank as the programme calls it")),
    Column("joined", ("入会日期", "注册日期", "开卡日期"), msg("the day he joined")),
    Column("store", ("门店", "门店编号", "归属门店"), msg("where he is known: its merchant's tills know his name at once")),
    Column("last_visit", ("最近到店", "最近消费日期", "最后消费"), msg("the day he was there last; today where it is empty")),
)  # fmt: skip


class _Person(NamedTuple):
    line: int
    member: str
    name: str
    phone: str
    plate: str
    tier: str
    joined_at: int
    merchant: str
    visited_on: str

    @property
    def found_by(self) -> list[str]:
        """What leads to him, as `Phone` has it."""
        return [key for key in (self.phone, self.plate and PLATE_KEY + self.plate) if key]


class _Reader:
    """Makes people of rows, and knows what stood in lines before."""

    def __init__(self, merchants: Mapping[str, str], now_us: int) -> None:
        self._merchants, self._now_us = merchants, now_us
        self._lines = Lines()

    def person(self, row: Row) -> _Person:
        """Raises `RowError`."""
        member, phone, plate = code(row, "member"), normal_phone(text(row, "phone")), normal_plate(text(row, "plate"))
        name, store = mask(row.cells["name"]), text(row, "store")
        if not name:
            raise RowError(msg("a member has a name"))
        if not (member or phone):
            raise RowError(msg("neither a number nor a phone"))
        if member and not member.isdigit():
            raise RowError(msg("{cell} is no member's number: digits alone; letters may stand on cards"), cell=member)
        if is_training_member(member):
            raise RowError(msg("{cell}: this number is of members to practise with"), cell=member)
        if text(row, "phone") and not 5 <= len(phone) <= 15:
            raise RowError(msg("{cell} is no phone number"), cell=f"…{phone[-4:]}")
        if store and store not in self._merchants:
            raise RowError(msg("there is no store {cell}"), cell=store)
        found = _Person(
            row.line, member, name, phone, plate, clean(row.cells["tier"]), self._joined_at(row),
            self._merchants.get(store, ""), day(row, "last_visit") or day_of(self._now_us),
        )  # fmt: skip
        self._lines.first(row.line, *filter(None, (member and f"#{member}", *found.found_by)))
        return found

    def _joined_at(self, row: Row) -> int:
        joined = day(row, "joined")
        return (
            int(datetime.fromisoformat(joined).replace(tzinfo=UTC).timestamp()) * 1_000_000
            if joined
            else self._now_us
        )


def import_members(
    database: Database, table: Iterator[Row], now_us: int, tell: Tell, *, is_rehearsal: bool = False
) -> Report:
    """Those who are there already, with the same name and phone, stay as they are. `is_rehearsal`: nothing stays written."""
    report = Report()
    with database.read() as connection:
        reader = _Reader(dict(rows.fetch(connection, "SELECT store, merchant FROM store")), now_us)
    for people in in_chunks(parsed(table, reader.person, report)):
        report.add(carry_out(database, partial(_take, people), is_rehearsal=is_rehearsal))
        tell(report.rows)
    return report


def _take(people: Sequence[_Person], connection: Connection) -> Report:
    report, known = Report(), _Known(connection, people)
    fresh = []
    for person in people:
        try:
            member = known.same_as(person)
        except RowError as error:
            report.refuse(person.line, error)
            continue
        if member:
            report.same += 1
        else:
            fresh.append(person if person.member else person._replace(member=known.free_number()))
    _write(connection, fresh)
    report.new = len(fresh)
    return report


class _Known:
    """What the books know of the numbers and phones of some people."""

    def __init__(self, connection: Connection, people: Sequence[_Person]) -> None:
        keys = [key for person in people for key in person.found_by]
        self._connection = connection
        self._phones: dict[str, str] = dict(rows.find(connection, Phone, ("phone",), [(key,) for key in keys]))
        numbers = {person.member for person in people if person.member} | set(self._phones.values())
        columns = "member, name, last4, merged_into"
        self._members: dict[str, tuple[str, str, str]] = {
            member: (name, last4, into)
            for member, name, last4, into in rows.find(
                connection, schema.Member, ("bucket", "member"), [(bucket_of(one), one) for one in numbers], columns
            )
        }

    def same_as(self, person: _Person) -> str:
        """His number where he is there already, empty where he is new. Raises `RowError` where he contradicts the books."""
        holders = {key: self._phones[key] for key in person.found_by if key in self._phones}
        member = person.member or holders.get(person.phone, "")
        if strangers := {holder for holder in holders.values() if holder != member}:
            raise RowError(msg("phone or plate are of member {member} already"), member=min(strangers))
        if member not in self._members:
            return ""
        name, last4, into = self._members[member]
        if into:
            raise RowError(msg("{member} is another number of {into}"), member=member, into=into)
        if (name, last4) != (person.name, person.phone[-4:]):
            raise RowError(
                msg("{member} is there already, as {name} {last4}; an import changes nobody"),
                member=member, name=name, last4=last4,
            )  # fmt: skip
        return member

    def free_number(self) -> str:
        """Of nobody, for who has none."""
        while True:
            number = free_number(self._connection)
            if number not in self._members:
                self._members[number] = ("", "", "")
                return number


def _write(connection: Connection, people: Sequence[_Person]) -> None:
    numbers = lock_buckets(connection, {bucket_of(person.member) for person in people})
    members, phones, visits = list[rows.Values](), list[rows.Values](), dict[tuple[int, str, str], str]()
    for person in people:
        bucket = bucket_of(person.member)
        numbers[bucket] += 1
        members.append((
            bucket, person.member, numbers[bucket], person.name, person.phone[-4:], person.tier, "active", "", "", "",
            0, person.joined_at,
        ))  # fmt: skip
        phones += [(key, person.member) for key in person.found_by]
        if person.merchant:
            visits[bucket, person.member, person.merchant] = person.visited_on
    rows.insert(connection, schema.Member, members)
    rows.insert(connection, Phone, phones)
    remember(connection, visits)
    rows.update(connection, schema.Bucket, ("number",), list(numbers.items()))
