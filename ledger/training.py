"""Training books: each training terminal has one of its own, a file beside the books that nothing connects with them.

It has the same tables, the same booking and the same keys as the books, the store's newest documents, three members to practise
with and one terminal. To clear it is to delete the file. It lies in a folder named by the form of its tables: after an
upgrade to another form the old ones are not found, and a till begins anew.

One process of the ledger has them, on its own disk, whatever database the books are in.
"""

from __future__ import annotations

import re
import secrets
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, insert, select
from sqlmodel import col

from ledger.auth import Caller
from ledger.database import Database
from ledger.documents import EVERY_STORE, make_lock, newest, newest_rows
from ledger.enrolment import add_terminal, check_public, enrolled
from ledger.habits import bring_habits
from ledger.joining import make_seal
from ledger.keys import Keys
from ledger.members import Person, join, make_salt
from ledger.migrating import NEWEST
from ledger.opening import Opening
from ledger.problems import NotKnownError
from ledger.receiving import find_till
from ledger.schema import Merchant, PublishedDocument, SettlementPrice, Store
from points import Programme
from protocol.documents import ProgrammeText, StoreSettings
from protocol.enrolment import EnrolAnswer
from protocol.training import (
    MEMBER_PREFIX,
    TERMINAL_PREFIX,
    Purpose,
    TrainingAnswer,
    TrainingCleared,
    TrainingMember,
    TrainingRequest,
)

_PURPOSES: Final[dict[Purpose, str]] = {"training": "t", "rehearsal": "r"}
_TERMINAL = re.compile(TERMINAL_PREFIX + r"[a-z0-9-]{1,80}-[tr][0-9a-f]{6}")
_OPEN_AT_ONCE = 8
"""Each keeps two files open; a shop trains at a few tills."""

MEMBERS: Final = (
    ("培训甲", TrainingMember(member=f"{MEMBER_PREFIX}000001", phone="13000000001", pin="1234", points=5_000)),
    ("培训乙", TrainingMember(member=f"{MEMBER_PREFIX}000002", phone="13000000002", pin="1234", points=800)),
    ("培训丙", TrainingMember(member=f"{MEMBER_PREFIX}000003", phone="13000000003")),
)


@dataclass
class TrainingBooks:
    """All training books of this ledger. Every method may be called from any thread."""

    folder: Path
    keys: Keys
    clock: Callable[[], int]
    _open: OrderedDict[str, Database] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.folder = self.folder / NEWEST

    def begin(self, books: Database, caller: Caller, request: TrainingRequest) -> TrainingAnswer:
        """A new book for a till of the books. What it had for the same purpose is deleted. Raises `BadRequestError`."""
        check_public(request.public)
        start = f"{TERMINAL_PREFIX}{caller.terminal}-{_PURPOSES[request.purpose]}"
        for old in self._named(start):
            self._delete(old)
        terminal = start + secrets.token_hex(3)
        made = self.folder / f"{terminal}.new"
        made.mkdir(parents=True, mode=0o700)
        database = Database(f"sqlite:///{made / 'book.db'}")
        try:
            answer = self._fill(database, books, caller, request, terminal)
        finally:
            database.close()
        made.rename(self.folder / terminal)  # under its name it is there whole, or not at all
        return answer

    def book(self, terminal: str) -> Database:
        """The book of a training terminal. Raises `NotKnownError`."""
        if not _TERMINAL.fullmatch(terminal) or not (self.folder / terminal).is_dir():
            raise NotKnownError("training", terminal[:64])
        with self._lock:
            database = self._open.pop(terminal, None) or Database(f"sqlite:///{self.folder / terminal / 'book.db'}")
            self._open[terminal] = database
            while len(self._open) > _OPEN_AT_ONCE:
                self._open.popitem(last=False)[1].close()
        return database

    def clear(self, caller: Caller, terminal: str) -> TrainingCleared:
        """Delete a book that this till began; one that is gone is cleared already. Raises `NotKnownError` for another's."""
        if terminal not in self._named(f"{TERMINAL_PREFIX}{caller.terminal}-") and (self.folder / terminal).exists():
            raise NotKnownError("training", terminal[:64])
        if _TERMINAL.fullmatch(terminal):
            self._delete(terminal)
        return TrainingCleared(terminal=terminal)

    def close(self) -> None:
        """Give all files back."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _named(self, start: str) -> list[str]:
        """Books of one till: what follows `start` is the rest of a name, and not of a longer id."""
        rest = re.compile(re.escape(start) + r"[tr]?[0-9a-f]{6}")
        found = self.folder.iterdir() if self.folder.exists() else ()
        return [path.name for path in found if rest.fullmatch(path.name)]

    def _delete(self, terminal: str) -> None:
        with self._lock:
            database = self._open.pop(terminal, None)
        if database is not None:
            database.close()
        shutil.rmtree(self.folder / terminal, ignore_errors=True)

    def _fill(
        self, database: Database, books: Database, caller: Caller, request: TrainingRequest, terminal: str
    ) -> TrainingAnswer:
        now_us = self.clock()
        database.create_all()
        with books.read() as source, database.write() as target:
            make_salt(target)
            make_seal(target)
            make_lock(target)
            _copy(source, target, caller)
            kind, merchant = _main_kind(source, caller.store)
            add_terminal(target, terminal, caller.store, request.name, request.public, now_us)
        for name, one in MEMBERS:
            opening = (Opening(kind, one.points, merchant),) if one.points else ()
            join(database, Person(name, one.phone, one.pin, member=one.member, opening=opening, stores=(caller.store,)),
                 now_us, is_training=True)  # fmt: skip
            if one.points:
                with database.write() as target:
                    bring_habits(target, one.member, [(caller.store, kind, one.points // 2)], now_us)
        with database.read() as target:
            answer: EnrolAnswer = enrolled(target, self.keys, terminal, now_us)
        return TrainingAnswer(enrolled=answer, kind=kind, members=tuple(one for _name, one in MEMBERS))


def _copy(source: Connection, target: Connection, caller: Caller) -> None:
    """What the store may see anyway, as it was signed: nobody's account."""
    merchant = find_till(source, caller.terminal).merchant
    for table, where in (
        (Merchant, col(Merchant.merchant) == merchant),
        (Store, col(Store.store) == caller.store),
        (SettlementPrice, True),
    ):
        found = source.execute(select(table).where(where)).mappings().all()  # type: ignore[arg-type]
        if found:
            target.execute(insert(table), [dict(row) for row in found])
    for row in newest_rows(source, (caller.store, EVERY_STORE)):
        target.execute(insert(PublishedDocument).values(row._asdict()))


def _main_kind(source: Connection, store: str) -> tuple[str, str]:
    """What is meant by points in this store, and whose they are."""
    settings = newest(source, "store", store, StoreSettings)
    text = newest(source, "programme", settings.programme, ProgrammeText) if settings else None
    if settings is None or text is None:
        raise NotKnownError("programme", f"for store {store}")
    programme = Programme.from_document(msgspec.json.decode(text.document), text.programme)
    return programme.kinds[0].code, settings.merchant
