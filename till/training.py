"""Training: the whole counter in a folder of its own, with members to practise with and a cable that can be pulled."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from config.settings import Settings
from local_db.journal_reader import FILE, JournalReader
from protocol.codes import member_code
from protocol.training import TrainingMember
from sync import training
from sync.cable import Cable, CableMachine
from sync.client import LedgerClient
from sync.errors import SyncError, TransientSyncError
from sync.identity import load_key
from sync.training import Begun, NotEnrolledError
from till.app import Demo, DemoKey
from till.composition import Till, open_till
from till.counter import Counter
from till.errors import NotPairedError, RefusedError
from till.events import CodeScanned
from till.shifts import open_shift_of


def begin_training(folder: Path) -> Begun:
    """An empty training folder of the till in `folder`; without a network the one that there is.

    Waits for the network. Raises `NotPairedError`, `RefusedError("training-shift-open")`, `RefusedError("training-offline")`
    (or `training-too-often`) where there is neither, `SyncError` for a ledger that refuses, errors of `local_db`.
    """
    if (folder / FILE).exists():
        with closing(JournalReader.open(folder)) as reader:
            if open_shift_of(reader)[0]:
                raise RefusedError("training-shift-open")
    try:
        return training.begin(folder, "training")
    except NotEnrolledError:
        raise NotPairedError(folder) from None
    except TransientSyncError as error:
        if (kept := training.begun(folder)) is not None:
            return kept
        raise RefusedError("training-too-often" if error.cause == "too-many" else "training-offline") from error


def end_training(folder: Path) -> None:
    """Delete the training folder of the till in `folder`, and its book where the ledger can be reached."""
    if (kept := training.begun(folder)) is not None:
        with suppress(SyncError):
            training.clear(folder, kept)


class Practice:
    """A training counter and what plays its customers. Each key comes from a thread of its own."""

    def __init__(self, begun: Begun, settings: Settings) -> None:
        self._begun, self._settings = begun, settings
        self._members: Iterator[str] = itertools.cycle(one.member for one in begun.members)
        self._current = begun.members[0].member
        self._lock = threading.Lock()
        self._till: Till | None = None
        self.cable = Cable()

    @contextmanager
    def start(self) -> Iterator[Till]:
        """Open the training till."""
        with open_till(self._begun.folder, self._settings, machine=CableMachine(self.cable)) as till:
            self._till = till
            yield till

    @property
    def counter(self) -> Counter:
        """Of the training till, once it is open."""
        assert self._till is not None
        return self._till.counter

    @property
    def folder(self) -> Path:
        """Of the training."""
        return self._begun.folder

    @property
    def members(self) -> tuple[TrainingMember, ...]:
        """Who comes to the counter."""
        return self._begun.members

    def show_phone(self, place: int) -> None:
        """A certain member holds his phone in front of the scanner."""
        with self._lock:
            self._current = self._begun.members[place].member
            self._scan(self._phone())

    def phone_code(self, place: int) -> str:
        """What his phone shows, for nobody's scanner."""
        with self._lock:
            self._current = self._begun.members[place].member
            return self._phone()

    def read(self, code: str) -> None:
        """The scanner reads something."""
        with self._lock:
            self._scan(code)

    def next_phone(self) -> None:
        """The next member to practise with holds his phone in front of the scanner."""
        with self._lock:
            self._current = next(self._members)
            self._scan(self._phone())

    def same_phone(self) -> None:
        """The member at the counter agrees: he refreshes his code and shows it again."""
        with self._lock:
            self._scan(self._phone())

    def card(self) -> None:
        """The next member has a card."""
        with self._lock:
            self._current = next(self._members)
            self._scan(member_code(self._current))

    def _phone(self) -> str:
        """Phones have a network of their own: the cable is the till's. Without the ledger all that there is is the card."""
        try:
            with LedgerClient(self._begun.identity, load_key(self._begun.folder)) as client:
                return client.training_code(self._current)
        except SyncError:
            return member_code(self._current)

    def _scan(self, code: str) -> None:
        if self._till is not None:
            self._till.counter.tell(CodeScanned(code, time.monotonic_ns()))

    def plug(self) -> None:
        """Pull the network cable of this training, or put it back."""
        with self._lock:
            if self.cable.is_cut:
                self.cable.mend()
            else:
                self.cable.cut()
            if self._till is not None:
                self._till.agent.poll_now()

    def demo(self) -> Demo:
        """The keys, for the app."""
        return Demo(
            (
                DemoKey("ctrl+t", "会员手机码", "phone", self.next_phone),
                DemoKey("ctrl+r", "刷新再扫", "again", self.same_phone),
                DemoKey("ctrl+k", "刷卡", "card", self.card),
                DemoKey("ctrl+n", "拔网线", "cable", self.plug),
            ),
            is_training=True,
        )

    def tutorial(self) -> Demo:
        """The first day: a coach makes the situations, and who has passed is told the ledger by the till of the books."""
        from till.tutorial.coach import Coach
        from till.tutorial.keeping import keep_and_send
        from till.tutorial.props import Props

        books = self._begun.folder.parent
        again = DemoKey("ctrl+r", "刷新再扫", "again", self.same_phone)
        coach = Coach(Props(self), lambda passed: keep_and_send(books, passed))
        return Demo((again,), is_training=True, coach=coach)
