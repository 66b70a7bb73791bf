"""What runs in processes that are killed: a ledger, and a till that sells for ever."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import IO, cast

import sync.push  # noqa: F401  # here, so that the fork server has it and a child starts at once
from config.settings import Settings
from ledger import serving  # noqa: F401
from ledger.cli import main
from ledger.clock import wall_clock_us
from ledger.keys import load_keys
from points import Choice, PointsError
from protocol.codes import member_code
from protocol.dynamic_codes import make
from till.composition import Till, open_till
from till.draft import SaleDraft
from till.errors import RefusedError
from till.receipts import Receipt
from till.scanning import MemberIdentified
from till.shifts import Session

MANAGER = Session("1001", "赵敏", ("manager", "supervisor", "cashier"))
PAUSE_S = 0.02


def serve(pipe: Connection, folder: Path, port: int) -> None:
    """`till-ledger serve`; its line is sent when it listens."""
    with contextlib.redirect_stdout(cast("IO[str]", _Said(pipe))):
        main(["--data-dir", str(folder), "--json", "serve", "--port", str(port)], standalone_mode=False)


class _Said:
    """Standard output, as far as a command line wants one."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def write(self, text: str) -> int:
        self._pipe.send(text)
        return len(text)

    def flush(self) -> None:
        """Each line is sent at once."""


def sell_for_ever(pipe: Connection, folder: Path, ledger: Path, members: list[str], seed: int) -> None:
    """A till with all its threads, whose cashier does one thing after the other; each receipt is sent once it is shown."""
    with open_till(folder, Settings(poll_s=1)) as till:
        while not till.counter.is_ready:
            time.sleep(PAUSE_S)
        clerk = Clerk(till, ledger, members, Random(seed))
        while True:
            if receipt := clerk.act():
                pipe.send((receipt.seq, receipt.id))
            time.sleep(clerk.chance.uniform(0, PAUSE_S))


class Clerk:
    """Sells, redeems and takes back, whatever the network does. `ledger`: where the keys are that phones' codes need."""

    def __init__(self, till: Till, ledger: Path, members: list[str], chance: Random) -> None:
        self.counter, self.chance = till.counter, chance
        self._members, self._keys = members, load_keys(ledger)
        self._session = till.counter.open_shift(MANAGER)
        self._last: Receipt | None = None

    def act(self) -> Receipt | None:
        """The receipt of a sale; None where a sale was taken back."""
        chosen = self.chance.random()
        if chosen < 0.1 and self._last is not None:
            self.counter.void(self._session, self._last.id)
            self._last = None
            return None
        self._last = self.redeem() if chosen < 0.35 else self.sell()
        return self._last

    def sell(self) -> Receipt:
        """By the card."""
        draft = self._draft(member_code(self._chosen()), self.chance.randrange(1, 200) * 100)
        return self.counter.commit(self._session, draft)

    def redeem(self) -> Receipt:
        """By what the phone shows; where that is refused the customer pays without."""
        draft = self._draft(self._phone(self._chosen()), 200_00)
        try:
            return self.counter.redeem(self._session, draft.with_choice(Choice("voucher", 1_000)))
        except (RefusedError, PointsError):
            return self.counter.commit(self._session, draft)

    def _draft(self, code: str, fen: int) -> SaleDraft:
        found = self.counter.scan(code, SaleDraft())
        assert isinstance(found, MemberIdentified)
        return SaleDraft().with_member(found.member, found.proof).with_amount(fen)

    def _chosen(self) -> str:
        return self.chance.choice(self._members)

    def _phone(self, member: str) -> str:
        now_us = wall_clock_us()
        nonce = self.chance.getrandbits(64).to_bytes(8, "big")
        return make(member, now_us // 1_000_000, nonce, self._keys.current(now_us).private)


@contextlib.contextmanager
def at_work(clerks: list[Clerk], pause_s: float = 0.002) -> Iterator[None]:
    """They serve one customer after the other while the block runs."""
    ended, trouble = threading.Event(), list[Exception]()

    def serve(clerk: Clerk) -> None:
        try:
            while not ended.wait(pause_s):
                clerk.act()
        except Exception as error:  # noqa: BLE001  # told by the test
            trouble.append(error)

    threads = [threading.Thread(target=serve, args=(clerk,)) for clerk in clerks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert trouble == []
