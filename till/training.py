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
from sync import training
from sync.cable import Cable, CableMachine
from sync.errors import SyncError, TransientSyncError
from sync.training import Begun, NotEnrolledError
from till.app import Demo, DemoKey
from till.composition import Till, open_till
from till.errors import NotPairedError, RefusedError
from till.events import CodeScanned
from till.shifts import open_shift_of


def begin_training(folder: Path) -> Begun:
    """An empty training folder of the till in `folder`; without a network the one that there is.

    Waits for the network. Raises `NotPairedError`, `RefusedError("training-shift-open")`, `RefusedError("training-offline")`
    where there is neither, `SyncError` for a ledger that refuses, errors of `local_db`.
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
        raise RefusedError("training-offline") from error


def end_training(folder: Path) -> None:
    """Delete the training folder of the till in `folder`, and its book where the ledger can be reached."""
    if (kept := training.begun(folder)) is not None:
        with suppress(SyncError):
            training.clear(folder, kept)


class Practice:
    """A training counter and what plays its customers. Each key comes from a thread of its own."""

    def __init__(self, begun: Begun, settings: Settings) -> None:
        self._begun, self._settings = begun, settings
        self._codes: Iterator[str] = itertools.cycle(member_code(one.member) for one in begun.members)
        self._lock = threading.Lock()
        self._till: Till | None = None
        self.cable = Cable()

    @contextmanager
    def start(self) -> Iterator[Till]:
        """Open the training till."""
        with open_till(self._begun.folder, self._settings, machine=CableMachine(self.cable)) as till:
            self._till = till
            yield till

    def next_member(self) -> None:
        """The next member to practise with shows his code."""
        with self._lock:
            if self._till is not None:
                self._till.counter.tell(CodeScanned(next(self._codes), time.monotonic_ns()))

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
                DemoKey("ctrl+t", "培训会员", "member", self.next_member),
                DemoKey("ctrl+n", "拔网线", "cable", self.plug),
            ),
            is_training=True,
        )
