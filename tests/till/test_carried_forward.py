"""What is carried forward is what would be reckoned anew, whatever comes in between; and nothing is read twice for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from random import Random
from typing import Any, cast
from uuid import UUID

import pytest

from local_db import connections
from local_db.errors import JournalDamagedError
from local_db.journal import Draft, Journal, Row
from protocol.cases import Choice, Decision
from protocol.entries import (
    Award,
    Clock,
    Entry,
    MemberEntry,
    Redemption,
    Returned,
    Sale,
    Void,
    decode_entry,
    encode_entry,
)
from protocol.feed import Balance, Lying, MemberRow
from protocol.ids import bucket_of, new_id
from protocol.push import Outcome, OutcomeStatus
from tests.desks import MEMBER, NOON_US, TestDesk, member_row
from tests.till.test_selling import identified
from till import own_entries
from till.own_entries import FEW, Reckoning, own_effect, reckon
from till.provisional_account import Reckoned
from till.scanning import identify
from till.selling import commit_sale
from till.voiding import void_sale

Make = Callable[..., TestDesk]
SEEDS, STEPS, SALES = 60, 60, 1_500
OLD, NEW, KINDS = "1000000001", "1000000002", ("points", "stamps")
"""A number that is merged into another one, sometimes."""


class History:
    """One member at a till, in the hands of chance: what is appended, what is told of it, and which row is known."""

    def __init__(self, seed: int) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        for step in connections._steps("journal"):
            connection.executescript(step)
        self.journal, self.chance = Journal(connection), Random(seed)
        self.ids: list[UUID] = []
        self.position = self.decided = self.epoch = 0
        self.row = MemberRow(member=NEW, position=0)

    def _append(self, entry: Entry, payload: bytes = b"") -> None:
        kind = str(entry.__struct_config__.tag)
        member = cast("MemberEntry", entry).member
        draft = Draft(entry.id, kind, member, "", 1, payload or encode_entry(entry))
        self.journal.append(draft, "T1", bytes(32), lambda _: bytes(64))

    def _header(self) -> dict[str, Any]:
        member = self.chance.choice((OLD, NEW, NEW))
        return {
            "id": new_id(1, bucket_of(member), self.chance.getrandbits(64)), "store": "S1", "occurred_at": 1,
            "business_day": "2026-11-21", "clock": Clock(wall=1, boot="b", mono_us=1), "member": member,
        }  # fmt: skip

    def _known(self) -> UUID:
        """Of a sale, a reservation or an allowance; now and then of nothing."""
        return self.chance.choice(self.ids) if self.ids else new_id(1, 1, 1)

    def sell(self) -> None:
        chance = self.chance
        lines = tuple(
            Redemption(
                reward="r", kind=chance.choice(KINDS), points=chance.randint(1, 60), off_bill_fen=1, proof="dynamic",
                authority=chance.choice(("floor", "floor", "online", "allowance")),
                reservation=chance.choice((None, *[lying.id for lying in self.row.lying])),
            )
            for _ in range(chance.choice((0, 0, 1, 1, 2)))
        )  # fmt: skip
        awards = tuple(Award(kind=kind, points=chance.randint(1, 50)) for kind in KINDS[: chance.randint(0, 2)])
        sale = Sale(
            **self._header(), gross_fen=1, due_fen=1, programme="p", programme_version=1, engine=1, awards=awards,
            redemptions=lines,
        )  # fmt: skip
        self.ids.append(sale.id)
        self._append(sale)

    def void(self) -> None:
        self._append(Void(**self._header(), voids=self._known()))

    def give_back(self) -> None:
        reservation = self.chance.choice([lying.id for lying in self.row.lying] or [self._known()])
        self._append(Returned(**self._header(), reservation=reservation))

    def scribble(self) -> None:
        """An entry that nobody can read."""
        if self.chance.random() < 0.1:
            self._append(Void(**self._header(), voids=self._known()), b"{}")

    def answer(self) -> None:
        """Up to an entry, or of one alone."""
        first, last = self.journal.first_without_outcome(), self.journal.last_seq()
        if first > last:
            return
        until = self.chance.randint(first, last)
        self.journal.mark([self._outcome(seq) for seq in range(first, until + 1)], 1)

    def _outcome(self, seq: int) -> Outcome:
        self.position += 1
        status = self.chance.choice(("booked", "booked", "shortfall", "quarantined", "quarantined"))
        position = self.position if status != "quarantined" else self.chance.choice((0, self.position))
        shortfall = self.chance.randint(1, 30) if status == "shortfall" else 0
        return Outcome(seq=seq, status=cast("OutcomeStatus", status), position=position, shortfall=shortfall)

    def decide(self) -> None:
        waiting = self.journal.quarantined()
        if waiting:
            self.decided += 1
            self.position += 1
            choice: Choice = self.chance.choice(("accepted", "corrected", "written-off"))
            one = self.chance.choice(waiting)
            told = Decision(number=self.decided, seq=one.seq, choice=choice, position=self.position,
                            shortfall=self.chance.choice((0, 3)), who="1001", at=1, why="因为")  # fmt: skip
            self.journal.mark_decisions([told], 1)

    def pull(self) -> None:
        """A row, mostly a newer one, with anything in it."""
        chance = self.chance
        lying = tuple(
            Lying(
                id=chance.choice([*self.ids[-3:], new_id(1, bucket_of(NEW), chance.getrandbits(40))]), terminal="T1",
                kind=chance.choice(KINDS), points=chance.randint(1, 80), member=chance.choice(("", "", OLD)),
                authority="allowance" if chance.random() < 0.7 else "online",
            )
            for _ in range(chance.randint(0, 2))
        )  # fmt: skip
        self.ids += [one.id for one in lying]
        self.row = MemberRow(
            member=NEW, position=chance.randint(self.row.position, self.position), lying=lying,
            balances={kind: Balance(available=chance.randint(-5, 200), owed=chance.choice((0, 9))) for kind in KINDS},
            merged=chance.choice(({}, {OLD: chance.randint(0, self.position)})),
            epoch=chance.choice(("", *self.journal.epochs())),
        )  # fmt: skip

    def restore(self) -> None:
        """The ledger's books begin another life."""
        if self.chance.random() < 0.2:
            self.epoch += 1
            first = self.chance.randint(1, self.journal.last_seq() + 1)
            self.journal.begin_epoch(f"e{self.epoch}", first, [], 1)

    def carried(self) -> tuple[Reckoned, Reckoned]:
        """Carried forward, where it can be; with gains and without."""
        return reckon(self.journal, self.row), reckon(self.journal, self.row, with_gains=False)

    def anew(self) -> tuple[Reckoned, Reckoned]:
        return (
            Reckoning(self.journal, self.row).result(),
            Reckoning(self.journal, self.row, with_gains=False).result(),
        )


