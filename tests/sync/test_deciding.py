"""Decisions on their way: a manager's request to the real service, and the rows that wait until a till has heard."""

from __future__ import annotations

from contextlib import closing

import pytest

from ledger.clock import wall_clock_us
from ledger.deciding import Wanted, decide
from ledger.documents import publish_staff
from protocol.cases import Correction, DecideRequest, Decision
from protocol.documents import Staff, StaffMember
from protocol.entries import Void
from protocol.ids import new_id
from sync.client import LedgerClient
from sync.errors import FinalSyncError
from sync.push import Pusher
from sync.reports import DecisionsSeen
from tests.sync.books import KIND, STORE, AsgiTransport, Books
from tests.sync.test_puller import Poller
from tests.sync.tills import Till, header


@pytest.fixture(autouse=True)
def _staff(books: Books) -> None:
    """A cashier, a supervisor and two managers."""
    roles = {"1023": "cashier", "1002": "supervisor", "1001": "manager", "1009": "manager"}
    people = tuple(StaffMember(staff=one, name=one, roles=(role,), pin_hash="") for one, role in roles.items())  # type: ignore[arg-type]
    with books.database.write() as connection:
        publish_staff(connection, books.keys, Staff(store=STORE, staff=people), wall_clock_us())


def waiting_sale(till: Till, client: LedgerClient, member: str) -> int:
    """The void of a sale that the ledger never saw waits whole; its seq."""
    void = Void(**header(member), member=member, voids=new_id(1, 0, 1))
    seq = till.append(void).seq
    Pusher(till.journal, client).push_once()
    assert till.journal.quarantined_count() == 1
    return seq


def test_a_manager_of_the_store_decides_once(till: Till, books: Books, client: LedgerClient) -> None:
    """Nobody else may; the second one is told what the first decided, and the till's other decisions come in order."""
    member = books.join()
    seq = waiting_sale(till, client, member)
    for staff in ("1023", "1002", "4711"):
        with pytest.raises(FinalSyncError) as caught:
            client.decide(DecideRequest(seq=seq, choice="written-off", staff=staff, why="x"))
        assert caught.value.code == "case-role"
    with pytest.raises(FinalSyncError) as caught:
        client.decide(DecideRequest(seq=seq, choice="accepted", staff="1001", why="x"))
    assert caught.value.code == "case-still-unknown-entry"
    words = Correction(member=member, kind=KIND, given=30)
    first = client.decide(
        DecideRequest(seq=seq, choice="corrected", staff="1001", why="补\u202e 30", correction=words)
    )
    assert (first.who, first.where, first.why) == ("1001", till.identity.terminal, "补 30")
    assert client.decide(DecideRequest(seq=seq, choice="written-off", staff="1009", why="y")) == first
    assert client.decisions(0).decisions == (first,)
    assert client.decisions(1).newest == 1
    assert books.available(member) == 30
    with pytest.raises(FinalSyncError) as caught:
        client.decide(DecideRequest(seq=99, choice="written-off", staff="1001", why="x"))
    assert caught.value.code == "unknown-case"


def test_a_row_waits_until_the_decision_in_it_is_known(
    till: Till, books: Books, client: LedgerClient, asgi: AsgiTransport
) -> None:
    """The process that pulls tells its parent, and puts the row in place once the journal has it."""
    member = books.join()
    with closing(Poller(till, asgi)) as poller:
        poller.poll()
        seq = waiting_sale(till, client, member)
        poller.poll()
        words = Correction(member=member, kind=KIND, given=30)
        wanted = Wanted(till.identity.terminal, seq, "corrected", "1001", "补积分", correction=words)
        decision = decide(books.database, wanted, wall_clock_us()).decision

        def row_points() -> int:
            with closing(till.cache()) as cache:
                row = cache.member(member)
                assert row is not None
                return row.balances[KIND].available if KIND in row.balances else 0

        seen = [report for report in poller.poll() if isinstance(report, DecisionsSeen)]
        assert seen[0].decisions == (decision,)
        assert row_points() == 0
        till.journal.mark_decisions(seen[0].decisions, 1)
        assert [report for report in poller.poll() if isinstance(report, DecisionsSeen)] == []
        assert row_points() == 30


def test_a_restored_ledger_tells_its_decisions_anew(
    till: Till, books: Books, client: LedgerClient, asgi: AsgiTransport
) -> None:
    """A till that has heard of more than there is asks from the beginning."""
    seq = waiting_sale(till, client, books.join())
    gone = [
        Decision(number=number, seq=seq - 1 + number, choice="accepted", who="1001", at=1, why="x")
        for number in (1, 2)
    ]
    till.sale(books.join(), award=1)
    till.journal.mark_decisions(gone[1:] + gone[:1], 1)
    with closing(Poller(till, asgi)) as poller:
        waiting_again = till.append(Void(**header("1000000001"), member="1000000001", voids=new_id(1, 0, 1)))
        Pusher(till.journal, client).push_once()
        assert till.journal.quarantined_count() == 1
        assert waiting_again.seq > seq
        seen = [report for report in poller.poll() if isinstance(report, DecisionsSeen)]
        assert all(report.anew and report.decisions == () for report in seen)
        assert seen
        till.journal.mark_decisions((), 1, anew=True)
    assert till.journal.quarantined_count() == 2
