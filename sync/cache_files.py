"""Which cache file is which: `cache-<n>.db`, a higher number for every snapshot; the journal names the current one."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

FACT = "cache"
"""The journal's fact with the current file's name."""

NONE = ""
"""What the journal names where no file is good enough: the process that pulls begins a new one."""

_NAME = re.compile(r"cache-(\d{1,9})\.db", re.ASCII)


def next_file(folder: Path, current: str | None) -> Path:
    """A file that was never there before, as far as anybody remembers."""
    names = [path.name for path in folder.glob("cache-*.db*")] + [current or ""]
    numbers = [int(found[1]) for name in names if (found := _NAME.match(name))]
    return folder / f"cache-{max(numbers, default=0) + 1}.db"


def current_file(folder: Path, current: str | None) -> Path | None:
    """The file that the journal names, where it is one and is there."""
    if current is None or not _NAME.fullmatch(current) or not (folder / current).exists():
        return None
    return folder / current


def remove_others(folder: Path, keep: str, also: str = "") -> None:
    """Delete every cache but these. What a reader on Windows still holds open goes the next time."""
    for path in folder.glob("cache-*.db*"):
        found = _NAME.match(path.name)
        if found and found[0] not in (keep, also):
            with suppress(OSError):
                path.unlink()
