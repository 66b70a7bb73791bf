"""The cache: members, documents and products as the ledger said last.

The process that pulls owns the writing connection; the counter reads. A snapshot is loaded into a new file, and which file
is current is one fact in the journal: an SQLite file is never renamed or replaced in place.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from local_db.connections import (
    CHECKPOINT,
    check_version,
    open_reading,
    open_writing,
    sync_file,
    transaction,
    use_wal,
)
from local_db.errors import CacheDamagedError, storage_errors
from protocol import canonical
from protocol.documents import Attributes, Document, Product
from protocol.feed import MemberRow, Vector
from protocol.ids import BUCKETS
from protocol.signing import Signed

SCHEMA = "cache"
_LOADING_CACHE_KIB = 64 * 1024

EPOCH = "epoch"
"""The cache's fact with the life of the ledger's books that it is of."""

_row = msgspec.json.Decoder(MemberRow)
_attributes = msgspec.json.Decoder(Attributes)
_signed = msgspec.json.Decoder(Signed)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CacheDamagedError(str(error)) from error


class CachedDocument(NamedTuple):
    """A document as it was signed; who reads it verifies it."""

    kind: str
    id: str
    number: int
    signed: Signed


class CachedMember(NamedTuple):
    """A member's row as it may be shown, and until when (µs UTC) it is known to be the newest.

    None: as long as the whole cache (the fact `as_of`); else a newer row is held back, and this one is as old as it says. The
    row names the epoch of this file.
    """

    row: MemberRow
    as_of_us: int | None


class CacheReader:
    """Look-ups at the counter: one indexed statement each."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._epoch = ""

    @classmethod
    def open(cls, path: Path) -> CacheReader:
        """Raises `CacheDamagedError` when there is no readable cache: then it is rebuilt, and look-ups find nobody."""
        with storage_errors(CacheDamagedError):
            try:
                connection = open_reading(path)
            except sqlite3.OperationalError as error:
                raise CacheDamagedError(str(error)) from error
            try:
                check_version(connection, path, SCHEMA)
                connection.execute("SELECT 1 FROM member LIMIT 1")
            except sqlite3.OperationalError as error:
                connection.close()
                raise CacheDamagedError(str(error)) from error
            except BaseException:
                connection.close()
                raise
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _all(self, sql: str, *parameters: object) -> list[Any]:
        with storage_errors(CacheDamagedError):
            return self._connection.execute(sql, parameters).fetchall()

    def member(self, member: str) -> MemberRow | None:
        """The row of a member, if the ledger has told of him."""
        return self._one_member("member = ?", member)

    def cached_member(self, member: str) -> CachedMember | None:
        """The same with its age, in one statement: both belong to one moment."""
        found = self._all(
            "SELECT member.row, held_member.as_of_us FROM member LEFT JOIN held_member USING (member) WHERE member = ?",
            member,
        )
        with _readable():
            row = _row.decode(found[0][0]) if found else None
        return CachedMember(msgspec.structs.replace(row, epoch=self.epoch), found[0][1]) if row else None

    def member_by_phone_key(self, phone_key: str) -> MemberRow | None:
        """The member whose phone's slow hash this is."""
        return self._one_member("phone_key = ? AND phone_key <> ''", phone_key)

    def any_phone_key(self) -> str | None:
        """Some member's key: salt and parameters, which all share, are in it."""
        found = self._all("SELECT phone_key FROM member WHERE phone_key <> '' LIMIT 1")
        return str(found[0][0]) if found else None

    def _one_member(self, condition: str, value: str) -> MemberRow | None:
        found = self._all(f"SELECT row FROM member WHERE {condition}", value)
        with _readable():
            return _row.decode(found[0][0]) if found else None

    @property
    def epoch(self) -> str:
        """In which all positions of this file were counted; empty while it is being filled."""
        if not self._epoch:
            self._epoch = self.fact(EPOCH) or ""
        return self._epoch

    def lying_at(self, terminal: str) -> list[MemberRow]:
        """Rows with a reservation of this terminal in them, those that wait too. A scan: once, by who starts to pull."""
        found = self._all(
            "SELECT row FROM member WHERE instr(row, ?) UNION ALL SELECT row FROM held_member WHERE instr(row, ?)",
            *[canonical.encode({"terminal": terminal})[1:-1]] * 2,
        )
        with _readable():
            return [_row.decode(row[0]) for row in found]

    def version(self) -> int:
        """Another one as soon as somebody has written into the file since."""
        return int(self._all("PRAGMA data_version")[0][0])

    def product(self, code: str) -> Product | None:
        """The product with this code."""
        found = self._all("SELECT code, name, category, price_fen, attributes FROM product WHERE code = ?", code)
        if not found:
            return None
        code, name, category, price_fen, attributes = found[0]
        with _readable():
            return Product(
                code=code,
                name=name,
                category=category,
                price_fen=price_fen,
                attributes=_attributes.decode(attributes),
            )

    def some_products(self, most: int) -> tuple[Product, ...]:
        """A few that cost something, by code: to practise with."""
        rows = self._all("SELECT code FROM product WHERE price_fen > 0 ORDER BY code LIMIT ?", most)
        return tuple(found for (code,) in rows if (found := self.product(code)) is not None)

    def documents(self) -> list[CachedDocument]:
        """The newest document of each kind and id."""
        rows = self._all("SELECT kind, id, number, signed FROM document ORDER BY number")
        with _readable():
            return [CachedDocument(kind, id_, number, _signed.decode(signed)) for kind, id_, number, signed in rows]

    def vector(self) -> Vector:
        """How far each bucket has been read."""
        numbers = [0] * BUCKETS
        for bucket, number in self._all("SELECT bucket, number FROM bucket"):
            numbers[bucket] = number
        return Vector(numbers, int(self.fact("documents") or 0), self.epoch)

    def fact(self, name: str) -> str | None:
        """A single fact, such as `as_of`: until when (µs UTC) the rows are known to be the newest."""
        found = self._all("SELECT value FROM fact WHERE name = ?", name)
        return str(found[0][0]) if found else None

    def member_count(self) -> int:
        """How many members are known here."""
        return int(self._all("SELECT count(*) FROM member")[0][0])


