"""`till outage` and `till report outage`, with a real ledger: exit codes, what is kept, what is told, and without a network."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.settings import Settings
from protocol.documents import Role, Staff, StaffMember
from protocol.outage import OutageReport
from sync.enrolment import enrol
from tests.sync.books import STORE, Books, on_socket
from till.cli import main
from till.composition import open_till
from till.outage.keeping import Kept, keep, kept_in

ROLES: tuple[Role, ...] = ("manager",)


def asked(folder: Path, *command: str) -> Result:
    return CliRunner().invoke(main, ["--lang", "en", "--data-dir", str(folder), *command])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Books, Path]]:
    """A till that has pulled everything."""
    from ledger.clock import wall_clock_us
    from ledger.documents import publish_staff

    books = Books(tmp_path / "ledger")
    with books.database.write() as connection:
        staff = (StaffMember(staff="1001", name="赵敏", roles=ROLES, pin_hash="x"),)
        publish_staff(connection, books.keys, Staff(store=STORE, staff=staff), wall_clock_us())
    with on_socket(books) as port:
        enrol(books.invite(f"http://127.0.0.1:{port}"), tmp_path / "till", "02号机")
        assert asked(tmp_path / "till", "sync", "now").exit_code == 0
        yield books, tmp_path / "till"
    books.close()


def test_a_check_is_kept_told_and_shown(shop: tuple[Books, Path]) -> None:
    """Exit code 0, the text with its code, the ledger's copy, the manager's line, the report of the shift."""
    _books, folder = shop
    assert asked(folder, "outage", "show").exit_code == 4
    checked = asked(folder, "outage", "check")
    assert (checked.exit_code, "This till survives an outage" in checked.output) == (0, True), checked.output
    assert "Rehearsal: comparing point by point" in checked.stderr
    kept = kept_in(folder)
    assert kept is not None
    assert kept.is_sent
    shown = asked(folder, "outage", "show")
    assert "O1 ZHONGSHAN-01" in shown.output
    assert "█" in shown.output
    told = asked(folder, "report", "outage")
    assert (told.exit_code, "PASS" in told.output) == (0, True)
    document = json.loads(asked(folder, "report", "outage", "--json").stdout)
    assert document["reports"][0]["terminal"] == "zhongshan-01"


def test_without_the_ledger_it_fails_is_kept_and_told_later(shop: tuple[Books, Path], tmp_path: Path) -> None:
    """Exit code 1 and what to do; the next command that reaches the ledger tells it."""
    _books, folder = shop
    journal = (folder / "journal.db").read_bytes()
    # The till knows the ledger at another address now, where nobody is.
    away = tmp_path / "away"
    away.mkdir()
    with on_socket(_books) as port:
        enrol(_books.invite(f"http://127.0.0.1:{port}"), away, "03号机")
    checked = asked(away, "outage", "check")
    assert checked.exit_code == 1
    assert "wait; look at the firewall; ask the operator" in checked.output
    assert "kept at this till" in checked.stderr
    kept = kept_in(away)
    assert kept is not None
    assert not kept.is_sent
    told = asked(away, "report", "outage")
    assert (told.exit_code, "this till alone" in told.stderr, "03号机" in told.output) == (1, True, True)
    silent = json.loads(asked(folder, "report", "outage", "--json").stdout)
    assert silent["silent"] == ["zhongshan-01", "zhongshan-02"]
    assert (folder / "journal.db").read_bytes() == journal


def test_an_open_till_tells_what_was_found_without_a_network(shop: tuple[Books, Path]) -> None:
    """As soon as the ledger is heard, and once."""
    _books, folder = shop
    report = OutageReport(
        terminal="zhongshan-01", terminal_name="02号机", at=1, version="1", result="skipped", checks=()
    )
    keep(folder, Kept(report=report))
    with open_till(folder, Settings()):
        until = time.monotonic() + 10
        while not (found := kept_in(folder)) or not found.is_sent:
            assert time.monotonic() < until
            time.sleep(0.02)
    told = json.loads(asked(folder, "report", "outage", "--json").stdout)
    assert [one["at"] for one in told["reports"]] == [1]


def test_a_folder_that_is_no_till_says_so(tmp_path: Path) -> None:
    """As every command does."""
    for command in (("outage", "check"), ("outage", "show"), ("report", "outage")):
        answer = asked(tmp_path, *command)
        assert (answer.exit_code, "is no till yet" in answer.output) == (4, True)
