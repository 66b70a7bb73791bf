"""A damaged file is found, or its entries are what they were: never a silent wrong read."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from local_db.cache import CacheReader, CacheWriter
from local_db.errors import CacheDamagedError, JournalDamagedError, LocalDbError
from local_db.journal import FILE, Journal, JournalReader
from protocol.feed import MemberRow
from tests.local_db.makers import (
    GENESIS,
    TERMINAL,
    append,
    booked,
    contradictions,
    fill,
    new_journal,
    sale_draft,
    seqs,
    void_draft,
)

FLIPS = int(os.environ.get("TILL_FLIPS", "250"))
"""1,500 by hand (docs/measurements.md)."""
ENTRIES = 60
SEED = 7

TABLES = ("entry", "outcome", "receipt", "reference", "nonce", "shift_span", "fact", "pin_try")

Content = list[list[object]]


def content(journal: JournalReader) -> Content:
    """Every value of every table."""
    return [journal._all(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Content]:
    """A closed journal with sales, references, nonces, a void and outcomes: its bytes and its content."""
    folder = tmp_path_factory.mktemp("original")
    journal = Journal.open(folder)
    rows = [append(journal, sale_draft(n, reference=f"R{n}", nonce=f"n{n}")) for n in range(1, ENTRIES)]
    append(journal, void_draft(ENTRIES, rows[3]))
    journal.mark([booked(seq, seq) for seq in range(1, 30)], 1)
    journal.mark([booked(30, status="quarantined", reason="unknown-member", detail="m9")], 1)
    journal.set_sent(ENTRIES)
    journal.set_fact("identity", "{}" * 400)
    for staff in range(40):
        journal.set_pin_tries(f"10{staff}", 3, 99)
    before = content(journal)
    journal.close()
    return (folder / FILE).read_bytes(), before


def examined(folder: Path, data: bytes) -> Content | None:
    """The content of a journal with these bytes; `None` where opening or verifying finds something wrong."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / FILE).write_bytes(data)
    try:
        journal = Journal.open(folder)
    except LocalDbError:
        return None
    try:
        return None if contradictions(journal) else content(journal)
    except LocalDbError:
        return None
    finally:
        journal.close()


def test_the_undamaged_file_is_clean(tmp_path: Path, original: tuple[bytes, Content]) -> None:
    """The examination finds nothing wrong with what nobody damaged, and all of its content."""
    data, before = original
    assert examined(tmp_path / "x", data) == before


def test_a_flipped_byte_never_changes_anything_in_silence(tmp_path: Path, original: tuple[bytes, Content]) -> None:
    """At hundreds of offsets, a random other byte is found by opening or verifying, or no value of any row is different."""
    data, before = original
    at_random = random.Random(SEED)
    found = 0
    for _ in range(FLIPS):
        at = at_random.randrange(len(data))
        damaged = bytearray(data)
        damaged[at] ^= at_random.randrange(1, 256)
        after = examined(tmp_path / "x", bytes(damaged))
        assert after in (None, before), f"offset {at}"
        found += after is None
    assert found > FLIPS // 4


def test_a_torn_file_is_found_at_every_length(tmp_path: Path, original: tuple[bytes, Content]) -> None:
    """Cut at any page or inside one, the file is refused."""
    data, _before = original
    for length in [100, 511, 4096, 5000, *range(8192, len(data), 24_000), len(data) - 4096, len(data) - 1]:
        assert examined(tmp_path / "x", data[:length]) is None, length


def test_an_emptied_file_is_nobodys(tmp_path: Path, original: tuple[bytes, Content]) -> None:
    """A file cut to nothing opens as a fresh one without an identity: it cannot go on in the old terminal's name."""
    (tmp_path / FILE).write_bytes(b"")
    journal = Journal.open(tmp_path)
    assert (journal.last(), journal.fact("terminal"), journal.sent()) == (None, None, 0)
    journal.close()


@pytest.mark.parametrize("data", [b"not a database" * 400, b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 8192])
def test_what_is_no_database_is_damaged(tmp_path: Path, data: bytes) -> None:
    """Other content under the journal's name is called damaged by writer and reader, and left as it is."""
    (tmp_path / FILE).write_bytes(data)
    for attempt in (Journal.open, JournalReader.open):
        with pytest.raises(JournalDamagedError):
            attempt(tmp_path)
    assert (tmp_path / FILE).read_bytes() == data


