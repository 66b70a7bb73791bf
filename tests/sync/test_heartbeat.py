"""The heartbeat: told to the real ledger, seldom, soon where something changed, and in nobody's way."""

from __future__ import annotations

import json
import threading
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from ledger.cli import main
from ledger.keys import save_keys
from local_db.journal_reader import JournalReader
from protocol.fleet import Heartbeat
from sync.heartbeat import BEAT_S, Heartbeats
from sync.identity import Identity
from sync.machine import Machine
from tests.sync.books import AsgiTransport, Books
from tests.sync.faults import FaultyTransport, passed, request_lost
from tests.sync.tills import Till


class Hours(Machine):
    """This machine, with a running clock in the hands of a test, and the way to the ledger that it is given."""

    def __init__(self, way: httpx.BaseTransport) -> None:
        self.now_s, self.way = 0.0, way

    def monotonic(self) -> float:
        return self.now_s

    def uniform(self, low: float, high: float) -> float:
        return high

    def transport(self, *, tls: bool) -> httpx.BaseTransport:
        return self.way


def counting(journal: JournalReader, _identity: Identity) -> Heartbeat:
    """What the journal alone says."""
    waiting = journal.waiting_sums()
    return Heartbeat(
        version="0.1.0", entries=journal.last_seq(), waiting=waiting.entries, waiting_fen=waiting.amount_fen,
        waiting_since=waiting.since_us,
    )  # fmt: skip


def is_waiting(beat: Heartbeat) -> Hashable:
    return beat.waiting > 0


def said(books: Books) -> list[tuple[Any, ...]]:
    with books.database.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT terminal, entries, waiting, waiting_fen FROM heartbeat")
        return [tuple(row) for row in found]


def test_it_beats_every_quarter_and_when_something_changed(books: Books, till: Till, asgi: AsgiTransport) -> None:
    """The first at once, none while all is as it was, one when an entry waits, one when the time is over."""
    machine = Hours(asgi)
    beats = Heartbeats(till.folder, counting, is_waiting, machine)
    assert beats.look()
    assert said(books) == [(till.identity.terminal, 0, 0, 0)]
    assert not beats.look()
    till.sale(books.join(), award=10)
    till.sale(books.join(), award=10)
    assert beats.look()
    assert said(books) == [(till.identity.terminal, 2, 2, 20_000)]
    till.sale(books.join(), award=10)
    assert not beats.look()
    machine.now_s += BEAT_S * 1.2
    assert beats.look()
    assert said(books) == [(till.identity.terminal, 3, 3, 30_000)]


def test_a_ledger_that_is_away_is_asked_less_and_less(books: Books, till: Till, asgi: AsgiTransport) -> None:
    """Also where something changes meanwhile: an outage is no reason to knock every minute."""
    machine = Hours(FaultyTransport(asgi, request_lost, request_lost, passed))
    beats = Heartbeats(till.folder, counting, is_waiting, machine)
    assert not beats.look()
    till.sale(books.join(), award=10)
    assert not beats.look()
    machine.now_s += 61
    assert not beats.look()
    machine.now_s += 61
    assert not beats.look()
    assert said(books) == []
    machine.now_s += 60
    assert beats.look()
    assert len(said(books)) == 1


def test_it_looks_when_it_is_woken(books: Books, till: Till, asgi: AsgiTransport) -> None:
    """Not only once a minute: a shift that was closed is told before somebody switches the machine off."""
    heard = threading.Event()

    def counted(journal: JournalReader, identity: Identity) -> Heartbeat:
        heard.set()
        return counting(journal, identity)

    beats = Heartbeats(till.folder, counted, is_waiting, Hours(asgi))
    beats.start()
    for _time in range(3):
        beats.wake()
        assert heard.wait(10)
        heard.clear()
    beats.stop()
    assert len(said(books)) == 1


@pytest.mark.parametrize("how", ["retired", "lost"])
def test_a_till_that_has_ended_still_says_what_it_has(
    books: Books, till: Till, asgi: AsgiTransport, how: str
) -> None:
    """Somebody has to know that its journal must be carried."""
    till.sale(books.join(), award=10)
    books.end(till.identity.terminal, how)
    assert Heartbeats(till.folder, counting, is_waiting, Hours(asgi)).look()
    assert said(books) == [(till.identity.terminal, 1, 1, 10_000)]


def test_a_folder_that_is_no_till(tmp_path: Path, asgi: AsgiTransport) -> None:
    """Nothing is told, nothing fails."""
    assert not Heartbeats(tmp_path, counting, is_waiting, Hours(asgi)).look()


def test_the_command(books: Books, till: Till, asgi: AsgiTransport, tmp_path: Path) -> None:
    """A till that has ended with entries on it: what waits, its money and why, in the language that is asked for."""
    save_keys(books.keys, tmp_path / "data")
    till.sale(books.join(), award=10)
    books.end(till.identity.terminal, "lost")
    assert Heartbeats(till.folder, counting, is_waiting, Hours(asgi)).look()

    def run(*arguments: str) -> Result:
        options = ["--data-dir", str(tmp_path / "data"), "--database", f"sqlite:///{books.file}"]
        return CliRunner().invoke(main, [*options, "fleet", *arguments], catch_exceptions=False)

    chinese = run("--lang", "zh-CN")
    assert chinese.exit_code == 1
    lines = chinese.stdout.splitlines()
    assert lines[0] == "共1台收银机，1台需要去看看"
    assert lines[3].startswith(f"{till.identity.terminal} ")
    assert "1 ¥100.00" in lines[3]
    assert lines[4] == "  ! [已挂失] 02号机 0.1.0  已停用，机内还有1笔（¥100.00）：请把流水文件带回后台。"
    assert "need a visit" in run("--lang", "en").stdout
    told = json.loads(run("--json").stdout)
    (one,) = told["tills"]
    assert (told["visits"], one["waiting_fen"], one["troubles"]) == (1, 10_000, ["ended-waiting"])
    assert one["why_en"].startswith("It has ended, and 1 entries")
    assert one["why_zh"].startswith("已停用")
    assert run("--store", "nowhere").stdout == run("--merchant", "nobody").stdout != ""
