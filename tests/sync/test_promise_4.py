"""Promise 4, exhaustively: in every order in which sending, booking, answering and pulling can meet, shown is the truth.

The till sells twice to one member and sends both in one batch. Another till sells to him too. The feed is pulled twice. After
every single step the balance on the screen must hold each own sale exactly once, whatever the row behind it has in it: all of
it before its outcome, and after it what it took alone, where the ledger let the rest wait. So with points that are set aside at
this till: drawn on by one sale or both, returned in between, handed out in a sale that waits.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Literal, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db import connections
from local_db.cache import CacheWriter
from local_db.journal import Draft, Journal
from protocol.chain import genesis
from protocol.entries import Authority, Award, Clock, Redemption, Returned, Sale, encode_entry
from protocol.feed import Balance, Lying, MemberRow
from protocol.ids import bucket_of, new_id
from protocol.push import Outcome
from protocol.signing import public_bytes
from till.own_entries import reckon
from till.provisional_account import Reckoned

MEMBER, TERMINAL, KIND = "1000000001", "T1", "points"
SCHEMAS = ("journal", "cache")
BEFORE, OTHERS = 10_000, 1_000
EARNED, TAKEN = f"earned/{KIND}/ever", "taken/r/ever"
ALLOWANCE, SET_ASIDE = new_id(1, bucket_of(MEMBER), 1), 60
"""What is set aside at this till, and how many points."""

Fate = Literal["booked", "awards wait", "waits whole", "returned"]


class Own(NamedTuple):
    """A sale of this till, and what becomes of it at the ledger; or the return of what is set aside."""

    gives: int
    takes: int
    fate: Fate = "booked"
    draws: bool = False
    """On what is set aside, as far as that goes."""

    def book(self, page: Page) -> Page:
        """What it does there; one that waits whole is never booked."""
        if self.fate == "returned":
            return page._replace(position=page.position + 1, points=page.points + page.set_aside, set_aside=0)
        drawn = min(self.takes, page.set_aside) if self.draws else 0
        gains = self.gives if self.fate == "booked" else 0
        return Page(
            page.position + 1, page.points + gains - (self.takes - drawn), page.set_aside - drawn, page.earned + gains,
            page.taken + (self.takes > 0),
        )  # fmt: skip

    def is_known_as(self, *, is_answered: bool) -> int:
        """What it did to the member: the goods have left, and before its outcome nobody knows that something waits."""
        return (0 if is_answered and self.fate != "booked" else self.gives) - self.takes


class Page(NamedTuple):
    """A member's row as the ledger computed it."""

    position: int
    points: int
    set_aside: int = SET_ASIDE
    earned: int = 0
    taken: int = 0
    """Counts that rules with a memory ask for: points given, rewards taken."""


OWN = Own(10, 3), Own(100, 50)
WAITING = Own(10, 3, "waits whole"), Own(100, 50, "awards wait")
RETURN = Own(0, 0, "returned")
SETS = (
    OWN, WAITING,
    (Own(10, 30, draws=True), Own(100, 50, draws=True)),
    (Own(10, 30, draws=True), RETURN),
    (Own(10, 30, "waits whole", draws=True), Own(100, 20, draws=True)),
)  # fmt: skip

PUSH = ("send", "book_1", "book_2", "mark")
PULL = ("compute", "judge", "apply", "release", "compute", "judge", "apply")
HASTY_PULL = ("judge", "compute", "apply", "release", "judge", "compute", "apply")
"""As a till would pull that looks into its journal before the page has arrived."""


class Saved(NamedTuple):
    """Both databases and the ledger."""

    journal: bytes
    cache: bytes
    booked: tuple[str, ...]
    is_answered: bool
    page: Page
    held_back: set[str]


