"""The counter itself, in a pseudo-terminal, with a scanner on another one: signed in, waiting for a customer."""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import NamedTuple

from bench.shop.coalitions import MANAGER, MANAGER_PIN, member_no
from bench.shop.consoles import Console
from bench.shop.echo import READY
from bench.shop.seeding import touch_members
from bench.shop.shops import Shop
from config.settings import Settings, write_settings
from devices.simulators import ScannerSimulator
from ledger.database import Database
from ledger.settings import load_settings
from local_db.cache import CacheReader
from local_db.journal import JournalReader
from protocol.codes import member_code
from sync.cache_files import FACT

SIGN_IN = "请输入工号和密码"
NO_SHIFT = "按 F8 开班"
COUNTER = "请扫会员码"
OPEN = "02号机"
"""The till's name, in the status line once the till is open."""
_F8 = "\x1b[19~"
_FINGERS_S = 0.15
"""Between two keys of a person. What comes faster is taken for a scanner that types."""

_TOUCH_EVERY_S = 8.0
"""A process that pulls reads 100,000 rows in about that time: there is always something to pull."""


def till_command(folder: Path) -> list[str]:
    """What opens the counter of a folder."""
    return [sys.executable, "-m", "till", "--data-dir", str(folder)]


class Counter(NamedTuple):
    """A counter that waits for a customer."""

    console: Console
    scanner: ScannerSimulator

    def scan(self, place: int) -> float:
        """Scan the bench's `place`-th member; seconds from the scanner's last byte until he is on the screen."""
        mark = self.console.mark()
        self.scanner.type_code(member_code(member_no(place)))
        started = time.perf_counter()
        return self.console.saw(f"尾号{place % 10_000:04d}", mark) - started


@contextmanager
def open_console(folder: Path) -> Iterator[Counter]:
    """The counter as it starts, with a scanner assigned."""
    with ScannerSimulator() as scanner:
        write_settings(folder, Settings(scanner_port=str(scanner.port), poll_s=1))
        with Console(till_command(folder), folder) as console:
            yield Counter(console, scanner)


@contextmanager
def open_echo(folder: Path) -> Iterator[Console]:
    """A program that echoes, in a terminal of the same kind."""
    with Console([sys.executable, "-m", "bench.shop.echo"], folder) as console:
        console.saw(READY)
        yield console


@contextmanager
def open_counter(folder: Path) -> Iterator[Counter]:
    """The counter with a manager signed in and a shift open."""
    with open_console(folder) as counter:
        sign_in(counter.console)
        yield counter


def sign_in(console: Console) -> None:
    """As a person does it, at a person's pace."""
    console.saw(SIGN_IN)
    console.saw(OPEN)
    mark = console.mark()
    for key in f"{MANAGER}\r{MANAGER_PIN}\r":
        console.type(key)
        time.sleep(_FINGERS_S)
    try:
        console.saw(COUNTER, mark, 3)
    except TimeoutError:
        console.saw(NO_SHIFT, mark)
        console.type(_F8)
        console.saw(COUNTER, mark)


class Pulled(NamedTuple):
    """What a till pulled meanwhile: feed numbers that its cache moved on by."""

    rows: int
    seconds: float


@contextmanager
def pulling(shop: Shop, changes: int) -> Iterator[list[Pulled]]:
    """While the block runs `changes` members move on every eight seconds, and the till pulls them; afterwards, how many."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    touching = context.Process(target=_touch, args=(shop.ledger_folder, shop.members, changes, stop))
    done: list[Pulled] = []
    before, started = _numbers(shop.till), time.monotonic()
    touching.start()
    try:
        while _numbers(shop.till) == before:
            time.sleep(0.2)
        yield done
        done.append(Pulled(_numbers(shop.till) - before, time.monotonic() - started))
    finally:
        stop.set()
        touching.join()


def _touch(ledger_folder: Path, members: int, changes: int, stop: Event) -> None:
    # Not for secrets: the same members in every run.
    chance = random.Random(3)
    with closing(Database(load_settings(ledger_folder).database)) as books:
        while True:
            touch_members(books, chance.sample(range(members), changes))
            if stop.wait(_TOUCH_EVERY_S):
                return


def _numbers(till: Path) -> int:
    with closing(JournalReader.open(till)) as journal:
        name = journal.fact(FACT) or ""
    with closing(CacheReader.open(till / name)) as cache:
        return sum(cache.vector().numbers)
