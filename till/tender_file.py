"""The export of a cash register: receipt numbers and what was paid with points, from a CSV as Chinese programs write them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from points.sentences import Sentence
from till.i18n import _, msg

RECEIPTS: Final = ("小票号", "单号", "流水号", "receipt", "receipt_no", "receipt number")
AMOUNTS: Final = ("积分抵扣", "抵扣金额", "抵扣", "points", "points_tender", "amount", "金额")
"""Names of the columns, as registers call them, the surest first."""
_CLEAN: Final = re.compile(r"[,\s¥￥元]")
_EXPONENT: Final = re.compile(r"\d+(\.\d+)?[eE]\+\d+")


class TenderFileError(Exception):
    """Not what can be compared; `str()` is the sentence, in the language of the till."""

    def __init__(self, template: str, **facts: int | str) -> None:
        super().__init__(Sentence(template, **facts).in_words(_))


def read_tender(path: Path, receipt: str = "", amount: str = "") -> list[tuple[str, int]]:
    """Receipt and fen, a line each. UTF-8 with or without BOM, UTF-16, or GB18030. `receipt` and `amount`: other names.

    Raises `TenderFileError` with the line and what is wrong there, `OSError` for a file that cannot be read.
    """
    text = _decoded(path.read_bytes())
    first = text.partition("\n")[0]
    lines = list(csv.reader(io.StringIO(text), delimiter="\t" if first.count("\t") > first.count(",") else ","))
    if not lines:
        raise TenderFileError(msg("{file} is empty"), file=path.name)
    head = [name.strip() for name in lines[0]]
    at, how_much = _column(head, receipt, RECEIPTS), _column(head, amount, AMOUNTS)
    found = list[tuple[str, int]]()
    for number, line in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) <= max(at, how_much):
            raise TenderFileError(msg("Line {line} is too short"), line=number)
        if fen := _fen(line[how_much], number):
            found.append((_receipt(line[at], number), fen))
    return found


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _column(head: Sequence[str], asked: str, known: Sequence[str]) -> int:
    names = [name.casefold() for name in head]
    for name in (asked,) if asked else known:
        if name.casefold() in names:
            return names.index(name.casefold())
    raise TenderFileError(
        msg("There is no column {name}; the file has {found}. Name it with --receipt or --amount"),
        name=asked or "/".join(known), found=", ".join(head)[:200],
    )  # fmt: skip


def _receipt(text: str, line: int) -> str:
    """As a text; spreadsheets turn long numbers into 2.02611E+13, and nobody can turn them back."""
    receipt = text.strip().strip("'\t").removeprefix('="').removesuffix('"')
    if _EXPONENT.fullmatch(receipt):
        raise TenderFileError(
            msg("Line {line}: {text} is what a spreadsheet made of a receipt number. Export it as text"),
            line=line,
            text=receipt,
        )
    return receipt


def _fen(text: str, line: int) -> int:
    """Fen of ``¥1,234.50``; a reversal is negative or in brackets, an empty cell is nothing."""
    typed = _CLEAN.sub("", text)
    is_back = typed.startswith("(") and typed.endswith(")")
    typed = typed.strip("()")
    if typed in ("", "-"):
        return 0
    try:
        fen = Decimal(typed) * 100
    except InvalidOperation:
        fen = Decimal("NaN")
    if not fen.is_finite() or fen != fen.to_integral_value() or abs(fen) > 10**12:
        raise TenderFileError(
            msg("Line {line}: {text} is no amount in yuan and fen"), line=line, text=text.strip()[:40]
        )
    return -int(fen) if is_back else int(fen)