TAMPERINGS: dict[str, tuple[str, str]] = {
    "a payload": (
        "UPDATE entry SET payload = CAST(replace(CAST(payload AS TEXT), '308', '999') AS BLOB) WHERE seq = 2",
        "entry 2: the payload was changed",
    ),
    "a member beside it": ("UPDATE entry SET member = 'm9' WHERE seq = 2", "entry 2: a column"),
    "a shift beside it": ("UPDATE entry SET shift = '' WHERE seq = 2", "entry 2: a column"),
    "a type beside it": ("UPDATE entry SET type = 'void' WHERE seq = 2", "entry 2: a column"),
    "a time beside it": ("UPDATE entry SET occurred_at = 1 WHERE seq = 2", "entry 2: a column"),
    "an id beside it": ("UPDATE entry SET id = randomblob(16) WHERE seq = 2", "entry 2: a column"),
    "a signature": ("UPDATE entry SET signature = randomblob(64) WHERE seq = 2", "entry 2: is not signed"),
    "a hash": ("UPDATE entry SET hash = randomblob(32) WHERE seq = 2", "entry 2: does not continue the chain"),
    "an entry in the middle": ("DELETE FROM entry WHERE seq = 2", "entry 2 is missing"),
    "the first entry": ("DELETE FROM entry WHERE seq = 1", "entry 1 is missing"),
    "an order": ("UPDATE entry SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)", ""),
    "a reference": ("UPDATE reference SET reference = 'R9'", "the references do not say"),
    "a nonce": ("DELETE FROM nonce", "the nonces do not say"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "sentence"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_technician_with_sqlite_is_found_out(journal: Journal, statement: str, sentence: str) -> None:
    """Whoever drops the triggers and changes, removes or swaps anything of an entry, verify names the place."""
    append(journal, sale_draft(1, reference="R1", nonce="n1"))
    fill(journal, 4)
    tamper = journal._connection
    tamper.execute("PRAGMA foreign_keys = OFF")
    tamper.execute("PRAGMA ignore_check_constraints = ON")
    for trigger in ("changed", "deleted"):
        tamper.execute(f"DROP TRIGGER entry_is_never_{trigger}")
    tamper.execute(statement)
    tamper.execute("UPDATE entry SET seq = -seq WHERE seq < 0")
    found = contradictions(journal)
    assert any(sentence in one for one in found), found
    assert found


def test_a_rewritten_chain_lacks_the_key(journal: Journal) -> None:
    """Who rewrites the last entry and its hashes has no signature of the terminal for the new head."""
    rows = fill(journal, 3)
    forged = sale_draft(3, member="m9", receipt=b"")
    journal._connection.execute("DROP TRIGGER entry_is_never_deleted")
    journal._connection.execute("PRAGMA foreign_keys = OFF")
    journal._connection.execute("DELETE FROM entry WHERE seq = 3")
    again = Journal(journal._connection)
    again.append(forged, TERMINAL, GENESIS, lambda _head: rows[2].signature)
    assert contradictions(again) == ["entry 3: is not signed by this terminal"]


def test_a_missing_entry_is_named_once(journal: Journal) -> None:
    """What follows a gap is judged by its own neighbours: one sentence for the gap, one for the chain behind it."""
    fill(journal, 6)
    journal._connection.execute("DROP TRIGGER entry_is_never_deleted")
    journal._connection.execute("PRAGMA foreign_keys = OFF")
    journal._connection.execute("DELETE FROM entry WHERE seq IN (2, 3)")
    assert contradictions(journal) == ["entry 2 is missing", "entry 4: does not continue the chain"]


def test_a_tail_that_left_something_behind_is_missed(journal: Journal) -> None:
    """Entries were removed from the end, and what was sent, or a receipt, remembers them."""
    fill(journal, 4)
    journal.set_sent(4)
    journal._connection.execute("DROP TRIGGER entry_is_never_deleted")
    journal._connection.execute("PRAGMA foreign_keys = OFF")
    for table in ("outcome", "receipt", "entry"):
        journal._connection.execute(f"DELETE FROM {table} WHERE seq > 2")
    assert contradictions(journal) == ["entry 3 is missing, and all after it: entry 4 was there"]


def test_one_damaged_payload_does_not_break_what_follows(journal: Journal) -> None:
    """The chain is over payload hashes: exactly the damaged entry is named."""
    fill(journal, 5)
    journal._connection.execute("DROP TRIGGER entry_is_never_changed")
    journal._connection.execute("UPDATE entry SET payload = x'00' WHERE seq = 3")
    assert contradictions(journal) == ["entry 3: the payload was changed"]


def test_what_can_be_read_is_saved(tmp_path: Path) -> None:
    """With a page of the table overwritten, the other entries are still given out, in order."""
    new_journal(tmp_path, ENTRIES).close()
    connection = sqlite3.connect(tmp_path / FILE)
    pages = [
        row[0] for row in connection.execute("SELECT pageno FROM dbstat WHERE name = 'entry' AND pagetype = 'leaf'")
    ] if _has_dbstat(connection) else [12]  # fmt: skip
    connection.close()
    with (tmp_path / FILE).open("r+b") as file:
        file.seek((pages[len(pages) // 2] - 1) * 4096)
        file.write(b"\xff" * 4096)
    reader = JournalReader.open(tmp_path)
    saved = seqs(list(reader.readable()))
    reader.close()
    assert saved == sorted(saved)
    assert ENTRIES // 2 < len(saved) < ENTRIES
    with pytest.raises(JournalDamagedError):
        Journal.open(tmp_path)


def _has_dbstat(connection: sqlite3.Connection) -> bool:
    return ("ENABLE_DBSTAT_VTAB",) in connection.execute("PRAGMA compile_options").fetchall()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"x" * 9000),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.unlink(),
        lambda path: _execute(path, "UPDATE member SET row = x'7b'"),
        lambda path: _execute(path, "UPDATE member SET row = x'ff'"),
        lambda path: _execute(path, "DROP TABLE member"),
    ],
    ids=["garbage", "torn", "gone", "a torn row", "a row that is no text", "no table"],
)
def test_a_damaged_cache_says_that_it_is(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """Whatever is wrong with the cache, opening it or looking somebody up ends in the error that rebuilds it."""
    path = tmp_path / "cache-1.db"
    cache = CacheWriter.open(path)
    cache.apply([MemberRow(member=f"m{number}", position=1) for number in range(300)], {0: 1}, set(), 1)
    cache.close()
    damage(path)
    with pytest.raises(CacheDamagedError):
        look_up(path)


def look_up(path: Path) -> None:
    """Open a cache and ask for a member at each end."""
    reader = CacheReader.open(path)
    try:
        for member in ("m0", "m299"):
            reader.member(member)
    finally:
        reader.close()


def _execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
