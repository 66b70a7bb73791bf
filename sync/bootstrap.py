"""A new cache from a snapshot: into a file of its own, that nobody reads before it is whole."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from local_db.cache import EPOCH, CacheReader, CacheWriter
from local_db.errors import CacheDamagedError, StorageFullError
from local_db.journal import JournalReader
from protocol.feed import SnapshotPart, Vector
from protocol.ids import BUCKETS
from sync.client import LedgerClient
from sync.errors import NotTheLedgerError, TransientSyncError
from sync.snapshot_spool import Spool
from sync.snapshot_stream import Page

LOADED = "loaded_at"
"""The cache's fact: as of when its oldest row came with a snapshot, µs UTC of the ledger."""


def load_snapshot(
    path: Path, former: Path | None, client: LedgerClient, journal: JournalReader, spool: Spool
) -> CacheWriter:
    """Load all members into the new file `path`; the caller closes it. Parts that the `spool` has are not asked for again.

    Members of whom an entry is unanswered keep their row of the `former` file, and its age (see `puller`, 7 and 9). Raises what
    `LedgerClient.snapshot` raises; the half file is deleted then.
    """
    cache = CacheWriter.open(path)
    try:
        with cache.loading():
            loading = _load(cache, client, journal, spool)
            loading.tell()
        _keep_former(cache, loading.held, former)
    except BaseException as error:
        cache.close()
        spool.close()
        delete_cache(path)
        if isinstance(error, StorageFullError | MixedEpochsError):
            spool.clear()  # a full disk: the journal needs the room more than the next try needs the parts
        raise
    return cache


def load_parts(path: Path, pages: Iterable[Page], journal: JournalReader) -> CacheWriter:
    """Load a snapshot that somebody brought into the new file `path`; the caller closes it.

    Raises `NotTheLedgerError` where a part is missing, and what `pages` and `local_db` raise; the half file is deleted then.
    """
    cache = CacheWriter.open(path)
    try:
        with cache.loading():
            loading = _Loading(cache, journal)
            loading.take(pages)
            loading.need_end()
            loading.tell()
    except BaseException:
        cache.close()
        delete_cache(path)
        raise
    return cache


def _load(cache: CacheWriter, client: LedgerClient, journal: JournalReader, spool: Spool) -> _Loading:
    loading = _Loading(cache, journal)
    if spool:
        client.has_moved(Vector())  # the ledger is there, and says what time it is
        assert client.contact is not None
        loading.take(spool.replay(client.ring, client.contact.ledger_us))
    if loading.end < BUCKETS:
        with closing(client.snapshot(loading.end, spool.keep)) as pages:
            loading.take(pages)
    return loading


class MixedEpochsError(TransientSyncError):
    """The ledger's books were restored while their snapshot was read: it is read again."""

    def __init__(self) -> None:
        super().__init__("server-error", "parts of a snapshot of two epochs")


class _Loading:
    """How far a new file is filled, and whose rows are held back. `as_of_us`: the moment of its oldest part, as old as a row in
    it can be.
    """

    def __init__(self, cache: CacheWriter, journal: JournalReader) -> None:
        self.end, self.as_of_us = 0, 0
        self.epoch = ""
        self.held: set[str] = set()
        self._cache, self._journal = cache, journal

    def take(self, pages: Iterable[Page]) -> None:
        """Put pages into the file. Changes that move a row of a part are read afterwards, from the part's numbers on."""
        for page in pages:
            if isinstance(page, SnapshotPart):
                if self.end and page.epoch != self.epoch:
                    raise MixedEpochsError
                self.epoch = page.epoch
                self.end = page.end
                self.as_of_us = min(page.at, self.as_of_us or page.at)
                self._cache.apply((), dict(enumerate(page.numbers, page.first)), set(), self.as_of_us)
                continue
            held_back = self._journal.unanswered_members() | self._journal.members_waiting()
            self._cache.apply(page, {}, held_back, self.as_of_us)
            self.held.update(row.member for row in page if row.is_about(held_back))

    def need_end(self) -> None:
        """Raises `NotTheLedgerError` where buckets are missing."""
        if self.end < BUCKETS:
            raise NotTheLedgerError("not-the-ledger", "a snapshot without its end")

    def tell(self) -> None:
        """The file says how old it is, and of which books."""
        self._cache.put_fact(LOADED, str(self.as_of_us))
        self._cache.put_fact(EPOCH, self.epoch)


def _keep_former(cache: CacheWriter, held: set[str], former: Path | None) -> None:
    if not held or former is None:
        return
    with suppress(CacheDamagedError), closing(CacheReader.open(former)) as old:
        if old.epoch != cache.epoch:
            return  # a position of other books; who waits for an answer is unknown here until it comes
        kept = [row for member in held if (row := old.cached_member(member)) is not None]
        cache.keep_former(kept, int(old.fact("as_of") or 0))


def delete_cache(path: Path) -> None:
    """Delete a closed cache with what SQLite keeps beside it."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
