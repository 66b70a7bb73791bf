"""A full disk, a read-only one: the sale is refused before success is shown, and nothing of it remains."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local_db.cache import CacheWriter
from local_db.errors import StorageFullError
from local_db.journal import Journal, JournalReader
from protocol.feed import MemberRow
from tests.local_db.makers import append, booked, contradictions, fill, sale_draft, seqs

ROOT = Path(__file__).parents[2]


def _namespace() -> list[str]:
    """The command that gives a program mounts of its own, where this machine lets us: as root, or as a user."""
    if not shutil.which("unshare") or not shutil.which("mount"):
        return []
    for flags in ("-m", "-rm"):
        trial = ["unshare", flags, "mount", "-t", "tmpfs", "tmpfs", os.fspath(ROOT / "tests")]
        if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
            return ["unshare", flags]
    return []


NAMESPACE = _namespace()
DISKS = ["page limit", *(["real disk"] if NAMESPACE else [])]


def small_disk(scenario: str, folder: Path) -> dict[str, Any]:
    """What `children.small_disk` found on a disk of its own, mounted on `folder`."""
    program = [*NAMESPACE, sys.executable, "-m", "tests.local_db.children.small_disk", scenario, os.fspath(folder)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def page_limited(folder: Path) -> dict[str, Any]:
    """The same on SQLite's own page limit, which raises the error that a full disk does."""
    journal = Journal.open(folder)
    journal._connection.execute("PRAGMA max_page_count = 60")
    acknowledged, error = 0, ""
    while not error:
        try:
            acknowledged = append(journal, sale_draft(acknowledged + 1)).seq
        except StorageFullError as full:
            error = type(full).__name__
    found = {"acknowledged": acknowledged, "error": error, "seqs": seqs(list(journal.walk()))}
    journal._connection.execute("PRAGMA max_page_count = 100000")
    found |= {"after": append(journal, sale_draft(acknowledged + 1)).seq, "contradictions": contradictions(journal)}
    journal.close()
    return found


@pytest.mark.parametrize("disk", DISKS)
def test_a_full_disk_refuses_the_sale_and_loses_none(tmp_path: Path, disk: str) -> None:
    """The append that finds no room says so and leaves nothing; all before it are there; with room the chain goes on."""
    found = page_limited(tmp_path) if disk == "page limit" else small_disk("full", tmp_path)
    acknowledged = found["acknowledged"]
    assert acknowledged > 5
    assert found == {
        "acknowledged": acknowledged,
        "error": "StorageFullError",
        "seqs": list(range(1, acknowledged + 1)),
        "after": acknowledged + 1,
        "contradictions": [],
    }


@pytest.mark.parametrize("disk", DISKS[1:] or ["page limit"])
def test_a_disk_that_turned_read_only_is_said(tmp_path: Path, disk: str) -> None:
    """On a read-only disk lock, writer and reader fail in the room's own words; a full one never looks like it."""
    if disk == "real disk":
        assert small_disk("read-only", tmp_path) == dict.fromkeys(["lock", "write", "read"], "StorageFailedError")
    else:
        assert page_limited(tmp_path)["error"] == "StorageFullError"


if sys.platform != "win32":  # where a limit on the size of files can be had

    def test_after_a_disk_failed_nothing_is_written_until_the_next_start(tmp_path: Path) -> None:
        """The write that fails is said; a disk that seems to be well again is not believed, and a new start goes on whole."""
        program = [sys.executable, "-m", "tests.local_db.children.failing_disk", os.fspath(tmp_path)]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
        failed = dict.fromkeys(["at first", "append", "mark", "fact"], "StorageFailedError")
        assert json.loads(done.stdout) == failed | {"read": "3", "after a start": "done", "contradictions": []}


def test_everything_that_writes_says_when_the_disk_is_full(tmp_path: Path) -> None:
    """Outcomes and facts are refused like sales, whole, and the questions are still answered."""
    journal = Journal.open(tmp_path)
    fill(journal, 40)
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    long = "x" * 9_000
    with pytest.raises(StorageFullError):
        journal.mark([booked(seq, detail=long) for seq in range(1, 41)], 1)
    with pytest.raises(StorageFullError):
        journal.set_fact("note", long)
    reader = JournalReader.open(tmp_path)
    for view in (journal, reader):
        assert (view.waiting(), view.fact("note"), view.outcomes([1])) == (40, None, {})
        view.close()


def test_a_full_disk_does_not_tear_a_page_of_the_cache(tmp_path: Path) -> None:
    """A page of changes for which there is no room is not applied at all."""
    cache = CacheWriter.open(tmp_path / "cache-1.db")
    cache.apply([MemberRow(member="m1", position=1)], {0: 1}, set(), 1)
    cache._connection.execute("PRAGMA max_page_count = 16")
    rows = [MemberRow(member=f"m{number}", position=2, name="x" * 500) for number in range(300)]
    with pytest.raises(StorageFullError):
        cache.apply(rows, {0: 2}, set(), 2)
    assert (cache.member_count(), cache.vector().numbers[0], cache.fact("as_of")) == (1, 1, "1")
    cache.close()
