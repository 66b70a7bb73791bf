"""A ledger and tills in processes of their own, which tests kill; and the question what is left of them in the end."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from uuid import UUID

from bench.machine import children_of
from bench.replay.cashier import Promise
from bench.replay.promises import differences
from config.settings import Settings
from ledger.keys import save_keys
from ledger.settings import Settings as LedgerSettings
from ledger.settings import save_settings
from ledger.verify import verify
from local_db.journal_reader import JournalReader
from sync.enrolment import enrol
from sync.identity import load_identity
from tests.integration.children.programs import sell_for_ever, serve
from tests.integration.conftest import Watch
from tests.local_db.children.processes import Child, heard, rest, running
from tests.sync.books import Books, over_asgi
from till.composition import Till, open_till
from till.history import sales_of_shift

OPENING = 20_000
PULLER_WITHIN_S = 60


class Village:
    """Books on disk, served at one address for ever; `members` have the same points each at first."""

    def __init__(self, folder: Path, url: str = "", members: int = 4) -> None:
        self.folder, self.ledger = folder, folder / "ledger"
        self.books = Books(self.ledger, url)
        save_keys(self.books.keys, self.ledger)
        address = self.books.database.url.render_as_string(hide_password=False)
        save_settings(LedgerSettings(self.ledger, address))
        self.books.publish()
        self.members = [self.books.join(points=OPENING) for _ in range(members)]
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.tills: list[Path] = []

    def pair(self, port: int | None = None) -> Path:
        """One more till, which knows the ledger at `port`."""
        folder = self.folder / f"till-{len(self.tills) + 1}"
        invitation = self.books.invite(f"http://127.0.0.1:{port or self.port}")
        with over_asgi(self.books) as transport:
            enrol(invitation, folder, folder.name, transport=transport)
        self.tills.append(folder)
        return folder

    @contextmanager
    def serving(self) -> Iterator[tuple[Child, Connection]]:
        """`till-ledger serve` in a process of its own, perhaps not listening yet."""
        with running(serve, self.ledger, self.port) as child:
            yield child

    @contextmanager
    def selling(self, till: Path, chance: Random) -> Iterator[Seller]:
        """A till in a process of its own, perhaps not open yet."""
        with running(sell_for_ever, till, self.ledger, self.members, chance.getrandbits(32)) as (child, pipe):
            yield Seller(child, pipe)

    def settled(self) -> None:
        """Everything runs and is left alone until each till has pushed and pulled all there is.

        A till may hear of a reservation and return it in the moment in which it is closed: then once more.
        """
        for _again in range(3):
            with ExitStack() as opened:
                opened.enter_context(self.listening())
                tills = [opened.enter_context(open_till(till, Settings(poll_s=1))) for till in self.tills]
                for till in tills:
                    Watch(till).settled()
                self.all_is_returned(tills)
            if not any(waiting(till) for till in self.tills):
                return

    def all_is_returned(self, tills: Sequence[Till]) -> None:
        """Wait until no points lie at a till: what was granted and not used has been found, and given back."""
        for till in tills:
            watch = Watch(till)
            till.agent.poll_now()
            watch.until(lambda: not self._lying(), "reservations to be returned")
            watch.settled()

    @contextmanager
    def listening(self) -> Iterator[Child]:
        """A ledger that listens."""
        with self.serving() as (child, pipe):
            heard(pipe)
            yield child

    def _lying(self) -> bool:
        with self.books.database.read() as connection:
            return bool(
                connection.exec_driver_sql("SELECT 1 FROM reservation WHERE points_left > 0 LIMIT 1").fetchone()
            )

    def differences(self) -> list[str]:
        """Where what the tills' journals promise and what the books hold part ways; and what is wrong with the books."""
        promises = [promise for number, till in enumerate(self.tills) for promise in promises_of(till, number)]
        opening: Mapping[str, int] = dict.fromkeys(self.members, OPENING)
        assert promises
        return differences(self.books.database, opening, promises)

    def check_books(self) -> None:
        """As they are this moment: nothing in them is half there."""
        assert verify(self.books.database) == []


class Seller:
    """A till's process. `said`: what its screen has shown, id by seq."""

    def __init__(self, child: Child, pipe: Connection) -> None:
        self.child, self._pipe = child, pipe

    def sold(self) -> dict[int, UUID]:
        """Wait until it shows a receipt."""
        return dict([heard(self._pipe)])

    def kill(self) -> dict[int, UUID]:
        """With SIGKILL, whatever it does at this moment; what it had shown by then."""
        self.child.kill()
        self.child.join(30)
        return dict(rest(self._pipe))

    def kill_puller(self) -> None:
        """Its process that pulls, as soon as it has one."""
        pid = getattr(self.child, "pid", None)
        assert isinstance(pid, int)
        end = time.monotonic() + PULLER_WITHIN_S
        while not (pullers := children_of(pid)):
            assert time.monotonic() < end, "nothing pulls"
            time.sleep(0.01)
        with suppress(ProcessLookupError):
            os.kill(pullers[0], 9)


def check_journal(folder: Path, said: Mapping[int, UUID]) -> int:
    """Chain and signatures are whole, and everything that was shown is there; how many entries there are."""
    with closing(JournalReader.open(folder)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        assert list(journal.verify(identity.genesis(), identity.terminal, identity.public)) == []
        rows = {row.seq: row.id for row in journal.entries(1, 1_000_000)}
    assert said.items() <= rows.items()
    return len(rows)


def waiting(folder: Path) -> int:
    """How many entries of a till have no outcome yet."""
    with closing(JournalReader.open(folder)) as journal:
        return journal.waiting()


def promises_of(folder: Path, number: int) -> Sequence[Promise]:
    """The receipts in a till's journal, as the counter shows them."""
    with closing(JournalReader.open(folder)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        assert journal.waiting() == 0
        shifts = dict.fromkeys(row.shift for row in journal.entries(1, 1_000_000) if row.type == "sale")
        past = [sale for shift in shifts for sale in sales_of_shift(journal, identity.terminal, shift)]
    return [Promise(number, sale.receipt, sale.state == "voided") for sale in past]
