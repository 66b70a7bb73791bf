"""A new cache from a snapshot: into a file of its own, that nobody reads before it is whole."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

from local_db.cache import CacheReader, CacheWriter
from local_db.errors import CacheDamagedError
from local_db.journal import JournalReader
from protocol.feed import MemberRow, SnapshotHead
from sync.client import LedgerClient
from sync.errors import NotTheLedgerError


def load_snapshot(path: Path, former: Path | None, client: LedgerClient, journal: JournalReader) -> CacheWriter:
    """Load all members into the new file `path`; the caller closes it.

    Members of whom an entry is unanswered keep their row of the `former` file, and its age (see `puller`, 7 and 9). Raises what
    `LedgerClient.snapshot` raises; the half file is deleted then.
    """
    cache = CacheWriter.open(path)
    try:
        with cache.loading():
            held = _load(cache, client, journal)
        _keep_former(cache, held, former)
    except BaseException:
        cache.close()
        delete_cache(path)
        raise
    return cache


def _load(cache: CacheWriter, client: LedgerClient, journal: JournalReader) -> dict[str, MemberRow]:
    """The rows that are held back."""
    held: dict[str, MemberRow] = {}
    head: SnapshotHead | None = None
    as_of_us = 0
    with closing(client.snapshot()) as pages:
        for page in pages:
            if isinstance(page, SnapshotHead):
                head, as_of_us = page, client.contact.ledger_us if client.contact else 0
                continue
            held_back = journal.unanswered_members()
            cache.apply(page, {}, held_back, 0)
            held.update((row.member, row) for row in page if row.is_about(held_back))
    if head is None:
        raise NotTheLedgerError("not-the-ledger", "a snapshot without a head")
    # Changes that move a row meanwhile are read next: one that is held back then leaves a row as old as this snapshot.
    cache.apply((), dict(enumerate(head.numbers)), set(), as_of_us)
    return held


def _keep_former(cache: CacheWriter, held: dict[str, MemberRow], former: Path | None) -> None:
    if not held or former is None:
        return
    with suppress(CacheDamagedError), closing(CacheReader.open(former)) as old:
        kept = [row for member in held if (row := old.cached_member(member)) is not None]
        cache.keep_former(kept, int(old.fact("as_of") or 0))


def delete_cache(path: Path) -> None:
    """Delete a closed cache with what SQLite keeps beside it."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
