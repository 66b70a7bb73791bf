"""A ledger in a process of its own, with many members, and tills that are paired with it over HTTP on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.shop.coalitions import Floor, store_id, write_coalition
from bench.shop.seeding import seed_members
from ledger.database import Database
from ledger.enrolment import invite
from ledger.keys import load_keys
from ledger.settings import load_settings
from local_db.connections import till_lock
from local_db.journal import Journal
from protocol.enrolment import read_invitation
from sync.cache_files import FACT
from sync.client import LedgerClient
from sync.enrolment import enrol
from sync.identity import load_identity, load_key
from sync.puller import Puller
from sync.reports import FileReady, Report
from till.demo.world import LedgerProcess


@dataclass(frozen=True)
class Shop:
    """`till` is the folder of a till whose cache holds every member; `bootstrap_s` is what filling it took."""

    ledger: LedgerProcess
    ledger_folder: Path
    url: str
    till: Path
    members: int
    bootstrap_s: float

    def books(self) -> Database:
        """The ledger's database, beside its process. The caller closes it."""
        return Database(load_settings(self.ledger_folder).database)


@contextmanager
def open_ledger(
    folder: Path, *, members: int = 0, stores: int = 1, database: str = "", floor: Floor | None = None,
    static_daily_points: int = 0,
) -> Iterator[tuple[LedgerProcess, str]]:  # fmt: skip
    """A ledger that serves, with seeded members; the process and its url."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger = LedgerProcess(folder)
    if database:
        ledger.run("--database", database, "init")
    else:
        ledger.run("init")
    coalition = folder / "coalition.toml"
    write_coalition(coalition, stores, floor=floor, static_daily_points=static_daily_points)
    ledger.run("coalition", "load", str(coalition))
    with closing(Database(load_settings(folder).database)) as books:
        seed_members(books, members)
    try:
        yield ledger, f"http://127.0.0.1:{ledger.serve()}"
    finally:
        ledger.stop()


def pair(ledger: LedgerProcess, url: str, folder: Path, store: int = 1) -> None:
    """Make `folder` a till of the store; no cache yet."""
    invited = ledger.run("terminal", "invite", store_id(store), "--url", url)
    with till_lock(folder):
        enrol(read_invitation(invited["invitation"]), folder, "02号机")


def fill_cache(folder: Path) -> float:
    """What the process that pulls does in a new till: a snapshot into a cache file, which becomes current. Seconds."""
    with till_lock(folder), closing(Journal.open(folder)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        ready: list[Report] = []
        with LedgerClient(identity, load_key(folder)) as client:
            puller = Puller(folder, journal, client, ready.append)
            started = time.monotonic()
            puller.poll()
            seconds = time.monotonic() - started
            puller.close()
        journal.set_fact(FACT, next(report.file for report in ready if isinstance(report, FileReady)))
    return seconds


@contextmanager
def open_shop(folder: Path, members: int) -> Iterator[Shop]:
    """A ledger with `members`, and a till whose cache holds them."""
    with open_ledger(folder / "ledger", members=members) as (ledger, url):
        till = folder / "till"
        pair(ledger, url, till)
        yield Shop(ledger, folder / "ledger", url, till, members, fill_cache(till))


def enrol_many(ledger_folder: Path, url: str, folders: list[Path], store: int = 1) -> None:
    """Make every folder a till of the store; the invitations are made here, a command each would take a second each."""
    keys, now_us = load_keys(ledger_folder), time.time_ns() // 1_000
    with closing(Database(load_settings(ledger_folder).database)) as books:
        for folder in folders:
            with books.write() as connection:
                invitation = invite(connection, keys, store_id(store), url, now_us)
            with till_lock(folder):
                enrol(invitation, folder, folder.name)
