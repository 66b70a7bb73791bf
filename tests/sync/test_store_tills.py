"""Ending a till from the screen of another one, and replacing one: who may, what happens to what waits, what is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from ledger import heartbeats
from ledger.acts import acts
from ledger.cli import main
from ledger.clock import wall_clock_us
from ledger.documents import publish_staff
from ledger.enrolment import invite_instead
from ledger.keys import save_keys
from protocol.documents import Staff, StaffMember
from protocol.fleet import END_PATH, TILLS_PATH, Ending, EndTillRequest, Heartbeat, StoreTills, TillEnded
from protocol.pins import hash_pin
from protocol.reservations import Granted
from sync.client import LedgerClient
from sync.enrolment import enrol
from sync.errors import FinalSyncError, TransientSyncError
from sync.identity import Identity
from sync.push import Pusher
from tests.sync.books import STORE, URL, AsgiTransport, Books
from tests.sync.test_contract import reserve_request
from tests.sync.tills import Till, enrolled

Asks = Callable[..., TillEnded]


@pytest.fixture
def asks(books: Books, client: LedgerClient) -> Asks:
    """The technician 1090 of the store, at the first till."""
    staff = Staff(store=STORE, staff=(
        StaffMember(staff="1090", name="周强", roles=("technician",), pin_hash=hash_pin("4711")),
        StaffMember(staff="1023", name="王芳", roles=("cashier",), pin_hash=hash_pin("1111")),
    ))  # fmt: skip
    with books.database.write() as connection:
        publish_staff(connection, books.keys, staff, wall_clock_us())

    def ask(terminal: str, how: Ending, staff: str = "1090", pin: str = "4711") -> TillEnded:
        request = EndTillRequest(terminal=terminal, how=how, staff=staff, pin=pin, reason="why")
        return client.ask(END_PATH, request, TillEnded)

    return ask


@pytest.fixture
def other(books: Books, asgi: AsgiTransport, tmp_path: Path) -> Iterator[Till]:
    """A second till of the store."""
    with ExitStack() as opened:
        yield opened.enter_context(enrolled(books, tmp_path / "other", asgi))


def says(books: Books, till: Till, waiting: int, fen: int = 0) -> None:
    beat = Heartbeat(version="1", entries=till.journal.last_seq(), waiting=waiting, waiting_fen=fen)
    with books.database.write() as connection:
        heartbeats.keep(connection, till.identity.terminal, beat, wall_clock_us())


def status_of(client: LedgerClient) -> dict[str, str]:
    return {one.terminal[-2:]: one.status for one in client.ask(TILLS_PATH, None, StoreTills).tills}


def test_a_stolen_till_is_revoked_from_another_one(
    books: Books, client: LedgerClient, asgi: AsgiTransport, asks: Asks, till: Till, other: Till
) -> None:
    """What it sends from then on waits for a person; who ended it, where and why is an act."""
    other.sale(books.join(), award=10)
    ended = asks(other.identity.terminal, "revoked")
    assert (ended.status, status_of(client)) == ("revoked", {"01": "active", "02": "revoked"})
    with other.client(asgi) as stolen:
        assert Pusher(other.journal, stolen).push_once().outcomes[0].reason == "terminal-revoked"
    with books.database.read() as connection:
        (deed,) = [told.deed for told in acts(connection) if told.deed.what == "terminal-revoked"]
    assert (deed.by, deed.facts) == (
        f"1090@{till.identity.terminal}", {"name": other.identity.terminal, "reason": "why"},
    )  # fmt: skip


def test_a_retired_till_brings_the_rest(
    books: Books, client: LedgerClient, asgi: AsgiTransport, asks: Asks, other: Till
) -> None:
    """The answer says how much it said to have; it comes when the till is heard, or carried."""
    member = books.join()
    other.sale(member, award=10)
    says(books, other, 1, 10_000)
    listed = client.ask(TILLS_PATH, None, StoreTills).tills[1]
    assert (listed.name, listed.waiting, listed.waiting_fen) == ("02号机", 1, 10_000)
    ended = asks(other.identity.terminal, "retired")
    assert (ended.waiting, ended.waiting_fen) == (1, 10_000)
    with other.client(asgi) as retired:
        assert Pusher(other.journal, retired).push_once().outcomes[0].status == "booked"
    assert (books.available(member), client.ask(TILLS_PATH, None, StoreTills).tills[1].waiting) == (10, 0)


def test_a_lost_till_gives_its_points_back(
    books: Books, client: LedgerClient, asgi: AsgiTransport, asks: Asks, other: Till
) -> None:
    """Retired first, its points still lie there; lost, they go back to their member."""
    member = books.join(points=100)
    with other.client(asgi) as lost:
        assert isinstance(lost.reserve(reserve_request(member, 60)), Granted)
    assert client.ask(TILLS_PATH, None, StoreTills).tills[1].lying == 60
    assert asks(other.identity.terminal, "retired").points == 0
    assert books.available(member) == 40
    assert asks(other.identity.terminal, "lost").points == 60
    assert (books.available(member), status_of(client)["02"]) == (100, "lost")


def test_who_may_not(books: Books, client: LedgerClient, asks: Asks, other: Till) -> None:
    """A wrong PIN, a cashier, a till of nobody, one that has ended: nothing changes."""
    for staff, pin, code in (
        ("1090", "0000", "end-till-pin"),
        ("9999", "4711", "end-till-pin"),
        ("1023", "1111", "end-till-role"),
    ):
        with pytest.raises(FinalSyncError) as refused:
            asks(other.identity.terminal, "revoked", staff, pin)
        assert refused.value.code == code
    with pytest.raises(FinalSyncError) as refused:
        asks("elsewhere-01", "revoked")
    assert (refused.value.code, set(status_of(client).values())) == ("unknown-terminal", {"active"})
    asks(other.identity.terminal, "revoked")


def test_what_has_ended_does_not_come_back(client: LedgerClient, asks: Asks, other: Till) -> None:
    """Revoked is the end."""
    asks(other.identity.terminal, "revoked")
    with pytest.raises(FinalSyncError) as refused:
        asks(other.identity.terminal, "retired")
    assert refused.value.code == "end-till-ended"


def test_pins_are_not_tried_one_after_the_other(asks: Asks, other: Till) -> None:
    """Five, then one a minute."""
    for _ in range(5):
        with pytest.raises(FinalSyncError):
            asks(other.identity.terminal, "revoked", pin="0000")
    with pytest.raises(TransientSyncError) as refused:
        asks(other.identity.terminal, "revoked")
    assert refused.value.cause == "too-many"


def test_a_machine_takes_the_place_of_another(
    books: Books, client: LedgerClient, asgi: AsgiTransport, till: Till, tmp_path: Path
) -> None:
    """The moment its code is used the old till is retired; the technician is told what it still had; that is booked after."""
    member = books.join()
    till.sale(member, award=10)
    says(books, till, 1)
    with books.database.write() as connection:
        invitation = invite_instead(connection, books.keys, till.identity.terminal, URL, wall_clock_us())
    told: list[tuple[str, int]] = []

    def pair() -> Identity:
        return enrol(
            invitation, tmp_path / "new", "02号机", transport=asgi, replaced=lambda one, left: told.append((one, left))
        )  # fmt: skip

    first = pair()
    (tmp_path / "new" / "journal.db").unlink()  # its answer was lost, as it were: the same code again
    identity = pair()
    assert identity == first
    assert identity.terminal == f"{STORE}-02"
    assert told == [(till.identity.terminal, 1)] * 2
    assert Pusher(till.journal, client).push_once().outcomes[0].status == "booked"
    assert books.available(member) == 10
    with pytest.raises(FinalSyncError) as refused:
        client.ask(TILLS_PATH, None, StoreTills)
    assert refused.value.code == "terminal-retired"


def test_one_that_was_revoked_meanwhile_stays_revoked(
    books: Books, asgi: AsgiTransport, till: Till, tmp_path: Path
) -> None:
    """Replacing a stolen till does not make it an honest one."""
    with books.database.write() as connection:
        invitation = invite_instead(connection, books.keys, till.identity.terminal, URL, wall_clock_us())
    books.end(till.identity.terminal, "revoked")
    enrol(invitation, tmp_path / "new", "02号机", transport=asgi)
    with books.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT status FROM terminal ORDER BY terminal").scalars().all() == [
            "revoked", "active",
        ]  # fmt: skip


def test_the_command_that_replaces(books: Books, till: Till, tmp_path: Path) -> None:
    """A code, as for a new till, and what the old one said to have."""
    save_keys(books.keys, tmp_path / "data")
    till.sale(books.join(), award=10)
    says(books, till, 1)
    options = ["--data-dir", str(tmp_path / "data"), "--database", f"sqlite:///{books.file}"]
    command = [*options, "terminal", "replace", till.identity.terminal, "--url", URL]
    text = CliRunner().invoke(main, command, catch_exceptions=False).stdout
    assert "1 entries wait there" in text
    told = json.loads(CliRunner().invoke(main, [*command, "--json"], catch_exceptions=False).stdout)
    assert (told["invitation"].startswith("E1 "), told["replaces"], told["left_behind"]) == (
        True,
        till.identity.terminal,
        1,
    )
    assert CliRunner().invoke(main, [*options, "terminal", "replace", "nobody-01", "--url", URL]).exit_code == 4
