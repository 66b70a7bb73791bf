"""Balances of the system before: each becomes a lot with its issuer and its end, in an entry of the ledger's own (`opening`).

What a file says of one member, kind, issuer and day belongs together and is one lot. Such a lot is carried over once: the same
again is the same, other points under the same name are refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.database import Database
from ledger.importing.table import (
    Column,
    Report,
    Row,
    RowError,
    Tell,
    carry_out,
    code,
    day,
    in_chunks,
    points,
    text,
)
from ledger.opening import ENTRY_TYPE, Opening, book_openings
from ledger.pages.words import msg
from ledger.receiving import prices_of_today
from ledger.schema_people import Phone
from points.amounts import MAX_POINTS
from protocol.ids import bucket_of
from protocol.look_up import normal_phone

COLUMNS: Final = (
    Column("member", ("会员号", "会员编号", "会员卡号", "卡号", "member_no"), msg("his number or one of his cards")),
    Column("phone", ("手机", "手机号", "手机号码", "电话", "mobile"), msg("where there is no number")),
    Column("points", ("积分", "积分余额", "可用积分", "余额", "balance"), msg("whole points"), is_needed=True),
    Column("kind", ("积分类型", "类型"), msg("kind of points; that of the command where it is empty")),
    Column("issuer", ("发行商户", "商户"), msg("the merchant who stands for them; that of the command where it is empty")),
    Column("expires", ("有效期", "到期日", "到期日期", "失效日期"), msg("their last day; empty for points that never end")),
)  # fmt: skip


class Beside(NamedTuple):
    """What is said of a file beside it, for rows that do not say it themselves."""

    kind: str = ""
    issuer: str = ""


class _Said(NamedTuple):
    """A row. `who`: as the file names him, `+` and the phone where it has no number."""

    line: int
    who: str
    kind: str
    issuer: str
    expires_on: str
    points: int


class _Name(NamedTuple):
    """What makes a lot one."""

    member: str
    kind: str
    issuer: str
    expires_on: str


class _Lot(NamedTuple):
    line: int
    name: _Name
    points: int


def import_balances(
    database: Database, table: Iterator[Row], now_us: int, tell: Tell, *, beside: Beside, is_rehearsal: bool = False
) -> Report:
    """The points of the file are those that are booked, those that were, and those of refused rows: that is checked.

    `tell` is told lots, of which there are at most as many as rows.
    """
    report = Report()
    lots = _lots(database, _read(database, table, beside, report), report)
    done = 0
    for chunk in in_chunks(lots):
        report.add(carry_out(database, partial(_take, chunk, now_us), is_rehearsal=is_rehearsal))
        done += len(chunk)
        tell(done)
    if report.points_booked + report.points_same + report.points_refused != +report.points_in_file:
        raise AssertionError("points of the file went missing")
    return report


def _read(database: Database, table: Iterator[Row], beside: Beside, report: Report) -> Iterator[_Said]:
    with database.read() as connection:
        issuers = {found[0] for found in rows.fetch(connection, "SELECT merchant FROM merchant")}
        kinds = database.terms.refreshed(connection).kinds | set(prices_of_today(connection))
    for row in table:
        report.rows += 1
        try:
            said = _said(row, beside)
        except RowError as error:
            report.refuse(row.line, error)
            continue
        report.points_in_file[said.kind] += said.points
        if said.issuer not in issuers:
            _refuse(report, said, RowError(msg("there is no merchant {cell}"), cell=said.issuer or "-"))
        elif said.kind not in kinds:
            _refuse(report, said, RowError(msg("there are no points of the kind {cell}"), cell=said.kind or "-"))
        elif said.points:
            yield said
        else:
            report.same += 1


def _said(row: Row, beside: Beside) -> _Said:
    member, phone = code(row, "member"), normal_phone(text(row, "phone"))
    if not (member or phone):
        raise RowError(msg("neither a number nor a phone"))
    kind, issuer = text(row, "kind") or beside.kind, text(row, "issuer") or beside.issuer
    return _Said(row.line, member or f"+{phone}", kind, issuer, day(row, "expires"), points(row, "points"))


def _refuse(report: Report, said: _Said | _Lot, error: RowError) -> None:
    report.refuse(said.line, error)
    report.points_refused[said.kind if isinstance(said, _Said) else said.name.kind] += said.points


def _lots(database: Database, said: Iterator[_Said], report: Report) -> list[_Lot]:
    """Rows of one member, by whatever number, of one kind, issuer and day together; those of nobody are refused."""
    sums, lines = Counter[_Name](), dict[_Name, int]()
    for chunk in in_chunks(said):
        with database.read() as connection:
            members = _members(connection, {one.who for one in chunk})
        for one in chunk:
            if one.who not in members:
                _refuse(report, one, RowError(msg("there is no member {cell}"), cell=_shown(one.who)))
                continue
            name = _Name(members[one.who], *one[2:5])
            if sums[name] + one.points > MAX_POINTS:
                _refuse(report, one, RowError(msg("no account holds more than {most} points"), most=MAX_POINTS))
                continue
            sums[name] += one.points
            lines.setdefault(name, one.line)
    return [_Lot(lines[name], name, many) for name, many in sorted(sums.items())]


def _take(lots: Sequence[_Lot], now_us: int, connection: Connection) -> Report:
    report = Report()
    before = _carried_over(connection, {lot.name.member for lot in lots})
    fresh: dict[str, list[Opening]] = {}
    for lot in lots:
        was, (member, kind, issuer, expires_on) = before.get(lot.name), lot.name
        if was is None:
            fresh.setdefault(member, []).append(Opening(kind, lot.points, issuer, expires_on))
            report.new += 1
            report.points_booked[kind] += lot.points
        elif was == lot.points:
            report.same += 1
            report.points_same[kind] += lot.points
        else:
            why = msg("{was} points of {member} were carried over already; an import changes no balance")
            _refuse(report, lot, RowError(why, was=was, member=member))
    book_openings(connection, fresh, now_us, are_here=False)  # the file of members says who was where
    return report


def _shown(member: str) -> str:
    """Of a phone the last digits: what is refused is written into files."""
    return f"…{member[-4:]}" if member.startswith("+") else member


def _members(connection: Connection, named: set[str]) -> Mapping[str, str]:
    """Who has the accounts that a file names by numbers, cards and phones; who is unknown or has left is not in it."""
    phones = [(one[1:],) for one in named if one.startswith("+")]
    by_phone = {f"+{phone}": member for phone, member in rows.find(connection, Phone, ("phone",), phones)}
    numbers = {one: by_phone.get(one, "" if one.startswith("+") else one) for one in named}
    keys = [(bucket_of(one), one) for one in set(numbers.values()) - {""}]
    columns = "member, status, merged_into"
    found = rows.find(connection, schema.Member, ("bucket", "member"), keys, columns, schema.PEOPLE)
    holders = {member: into or member for member, status, into in found if status in ("active", "blocked", "merged")}
    return {one: holders[number] for one, number in numbers.items() if number in holders}


def _carried_over(connection: Connection, members: set[str]) -> Mapping[_Name, int]:
    """How many points of each lot members brought along already."""
    keys = [(bucket_of(member), member) for member in members]
    opened = rows.find(
        connection, schema.Entry, ("bucket", "member"), keys, "bucket, id", f"t.type = '{ENTRY_TYPE}'", "entry_member"
    )
    sums = Counter[_Name]()
    columns = "member, kind, issuer, expires_on, points"
    for *name, many in rows.find(connection, schema.Lot, ("bucket", "entry"), opened, columns):
        sums[_Name(*name)] += many
    return dict(sums)
