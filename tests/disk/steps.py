"""What a till does in a day, step by step: what each step does, and what must be there once it returned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db.cache import CacheWriter
from local_db.errors import LocalDbError
from local_db.journal import Draft, Journal
from protocol import canonical
from protocol.documents import Document, HotList, Product
from protocol.entries import Clock, ShiftClosed, ShiftTotals, decode_entry, encode_entry
from protocol.feed import Balance, MemberRow
from protocol.ids import BUCKETS, bucket_of, new_id
from protocol.running_totals import Running
from protocol.signing import sign
from sync.cache_files import FACT, next_file, remove_others
from tests.disk.known import CacheContent, Known, cache_content
from tests.local_db.makers import NOW_US, SHIFT, TERMINAL, append, booked, sale_draft, void_draft

_LEDGER = Ed25519PrivateKey.from_private_bytes(b"l" * 32)


@dataclass
class Till:
    """The open files of a till."""

    folder: Path
    journal: Journal | None = None
    cache: CacheWriter | None = None
    loaded: str = ""
    """The name of the cache that is open."""

    @property
    def written(self) -> Journal:
        """The journal, open."""
        assert self.journal is not None
        return self.journal

    @property
    def pulled(self) -> CacheWriter:
        """The cache, open."""
        assert self.cache is not None
        return self.cache

    def close(self) -> None:
        """Close what is open."""
        for file in (self.cache, self.journal):
            if file is not None:
                file.close()
        self.cache = self.journal = None


class Step(NamedTuple):
    """`run` does it; `then` says what the journal holds and which cache is current once it returned."""

    name: str
    run: Callable[[Till], None]
    then: Callable[[Known], Known] = lambda known: known
    is_about_cache: bool = False
    """A failure says nothing about the journal."""


def open_journal() -> Step:
    """Open the journal, or make it; once more where it is open."""

    def run(till: Till) -> None:
        if till.journal is not None:
            till.journal.close()
        till.journal = Journal.open(till.folder)
        assert till.journal._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    return Step("open", run)


def close() -> Step:
    """Close all; SQLite checkpoints then."""
    return Step("close", Till.close)


def _appending(name: str, draft: Draft) -> Step:
    def run(till: Till) -> None:
        append(till.written, draft)

    return Step(name, run, lambda known: known.with_journal(known.journal.appended(draft)))


def sale(number: int, reference: str = "", nonce: str = "", receipt_bytes: int = 0) -> Step:
    """One sale; of one entry's id there is never a second."""
    draft = sale_draft(number, reference=reference, nonce=nonce)
    if receipt_bytes:
        draft = draft._replace(receipt=canonical.encode({"lines": ["x" * receipt_bytes]}))
    return _appending(f"sale {number}", draft)


def void(number: int, seq: int, known: Known) -> Step:
    """Take the sale `seq` back."""
    return _appending(f"void {seq}", void_draft(number, known.journal.rows[seq - 1]))


