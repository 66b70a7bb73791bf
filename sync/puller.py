"""One poll of the feed: what moved goes into the cache, page by page.

Why a row that is applied is never wrong (promise 4; shown = row + own entries without outcome or booked after the row):

1. An entry can be in a row only if it was booked, so sent, before the ledger computed the page. `set_sent` is committed
   before the entry leaves. So whoever reads the journal *after the page has arrived* sees every entry that may be in it.
2. If such an entry has an outcome by then, its position says whether the row contains it: nothing to do.
3. If it has none, nobody knows yet: the row is held back, and the row before it stays, which cannot contain the entry.
4. An entry sent between reading the journal and applying the page is not in the page: its position is after the row's.
5. The outcome is marked before the held row is released, and a reader takes the row first and the journal second: he sees
   the old row with the entry, or the new one without it, and never both or neither.
6. Reading the journal before the page arrives would let an entry slip in between; that order lost points in the tests.
7. A snapshot is the same thing in a new file: each of its pages is judged when it has arrived, or when it is read again from
   a part that was kept, which is later; and a held member keeps the row of the old file until his outcome is there.
8. Without an answer (a till cut off in the middle) 3 lasts until the entry is sent again and gets its first outcome again.
9. The row that stays in 3 or 7 is not as new as the cache: it keeps the age that the cache had before the first page that
   would have replaced it, in a new file too, so that nobody takes an old balance for a young one.
10. What a person decided about an entry that waits is in a row too. So while some wait, the decisions are asked for when the
   page has arrived; where there are new ones, rows of members with something waiting are held back until the journal has
   them, and so are all of these rows in a snapshot, until the poll after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from local_db.cache import CacheWriter
from local_db.errors import CacheDamagedError, NewerSchemaError
from local_db.journal import JournalReader
from protocol.documents import DocumentsAnswer
from protocol.feed import MemberRow, Vector
from sync.bootstrap import LOADED, delete_cache, load_snapshot
from sync.cache_files import FACT, NONE, current_file, next_file, remove_others
from sync.client import LedgerClient
from sync.errors import FinalSyncError, TransientSyncError, UnknownKeyError
from sync.received_documents import NOT_YET, put_documents
from sync.reports import (
    CertificatesSeen,
    DecisionsSeen,
    EpochSeen,
    FileReady,
    Heard,
    OwnReservation,
    PartDiscarded,
    Pulled,
    Report,
    ReservationsSeen,
)
from sync.snapshot_spool import Spool

MAX_NAMED = 200
"""Members named in a report; a screen shows one of them."""

RENEW_AFTER_US = 30 * 86_400 * 1_000_000
"""How old a cache's snapshot gets."""

_RENEW_SPREAD_US = 3 * 86_400 * 1_000_000


