"""The end of a terminal: an older copy of a folder is noticed at its first contact, before anything new is trusted."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_db.journal import FILE
from protocol.reservations import Granted
from sync.agent import SyncAgent
from sync.client import LedgerClient
from sync.errors import JournalConflictError, TransientSyncError
from sync.events import ReservationFound, TerminalEnded
from sync.identity import ENDED_FACT
from sync.push import Pusher
from tests.sync.books import AsgiTransport, Books
from tests.sync.test_agent import Heard, Shop, shop
from tests.sync.test_contract import reserve_request
from tests.sync.tills import Till

__all__ = ["shop"]


def copied(till: Till, folder: Path) -> Till:
    """What a backup of the folder holds now, put back: key and journal."""
    with sqlite3.connect(till.folder / FILE) as connection:
        folder.mkdir()
        connection.execute("VACUUM INTO ?", (str(folder / FILE),))
    connection.close()
    shutil.copy(till.folder / "terminal.key", folder)
    return Till(folder)


class Copy:
    """An older copy at work: its journal, and a background of its own."""

    def __init__(self, till: Till) -> None:
        self.till, self.heard = till, Heard()
        self.agent = SyncAgent(till.folder, till.journal, till.identity, till.key, self.heard, poll_s=0.5)

    def until_ended(self) -> str:
        self.heard.wait_for(lambda: bool(self.heard.of(TerminalEnded)) and self.agent.link.stuck != "")
        return self.heard.of(TerminalEnded)[-1].code

    def close(self) -> None:
        self.agent.stop()
        self.till.journal.close()


@pytest.fixture
def copy(shop: Shop, tmp_path: Path) -> Iterator[Copy]:
    """Of the shop's till as it was after its first sale; the till has sold once more since, and closed."""
    member = shop.books.join()
    shop.started()
    shop.sell(member, award=10)
    shop.settled()
    till = copied(shop.till, tmp_path / "restored")
    shop.sell(member, award=20)
    shop.settled()
    shop.agent.stop()
    made = Copy(till)
    yield made
    made.close()


def test_an_older_copy_is_noticed_at_start(copy: Copy) -> None:
    """Nobody sold anything: the ledger is asked for its head, and the counter is told what has happened."""
    copy.agent.start()
    assert copy.until_ended() == "journal-behind"
    # The counter is told before the disk is asked: a full one must not keep it selling.
    copy.heard.wait_for(lambda: copy.till.journal.fact(ENDED_FACT) == "journal-behind")


def test_what_an_older_copy_sold_offline_is_kept_as_a_branch(shop: Shop, copy: Copy) -> None:
    """Nobody could know; at the contact the fork is told, and the entries lie at the ledger, whole and not booked."""
    shop.plug.cut()
    copy.agent.start()
    member = shop.books.join()
    sold = [copy.till.sale(member, award=5) for _ in range(3)]
    copy.agent.wake()
    copy.heard.wait_for(lambda: copy.agent.link.condition == "offline" and copy.agent.link.waiting == 3)
    assert (copy.agent.link.stuck, copy.till.journal.fact(ENDED_FACT)) == ("", None)

    shop.plug.mend()
    copy.agent.poll_now()
    assert copy.until_ended() == "journal-forked"
    copy.heard.wait_for(lambda: copy.agent.link.waiting == 0)
    with shop.books.database.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT seq, payload FROM branch ORDER BY seq").fetchall()
    assert [(seq, bytes(payload)) for seq, payload in kept] == [(row.seq, row.payload) for row in sold]
    assert {outcome.reason for outcome in copy.till.journal.quarantined()} == {"same-id"}
    assert (shop.books.available(member), copy.agent.link.stuck) == (0, "journal-forked")


def test_an_older_copy_asks_for_no_points(shop: Shop, copy: Copy) -> None:
    """Whoever is quicker than the start: before a redemption is asked for, the chain is compared."""
    copy.agent._calls.prepare()
    with pytest.raises(JournalConflictError):
        copy.agent.reserve(reserve_request(shop.books.join(), 1))
    with shop.books.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM reservation").scalar_one() == 0
    copy.agent.start()
    assert copy.until_ended() == "journal-behind"


def test_an_older_copy_returns_no_reservation(shop: Shop, copy: Copy) -> None:
    """A reservation that it does not know may have been used by entries that it does not have."""
    member = shop.books.join()
    with LedgerClient(shop.till.identity, shop.till.key) as client:
        shop.till.sale(member, award=100)
        Pusher(shop.till.journal, client).push_once()
        assert isinstance(client.reserve(reserve_request(member, 60)), Granted)
    copy.agent.start()
    copy.until_ended()
    copy.heard.wait_for(lambda: copy.agent.link.as_of_us > 0)
    assert copy.heard.of(ReservationFound) == []


def test_a_chain_that_the_ledger_calls_its_own_again_goes_on(shop: Shop) -> None:
    """The ledger's books were restored wrongly, and then rightly: the next start takes the word back."""
    shop.till.journal.set_fact(ENDED_FACT, "journal-forked")
    copy = Copy(shop.till)
    assert copy.agent.link.stuck == "journal-forked"
    copy.agent.start()
    copy.heard.wait_for(lambda: bool(copy.heard.of(TerminalEnded)) and copy.till.journal.fact(ENDED_FACT) == "")
    assert (copy.heard.of(TerminalEnded)[-1].code, copy.agent.link.stuck) == ("", "")
    copy.agent.stop()


@pytest.mark.parametrize("status", ["retired", "lost"])
def test_a_till_that_was_taken_out_of_service_hears_of_it(shop: Shop, status: str) -> None:
    """It sells nothing more, and still brings what it has."""
    member = shop.books.join()
    shop.started()
    shop.books.end(shop.till.identity.terminal, status)
    shop.heard.wait_for(lambda: bool(shop.heard.of(TerminalEnded)))
    assert shop.heard.of(TerminalEnded)[-1].code == f"terminal-{status}"
    shop.sell(member, award=5)
    shop.heard.wait_for(lambda: shop.till.journal.waiting() == 0)
    assert shop.agent.link.stuck != ""
    assert shop.books.available(member) == 5


def test_a_journal_without_entries_is_the_ledgers(till: Till, client: LedgerClient) -> None:
    """A new till: nothing has been received, and the chain begins at its genesis on both sides."""
    Pusher(till.journal, client).confirm()
    stands = client.outcomes(1)
    assert (stands.acknowledged, stands.head) == (0, till.identity.genesis().hex())


def test_a_copy_made_before_the_first_sale(till: Till, client: LedgerClient, books: Books, tmp_path: Path) -> None:
    """Behind from its first entry on."""
    copy = copied(till, tmp_path / "restored")
    till.sale(books.join(), award=1)
    Pusher(till.journal, client).push_once()
    with pytest.raises(JournalConflictError) as caught:
        Pusher(copy.journal, client).confirm()
    assert caught.value.code == "journal-behind"
    copy.journal.close()


def test_who_cannot_ask_has_no_answer(till: Till, asgi: AsgiTransport) -> None:
    """Offline nothing is confirmed, nothing is said of the chain, and the question is asked again."""
    with LedgerClient(till.identity, till.key) as offline:
        pusher = Pusher(till.journal, offline)
        with pytest.raises(TransientSyncError):
            pusher.confirm()
    with till.client(asgi) as client:
        Pusher(till.journal, client, pusher._guard).confirm()
    assert pusher._guard._is_confirmed
