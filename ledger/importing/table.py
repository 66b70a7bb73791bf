"""The rows of a file that another system wrote, and what became of them.

A cell is text, whatever it looks like: a spreadsheet that took a phone number for a figure (1.38E+10) has lost its last digits,
and no program brings them back. Such a row is refused with its line, the others are taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import Connection

from ledger.database import Database
from ledger.pages.words import msg
from points.amounts import MAX_POINTS
from points.sentences import Sentence
from points.sheets import rows_of
from protocol.names import clean

MAX_BYTES: Final = 1024 * 1024 * 1024
CHUNK: Final = 2_000
"""Rows of one transaction: a counter that asks meanwhile waits for no more than these."""

_EXPONENT: Final = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_WHOLE: Final = re.compile(r"-?[0-9]+(\.0+)?")
_DAY: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?( .*)?")
_NEVER: Final = ("", "永久", "长期", "never", "9999-12-31", "2099-12-31")
_EXCEL_DAY_0: Final = date(1899, 12, 30)

Tell = Callable[[int], object]
"""Is told how many rows are done."""

_T = TypeVar("_T")


class Column(NamedTuple):
    """A column of a file: its name, what other systems call it, and what is in it. `is_needed`: in every file."""

    name: str
    others: tuple[str, ...]
    what: str
    is_needed: bool = False


class Row(NamedTuple):
    """The cells of a line, by the names of our columns; one that the file has not is empty."""

    line: int
    cells: Mapping[str, str]


class RefusedRow(NamedTuple):
    """A line that was not taken, and why."""

    line: int
    why: Sentence


class RowError(Exception):
    """Why a row is not taken."""

    def __init__(self, template: str, **facts: int | str) -> None:
        self.sentence = Sentence(template, **facts)
        super().__init__(str(self.sentence))


@dataclass
class Report:
    """What became of a file. `same`: was there already, as the file says it. Points by kind, of balances alone."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    points_in_file: Counter[str] = field(default_factory=Counter)
    points_same: Counter[str] = field(default_factory=Counter)
    points_booked: Counter[str] = field(default_factory=Counter)
    points_refused: Counter[str] = field(default_factory=Counter)

    def refuse(self, line: int, error: RowError) -> None:
        """This line is not taken."""
        self.refused.append(RefusedRow(line, error.sentence))

    def add(self, part: Report) -> None:
        """What became of some more rows."""
        self.rows += part.rows
        self.new += part.new
        self.changed += part.changed
        self.same += part.same
        self.refused += part.refused
        for mine, theirs in (
            (self.points_in_file, part.points_in_file), (self.points_same, part.points_same),
            (self.points_booked, part.points_booked), (self.points_refused, part.points_refused),
        ):  # fmt: skip
            mine.update(theirs)


def read(data: bytes, source: str, columns: Sequence[Column]) -> Iterator[Row]:
    """Raises `points.ProgrammeError` where it is no such file."""
    needed = [column.name for column in columns if column.is_needed]
    others = [column.name for column in columns if not column.is_needed]
    aliases = {column.name: column.others for column in columns}
    for line, cells in rows_of(data, source, needed, others, aliases=aliases, most_bytes=MAX_BYTES):
        if any(cell.strip() for cell in cells.values()):
            yield Row(line, cells)


class Lines:
    """What stood in lines before: a second time it is somebody's mistake, and nobody can say which line is right."""

    def __init__(self) -> None:
        self._lines: dict[object, int] = {}

    def first(self, line: int, *said: object) -> None:
        """Raises `RowError` where one of these was said before."""
        for one in said:
            if (before := self._lines.setdefault(one, line)) != line:
                raise RowError(msg("line {line} has the same already"), line=before)


def parsed(table: Iterable[Row], parse: Callable[[Row], _T], report: Report) -> Iterator[_T]:
    """What `parse` makes of the rows; those of which it makes nothing are refused."""
    for row in table:
        report.rows += 1
        try:
            item = parse(row)
        except RowError as error:
            report.refuse(row.line, error)
        else:
            yield item


def carry_out(database: Database, work: Callable[[Connection], Report], *, is_rehearsal: bool) -> Report:
    """In one transaction, of which a rehearsal leaves nothing."""
    if not is_rehearsal:
        return database.transact(work)

    def only_try(connection: Connection) -> None:
        raise _RehearsedError(work(connection))

    try:
        database.transact(only_try)
    except _RehearsedError as done:
        return done.report
    raise AssertionError("unreachable")


class _RehearsedError(Exception):
    def __init__(self, report: Report) -> None:
        self.report = report


def in_chunks(items: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    """So many at once."""
    left = iter(items)
    while chunk := list(islice(left, size)):
        yield chunk


def text(row: Row, column: str) -> str:
    """A number or a name as a text: without blanks, and without what spreadsheets write so that digits stay text."""
    cell = clean(row.cells[column])
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    cell = cell.removeprefix("'").strip()
    if _EXPONENT.fullmatch(cell):
        raise RowError(
            msg("{cell} is what a spreadsheet made of a long number; export the column {column} as text"),
            cell=cell, column=column,
        )  # fmt: skip
    return cell


def code(row: Row, column: str) -> str:
    """A number that is printed on something: letters and digits, at most 64."""
    cell = text(row, column)
    if cell and not (cell.isascii() and cell.isalnum() and len(cell) <= 64):
        raise RowError(msg("{cell} is no number: letters and digits, at most 64"), cell=cell)
    return cell


def points(row: Row, column: str) -> int:
    """Whole points, with or without commas; ``12.00`` is twelve."""
    cell = clean(row.cells[column]).replace(",", "").replace("，", "")
    if not _WHOLE.fullmatch(cell):
        raise RowError(msg("{cell} are no whole points"), cell=cell or "-")
    many = int(cell.partition(".")[0])
    if not 0 <= many <= MAX_POINTS:
        raise RowError(
            msg("{cell}: a balance that is carried over is 0 to {most} points"), cell=cell, most=MAX_POINTS
        )
    return many


def day(row: Row, column: str) -> str:
    """YYYY-MM-DD of 2026-12-31, 2026/12/31, 2026年12月31日, 20261231 or a spreadsheet's count of days; empty for never."""
    cell = clean(row.cells[column])
    if cell in _NEVER:
        return ""
    try:
        if found := _DAY.fullmatch(cell):
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        if cell.isdecimal() and len(cell) == 8:
            return date(int(cell[:4]), int(cell[4:6]), int(cell[6:])).isoformat()
        if cell.isdecimal() and len(cell) == 5:
            return (_EXCEL_DAY_0 + timedelta(days=int(cell))).isoformat()
    except ValueError:
        pass
    raise RowError(msg("{cell} is no day; written as 2026-12-31"), cell=cell)
