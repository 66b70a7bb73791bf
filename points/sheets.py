"""Lists as spreadsheets write them: CSV, UTF-8 with or without a byte order mark, or GB 18030."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Final

from points.errors import ProgrammeError
from points.sentences import Sentence

MAX_BYTES: Final = 32 * 1024 * 1024


def rows_of(
    data: bytes, source: str, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and columns of each row; an optional column that is not there is empty. Raises `ProgrammeError`."""
    if len(data) > MAX_BYTES:
        raise ProgrammeError(source, "", Sentence("longer than {most} bytes", most=MAX_BYTES))
    reader = csv.DictReader(line + "\n" for line in _text(data, source).split("\n"))
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise ProgrammeError(source, "", Sentence("there is no column {column}", column=missing[0]), 1)
    try:
        for row in reader:
            yield reader.line_num, {column: row.get(column) or "" for column in (*columns, *optional)}
    except csv.Error:
        raise ProgrammeError(source, "", Sentence("not CSV"), reader.line_num) from None


def _text(data: bytes, source: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ProgrammeError(source, "", Sentence("neither UTF-8 nor GB 18030"))
