"""What can be looked at without selling: disk, clock, cache, rules, keys, and what waits. Files are opened for reading alone.

Each function returns one check; `code` and `facts` are put into words by `till.outage.words`, with what to do about it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from local_db.cache import CacheReader
from local_db.errors import LocalDbError
from local_db.journal_reader import JournalReader
from points import PointsError
from protocol.errors import SignatureError
from protocol.outage import OutageCheck, Result
from sync.cache_files import FACT, current_file
from sync.errors import KeyUnreadableError
from sync.identity import ENDED_FACT, Identity, load_key
from sync.probing import Probed
from till.clock import TillClock
from till.store import Store, read_store

DISK_MB: Final = 200
"""Room for about 50,000 sales, and for SQLite to clean up."""
SYNC_MS: Final = 500
"""A commit is one fsync; a disk that takes longer makes every sale wait."""
CLOCK_OFF_S: Final = 60
CACHE_OLD_H: Final = 24
RULES_DAYS: Final = 3
"""An outage over a weekend."""
KEY_DAYS: Final = 14
_HOUR_US, _DAY_US = 3_600_000_000, 86_400_000_000
_PROBE_BYTES = 1 << 20


def check(name: str, result: Result, code: str = "", **facts: object) -> OutageCheck:
    """A check that was made; its code is its name where nothing else is to be said."""
    told = {fact: str(value) for fact, value in facts.items()}
    return OutageCheck(name=name, result=result, code=f"{name}-{code or result}", facts=told)


def timed(make: Callable[[], OutageCheck]) -> OutageCheck:
    """The same with how long it took."""
    began = time.monotonic()
    return msgspec.structs.replace(make(), took_ms=round((time.monotonic() - began) * 1_000))


def disk(folder: Path) -> OutageCheck:
    """Room, and a real write that is fsynced."""
    began = time.monotonic()
    try:
        free_mb = shutil.disk_usage(folder).free >> 20
        with tempfile.TemporaryFile(dir=folder, prefix="outage-") as file:
            file.write(bytes(_PROBE_BYTES))
            file.flush()
            began = time.monotonic()
            os.fsync(file.fileno())
    except OSError as error:
        return check("disk", "fail", "failed", why=error.strerror or str(error))
    sync_ms = round((time.monotonic() - began) * 1_000)
    if free_mb < DISK_MB:
        return check("disk", "fail", "full", mb=free_mb, least=DISK_MB)
    if sync_ms > SYNC_MS:
        return check("disk", "fail", "slow", ms=sync_ms)
    return check("disk", "pass", mb=f"{free_mb:,}", ms=sync_ms)


def clock(till: TillClock, probed: Probed) -> OutageCheck:
    """By the ledger where it answered; else by what the till knows of its own clock."""
    if probed.contact is not None:
        off_s = round(probed.contact.offset_us / 1_000_000)
        result: Result = "fail" if abs(off_s) > CLOCK_OFF_S else "pass"
        return check("clock", result, "off" if result == "fail" else "", seconds=abs(off_s))
    doubt = till.doubt
    return check("clock", "fail", doubt) if doubt in ("jump", "drift") else check("clock", "skipped")


def journal(reader: JournalReader, now_us: int) -> OutageCheck:
    """At work, and how much of it the ledger does not have yet."""
    if ended := reader.fact(ENDED_FACT):
        return check("journal", "fail", "ended", code_=ended)
    waiting = reader.waiting()
    if not waiting:
        return check("journal", "pass")
    first = reader.entries(reader.first_without_outcome(), 1)
    hours = (now_us - first[0].occurred_at) // _HOUR_US if first else 0
    return check("journal", "fail" if hours >= CACHE_OLD_H else "pass", "waiting", n=waiting, hours=hours)


def keys(folder: Path, identity: Identity, now_us: int) -> OutageCheck:
    """The till's own, without which nothing is sold, and the ledger's, without which nothing is believed."""
    try:
        load_key(folder, identity.public)
    except KeyUnreadableError:
        return check("keys", "fail", "own")
    days = (identity.ring().valid_until - now_us) // _DAY_US
    if days < KEY_DAYS:
        return check("keys", "fail", "ending", days=max(0, days))
    return check("keys", "pass", days=days)


def cache(folder: Path, reader: JournalReader, identity: Identity, now_us: int) -> list[OutageCheck]:
    """Members and balances, then the rules, then who can sign in: all of it is read without a network."""
    path = current_file(folder, reader.fact(FACT))
    if path is None:
        return [check("cache", "fail", "none"), check("rules", "skipped"), check("staff", "skipped")]
    try:
        with closing(CacheReader.open(path)) as found:
            members, as_of = found.member_count(), int(found.fact("as_of") or 0)
            store = read_store(found.documents(), identity.ring(), identity.store)
    except (LocalDbError, SignatureError, PointsError):
        return [check("cache", "fail", "damaged"), check("rules", "skipped"), check("staff", "skipped")]
    hours = max(0, now_us - as_of) // _HOUR_US
    is_old = hours >= CACHE_OLD_H
    aged = check("cache", "fail" if is_old else "pass", "old" if is_old else "", hours=hours, members=f"{members:,}")
    return [aged, _rules(store, now_us), _staff(store)]


def _rules(store: Store | None, now_us: int) -> OutageCheck:
    if store is None:
        return check("rules", "fail", "none")
    if store.suspended:
        return check("rules", "fail", "suspended")
    if store.newer_programme_engine:
        return check("rules", "fail", "engine")
    days = (store.redeems_until_us - now_us) // _DAY_US
    if days < RULES_DAYS:
        return check("rules", "fail", "ending", days=max(0, days))
    return check("rules", "pass", days=days)


def _staff(store: Store | None) -> OutageCheck:
    people = store.staff.values() if store else ()
    if not any("manager" in person.roles or "supervisor" in person.roles for person in people):
        return check("staff", "fail", "nobody")
    return check("staff", "pass", n=len(people))
