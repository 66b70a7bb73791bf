"""Where in a programme's file a key stands, so that an error can name the line that its author has to look at.

tomllib tells no places. A key path (``campaign[1].reward[0].points``) is followed along the headers of tables, which is how
programmes are written; of what stands inside a value on one line, the line of the value is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_HEADER: Final = re.compile(r"\s*(\[\[|\[)\s*([\w.\-]+)\s*\]")
_KEY: Final = re.compile(r"\s*([\w\-]+)\s*=")


def line_of(text: str, key_path: str) -> int:
    """The line, counted from 1, of the longest beginning of `key_path` that `text` has; 0 if it has none of it."""
    wanted: Path = tuple(name or int(place) for name, place in _STEP.findall(key_path))
    best, found = 0, 0
    for number, path in _places(text.splitlines()):
        length = _common(path, wanted)
        if length == len(path) and length > best:
            best, found = length, number
    return found


def _places(lines: Sequence[str]) -> Iterator[tuple[int, Path]]:
    """Each header and each key that begins a line, with the path that leads there."""
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(lines, start=1):
        if header := _HEADER.match(line):
            table = _table(header[2].split("."), counts, is_one_of_many=header[1] == "[[")
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, key[1])


def _table(names: Sequence[str], counts: dict[Path, int], *, is_one_of_many: bool) -> Path:
    """Of ``[[campaign.reward]]``: the next reward of the last campaign."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, names[-1])
    if not is_one_of_many:
        return path
    counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path])


def _common(one: Path, other: Path) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