class Meeting:
    """One till, one ledger, and the steps that they take."""

    def __init__(self, key: Ed25519PrivateKey, own: Sequence[Own] = OWN) -> None:
        self._open([sqlite3.connect(":memory:", isolation_level=None) for _ in SCHEMAS])
        for database, schema in zip(self._databases, SCHEMAS, strict=True):
            for step in connections._steps(schema):
                database.executescript(step)
        start = genesis(TERMINAL, public_bytes(key))
        for sold in own:
            entry = entry_of(sold)
            kind = "returned" if isinstance(entry, Returned) else "sale"
            draft = Draft(entry.id, kind, MEMBER, "", 1, encode_entry(entry))
            self.journal.append(draft, TERMINAL, start, lambda _: bytes(64))
        self.effects = {"book_1": own[0], "book_2": own[1], "book_others": Own(OTHERS, 0)}
        self.own = own
        self.booked: tuple[str, ...] = ()
        self.is_answered = False
        self.page = Page(0, BEFORE)
        self.held_back: set[str] = set()
        self.put(self.page)

    def _open(self, databases: Sequence[sqlite3.Connection]) -> None:
        self._databases = databases
        self.journal, self.cache = Journal(databases[0]), CacheWriter(databases[1])

    def saved(self) -> Saved:
        """Where both sides stand, to come back to."""
        journal, cache = (database.serialize() for database in self._databases)
        return Saved(journal, cache, self.booked, self.is_answered, self.page, self.held_back)

    def load(self, saved: Saved) -> None:
        """Come back, on new connections: statements that were prepared before a database is replaced crash in some SQLite."""
        self.close()
        databases = [sqlite3.connect(":memory:", isolation_level=None) for _ in SCHEMAS]
        for database, data in zip(databases, saved[:2], strict=True):
            database.deserialize(data)
        self._open(databases)
        _journal, _cache, self.booked, self.is_answered, self.page, self.held_back = saved

    def take(self, step: str) -> None:
        """One step of either side."""
        match step:
            case "send":
                self.journal.set_sent(len(self.own))
            case "book_1" | "book_2" | "book_others":
                if self.effects[step].fate != "waits whole":
                    self.booked += (step,)
            case "mark":
                self.journal.mark([self.outcome(seq) for seq in (1, 2)], 1)
                self.is_answered = True
            case "compute":
                self.page = Page(0, BEFORE)
                for done in self.booked:
                    self.page = self.effects[done].book(self.page)
            case "judge":
                self.held_back = self.journal.unanswered_members()
            case "apply":
                self.put(self.page)
            case "release":
                self.cache.release_held(self.journal.unanswered_members())

    def outcome(self, seq: int) -> Outcome:
        """Of an own sale: its place among what was booked."""
        fate, step = self.own[seq - 1].fate, f"book_{seq}"
        position = self.booked.index(step) + 1 if step in self.booked else 0
        is_whole = fate in ("booked", "returned")
        return Outcome(seq=seq, status="booked" if is_whole else "quarantined", position=position)

    def put(self, page: Page) -> None:
        lying = Lying(id=ALLOWANCE, terminal=TERMINAL, kind=KIND, points=page.set_aside or 1, authority="allowance")
        row = MemberRow(
            member=MEMBER, position=page.position, lying=(lying,) if page.set_aside else (),
            balances={KIND: Balance(available=page.points, reserved=page.set_aside)},
            counts={EARNED: page.earned, TAKEN: page.taken},
        )  # fmt: skip
        self.cache.apply([row], {}, self.held_back, 0)

    def known(self) -> tuple[MemberRow, Reckoned]:
        """The row, and what this till makes of it."""
        row = self.cache.member(MEMBER)
        assert row is not None
        return row, reckon(self.journal, row, asked=frozenset({EARNED, TAKEN}))

    def shown(self) -> tuple[int, int]:
        """What the screen says, and the position of the row behind it."""
        return _shown(*self.known())

    def is_true(self) -> bool:
        """Each own sale once, and of the other till's what the row has: on the screen, and in what the rules are told."""
        row, reckoned = self.known()
        shown, position = _shown(row, reckoned)
        counts = tuple(row.counts.get(name, 0) + reckoned.counts.get(name, 0) for name in (EARNED, TAKEN))
        others = OTHERS if "book_others" in self.booked[:position] else 0
        known = sum(sold.is_known_as(is_answered=self.is_answered) for sold in self.own)
        return shown == BEFORE + SET_ASIDE + known + others and counts == self.true_counts(others)

    def true_counts(self, others: int) -> tuple[int, int]:
        """Each own sale once: what was handed out stays taken, what waits was not given."""
        given = [0 if self.is_answered and sold.fate != "booked" else sold.gives for sold in self.own]
        return sum(given) + others, sum(sold.takes > 0 for sold in self.own)

    def close(self) -> None:
        self.journal.close()
        self.cache.close()


def _shown(row: MemberRow, reckoned: Reckoned) -> tuple[int, int]:
    spendable = row.balances[KIND].available + reckoned.change.get(KIND, 0) + sum(reckoned.left.values())
    return spendable, row.position


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
        own = sum(sold.is_known_as(is_answered=True) for sold in meeting.own)
        if meeting.shown() != (BEFORE + SET_ASIDE + own + OTHERS, len(meeting.booked)):
            self.wrong.append([*done, "does not settle"])


def entry_of(sold: Own) -> Sale | Returned:
    """On the floor, or on what is set aside."""
    header: dict[str, Any] = {
        "id": new_id(1, bucket_of(MEMBER), secrets.randbits(64)), "store": "S1", "occurred_at": 1,
        "business_day": "2026-11-21", "clock": Clock(wall=1, boot="b", mono_us=1), "member": MEMBER,
    }  # fmt: skip
    if sold.fate == "returned":
        return Returned(**header, reservation=ALLOWANCE)
    authority: Authority = "allowance" if sold.draws else "floor"
    taken = Redemption(
        reward="r", kind=KIND, points=sold.takes, off_bill_fen=1, authority=authority, proof="dynamic",
        reservation=ALLOWANCE if sold.draws else None,
    )  # fmt: skip
    return Sale(
        **header, gross_fen=1, due_fen=1, programme="p", programme_version=1, engine=1,
        awards=(Award(kind=KIND, points=sold.gives),), redemptions=(taken,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def _name(own: Sequence[Own]) -> str:
    return " + ".join(f"{'draws, ' if sold.draws else ''}{sold.fate}" for sold in own)


@pytest.mark.parametrize("own", SETS, ids=_name)
def test_shown_is_true_in_every_order(key: Ed25519PrivateKey, own: Sequence[Own]) -> None:
    """Every step of 3,960 orders, and at the end of each the ledger's own balance without what was handed out beside it."""
    explorer = Explorer(PULL)
    with closing(Meeting(key, own)) as meeting:
        explorer.walk(meeting)
    assert explorer.wrong == []
    assert explorer.orders == 3_960


def test_looking_before_the_page_arrives_is_wrong(key: Ed25519PrivateKey) -> None:
    """The check has teeth: the same rules with the journal read too early show a sale twice in some orders."""
    explorer = Explorer(HASTY_PULL)
    with closing(Meeting(key)) as meeting:
        explorer.walk(meeting)
    assert explorer.wrong
