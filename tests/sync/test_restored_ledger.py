"""A ledger is put back from an old backup, and its tills bring what it forgot: nothing is lost, nothing is booked twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from ledger import log
from ledger.database import Database
from ledger.keys import save_keys
from ledger.restoring import BOOKS_FILE, back_up, restore
from ledger.verify import verify
from local_db.journal import Row
from protocol import canonical
from protocol.checkpoints import open_checkpoint
from protocol.reservations import Granted
from protocol.signing import Signed
from sync.client import LedgerClient
from sync.errors import TransientSyncError
from sync.ledger_receipts import LedgerReceipts
from sync.push import Pusher
from tests.sync.books import Books, over_asgi
from tests.sync.faults import FaultyTransport, answer_lost, passed
from tests.sync.test_contract import reserve_request
from tests.sync.test_puller import Poller
from tests.sync.tills import Till, enrolled, shown


class Shop:
    """Two tills and their ledger, which can be put back to an earlier moment."""

    def __init__(self, books: Books, folder: Path, opened: ExitStack) -> None:
        self.books, self._folder, self._opened = books, folder, opened
        save_keys(books.keys, folder / "data")
        self.transport = opened.enter_context(over_asgi(books))
        self.tills = [
            opened.enter_context(enrolled(books, folder / name, self.transport)) for name in ("first", "second")
        ]
        self.began: list[tuple[str, int]] = []

    def client(self, till: Till) -> LedgerClient:
        return self._opened.enter_context(LedgerClient(till.identity, till.key, transport=self.transport))

    def pusher(self, till: Till) -> Pusher:
        """Of a new run of the till."""
        receipts = LedgerReceipts(till.journal, lambda epoch, entries: self.began.append((epoch, entries)))
        return Pusher(till.journal, self.client(till), receipts=receipts)

    def push(self, till: Till) -> None:
        """As a till does at its start, until nothing waits."""
        pusher = self.pusher(till)
        pusher.confirm()
        while pusher.push_once().left:
            pass
        pusher.prove()

    def poll(self, till: Till) -> None:
        with closing(Poller(till, self.transport)) as poller:
            poller.poll()

    def trade(self, till: Till) -> None:
        """All that a till does when it is online."""
        self.push(till)
        self.poll(till)
        log.take_up(self.books.database)

    def redeem(self, till: Till, member: str, points: int) -> Row:
        """Online: reserved, then sold."""
        request = reserve_request(member, points)
        assert isinstance(self.client(till).reserve(request), Granted)
        return till.sale(member, redeem=points, reservation=request.id)

    def back_up(self) -> None:
        back_up(self.books.database, self._folder / "data", self._folder / "backup")

    def put_back(self, *, is_said: bool) -> None:
        """By the command, or by files that were copied back and nobody said a word."""
        if is_said:
            file = self._folder / "again.db"
            with closing(Database(f"sqlite:///{file}")) as database:
                restore(self._folder / "backup", self._folder / "data", database, 1)
        else:
            file = self._folder / "backup" / BOOKS_FILE
        self.books = Books.restored(file, self.books.keys)
        self.transport = self._opened.enter_context(over_asgi(self.books))


@pytest.fixture
def shop(books: Books, tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as opened:
        yield Shop(books, tmp_path, opened)


@pytest.mark.parametrize("is_said", [True, False], ids=["by the command", "by copying files"])
def test_two_tills_bring_what_was_forgotten(shop: Shop, is_said: bool) -> None:
    """They come back one after the other. What each shows is true at every step; what was spent twice meanwhile is the
    merchant's shortfall, and the journal says that the outcome is another one than before."""
    first, second = shop.tills
    one, other = shop.books.join(), shop.books.join()
    first.sale(one, award=100)
    second.sale(other, award=100)
    for till in (first, second, first):
        shop.trade(till)
    shop.back_up()

    first.sale(one, award=50)
    shop.redeem(first, one, 30)
    taken = shop.redeem(second, other, 100)
    second.sale(one, award=7)
    for till in (first, second, first):
        shop.trade(till)
    assert [shown(till.cache(), till.journal, one) for till in shop.tills] == [127, 127]
    offline = first.sale(other, award=5)
    assert (shown(first.cache(), first.journal, other), shop.books.available(other)) == (5, 0)

    shop.put_back(is_said=is_said)
    assert shop.books.available(one) == 100
    asked = shop.pusher(first)
    asked.confirm()
    assert (first.journal.waiting(), len(shop.began)) == (3, 1)
    # The old cache stays in use until the till has brought what was missing, and says what it said.
    shop.poll(first)
    assert [shown(first.cache(), first.journal, member) for member in (one, other)] == [127, 5]
    while asked.push_once().left:
        pass
    assert [shown(first.cache(), first.journal, member) for member in (one, other)] == [127, 5]
    shop.poll(first)
    assert [shown(first.cache(), first.journal, member) for member in (one, other)] == [120, 105]
    assert first.journal.told_differently() == []
    again = shop.redeem(first, other, 100)  # the ledger has forgotten that they were taken at the other till
    shop.trade(first)

    shop.trade(second)
    assert len(shop.began) == 2
    ((was, now),) = second.journal.told_differently()
    assert now is not None
    assert (was.seq, was.status, now.status, now.shortfall) == (taken.seq, "booked", "shortfall", 95)
    shop.trade(second)
    shop.trade(first)
    assert [shop.books.available(member) for member in (one, other)] == [127, 0]
    for till in shop.tills:
        assert [shown(till.cache(), till.journal, member) for member in (one, other)] == [127, 0]
        assert till.journal.waiting() == 0
        assert list(till.journal.verify(till.identity.genesis(), till.identity.terminal)) == []
    assert {first.journal.outcomes([row.seq])[row.seq].status for row in (offline, again)} == {"booked"}
    assert verify(shop.books.database) == []


