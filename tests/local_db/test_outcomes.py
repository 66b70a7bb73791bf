"""Outcomes: the first stays, and what is still open is told from them exactly."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_db import connections
from local_db.journal import FILE, MAX_OUTCOMES_AT_ONCE, Journal
from protocol.push import Outcome
from tests.local_db.makers import append, booked, fill, new_journal, sale_draft, seqs

COUNT = 12


def test_the_first_outcome_stays(journal: Journal) -> None:
    """A second outcome of an entry, from an answer that came twice, changes nothing."""
    fill(journal, 1)
    journal.mark([booked(1, 5)], 1)
    journal.mark([booked(1, 9, status="quarantined", reason="unreadable")], 2)
    assert (journal.outcomes([1])[1].status, journal.outcomes([1])[1].position) == ("booked", 5)
    assert journal.quarantined() == []


def test_an_outcome_is_kept_whole(journal: Journal) -> None:
    """All that the ledger said of a quarantined entry is there for who decides."""
    rows = fill(journal, 2)
    said = booked(2, status="quarantined", reason="unknown-member", detail="m9 <b>", shortfall=3, id=rows[1].id)
    journal.mark([booked(1, 4), said], 1)
    assert journal.quarantined() == [said]


@pytest.mark.parametrize("wrong", [{"seq": 9}, {"position": -1}, {"status": "eaten"}, {"shortfall": -1}])
def test_an_outcome_that_makes_no_sense_is_not_swallowed(journal: Journal, wrong: dict[str, Any]) -> None:
    """An unknown entry or status is an error, never a silent gap, and its page is not marked at all."""
    fill(journal, 2)
    with pytest.raises(sqlite3.IntegrityError):
        journal.mark([booked(1, 1), booked(**({"seq": 2, "position": 2} | wrong))], 1)
    assert (journal.outcomes([1, 2]), journal.first_without_outcome()) == ({}, 1)


def test_more_than_a_page_of_outcomes(journal: Journal) -> None:
    """Outcomes beyond the limit of one transaction are all marked."""
    count = MAX_OUTCOMES_AT_ONCE + 5
    fill(journal, count)
    journal.mark([booked(seq, seq) for seq in range(1, count + 1)], 1)
    assert (journal.waiting(), journal.first_without_outcome()) == (0, count + 1)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, COUNT), max_size=6), max_size=5),
    st.sets(st.integers(1, COUNT), max_size=4),
    st.integers(0, COUNT),
    st.integers(0, 20),
)
def test_what_is_open_is_what_has_no_outcome(
    marked: list[list[int]], whole: set[int], sent: int, position: int
) -> None:
    """In whatever order outcomes come, with gaps or twice, each question gives what a plain model gives.

    What waits `whole` for a person has an outcome and is in no row. Every other sale took points on the floor.
    """
    journal = Journal(_memory())
    rows = [append(journal, sale_draft(number, floor=bool(number % 2))) for number in range(1, COUNT + 1)]
    positions: dict[int, int] = {}
    journal.set_sent(sent)
    for batch in marked:
        journal.mark([refused(seq) if seq in whole else booked(seq, seq + 3) for seq in batch], 1)
        positions |= {seq: 99 if seq in whole else seq + 3 for seq in batch if seq not in positions}
    open_rows = [row for row in rows if row.seq not in positions]
    assert journal.waiting() == len(open_rows)
    assert journal.first_without_outcome() == min(seqs(open_rows), default=COUNT + 1)
    assert journal.unbooked_floor() == [row for row in rows if row.seq % 2 and positions.get(row.seq, 99) == 99]
    assert journal.unanswered_members() == {row.member for row in open_rows if row.seq <= sent}
    for member in {row.member for row in rows}:
        mine = [row for row in rows if row.member == member and positions.get(row.seq, 99) > position]
        assert journal.not_counted(member, position) == mine
        assert journal.not_counted(member, position, after=sent) == [row for row in mine if row.seq > sent]
    journal.close()


def refused(seq: int) -> Outcome:
    """Waits whole."""
    return Outcome(seq=seq, status="quarantined", reason="unreadable")


def _memory() -> sqlite3.Connection:
    """The journal's own schema, in memory: hypothesis makes many."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for step in connections._steps("journal"):
        connection.executescript(step)
    return connection


def test_what_was_sent_never_goes_back(journal: Journal) -> None:
    """A late word about an earlier push does not lower the mark."""
    journal.set_sent(5)
    journal.set_sent(3)
    assert journal.sent() == 5


