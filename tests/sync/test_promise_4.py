"""Promise 4, exhaustively: in every order in which sending, booking, answering and pulling can meet, shown is the truth.

The till sells twice to one member and sends both in one batch. Another till sells to him too. The feed is pulled twice. After
every single step the balance on the screen must hold each own sale exactly once, whatever the row behind it has in it.
"""

from __future__ import annotations

import secrets
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db.cache import CacheWriter
from local_db.connections import open_writing
from local_db.journal import Draft, Journal
from protocol.chain import genesis
from protocol.feed import Balance, MemberRow
from protocol.ids import bucket_of, new_id
from protocol.push import Outcome
from protocol.signing import public_bytes

MEMBER, TERMINAL, KIND = "1000000001", "T1", "points"
OWN, OTHERS = (10, 100), 1_000

PUSH = ("send", "book_1", "book_2", "mark")
PULL = ("compute", "judge", "apply", "release", "compute", "judge", "apply")
HASTY_PULL = ("judge", "compute", "apply", "release", "judge", "compute", "apply")
"""As a till would pull that looks into its journal before the page has arrived."""


class Page(NamedTuple):
    """A member's row as the ledger computed it."""

    position: int
    points: int


class Saved(NamedTuple):
    """Both databases and the ledger."""

    journal: bytes
    cache: bytes
    booked: tuple[int, ...]
    page: Page
    held_back: set[str]


class Meeting:
    """One till, one ledger, and the steps that they take."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._databases = (
            open_writing(Path(":memory:"), "FULL", "journal"), open_writing(Path(":memory:"), "NORMAL", "cache"),
        )  # fmt: skip
        self.journal, self.cache = Journal(self._databases[0]), CacheWriter(self._databases[1])
        start = genesis(TERMINAL, public_bytes(key))
        for points in OWN:
            entry = new_id(1, bucket_of(MEMBER), secrets.randbits(64))
            self.journal.append(
                Draft(entry, "sale", MEMBER, "", 1, b"%d" % points), TERMINAL, start, lambda _: bytes(64)
            )
        self.booked: tuple[int, ...] = ()
        self.page = Page(0, 0)
        self.held_back: set[str] = set()
        self.put(self.page)

    def saved(self) -> Saved:
        """Where both sides stand, to come back to."""
        journal, cache = (database.serialize() for database in self._databases)
        return Saved(journal, cache, self.booked, self.page, self.held_back)

    def load(self, saved: Saved) -> None:
        """Come back."""
        for database, data in zip(self._databases, saved[:2], strict=True):
            database.deserialize(data)
        _journal, _cache, self.booked, self.page, self.held_back = saved

    def take(self, step: str) -> None:
        """One step of either side."""
        match step:
            case "send":
                self.journal.set_sent(len(OWN))
            case "book_1" | "book_2":
                self.booked += (OWN[int(step[-1]) - 1],)
            case "book_others":
                self.booked += (OTHERS,)
            case "mark":
                at = [self.booked.index(points) + 1 for points in OWN]
                self.journal.mark([Outcome(seq=s, status="booked", position=p) for s, p in enumerate(at, 1)], 1)
            case "compute":
                self.page = Page(len(self.booked), sum(self.booked))
            case "judge":
                self.held_back = self.journal.unanswered_members()
            case "apply":
                self.put(self.page)
            case "release":
                self.cache.release_held(self.journal.unanswered_members())

    def put(self, page: Page) -> None:
        row = MemberRow(member=MEMBER, position=page.position, balances={KIND: Balance(available=page.points)})
        self.cache.apply([row], {}, self.held_back, 0)

    def shown(self) -> tuple[int, int]:
        """What the screen says, and the position of the row behind it."""
        row = self.cache.member(MEMBER)
        assert row is not None
        own = sum(int(entry.payload) for entry in self.journal.not_counted(MEMBER, row.position))
        return row.balances[KIND].available + own, row.position

    def is_true(self) -> bool:
        """Each own sale once, and of the other till's what the row has."""
        shown, position = self.shown()
        return shown == sum(OWN) + (OTHERS if OTHERS in self.booked[:position] else 0)

    def close(self) -> None:
        self.journal.close()
        self.cache.close()


class Explorer:
    """Walks all orders in which a push, a pull and the other till's booking can be shuffled; common beginnings once."""

    def __init__(self, pull: tuple[str, ...]) -> None:
        self._sides = (PUSH, pull, ("book_others",))
        self.wrong: list[list[str]] = []
        self.orders = 0

    def walk(self, meeting: Meeting, at: tuple[int, ...] = (0, 0, 0), done: tuple[str, ...] = ()) -> None:
        if not meeting.is_true():
            self.wrong.append(list(done))
            return
        steps = [(side, steps[at[side]]) for side, steps in enumerate(self._sides) if at[side] < len(steps)]
        if not steps:
            self._settle(meeting, done)
        for side, step in steps:
            saved = meeting.saved()
            meeting.take(step)
            self.walk(meeting, tuple(n + (i == side) for i, n in enumerate(at)), (*done, step))
            meeting.load(saved)

    def _settle(self, meeting: Meeting, done: tuple[str, ...]) -> None:
        """One more pull ends with the ledger's own balance."""
        self.orders += 1
        for step in (*PULL[:3], "release"):
            meeting.take(step)
        if meeting.shown() != (sum(OWN) + OTHERS, 3):
            self.wrong.append([*done, "does not settle"])


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def test_shown_is_true_in_every_order(key: Ed25519PrivateKey) -> None:
    """Every step of 3,960 orders, and at the end of each the ledger's own balance."""
    explorer = Explorer(PULL)
    with closing(Meeting(key)) as meeting:
        explorer.walk(meeting)
    assert explorer.wrong == []
    assert explorer.orders == 3_960


def test_looking_before_the_page_arrives_is_wrong(key: Ed25519PrivateKey) -> None:
    """The check has teeth: the same rules with the journal read too early show a sale twice in some orders."""
    explorer = Explorer(HASTY_PULL)
    with closing(Meeting(key)) as meeting:
        explorer.walk(meeting)
    assert explorer.wrong
