"""Tills that come back after a long outage, all at once: threads of one process, each with its own key, chain and connection.

Their journals are made in memory, in the form of one real sale: a backlog is about what the ledger has to do, and making it
must not take longer than booking it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.shop.coalitions import member_no
from local_db.journal import Journal
from protocol.chain import Head, link, payload_hash
from protocol.entries import Sale, decode_entry, encode_entry
from protocol.ids import bucket_of, new_id
from protocol.push import PushBatch, SentEntry
from sync.backoff import Backoff
from sync.client import LedgerClient
from sync.errors import TransientSyncError
from sync.identity import Identity, load_identity, load_key

_BATCH = 1_000


@dataclass
class Backlog:
    """What was pushed. `silences`: pushes that nobody answered in time, sent again after a pause."""

    entries: int = 0
    seconds: float = 0
    silences: int = 0


def push_backlog(
    template: bytes, folders: Sequence[Path], entries: int, members: int, ready: Event, go: Event, told: Any
) -> None:
    """In a process of its own: make `entries` for each till in `folders`, wait for `go`, push all; tell a `Backlog`."""
    # Not for secrets: the same sales in every run.
    chance = random.Random(5)
    sale = decode_entry(template)
    assert isinstance(sale, Sale)
    tills = [_till(folder, sale, entries, members, chance) for folder in folders]
    ready.set()
    go.wait()
    result, lock = Backlog(), threading.Lock()
    started = time.monotonic()
    with ThreadPoolExecutor(len(tills)) as threads:
        for pushed, silences in threads.map(_push_all, tills):
            with lock:
                result.entries += pushed
                result.silences += silences
    result.seconds = time.monotonic() - started
    told.put(result)


_Till = tuple[Identity, Ed25519PrivateKey, list[PushBatch]]


def _till(folder: Path, sale: Sale, entries: int, members: int, chance: random.Random) -> _Till:
    with closing(Journal.open(folder)) as journal:
        identity = load_identity(journal)
    assert identity is not None
    key = load_key(folder)
    return identity, key, list(_chain(identity, key, sale, entries, members, chance))


def _chain(
    identity: Identity, key: Ed25519PrivateKey, sale: Sale, entries: int, members: int, chance: random.Random
) -> Iterator[PushBatch]:
    head = identity.genesis()
    for first in range(1, entries + 1, _BATCH):
        previous, sent = head, []
        for seq in range(first, min(first + _BATCH, entries + 1)):
            payload = encode_entry(_sale(sale, identity, member_no(chance.randrange(members)), seq, chance))
            head = link(head, identity.terminal, seq, payload_hash(payload))
            sent.append(SentEntry(payload=payload.decode()))
        stated = Head(terminal=identity.terminal, seq=seq, hash=head.hex())
        yield PushBatch(
            terminal=identity.terminal, first_seq=first, previous=previous.hex(), entries=tuple(sent), head=head.hex(),
            head_signature=key.sign(stated.signed_bytes()),
        )  # fmt: skip


def _sale(sale: Sale, identity: Identity, member: str, seq: int, chance: random.Random) -> Sale:
    entry_id = new_id(sale.occurred_at // 1_000, bucket_of(member), chance.getrandbits(64))
    reference = f"{identity.terminal}-{seq}"
    return msgspec.structs.replace(sale, id=entry_id, member=member, reference=reference, store=identity.store)


def _push_all(till: _Till) -> tuple[int, int]:
    identity, key, batches = till
    pushed = silences = 0
    pauses = Backoff()
    with LedgerClient(identity, key) as client:
        for batch in batches:
            while True:
                try:
                    client.push(batch)
                    break
                except TransientSyncError as error:
                    silences += 1
                    time.sleep(pauses.failed(error.retry_after_s))
            pauses.succeeded()
            pushed += len(batch.entries)
    return pushed, silences
