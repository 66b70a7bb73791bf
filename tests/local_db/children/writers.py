"""What the children do: append, apply, hold a folder, until they are killed."""

from __future__ import annotations

from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from local_db.cache import CacheWriter
from local_db.connections import till_lock
from local_db.journal import Journal
from protocol.feed import Balance, MemberRow
from tests.local_db.makers import append, sale_draft

PAGE = 200


def append_for_ever(pipe: Connection, folder: Path) -> None:
    """Append sale after sale, and report each seq once its append has returned."""
    with till_lock(folder):
        journal = Journal.open(folder)
        last = journal.last()
        for number in count((last.seq if last else 0) + 1):
            pipe.send(append(journal, sale_draft(number)).seq)


def page(position: int) -> list[MemberRow]:
    """The rows of 200 members at one position."""
    return [
        MemberRow(member=f"m{number}", position=position, balances={"points": Balance(available=position)})
        for number in range(PAGE)
    ]


def apply_for_ever(pipe: Connection, path: Path) -> None:
    """Apply page after page of the same members, and report each position once it is applied."""
    cache = CacheWriter.open(path)
    for position in count(cache.vector().numbers[0] + 1):
        cache.apply(page(position), {0: position}, set(), position)
        pipe.send(position)


def hold_folder(pipe: Connection, folder: Path) -> None:
    """Hold the folder and say so, until the parent says something."""
    with till_lock(folder):
        pipe.send("held")
        pipe.recv()