def test_an_entry_without_a_member_holds_nobody_back(journal: Journal) -> None:
    """Openings of shifts are nobody's: they wait, but no row waits for them."""
    append(journal, sale_draft(1, member="m1")._replace(member="", type="shift-opened"))
    journal.set_sent(1)
    assert (journal.unanswered_members(), journal.waiting(), journal.unbooked_floor()) == (set(), 1, [])


def test_no_text_passes_for_the_floor(journal: Journal) -> None:
    """A reference may say anything: its quotes are escaped in the payload."""
    words = '"authority":"floor"'
    append(journal, sale_draft(1, reference=words))
    row = append(journal, sale_draft(2, reference=f"\\{words}", floor=True))
    assert journal.unbooked_floor() == [row]


def test_what_was_reckoned_holds_until_something_is_told(journal: Journal) -> None:
    """An append and a fact leave it; outcomes, decisions and another life of the books empty it, and so does mending."""
    fill(journal, 2)
    tells: list[Callable[[], object]] = [
        lambda: journal.mark([booked(1, 5)], 1), lambda: journal.mark_decisions([], 1),
        lambda: journal.begin_epoch("e1", 1, [], 1), journal.mend,
    ]  # fmt: skip
    for tell in tells:
        journal.kept["name"] = 1
        fill(journal, 1)
        journal.set_sent(journal.last_seq())
        assert journal.kept == {"name": 1}
        tell()
        assert journal.kept == {}


def test_what_was_reckoned_from_a_damaged_outcome_goes_with_it(tmp_path: Path) -> None:
    """It is found when it is read, and dropped: what was reckoned with it is gone too."""
    with closing(new_journal(tmp_path, 1)) as journal:
        journal.mark([booked(1, 5)], 1)
    with closing(sqlite3.connect(tmp_path / FILE)) as file, file:
        file.execute("UPDATE outcome SET position = 6")
    with closing(Journal.open(tmp_path)) as journal:
        journal.kept["name"] = 1
        assert journal.outcomes([1]) == {}
        assert journal.kept == {}


def test_pin_tries_are_remembered(journal: Journal) -> None:
    """Failures and lock-outs of one 工号 survive, and are nobody else's."""
    journal.set_pin_tries("1023", 3, 99)
    assert (journal.pin_tries("1023"), journal.pin_tries("1024")) == ((3, 99), (0, 0))


PLANS = {
    "waiting": ((), "entry USING INTEGER PRIMARY KEY (rowid>?"),
    "first_without_outcome": ((), "entry USING INTEGER PRIMARY KEY (rowid>?"),
    "unbooked_floor": ((), "entry USING INDEX entry_floor (seq>?"),
    "with_appointments": ((), "entry USING INDEX entry_appointment (seq>?"),
    "of_member": (("m1", 2), "entry USING INDEX entry_member (member=?"),
    "unanswered_members": ((), "entry USING INTEGER PRIMARY KEY (rowid>?"),
    "not_counted": (("m1", 5), "entry USING INDEX entry_member (member=?"),
    "of_shift": (("0371",), "shift_span USING COVERING INDEX shift_span_shift (shift=?"),
    "entry": ((UUID(int=1),), "entry USING INDEX sqlite_autoindex_entry_1 (id=?"),
    "quarantined": ((), "entry USING INTEGER PRIMARY KEY (rowid=?"),
    "quarantined_count": ((), "decision USING INTEGER PRIMARY KEY (rowid=?"),
    "members_waiting": ((), "entry USING INTEGER PRIMARY KEY (rowid=?"),
}


@pytest.mark.parametrize("question", PLANS)
def test_a_year_of_entries_costs_a_question_nothing(journal: Journal, question: str) -> None:
    """What is asked at the counter and in the background is searched for, never by reading all entries or outcomes."""
    fill(journal, 3)
    arguments, way = PLANS[question]
    asked: list[str] = []
    journal._connection.set_trace_callback(asked.append)
    getattr(journal, question)(*arguments)
    journal._connection.set_trace_callback(None)
    plan = " ".join(row[3] for sql in asked for row in journal._connection.execute(f"EXPLAIN QUERY PLAN {sql}"))
    assert f"SEARCH {way}" in plan
    assert "SCAN entry" not in plan
    assert "SCAN outcome" not in plan.replace("SCAN outcome USING INDEX outcome_for_a_person", "")