class CacheWriter(CacheReader):
    """The one writer, in the process that pulls."""

    @classmethod
    def open(cls, path: Path) -> CacheWriter:
        """Open or make a cache. Raises `CacheDamagedError`: the caller starts a new file."""
        with storage_errors(CacheDamagedError):
            return cls(open_writing(path, "NORMAL", SCHEMA))

    def apply(self, rows: Sequence[MemberRow], read: dict[int, int], held_back: set[str], as_of_us: int) -> None:
        """Apply a page in one transaction: rows, how far each bucket is read, and the age before the page.

        Rows of members in `held_back`, and of who is one person with them, wait in `held_member` until their entries have
        outcomes. `held_back` is asked of the journal after the page has arrived: an entry sent while it was on its way may be
        in it. The row that stays meanwhile keeps the age `as_of_us` of the first page that would have replaced it. An older
        row never replaces a newer one, and no bucket goes back.

        A number that was merged and the row it leads to change together, though they may come in two pages: the old row stays
        until the new one is there, and is then led to it. So neither shows less than is known, and none shows it twice.
        """
        now = [r for r in rows if not r.is_about(held_back)]
        with storage_errors(CacheDamagedError), transaction(self._connection):
            now = self._place(now)
            placed = {id(r) for r in now}
            later = [(r.member, r.position, canonical.encode(r), as_of_us) for r in rows if id(r) not in placed]
            self._connection.executemany(
                "INSERT INTO held_member VALUES (?, ?, ?, ?) ON CONFLICT (member) DO UPDATE SET "
                "position = excluded.position, row = excluded.row WHERE excluded.position >= held_member.position", later,
            )  # fmt: skip
            self._drop_held(now)
            self._connection.executemany(
                "INSERT INTO bucket VALUES (?, ?) "
                "ON CONFLICT (bucket) DO UPDATE SET number = max(number, excluded.number)", read.items(),
            )  # fmt: skip
            self._set_fact("as_of", str(as_of_us))

    def keep_former(self, former: Sequence[CachedMember], as_of_us: int) -> None:
        """Put rows of the file before this one where a newer row waits, each with its age; `as_of_us` is that file's."""
        rows = [kept.row for kept in former]
        ages = [(as_of_us if age is None else age, row.member) for row, age in former]
        with storage_errors(CacheDamagedError), transaction(self._connection):
            self._put(rows)
            self._drop_held(rows)
            self._connection.executemany("UPDATE held_member SET as_of_us = ? WHERE member = ?", ages)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Fill a new file that nobody reads yet: 300,000 members took 3.5 s instead of 40 s without a journal, index last.

        Where the block raises, the file is worth nothing and has to be deleted; where it ends, everything is on the disk.
        """
        with storage_errors(CacheDamagedError):
            index = self._connection.execute(
                "SELECT sql FROM sqlite_master WHERE name = 'member_phone_key'"
            ).fetchone()
            for step in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_LOADING_CACHE_KIB}"):
                self._connection.execute(f"PRAGMA {step}")
            self._connection.execute("DROP INDEX member_phone_key")
        yield
        with storage_errors(CacheDamagedError):
            self._connection.execute(index[0])
            for step in ("cache_size = -2000", "synchronous = NORMAL"):
                self._connection.execute(f"PRAGMA {step}")
            use_wal(self._connection)
            file = self._connection.execute("PRAGMA database_list").fetchone()[2]
        sync_file(Path(file))

    def release_held(self, held_back: set[str]) -> int:
        """Move rows whose members are no longer held back into place; how many were moved."""
        with _readable():
            waiting = [_row.decode(row[0]) for row in self._all("SELECT row FROM held_member")]
        free = [row for row in waiting if not row.is_about(held_back)]
        if free:
            with storage_errors(CacheDamagedError), transaction(self._connection):
                free = self._place(free)
                self._drop_held(free)
        return len(free)

    def _place(self, rows: Sequence[MemberRow]) -> list[MemberRow]:
        """Put rows in place, but for tombstones that would hide points; those that were put."""
        together = {row.member: row for row in rows}
        now = [row for row in rows if row.status != "merged" or not self._would_hide(row, together)]
        self._put(now)
        self._put(
            MemberRow(member=source, position=former.position, status="merged", merged_into=row.member)
            for row in now
            for source in row.merged
            if (former := self.member(source)) is not None and former.status != "merged"
        )
        return now

    def _would_hide(self, tombstone: MemberRow, together: Mapping[str, MemberRow]) -> bool:
        """Whether the row it leads to has not come yet, and what is known of the old number would be seen nowhere."""
        targets = together.get(tombstone.merged_into), self.member(tombstone.merged_into)
        if any(target is not None and tombstone.member in target.merged for target in targets):
            return False
        former = self.member(tombstone.member)
        return former is not None and former.status != "merged"

    def _put(self, rows: Iterable[MemberRow]) -> None:
        self._connection.executemany(
            "INSERT INTO member (member, position, phone_key, last4, row) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (member) DO UPDATE SET position = excluded.position, phone_key = excluded.phone_key, "
            "last4 = excluded.last4, row = excluded.row WHERE excluded.position >= member.position",
            [(r.member, r.position, r.phone_key, r.last4, canonical.encode(r)) for r in rows],
        )  # fmt: skip

    def _drop_held(self, rows: Iterable[MemberRow]) -> None:
        """A row that waits is pointless once one as new is in its place."""
        self._connection.executemany(
            "DELETE FROM held_member WHERE member = ? AND position <= ?", [(r.member, r.position) for r in rows]
        )

    def put_documents(
        self, documents: Sequence[tuple[Document, Signed]], products: Sequence[Product] | None, newest: int
    ) -> None:
        """Replace documents by newer ones, and the price list where one came with them (`None`: as it was)."""
        with storage_errors(CacheDamagedError), transaction(self._connection):
            self._connection.executemany(
                "INSERT INTO document VALUES (?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET number = excluded.number, "
                "signed = excluded.signed WHERE excluded.number >= document.number",
                [
                    (document.kind, document.id, document.number, canonical.encode(signed))
                    for document, signed in documents
                ],
            )
            if products is not None:
                self._connection.execute("DELETE FROM product")
                self._connection.executemany(
                    "INSERT OR REPLACE INTO product VALUES (?, ?, ?, ?, ?)",
                    [
                        (one.code, one.name, one.category, one.price_fen, canonical.encode(one.attributes))
                        for one in products
                    ],
                )
            self._set_fact("documents", str(newest))

    def put_fact(self, name: str, value: str) -> None:
        """Remember a single fact."""
        with storage_errors(CacheDamagedError), transaction(self._connection):
            self._set_fact(name, value)

    def _set_fact(self, name: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def checkpoint(self) -> None:
        """Write the WAL back into the file, so that the file alone is whole: done before a snapshot becomes current."""
        with storage_errors(CacheDamagedError):
            self._connection.execute(CHECKPOINT)
