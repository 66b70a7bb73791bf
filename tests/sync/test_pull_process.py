"""The process that pulls, run as it is: its pipes, its lock, its end."""

from __future__ import annotations

import io
import queue
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_db.connections import PULL_LOCK_FILE, till_lock
from sync import pull
from sync.pull import Wishes
from sync.pull_process import PullEnded, PullProcess
from sync.reports import CacheTrouble, FileReady, Heard, Pulled, PullFailed, Report, decoder
from tests.sync.books import Books, on_socket
from tests.sync.tills import Till, enrolled

WAIT_S = 20.0
Told = queue.SimpleQueue[Report | PullEnded]


@pytest.fixture
def near(books: Books, tmp_path: Path) -> Iterator[Till]:
    """A till whose ledger listens on a socket."""
    with on_socket(books) as port, enrolled(books, tmp_path / "till", None, f"http://127.0.0.1:{port}") as till:
        yield till


def test_one_poll_from_the_command_line(near: Till) -> None:
    """`--once` makes a cache, says so in JSON lines, and ends with 0."""
    command = [sys.executable, "-m", "sync.pull", "--data-dir", str(near.folder), "--once"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=WAIT_S)
    reports = [decoder.decode(line) for line in done.stdout.splitlines()]
    assert [type(report) for report in reports] == [FileReady, Pulled]
    assert done.stderr == b""


def test_it_polls_when_asked_and_ends_with_its_parent(near: Till, books: Books) -> None:
    """A line asks for a poll now, though the next one is an hour away; the end of the pipe ends the process."""
    told: Told = queue.SimpleQueue()
    process = PullProcess(near.folder, 3_600, told.put)
    ready = told.get(timeout=WAIT_S)
    assert isinstance(ready, FileReady)
    near.journal.set_fact("cache", ready.file)
    assert isinstance(told.get(timeout=WAIT_S), Pulled)
    member = books.join()
    process.ask()
    assert isinstance(told.get(timeout=WAIT_S), Heard)
    pulled = told.get(timeout=WAIT_S)
    assert isinstance(pulled, Pulled)
    assert pulled.members == (member,)
    assert process._process.stdin is not None
    process._process.stdin.close()
    assert told.get(timeout=WAIT_S) == PullEnded(0)
    process.stop()


def test_a_failure_is_told_in_a_word(near: Till, books: Books) -> None:
    """Revoked: the cause for the status line, the ledger's code for the log, and no stack trace."""
    books.end(near.identity.terminal, "revoked")
    told: Told = queue.SimpleQueue()
    process = PullProcess(near.folder, 3_600, told.put)
    failed = told.get(timeout=WAIT_S)
    process.stop()
    assert isinstance(failed, PullFailed)
    assert (failed.cause, failed.code) == ("revoked", "terminal-revoked")
    assert (near.folder / "pull.log").read_bytes() == b""


def test_there_is_one_at_a_time(near: Till) -> None:
    """A process that outlived its till still holds the cache: a second one does not touch it."""
    told = io.BytesIO()
    with till_lock(near.folder, PULL_LOCK_FILE):
        assert pull.run(near.folder, 30, once=True, asked=io.BytesIO(), told=told) == 1
    (trouble,) = [decoder.decode(line) for line in told.getvalue().splitlines()]
    assert isinstance(trouble, CacheTrouble)
    assert trouble.code == "another-till"


def test_a_wish_does_not_shorten_a_pause_that_was_asked_for() -> None:
    """`Retry-After` is kept even when the counter would like to know sooner."""
    wishes = Wishes()
    wishes._wanted.set()
    started = time.monotonic()
    wishes.wait(0.2, started + 0.2)
    assert time.monotonic() - started >= 0.19
    wishes._wanted.set()
    wishes.wait(5, 0)
    assert time.monotonic() - started < 2
