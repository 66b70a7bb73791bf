"""What a till knows, as plain values: what should be in its files, and what is found there.

What a journal should hold is computed here and never read from it: rows are chained and signed as the protocol says. A cache is
compared with what its writer read before the power went.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from local_db.cache import CacheReader
from local_db.journal import Draft, JournalReader, Row
from local_db.open_entries import ANSWERED
from protocol.chain import Head, link, payload_hash
from protocol.push import Outcome
from tests.local_db.makers import GENESIS, KEY, TERMINAL


class JournalContent(NamedTuple):
    """All that a journal holds. Equal means equal byte for byte."""

    rows: tuple[Row, ...] = ()
    receipts: Mapping[int, bytes] = {}
    references: Mapping[str, int] = {}
    nonces: Mapping[str, UUID] = {}
    outcomes: Mapping[int, Outcome] = {}
    facts: Mapping[str, str] = {}
    tries: Mapping[str, tuple[int, int]] = {}

    def appended(self, draft: Draft) -> JournalContent:
        """With one entry more."""
        seq = len(self.rows) + 1
        hash_of_payload = payload_hash(draft.payload)
        own = link(self.rows[-1].hash if self.rows else GENESIS, TERMINAL, seq, hash_of_payload)
        signature = KEY.sign(Head(terminal=TERMINAL, seq=seq, hash=own.hex()).signed_bytes())
        row = Row(seq, draft.id, draft.type, draft.member, draft.shift, draft.occurred_at, draft.payload,
                  hash_of_payload, own, signature)  # fmt: skip
        freed = {reference: of for reference, of in self.references.items() if of != draft.frees_reference_of}
        return self._replace(
            rows=(*self.rows, row),
            receipts={**self.receipts, **({seq: draft.receipt} if draft.receipt else {})},
            references={**freed, **({draft.reference: seq} if draft.reference else {})},
            nonces={**self.nonces, **({draft.nonce: draft.id} if draft.nonce else {})},
        )

    def marked(self, outcomes: Iterable[Outcome]) -> JournalContent:
        """With outcomes; the first one stays."""
        known = {**{one.seq: one for one in outcomes}, **self.outcomes}
        first_open = next((row.seq for row in self.rows if row.seq not in known), len(self.rows) + 1)
        return self._replace(outcomes=known).told(ANSWERED, str(first_open - 1))

    def told(self, name: str, value: str) -> JournalContent:
        """With a fact."""
        return self._replace(facts={**self.facts, name: value})


CacheContent = Mapping[str, tuple[Any, ...]]
"""The rows of each table, as they are."""


class SilentDamageError(Exception):
    """The product reads a file as if it were whole, and it is not."""


@dataclass(frozen=True)
class Known:
    """A till at one moment, as far as it was told that something succeeded."""

    journal: JournalContent = field(default_factory=JournalContent)
    caches: Mapping[str, tuple[CacheContent, ...]] = field(default_factory=dict)
    """For each file that the journal named as current: all that it has held since. A cut may take it back to any of them."""

    def with_journal(self, content: JournalContent) -> Known:
        """With other content of the journal."""
        return replace(self, journal=content)

    def with_cache(self, content: CacheContent) -> Known:
        """With something new in the current cache."""
        return replace(self, caches={**self.caches, self.current: (*self.caches[self.current], content)})

    @property
    def current(self) -> str:
        """The name of the cache that the journal names."""
        return self.journal.facts.get("cache", "")


_TRIES = "SELECT staff, failures, locked_until FROM pin_try"


def journal_content(journal: JournalReader) -> JournalContent:
    """All that is found in a journal. Raises `LocalDbError`."""
    seqs = [seq for (seq,) in journal._all("SELECT seq FROM outcome")]
    return JournalContent(
        rows=tuple(journal.walk()),
        receipts=dict(journal._all("SELECT seq, document FROM receipt")),
        references=journal.references(),
        nonces=journal.nonces(),
        outcomes=journal.outcomes(seqs),
        facts=dict(journal._all("SELECT name, value FROM fact")),
        tries={staff: (failures, until) for staff, failures, until in journal._all(_TRIES)},
    )


def cache_content(cache: CacheReader) -> CacheContent:
    """All that is found in a cache. Raises `CacheDamagedError`, and `SilentDamageError` for what it did not notice."""
    damage = cache._all("PRAGMA integrity_check(1)")[0][0]
    if damage != "ok":
        raise SilentDamageError(damage)
    tables = cache._all("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name: tuple(sorted(cache._all(f"SELECT * FROM {name}"))) for (name,) in tables}
