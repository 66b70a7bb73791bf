"""Decisions beside outcomes: once, checked, and what they take out of what waits."""

from __future__ import annotations

import msgspec
import pytest

from local_db.journal import Journal
from protocol.cases import Choice, Decision
from protocol.push import Outcome
from tests.local_db.makers import append, booked, sale_draft


def decided(
    seq: int, number: int = 1, choice: Choice = "written-off", position: int = 0, branch: str = ""
) -> Decision:
    """By the manager."""
    return Decision(
        number=number, seq=seq, choice=choice, position=position, branch=branch, who="1001", at=1, why="因为"
    )


def waits(seq: int, position: int = 0) -> Outcome:
    """A quarantined entry; with a position its redemptions are booked."""
    return booked(seq, position, status="quarantined", reason="unknown-programme")


def four(journal: Journal) -> None:
    """1 waits whole, of 2 only the awards wait, 3 is a shortfall, 4 is booked; all of one member."""
    for seq in range(1, 5):
        append(journal, sale_draft(seq, member="m1", floor=True))
    journal.mark([waits(1), waits(2, 12), booked(3, 13, status="shortfall", shortfall=5), booked(4, 14)], 1)


def open_seqs(journal: Journal) -> list[int]:
    return [outcome.seq for outcome in journal.quarantined()]


def test_what_was_decided_waits_no_more(journal: Journal) -> None:
    """It is gone from the list, its pages, the count, the sums of the floor and the members whose rows may hold a decision."""
    four(journal)
    assert (open_seqs(journal), journal.quarantined_count()) == ([1, 2, 3], 3)
    assert [outcome.seq for outcome in journal.quarantined(after=1, limit=1)] == [2]
    assert [row.seq for row in journal.unbooked_floor()] == [1]
    assert journal.members_waiting() == {"m1"}
    journal.mark_decisions([decided(seq, seq) for seq in (1, 2, 3)], 2)
    assert (open_seqs(journal), journal.quarantined_count(), journal.unbooked_floor()) == ([], 0, [])
    assert (journal.members_waiting(), journal.newest_decision()) == (set(), 3)
    assert journal.outcomes([1]) == {1: msgspec.structs.replace(waits(1), id=journal.entries(1, 1)[0].id)}


@pytest.mark.parametrize(
    ("choice", "position", "not_counted"),
    [
        # (row's position → seqs of what is not in it), decided at 20
        ("accepted", 11, [1, 2, 3, 4]), ("accepted", 14, [1, 2]), ("accepted", 20, []),
        ("written-off", 11, [1, 2, 3, 4]), ("written-off", 14, [1]), ("written-off", 20, []),
    ],
)  # fmt: skip
def test_a_row_after_the_decision_has_it_in_it(
    journal: Journal, choice: Choice, position: int, not_counted: list[int]
) -> None:
    """What waited whole is out of the reckoning with the row that knows; awards that were accepted come in with it."""
    four(journal)
    journal.mark_decisions([decided(seq, seq, choice, position=20) for seq in (1, 2)], 2)
    assert [row.seq for row in journal.not_counted("m1", position)] == not_counted


def test_the_first_decision_stays(journal: Journal) -> None:
    """Told twice it is known once; of a ledger that was restored all are told anew."""
    four(journal)
    journal.mark_decisions([decided(1)], 2)
    journal.mark_decisions([decided(1, choice="accepted")], 3)
    assert journal.decisions([1, 2]) == {1: decided(1)}
    journal.mark_decisions([decided(2)], 4, anew=True)
    assert (journal.decisions([1, 2]), journal.newest_decision()) == ({2: decided(2)}, 1)


def test_a_decision_about_another_chain_is_not_ours(journal: Journal) -> None:
    """A fork's entry has the same seq and another hash; that it was told is remembered."""
    four(journal)
    journal.mark_decisions(
        [decided(1, 1, branch="00" * 32), decided(2, 2, branch=journal.entries(2, 1)[0].hash.hex())], 2
    )
    assert (set(journal.decisions([1, 2])), journal.newest_decision()) == ({2}, 2)


@pytest.mark.parametrize("is_mended", [False, True])
def test_a_damaged_decision_is_told_again(journal: Journal, *, is_mended: bool) -> None:
    """The entry waits again, and all decisions are asked for; `mend` drops it too."""
    four(journal)
    journal.mark_decisions([decided(1), decided(2, 2)], 2)
    journal._connection.execute("UPDATE decision SET choice = 'corrected' WHERE seq = 1")
    assert open_seqs(journal) == [1, 3]
    if is_mended:
        assert journal.mend() == ["the decision about entry 1 was damaged; the ledger tells it again"]
    assert journal.decisions([1, 2]) == {2: decided(2, 2)}
    assert journal.newest_decision() == 0
