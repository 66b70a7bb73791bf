"""Schemas: every step whole, in order, once; and none that this software does not know."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from local_db import connections
from local_db.cache import CacheReader, CacheWriter
from local_db.connections import open_writing
from local_db.errors import JournalDamagedError, NewerSchemaError
from local_db.journal import Journal, JournalReader
from tests.local_db.makers import contradictions, fill

SECOND = "ALTER TABLE pin_try ADD COLUMN note TEXT NOT NULL DEFAULT '';\nCREATE TABLE extra (x TEXT) STRICT;"
BROKEN = "CREATE TABLE half (x TEXT) STRICT;\nUPDATE fact SET value = 'changed';\nINSERT INTO nowhere VALUES (1);"


@pytest.fixture
def later_software(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give the software further steps for the journal, as a later version has them."""
    known = connections._steps("journal")

    def install(*further: str) -> None:
        monkeypatch.setattr(connections, "_steps", lambda _schema: [*known, *further])

    return install


def schema_of(path: Path) -> list[tuple[str, str]]:
    """All that is declared in a file, and its version."""
    connection = sqlite3.connect(path)
    declared = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return [*declared, ("user_version", str(version))]


def test_a_fresh_file_is_a_migrated_one(tmp_path: Path, later_software: Callable[..., None]) -> None:
    """A file made by the later software and one that it brought up to date declare the same, with the entries kept."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    journal = Journal.open(old)
    rows = fill(journal, 3)
    journal.close()
    later_software(SECOND)
    journal = Journal.open(old)
    assert list(journal.walk()) == rows
    journal.close()
    Journal.open(new).close()
    assert schema_of(old / "journal.db") == schema_of(new / "journal.db")
    assert ("user_version", "2") in schema_of(old / "journal.db")


def test_steps_run_once(tmp_path: Path) -> None:
    """Opening a second time changes nothing in the file's declarations."""
    Journal.open(tmp_path).close()
    before = schema_of(tmp_path / "journal.db")
    Journal.open(tmp_path).close()
    assert schema_of(tmp_path / "journal.db") == before


def test_a_failing_step_leaves_the_old_version_whole(tmp_path: Path, later_software: Callable[..., None]) -> None:
    """When the last statement of a step fails, the ones before it have not happened, and the old software goes on."""
    journal = Journal.open(tmp_path)
    journal.set_fact("terminal", "t1")
    fill(journal, 2)
    journal.close()
    before = schema_of(tmp_path / "journal.db")
    later_software(SECOND, BROKEN)
    with pytest.raises(JournalDamagedError, match="nowhere"):
        Journal.open(tmp_path)
    assert schema_of(tmp_path / "journal.db") != before, "the second step stands on its own"
    later_software(SECOND)
    journal = Journal.open(tmp_path)
    assert journal.fact("terminal") == "t1"
    assert ("half", "CREATE TABLE half (x TEXT) STRICT") not in schema_of(tmp_path / "journal.db")
    fill(journal, 1)
    assert contradictions(journal) == []
    journal.close()


def test_a_first_step_that_fails_leaves_an_empty_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh file in which the first step fails has version 0 and no tables."""
    monkeypatch.setattr(connections, "_steps", lambda _schema: [BROKEN])
    with pytest.raises(sqlite3.OperationalError):
        open_writing(tmp_path / "x.db", "FULL", "any")
    assert schema_of(tmp_path / "x.db") == [("user_version", "0")]


@pytest.mark.parametrize("way_in", [Journal.open, JournalReader.open])
def test_a_newer_journal_is_not_touched(tmp_path: Path, way_in: Callable[[Path], object]) -> None:
    """After a downgrade of the software the file stays as it is, for the version that wrote it."""
    path = tmp_path / "journal.db"
    Journal.open(tmp_path).close()
    set_version(path, 99)
    before = path.read_bytes()
    with pytest.raises(NewerSchemaError, match=r"journal\.db has schema 99; this software knows 1"):
        way_in(tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("way_in", [CacheWriter.open, CacheReader.open])
def test_a_newer_cache_is_not_read(tmp_path: Path, way_in: Callable[[Path], object]) -> None:
    """A cache of a later version is refused, not misread."""
    path = tmp_path / "cache-1.db"
    CacheWriter.open(path).close()
    set_version(path, 99)
    with pytest.raises(NewerSchemaError):
        way_in(path)


def set_version(path: Path, version: int) -> None:
    """Pretend that another version wrote the file."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
