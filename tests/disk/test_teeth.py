"""What the campaigns find when something is wrong: they can fail."""

from __future__ import annotations

from random import Random

import pytest

from local_db import connections, journal
from tests.disk.campaign import cut, run, start_after_a_kill
from tests.disk.failing import FAULTS, failed_day, held_by_caches
from tests.disk.judge import BrokenPromiseError

SEEDS = range(30)


def first_found(*, is_lying: bool = False) -> str:
    """The first sentence of a campaign; empty where all was well."""
    return next((broken[0] for seed in SEEDS if (broken := run(seed, is_lying=is_lying).broken)), "")


def found_after_failed_syncs() -> str:
    """The same, of days in which a sync fails."""
    caches = held_by_caches()
    kinds = failed_day(caches).kinds
    for at in reversed([at for at, kind in enumerate(kinds) if kind == "sync"]):
        try:
            failed_day(caches, at, FAULTS["sync"][0])
        except BrokenPromiseError as error:
            return str(error)
    return ""


def test_a_lying_disk_is_found() -> None:
    """A disk that says it has synced and has not: no software can promise anything on it, and the campaign sees the loss."""
    assert first_found(is_lying=True)


def test_a_journal_that_does_not_sync_each_commit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `synchronous=NORMAL` a commit that returned is not yet on the disk."""
    monkeypatch.setattr(
        journal, "open_writing", lambda path, _full, schema: connections.open_writing(path, "NORMAL", schema)
    )
    assert "acknowledged entries are lost" in first_found()


def test_a_folder_that_is_not_synced_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of a cache that was being loaded comes back, and is played into the rows that were loaded."""
    monkeypatch.setattr(connections, "sync_names", lambda _folder: None)
    assert "holds what it never held" in first_found()


def test_a_log_that_is_cut_off_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint at the start that truncates: the head of the old log is played into the newer file."""
    monkeypatch.setattr(connections, "CHECKPOINT", "PRAGMA wal_checkpoint(TRUNCATE)")
    life = start_after_a_kill()
    everywhere = [moment for moment in range(len(life.operations) + 1) for _ in range(30)]
    with pytest.raises(BrokenPromiseError, match="operation"):
        list(cut(life, everywhere, Random(0)))


def test_a_start_that_believes_what_a_failed_sync_left_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a checkpoint at the start, sales stand behind entries that are in the machine's memory alone."""
    monkeypatch.setattr(connections, "CHECKPOINT", "SELECT 1")
    assert "acknowledged entries are lost" in found_after_failed_syncs()


def test_a_till_that_goes_on_after_an_io_error_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the journal forgets that the disk failed, the next sale succeeds, and the day says so."""
    monkeypatch.setattr(journal, "is_io_error", lambda _error: False)
    assert "goes on after an I/O error" in found_after_failed_syncs()
