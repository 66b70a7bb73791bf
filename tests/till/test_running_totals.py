"""本机累计: what a till did since its first entry, on the report that closes a shift."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from protocol.chain_check import opened, read_witnesses
from protocol.entries import RunningTotals
from tests.desks import TestDesk, member_row, payloads
from tests.till.test_selling import identified
from till import shifts
from till.report_figures import ShiftReport
from till.report_sections import report_sections
from till.selling import commit_sale
from till.shift_report import shift_report
from till.shifts import close_shift, open_shift

Make = Callable[..., TestDesk]


def traded(test: TestDesk, *yuan: int) -> ShiftReport:
    """A shift with these sales, closed."""
    session = open_shift(test.desk, test.manager)
    for amount in yuan:
        commit_sale(test.desk, session, identified(test).with_amount(amount * 100))
    return close_shift(test.desk, session)


def findings(test: TestDesk) -> list[str]:
    return list(test.desk.journal.verify(test.desk.genesis, test.desk.terminal))


def test_they_go_on_from_shift_to_shift(desk_with: Make) -> None:
    """Each closing report has everything before it, read again from its entry too; its proof is held against the journal."""
    test = desk_with(members=[member_row()])
    first, second = traded(test, 100, 50), traded(test, 10)
    given = [sum(one["points"] for one in sale["awards"]) for sale in payloads(test.desk) if sale["type"] == "sale"]
    assert first.running.awarded == {"points": given[0] + given[1]}
    assert second.running.awarded == {"points": sum(given)}
    assert (first.running.entries, second.running.entries) == (3, 6)
    again = shift_report(test.desk.journal, second.shift)
    assert (again.running, again.proof) == (second.running, second.proof)
    held, _ = opened(read_witnesses(second.proof), test.desk.keys)
    assert [one.seq for one in held] == [7]
    assert list(test.desk.journal.verify(test.desk.genesis, test.desk.terminal, witnesses=held)) == []
    values = [row.value for row in report_sections(second, None, str)[-1].rows]
    assert values == ["6 entries", f"{sum(given)} points", "0", second.proof]


def test_a_report_that_the_entries_contradict(desk_with: Make) -> None:
    """A closing entry that says other figures than the entries before it is found in words, though it is signed."""
    test = desk_with(members=[member_row()])
    traded(test, 100)
    genuine = shifts.running_totals
    try:
        shifts.running_totals = lambda journal: RunningTotals(entries=genuine(journal).entries, awarded={"points": 7})
        traded(test, 10)
    finally:
        shifts.running_totals = genuine
    (said,) = findings(test)
    assert "entry 6: the shift report says 7 points given and 0 redeemed up to it" in said


def test_a_damaged_sale_is_left_out_of_the_comparison(desk_with: Make) -> None:
    """Nobody can read what it gave: the next report's figures are taken as they stand."""
    test = desk_with(members=[member_row()])
    traded(test, 100)
    traded(test, 10)
    with sqlite3.connect(test.desk.folder / "journal.db") as connection:
        connection.execute("DROP TRIGGER entry_is_never_changed")
        connection.execute("UPDATE entry SET payload = x'00' WHERE seq = 2")
    connection.close()
    assert findings(test) == ["entry 2: the payload was changed"]