class Puller:
    """Keeps the cache of a folder as new as the ledger. The only one who writes to it."""

    def __init__(
        self, folder: Path, journal: JournalReader, client: LedgerClient, report: Callable[[Report], None]
    ) -> None:
        self._folder, self._journal, self._client, self._report = folder, journal, client, report
        self._terminal = client.identity.terminal
        self._spool = Spool(folder, lambda file, why: report(PartDiscarded(file, why)))
        self._cache: CacheWriter | None = None
        self._name = ""
        self._has_asked = False
        """Whether who pushes was told that the ledger's books are not what they were."""

    def poll(self) -> None:
        """Bring the cache up to date.

        Raises `TransientSyncError`, `FinalSyncError`, and `StorageFullError` or `StorageFailedError` for the disk.
        """
        try:
            self._poll(self._opened())
            self._renew()
        except CacheDamagedError:
            self.close()
            self._poll(self._rebuilt())
        except UnknownKeyError:
            # The ledger's newest, if this till slept through its publication.
            self._asked_documents(0)
            self._poll(self._opened())

    def _renew(self) -> None:
        """Start anew from time to time: names of who did not come for 13 months are in no snapshot (docs/data.md).

        Not all tills of a coalition at once: each takes up to three days from the 30, the same ones every time.
        """
        if self._cache is None or self._client.contact is None:
            return
        early_us = int(hashlib.sha256(self._terminal.encode()).hexdigest(), 16) % _RENEW_SPREAD_US
        age_us = self._client.contact.ledger_us - int(self._cache.fact(LOADED) or 0)
        if age_us > RENEW_AFTER_US - early_us:
            self._rebuilt()

    def close(self) -> None:
        """Close the cache."""
        if self._cache is not None:
            self._cache.close()
        self._cache = None

    def _opened(self) -> CacheWriter:
        if self._cache is not None:
            named = self._journal.fact(FACT)
            if named != NONE:
                if named != self._name:  # the journal had no room for the name; nobody would read this file, ever
                    self._report(FileReady(self._name))
                return self._cache
            self.close()
        path = current_file(self._folder, self._journal.fact(FACT))
        if path is None:
            return self._rebuilt()
        try:
            self._cache, self._name = CacheWriter.open(path), path.name
        except NewerSchemaError:
            return self._rebuilt()
        remove_others(self._folder, path.name)
        self._tell_reservations(self._cache.lying_at(self._terminal))
        return self._cache

    def _rebuilt(self) -> CacheWriter:
        """A new file from a snapshot. Who reads goes on with the old one until the journal names the new one."""
        named = self._journal.fact(FACT)
        if named != NONE:  # then somebody may still read a file that nobody names
            remove_others(self._folder, named or "", self._name)
        path = next_file(self._folder, named)
        # One that the till has disowned may still have the rows of who waits for an answer; nobody else has them.
        former = current_file(self._folder, named) or current_file(self._folder, self._name)
        loaded = load_snapshot(path, former, self._client, self._journal, self._spool)
        try:
            self._need_met(loaded.epoch)
            self._fetch_documents(loaded, 0)
            loaded.checkpoint()
        except BaseException:
            loaded.close()
            delete_cache(path)
            raise
        self.close()
        self._spool.clear()
        self._cache, self._name = loaded, path.name
        self._tell_reservations(loaded.lying_at(self._terminal))
        self._report(FileReady(path.name))
        return loaded

    def _poll(self, cache: CacheWriter) -> None:
        if self._journal.fact(FACT) == self._name:
            remove_others(self._folder, self._name)
        held_back = self._held_back() if self._is_of_the_present(cache) else set()
        # Afterwards: outcomes that are there by now may be of another epoch than this file, and say nothing about its rows.
        released = cache.release_held(held_back) if self._is_of_the_present(cache) else 0
        vector = cache.vector()
        has_moved = self._client.has_moved(vector)
        contact = self._client.contact
        assert contact is not None
        members: list[str] = []
        has_documents = False
        if has_moved:
            self._report(Heard(contact.offset_us, contact.took_us, contact.bound_us))
            newest = self._read_pages(cache, vector, members)
            cache = self._cache or cache
            if newest > cache.vector().documents:
                has_documents = self._fetch_documents(cache, cache.vector().documents)
        if (not_yet := int(cache.fact(NOT_YET) or 0)) and not has_documents:
            has_documents = self._fetch_documents(cache, not_yet - 1)
        cache.put_fact("as_of", str(contact.ledger_us))
        named = tuple(members) if len(members) <= MAX_NAMED and not released else ()
        rows = len(members) + released
        self._report(
            Pulled(
                contact.ledger_us, contact.offset_us, contact.took_us, contact.bound_us, rows, named, has_documents
            )
        )

    def _read_pages(self, cache: CacheWriter, vector: Vector, members: list[str]) -> int:
        """Apply what moved since `vector`; the newest document's number."""
        while True:
            page = self._client.changes(vector)
            held_back = self._held_back()
            further = vector.moved_to(page.read)
            is_behind = further == vector and page.documents <= vector.documents
            if page.epoch != vector.epoch or is_behind:
                if self._may_start_anew(page.epoch, vector.epoch):
                    self._rebuilt()
                return page.documents
            if page.is_past_horizon:  # this till slept for too long
                self._rebuilt()
                return page.documents
            cache.apply(page.rows, page.read, held_back, int(cache.fact("as_of") or 0))
            self._tell_reservations(page.rows)
            members += [row.member for row in page.rows]
            if not page.more:
                return page.documents
            if further == vector:
                raise FinalSyncError("bad-answer", "more is said to come, and nothing moves")
            vector = further

    def _held_back(self) -> set[str]:
        """Members whose rows may have in them what the journal does not know yet (3 and 10): asked once the rows are here.

        First who is unanswered: an entry that gets its outcome meanwhile is then held back by one or the other.
        """
        unanswered = self._journal.unanswered_members()
        return unanswered | self._undecided() if self._journal.quarantined_count() else unanswered

    def _undecided(self) -> set[str]:
        known = self._journal.newest_decision()
        answer = self._client.decisions(known)
        if is_anew := answer.newest < known:
            answer = self._client.decisions(0)
        if not answer.decisions and not is_anew:
            return set()
        self._report(DecisionsSeen(answer.decisions, is_anew))
        return self._journal.members_waiting()

    def _is_of_the_present(self, cache: CacheWriter) -> bool:
        known = self._journal.epochs()
        return not known or cache.epoch == known[-1]

    def _need_met(self, epoch: str) -> None:
        """Raises `TransientSyncError` for a snapshot of books of which the journal does not know what they have of us.

        Its parts go too: they may be of books that are no more, and would be read instead of the ledger's for ever.
        """
        if (known := self._journal.epochs()) and epoch not in known:
            self._spool.clear()
            self._report(EpochSeen(epoch))
            raise TransientSyncError("server-error", "books that the journal has not met yet")

    def _may_start_anew(self, epoch: str, former: str) -> bool:
        """The ledger's books were restored: in another epoch than this file's, or, where nothing is new and yet they differ,
        without knowing it.

        First the journal has to know what they have of us, and has to have sent what they lack: an outcome of other books says
        nothing about a row of these. Whoever pushes is told; the file stays in use until then.
        """
        known = self._journal.epochs()
        is_met = epoch in known[-1:] and (epoch != former or self._has_asked)
        if known and not is_met:
            self._has_asked = True
            self._report(EpochSeen(epoch))
            return False
        self._has_asked = False
        return not known or not self._journal.unanswered_members()

    def _fetch_documents(self, cache: CacheWriter, after: int) -> bool:
        """Fetch documents above a number, and certificates; whether any came."""
        answer = self._asked_documents(after)
        return put_documents(cache, answer, after, self._client.ring)

    def _asked_documents(self, after: int) -> DocumentsAnswer:
        """Documents above a number; the parent is told of certificates that are new, and keeps them."""
        known = self._client.identity.certificates
        answer = self._client.documents(after)
        if fresh := tuple(signed for signed in answer.certificates if signed not in known):
            self._report(CertificatesSeen(fresh))
        return answer

    def _tell_reservations(self, rows: Sequence[MemberRow]) -> None:
        own = tuple(
            OwnReservation(
                lying.id, row.member, row.position, lying.authority, lying.called_back or row.status != "active"
            )
            for row in rows
            for lying in row.lying
            if lying.terminal == self._terminal and not lying.member  # else its own row tells it
        )
        if own:
            self._report(ReservationsSeen(own))
