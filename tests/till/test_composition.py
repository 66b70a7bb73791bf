"""What the composition root does about what the background tells: keys, cache files, and damage to them."""

from __future__ import annotations

import queue
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.settings import Settings
from local_db.cache import CacheWriter
from local_db.errors import CacheDamagedError
from local_db.journal import Journal
from protocol.codes import member_code
from protocol.dynamic_codes import make
from protocol.signing import KeyCertificate, Signed, key_id, public_bytes, sign
from sync.identity import Identity, make_key, save_identity
from sync.reports import CertificatesSeen, Pulled
from tests.desks import FAR_FUTURE_US, MEMBER, STORE, TERMINAL, documents_of, member_row
from till.composition import Till, open_till
from till.draft import SaleDraft
from till.events import Event, StoreChanged
from till.scanning import MemberIdentified

NOBODY = "http://127.0.0.1:9"
WAIT_S = 10


class Shop:
    """A folder with a cache that the ledger signed, and no ledger that answers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.working = folder, Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        public = public_bytes(make_key(folder))
        identity = Identity(
            terminal=TERMINAL, store=STORE, name="02号机", url=NOBODY, public=public, root_public=public_bytes(self.root),
            certificates=(self.certificate(self.working),),
        )  # fmt: skip
        with closing(Journal.open(folder)) as journal, closing(CacheWriter.open(folder / "cache-1.db")) as cache:
            save_identity(journal, identity)
            journal.set_fact("cache", "cache-1.db")
            cache.apply([member_row()], {}, set(), 0)
            documents = documents_of(self.working)
            cache.put_documents(documents, [], len(documents))

    def certificate(self, key: Ed25519PrivateKey) -> Signed:
        public = public_bytes(key)
        return sign(
            "key",
            KeyCertificate(key=key_id(public), public=public, valid_from=0, valid_until=FAR_FUTURE_US),
            self.root,
        )


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture
def till(shop: Shop) -> Iterator[Till]:
    with open_till(shop.folder, Settings()) as opened:
        yield opened


def until_store_changed(till: Till, act: Callable[[], None]) -> None:
    events: queue.Queue[Event] = queue.Queue()
    end = till.counter.subscribe(events.put)
    act()
    while not isinstance(events.get(timeout=WAIT_S), StoreChanged):
        pass
    end()


def identified(till: Till, code: str) -> str:
    found = till.counter.scan(code, SaleDraft())
    assert isinstance(found, MemberIdentified)
    return found.member.name


def test_a_key_that_the_ledger_certified_meanwhile_is_believed_at_the_counter(shop: Shop, till: Till) -> None:
    """Documents and dynamic codes by the new working key: no restart is needed, nobody is turned away."""
    renewed = Ed25519PrivateKey.generate()
    with closing(CacheWriter.open(shop.folder / "cache-1.db")) as cache:
        cache.put_documents(documents_of(renewed), [], 3)
    seen = CertificatesSeen((shop.certificate(renewed),))
    until_store_changed(till, lambda: till.agent._inbox.put(seen))
    assert identified(till, make(MEMBER, int(time.time()), b"12345678", renewed)) == "张*丰"


def test_who_reads_while_the_cache_is_switched_reads_on(till: Till) -> None:
    """A slow look-up has the reader in its hand when the background opens another."""
    reader = till.counter._desk.cache()
    until_store_changed(till, lambda: till.agent._inbox.put(Pulled(1, 0, 1, 1, has_documents=True)))
    assert till.counter._desk.cache() is not reader
    assert reader.member(MEMBER) is not None


def test_a_page_of_the_cache_that_only_the_counter_reads_is_mended_too(shop: Shop, till: Till) -> None:
    """The member cannot be read: a new cache is wanted, though the process that pulls has noticed nothing."""
    with closing(sqlite3.connect(shop.folder / "cache-1.db")) as connection, connection:
        connection.execute("UPDATE member SET row = x'00'")
    with pytest.raises(CacheDamagedError):
        identified(till, member_code(MEMBER))
    assert till.counter._desk.journal.fact("cache") == ""


def test_documents_that_the_ledger_did_not_sign_are_replaced(shop: Shop) -> None:
    """Somebody wrote into the cache: it is not read, and the background is told to begin a new one."""
    with closing(CacheWriter.open(shop.folder / "cache-1.db")) as cache:
        cache.put_documents(documents_of(Ed25519PrivateKey.generate()), [], 3)
    with open_till(shop.folder, Settings()) as till:
        assert not till.counter.is_ready
        assert till.counter._desk.journal.fact("cache") == ""