@pytest.fixture
def everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has an entry at all is carried forward."""
    monkeypatch.setattr(own_entries, "FEW", 0)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many payloads the till has read again from its journal."""
    count = [0]

    def counting(payload: bytes) -> Entry:
        count[0] += 1
        return decode_entry(payload)

    monkeypatch.setattr(own_entries, "decode_entry", counting)
    return count


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_history(seed: int) -> None:
    """Sales of every sort, voids, returns, outcomes, decisions, restored books and other rows, in any order."""
    history = History(seed)
    often = [history.sell, history.sell, history.sell, history.void, history.give_back, history.scribble]
    rarely = [history.answer, history.decide, history.pull, history.restore]
    with closing(history.journal):
        for _ in range(STEPS):
            history.chance.choice(often if history.chance.random() < 0.8 else rarely)()
            assert history.carried() == history.anew()


def test_a_day_of_one_member_is_read_once(desk_with: Make, decoded: list[int]) -> None:
    """1,500 sales without a network: a look-up reads what came since the one before, not all of them again."""
    test = desk_with(members=[member_row(tier="standard")])
    draft = identified(test).with_amount(100_00)
    for done in range(SALES):
        found = identify(test.desk, MEMBER, "code")
        assert found.spendable("points") == 1_250 + 100 * done
        commit_sale(test.desk, test.manager, draft.with_member(found, draft.proof))
    anew = sum(range(FEW + 1))  # 1 and 2 and … entries, until there are more than a few
    assert decoded[0] <= anew + SALES


def test_what_is_told_of_an_entry_begins_anew(desk_with: Make, decoded: list[int]) -> None:
    """An outcome changes the sum, though no entry was appended; then it is carried forward again."""
    test = desk_with(members=[row := member_row(tier="standard")])
    for _ in range(FEW + 2):
        commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    assert own_effect(test.desk.journal, row) == {"points": 100 * (FEW + 2)}
    last = test.desk.journal.last_seq()
    test.desk.journal.mark([Outcome(seq=last, status="quarantined")], NOON_US)
    assert own_effect(test.desk.journal, row) == {"points": 100 * (FEW + 1)}
    decoded[0] = 0
    assert own_effect(test.desk.journal, row) == {"points": 100 * (FEW + 1)}
    assert decoded[0] == 0


@pytest.mark.usefixtures("everybody")
def test_what_fails_half_way_is_not_carried_on(desk_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk failed to tell what a void is about: the sale before it is not booked a second time."""
    test = desk_with(members=[row := member_row(tier="standard")])
    voided = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    assert own_effect(test.desk.journal, row) == {"points": 100}
    commit_sale(test.desk, test.manager, identified(test).with_amount(50_00))
    void_sale(test.desk, test.manager, voided.id)

    def fail(_: UUID) -> Row | None:
        raise JournalDamagedError("a page")

    with monkeypatch.context() as broken:
        broken.setattr(test.desk.journal, "entry", fail)
        with pytest.raises(JournalDamagedError):
            reckon(test.desk.journal, row)
    assert own_effect(test.desk.journal, row) == {"points": 50}
