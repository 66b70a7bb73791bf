"""Lists as spreadsheets and other systems write them: CSV with commas, tabs or semicolons, in UTF-8 with or without a byte
order mark, UTF-16 or GB 18030.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from points.errors import ProgrammeError
from points.sentences import Sentence

MAX_BYTES: Final = 32 * 1024 * 1024
_NO_ALIASES: Final[Mapping[str, Sequence[str]]] = {}


def rows_of(
    data: bytes, source: str, columns: Sequence[str], optional: Sequence[str] = (), *,
    aliases: Mapping[str, Sequence[str]] = _NO_ALIASES, most_bytes: int = MAX_BYTES,
) -> Iterator[tuple[int, dict[str, str]]]:  # fmt: skip
    """Line and columns of each row; an optional column that is not there is empty. Raises `ProgrammeError`.

    `aliases`: what else a column may be called.
    """
    if len(data) > most_bytes:
        raise ProgrammeError(source, "", Sentence("longer than {most} bytes", most=most_bytes))
    text = text_of(data, source)
    reader = csv.reader((line + "\n" for line in text.split("\n")), delimiter=delimiter_of(text), strict=True)
    try:
        places = _places([name.strip() for name in next(reader, [])], (*columns, *optional), aliases)
        missing = [column for column in columns if column not in places]
        if missing:
            raise ProgrammeError(source, "", Sentence("there is no column {column}", column=missing[0]), 1)
        for row in reader:
            if row:
                cells = {column: row[place] for column, place in places.items() if place < len(row)}
                yield reader.line_num, {column: cells.get(column, "") for column in (*columns, *optional)}
    except csv.Error:
        raise ProgrammeError(source, "", Sentence("not CSV"), reader.line_num) from None


def _places(head: Sequence[str], columns: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> dict[str, int]:
    places = {}
    names = [name.casefold() for name in head]
    for column in columns:
        known = (name for name in (column, *aliases.get(column, ())) if name.casefold() in names)
        if (name := next(known, None)) is not None:
            places[column] = names.index(name.casefold())
    return places


def delimiter_of(text: str) -> str:
    """What stands between the names of the columns."""
    head = text.partition("\n")[0]
    return max(",\t;", key=head.count)


def text_of(data: bytes, source: str) -> str:
    """Raises `ProgrammeError`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ProgrammeError(source, "", Sentence("neither UTF-8 nor GB 18030"))
