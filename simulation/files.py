"""A till's files, read beside it: whether anybody wrote, and of whom they may say something else now."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from local_db.cache import EPOCH
from local_db.connections import open_reading
from local_db.journal import FILE
from sync.ledger_receipts import PROVED
from till.composition import HEARD_FACT

_ABOUT_NO_MEMBER = frozenset({PROVED, HEARD_FACT})
"""Facts that nothing shown of a member goes by: the newest receipt of the ledger, and when it was heard."""

_OUTCOMES = "SELECT count(*), total(seq), total(position), total(life), total(shortfall) FROM outcome"
_TOLD_ANEW = "SELECT (SELECT count(*) FROM decision), (SELECT count(*) FROM former_outcome)"


class Seen(NamedTuple):
    """What a till's files said. `rest`: whatever is about everybody."""

    rows: dict[str, tuple[str, int, bytes]]
    """Of members, as the cache has them."""
    outcomes: tuple[Any, ...]
    sent: object
    epoch: str
    """Of the ledger's books, as the cache counts."""
    rest: object


class Files:
    """A till's journal and cache, read beside it. Nothing is read again while nobody wrote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache = ""
        self._open: list[sqlite3.Connection] = []
        self._versions: tuple[object, ...] = ()

    def look(self, cache: str) -> Seen | None:
        """None: nothing was written since. `cache`: the name of the current one, empty for none."""
        if cache != self._cache or not self._open:
            self.close()
            self._cache = cache
            files = [FILE, *([cache] if cache and (self._folder / cache).is_file() else [])]
            self._open = [open_reading(self._folder / file) for file in files]
        versions = cache, *(one.execute("PRAGMA data_version").fetchone()[0] for one in self._open)
        if versions == self._versions:
            return None
        self._versions = versions
        return self._seen()

    def close(self) -> None:
        """Let go of the files."""
        for connection in self._open:
            connection.close()
        self._open, self._versions = [], ()

    def _seen(self) -> Seen:
        journal, *caches = self._open
        facts = dict(journal.execute("SELECT name, value FROM fact"))
        sent = facts.pop("sent", None), facts.pop("answered", None)
        rest: list[object] = [{name: value for name, value in facts.items() if name not in _ABOUT_NO_MEMBER}]
        rest += journal.execute(_TOLD_ANEW)
        epoch = ""
        rows: dict[str, tuple[str, int, bytes]] = {}
        for cache in caches:
            rows = {row[0]: row for row in cache.execute("SELECT member, position, row FROM member")}
            told = dict(cache.execute("SELECT name, value FROM fact WHERE name <> 'as_of'"))
            rest, epoch = [*rest, told], told.get(EPOCH, "")
        return Seen(rows, journal.execute(_OUTCOMES).fetchone(), sent, epoch, rest)