def shift_closed(number: int, known: Known) -> Step:
    """The entry that ends a shift; its running totals are those of the entries before it, which `verify` adds up again."""
    running = Running()
    for row in known.journal.rows:
        running.take(decode_entry(row.payload))
    at_us = NOW_US + number * 1_000_000
    closed = ShiftClosed(
        id=new_id(at_us // 1000, bucket_of(TERMINAL), number), store="s1", occurred_at=at_us, shift=SHIFT, by="1023",
        business_day="2026-11-21", clock=Clock(wall=at_us, boot="b1", mono_us=number), number=number,
        totals=ShiftTotals(sales=number), running=running.totals,
    )  # fmt: skip
    draft = Draft(id=closed.id, type="shift-closed", member="", shift=SHIFT, occurred_at=at_us,
                  payload=encode_entry(closed))  # fmt: skip
    return _appending("shift closed", draft)


def outcomes(seqs: list[int], known: Known) -> Step:
    """The ledger's answer for these entries."""
    marked = [booked(seq, seq + 7, id=known.journal.rows[seq - 1].id) for seq in seqs]
    return Step(
        f"outcomes {seqs}",
        lambda till: till.written.mark(marked, NOW_US),
        lambda now: now.with_journal(now.journal.marked(marked)),
    )


def fact(name: str, value: str) -> Step:
    """A fact of the journal."""
    return Step(
        f"fact {name}",
        lambda till: till.written.set_fact(name, value),
        lambda known: known.with_journal(known.journal.told(name, value)),
    )


def sent(seq: int) -> Step:
    """Entries up to `seq` may have reached the ledger."""

    def then(now: Known) -> Known:
        is_further = seq > int(now.journal.facts.get("sent", "0"))
        return now.with_journal(now.journal.told("sent", str(seq))) if is_further else now

    return Step("sent", lambda till: till.written.set_sent(seq), then)


def pin_tries(staff: str, failures: int) -> Step:
    """Somebody mistyped his PIN."""

    def then(known: Known) -> Known:
        return known.with_journal(known.journal._replace(tries={**known.journal.tries, staff: (failures, 0)}))

    return Step("pin tries", lambda till: till.written.set_pin_tries(staff, failures, 0), then)


def member_row(number: int, position: int) -> MemberRow:
    """A member whose points, phone and name tell the position of his row."""
    return MemberRow(
        member=f"m{number}", position=position, name="张*" * 20, phone_key=f"k{number}-{position}",
        balances={"points": Balance(available=position)},
    )  # fmt: skip


class _SilenceError(Exception):
    """The network went away in the middle of a snapshot."""


def snapshot(position: int, count: int, *, is_cut_off: bool = False) -> Step:
    """Load a new cache beside the current one, as the process that pulls does. Nobody reads it before the journal names it."""

    def run(till: Till) -> None:
        named = till.written.fact(FACT)
        path = next_file(till.folder, named)
        loaded = CacheWriter.open(path)
        try:
            with loaded.loading():
                _load(loaded, position, count, is_cut_off=is_cut_off)
            loaded.checkpoint()
        except (LocalDbError, _SilenceError) as error:
            loaded.close()
            remove_others(till.folder, named or "")
            if isinstance(error, LocalDbError):
                raise
            return
        if till.cache is not None:
            till.cache.close()
        till.cache, till.loaded = loaded, path.name

    return Step("snapshot cut off" if is_cut_off else "snapshot", run, is_about_cache=True)


def _load(cache: CacheWriter, position: int, count: int, *, is_cut_off: bool) -> None:
    """Two pages and a vector; cut off after the first page."""
    half = count // 2
    cache.apply([member_row(number, position) for number in range(half)], {}, set(), 0)
    if is_cut_off:
        raise _SilenceError
    cache.apply([member_row(number, position) for number in range(half, count)], {}, set(), 0)
    cache.apply((), dict.fromkeys(range(BUCKETS), position), set(), position)


def switch(name: str, versions: tuple[CacheContent, ...]) -> Step:
    """The journal names the cache that was loaded; `versions` is what it may be found to hold."""

    def then(known: Known) -> Known:
        return Known(known.journal.told(FACT, name), {**known.caches, name: versions})

    return Step(f"switch to {name}", lambda till: till.written.set_fact(FACT, name), then)


def tidy() -> Step:
    """Delete the caches that are not current."""
    return Step("tidy", lambda till: remove_others(till.folder, till.written.fact(FACT) or ""), is_about_cache=True)


def page(position: int, members: list[int], held_back: set[int]) -> Step:
    """Changes from the ledger."""
    rows = [member_row(number, position) for number in members]
    held = {f"m{number}" for number in held_back}
    read = dict.fromkeys(range(0, BUCKETS, 100), position)
    return _of_cache(f"page {position}", lambda cache: cache.apply(rows, read, held, position))


def release() -> Step:
    """Nobody is held back any more."""

    def run(cache: CacheWriter) -> None:
        cache.release_held(set())

    return _of_cache("release", run)


def documents(number: int) -> Step:
    """A hot list and a price list."""
    content = msgspec.Raw(canonical.encode(HotList(members=(f"m{number}",))))
    document = Document(kind="hot-list", id="all", number=number, valid_until=9, content=content)
    products = [Product(code=f"{n}", name="苹果", category="fresh", price_fen=number) for n in range(number % 9)]
    signed = sign("document", document, _LEDGER)
    return _of_cache("documents", lambda cache: cache.put_documents([(document, signed)], products, number))


def checkpoint() -> Step:
    """Write the cache's WAL back."""
    return _of_cache("checkpoint", CacheWriter.checkpoint)


def open_cache() -> Step:
    """Close the cache and open it again, as a process that pulls anew."""

    def run(till: Till) -> None:
        if till.cache is not None:
            till.cache.close()
        till.cache = CacheWriter.open(till.folder / till.loaded)

    return Step("open cache", run, is_about_cache=True)


def _of_cache(name: str, work: Callable[[CacheWriter], None]) -> Step:
    return Step(name, lambda till: work(till.pulled), is_about_cache=True)


def after_step(step: Step, till: Till, known: Known) -> Known:
    """What is known after a step that succeeded: in a cache, what its writer reads now."""
    after = step.then(known)
    if not step.is_about_cache or till.cache is None or till.loaded not in after.caches:
        return after
    content = cache_content(till.pulled)
    versions = after.caches[till.loaded]
    if content == versions[-1]:
        return after
    return Known(after.journal, {**after.caches, till.loaded: (*versions, content)})
