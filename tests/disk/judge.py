"""What may be found after the power came back, and what must."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from local_db.cache import CacheReader, CacheWriter
from local_db.errors import CacheDamagedError, LocalDbError
from local_db.journal import Journal
from sync.cache_files import current_file
from tests.disk.known import JournalContent, Known, SilentDamageError, cache_content, journal_content
from tests.local_db.makers import GENESIS, PUBLIC, TERMINAL, append, sale_draft

GOES_ON = 900_000
"""The number of the sale that is made after a cut."""


class BrokenPromiseError(Exception):
    """A sentence: which promise the files break."""


class Verdict(NamedTuple):
    """What was found, where nothing is broken."""

    found: Known
    in_flight: Literal["nothing", "kept", "dropped"]
    """Of the step that the cut was in the middle of, where it changes the journal."""
    cache: Literal["none", "whole", "back", "rebuilt"]
    """`back`: an older state of the same file. `rebuilt`: missing, or said to be damaged."""


@contextmanager
def laid_out(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder with these files; in memory where there is such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="till-disk-", dir=memory if memory.is_dir() else None) as name:
        for file, data in files.items():
            (Path(name) / file).write_bytes(data)
        yield Path(name)


def judge(files: Mapping[str, bytes], before: Known, after: Known, chance: Random) -> Verdict:
    """Open what a power cut left, with the product as it is. `after`: as it would be had the step in flight succeeded.

    Raises `BrokenPromiseError`.
    """
    with laid_out(files) as folder:
        try:
            return _judged(folder, before, after, chance)
        except LocalDbError as error:
            raise BrokenPromiseError(f"the journal is not usable: {type(error).__name__}: {error}") from error


def _judged(folder: Path, before: Known, after: Known, chance: Random) -> Verdict:
    with closing(Journal.open(folder)) as journal:
        found = journal_content(journal)
        if found not in (before.journal, after.journal):
            raise BrokenPromiseError(_difference(found, before.journal))
        # Rows that are equal to acknowledged ones carry the same signatures: those cost 0.1 ms each.
        is_new = found.rows != before.journal.rows or chance.random() < 0.05
        wrong = list(journal.verify(GENESIS, TERMINAL, PUBLIC if is_new else None))
        if wrong:
            raise BrokenPromiseError(f"verify: {wrong[0]}")
        known = Known(found, {
            name: (*before.caches.get(name, ()), *after.caches.get(name, ())) for name in {*before.caches, *after.caches}
        })  # fmt: skip
        cache, known = _cache(folder, known, chance)
        draft = sale_draft(GOES_ON + len(found.rows))
        append(journal, draft)
        if journal_content(journal) != found.appended(draft):
            raise BrokenPromiseError("the journal does not go on behind the cut")
    if before.journal == after.journal:
        return Verdict(known, "nothing", cache)
    return Verdict(known, "kept" if found == after.journal else "dropped", cache)


def _cache(folder: Path, known: Known, chance: Random) -> tuple[Literal["none", "whole", "back", "rebuilt"], Known]:
    """What became of the cache that the journal names, and what is left of it."""
    if not known.current:
        return "none", Known(known.journal)
    path = current_file(folder, known.current)
    if path is None:
        return "rebuilt", Known(known.journal)
    opened = chance.choice((CacheReader, CacheWriter))
    try:
        with closing(opened.open(path)) as cache:
            content = cache_content(cache)
    except CacheDamagedError:
        return "rebuilt", Known(known.journal)
    except SilentDamageError as error:
        raise BrokenPromiseError(f"{path.name} is read as if it were whole: {error}") from error
    if content not in known.caches[known.current]:
        raise BrokenPromiseError(f"{path.name} holds what it never held")
    is_newest = content == known.caches[known.current][-1]
    return "whole" if is_newest else "back", Known(known.journal, {known.current: (content,)})


def _difference(found: JournalContent, known: JournalContent) -> str:
    """The first thing in which two journals differ."""
    missing = [row.seq for row in known.rows if row not in found.rows]
    if missing:
        return f"acknowledged entries are lost: {missing}"
    further = [row.seq for row in found.rows if row not in known.rows]
    names = [name for name in found._fields if getattr(found, name) != getattr(known, name)]
    return f"not what was acknowledged: {', '.join(names)}" + (f"; entries beyond: {further}" if further else "")