def test_a_till_that_lost_nothing_finds_out_by_the_log(shop: Shop) -> None:
    """Its own entries are all there, those of another till are not: the log is shorter than it was, and it says so."""
    first, second = shop.tills
    member = shop.books.join()
    first.sale(member, award=1)
    shop.trade(first)
    shop.back_up()
    second.sale(member, award=2)
    shop.trade(second)
    shop.push(first)
    shop.put_back(is_said=False)
    first.sale(member, award=4)
    shop.push(first)
    assert [entries for _epoch, entries in shop.began] == [0]
    shop.poll(first)
    assert shown(first.cache(), first.journal, member) == 5
    shop.trade(second)
    shop.poll(first)
    assert [shown(till.cache(), till.journal, member) for till in shop.tills] == [7, 7]
    assert verify(shop.books.database) == []


def test_an_answer_that_never_came_is_asked_for_in_the_new_books(shop: Shop) -> None:
    """An entry was booked before the backup and the till never heard of it: its outcome is the first one, told now."""
    till = shop.tills[0]
    member = shop.books.join()
    till.sale(member, award=1)
    shop.trade(till)
    till.sale(member, award=2)
    pusher = shop.pusher(till)
    batch = pusher._batch(pusher._whole(2))
    till.journal.set_sent(2)
    shop.client(till).push(batch)
    shop.back_up()
    shop.put_back(is_said=True)
    shop.push(till)
    assert till.journal.waiting() == 0
    shop.poll(till)
    assert shown(till.cache(), till.journal, member) == 3
    assert verify(shop.books.database) == []


def test_the_ledger_proves_its_log_to_the_till(shop: Shop) -> None:
    """Each proof continues the one before, and the newest checkpoint is kept, one of each shift beside it."""
    till = shop.tills[0]
    member = shop.books.join()
    for award in (1, 2, 3):
        till.sale(member, award=award)
        shop.trade(till)
    shop.push(till)
    kept = [open_checkpoint(_signed(document), shop.books.keys.ring) for document in till.journal.checkpoints()]
    assert {(one.seq, one.head) for one in kept} == {(3, till.journal.entries(3, 1)[0].hash.hex())}
    assert kept[0].size == 3
    assert till.journal.fact("proved")


def _signed(document: bytes) -> Signed:
    return canonical.decode(document, Signed)


def test_half_a_bootstrap_of_books_that_are_no_more_is_thrown_away(shop: Shop) -> None:
    """The members of a new till were loaded, its documents were not; then the books were put back, and the journal met the new
    ones first. The parts that lie on the disk are of the old ones: they are not read again for ever."""
    till = shop.tills[0]
    member = shop.books.join()
    shop.back_up()
    cut = FaultyTransport(shop.transport, passed, answer_lost)
    with closing(Poller(till, cut)) as poller, pytest.raises(TransientSyncError):
        poller.poll()
    assert cut.seen == ["/v1/snapshot", "/v1/documents"]
    shop.put_back(is_said=True)
    till.sale(member, award=3)
    shop.push(till)
    with closing(Poller(till, shop.transport)) as poller:
        with pytest.raises(TransientSyncError):
            poller.poll()
        poller.poll()
        poller.poll()
    assert shown(till.cache(), till.journal, member) == 3
