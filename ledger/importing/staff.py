"""Who works where, from a list of the system before: joined to the people that a store has already, by 工号."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import documents, rows
from ledger.database import Database
from ledger.importing.table import Column, Lines, Report, Row, RowError, carry_out, code, parsed, text
from ledger.keys import Keys
from ledger.pages.words import msg
from protocol.documents import Role, Staff, StaffMember
from protocol.names import clean
from protocol.pins import hash_pin

COLUMNS: Final = (
    Column("store", ("门店", "门店编号"), msg("where they work"), is_needed=True),
    Column("staff", ("工号", "员工编号", "员工号"), msg("by which they sign in"), is_needed=True),
    Column("name", ("姓名", "员工姓名"), msg("as it stands on screens and receipts"), is_needed=True),
    Column("roles", ("岗位", "角色", "职位"), msg("收银员, 收银主管, 店长, 技术员, with blanks between"), is_needed=True),
    Column("pin", ("密码", "初始密码"), msg("4 to 8 digits; empty: whoever is there already keeps his"),),
    Column("member", ("会员号",), msg("the own number of who works there: he books nothing for himself")),
)  # fmt: skip

_ROLES: Final[dict[str, Role]] = {
    "收银员": "cashier", "收银": "cashier", "收银主管": "supervisor", "主管": "supervisor", "店长": "manager",
    "经理": "manager", "技术员": "technician", "cashier": "cashier", "supervisor": "supervisor", "manager": "manager",
    "technician": "technician",
}  # fmt: skip


class _Person(NamedTuple):
    line: int
    store: str
    staff: str
    name: str
    roles: tuple[Role, ...]
    pin: str
    member: str


def import_staff(
    database: Database, keys: Keys, table: Iterator[Row], now_us: int, *, is_rehearsal: bool = False
) -> Report:
    """Each store's list is published once. Nobody is taken off a list."""
    report = Report()
    people = list(parsed(table, partial(_person, Lines()), report))
    with ThreadPoolExecutor() as threads:  # Argon2 works outside the interpreter's lock
        hashes = dict(zip(people, threads.map(lambda one: hash_pin(one.pin) if one.pin else "", people), strict=True))
    report.add(carry_out(database, partial(_take, keys, hashes, now_us), is_rehearsal=is_rehearsal))
    return report


def _person(lines: Lines, row: Row) -> _Person:
    store, staff, pin, name = text(row, "store"), code(row, "staff"), text(row, "pin"), clean(row.cells["name"])
    if not (staff and name):
        raise RowError(msg("whoever works there has a number and a name"))
    if pin and not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise RowError(msg("a PIN has 4 to 8 digits"))
    roles = dict.fromkeys(
        _role(word) for word in clean(row.cells["roles"]).replace("、", " ").replace("/", " ").split()
    )
    if not roles:
        raise RowError(msg("whoever works there is cashier, supervisor, manager or technician"))
    lines.first(row.line, (store, staff))
    return _Person(row.line, store, staff, name, tuple(roles), pin, code(row, "member"))


def _role(word: str) -> Role:
    if role := _ROLES.get(word.casefold()):
        return role
    raise RowError(msg("{cell} is no role here: cashier, supervisor, manager or technician"), cell=word)


def _take(keys: Keys, hashes: Mapping[_Person, str], now_us: int, connection: Connection) -> Report:
    report, stores = Report(), {found[0] for found in rows.fetch(connection, "SELECT store FROM store")}
    by_store = defaultdict[str, list[_Person]](list)
    for person in hashes:
        if person.store in stores:
            by_store[person.store].append(person)
        else:
            report.refuse(person.line, RowError(msg("there is no store {cell}"), cell=person.store or "-"))
    for store, people in by_store.items():
        known = documents.newest(connection, "staff", store, Staff) or Staff(store=store, staff=())
        listed = {one.staff: one for one in known.staff}
        for person in people:
            try:
                told = _told(person, hashes[person], listed.get(person.staff))
            except RowError as error:
                report.refuse(person.line, error)
                continue
            report.new += person.staff not in listed
            report.changed += person.staff in listed and listed[person.staff] != told
            report.same += listed.get(person.staff) == told
            listed[person.staff] = told
        if (new := tuple(listed.values())) != known.staff:
            documents.publish_staff(connection, keys, Staff(store=store, staff=new), now_us)
    return report


def _told(person: _Person, pin_hash: str, known: StaffMember | None) -> StaffMember:
    """A PIN of the file is for who has none: whoever is there already may have changed his."""
    if known is None and not pin_hash:
        raise RowError(msg("{name} is new and has no PIN"), name=person.name)
    kept = known.pin_hash if known else pin_hash
    told = StaffMember(staff=person.staff, name=person.name, roles=person.roles, pin_hash=kept, member=person.member)
    return (
        msgspec.structs.replace(known, name=told.name, roles=told.roles, member=told.member or known.member)
        if known
        else told
    )
