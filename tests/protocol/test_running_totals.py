"""Running totals as values: what they add up, and what contradicts them. On reports: `tests/till/test_running_totals.py`."""

from __future__ import annotations

import msgspec

from protocol.entries import Award, Clock, Refund, RunningTotals, ShiftClosed, ShiftTotals
from protocol.running_totals import Running
from tests.protocol.makers import REDEMPTION, header, sale

GIVEN = (Award(kind="points", points=3), Award(kind="gold", points=2), Award(kind="points", points=4))
TAKEN = tuple(msgspec.structs.replace(REDEMPTION, kind=kind, points=n) for kind, n in
              (("points", 5), ("gold", 1), ("points", 6)))  # fmt: skip
TRADE = sale(awards=GIVEN, redemptions=TAKEN)
SUMS = RunningTotals(entries=1, awarded={"points": 7, "gold": 2}, redeemed={"points": 11, "gold": 1})


def closed(running: RunningTotals) -> ShiftClosed:
    """A shift's end that says these."""
    clock = Clock(wall=0, boot="b", mono_us=0)
    return ShiftClosed(**header() | {"clock": clock}, number=1, totals=ShiftTotals(), running=running)


def after(*entries: object, since: RunningTotals | None = None) -> Running:
    """What these add up to."""
    running = Running(since)
    for entry in entries:
        running.take(entry)  # type: ignore[arg-type]  # None stands for what nobody can read
    return running


def test_both_directions_add_up_by_kind() -> None:
    """Several lines of one sale, several sales, and what was before them."""
    assert after(TRADE).totals == SUMS
    twice = after(TRADE, since=SUMS).totals
    assert twice == RunningTotals(entries=2, awarded={"points": 14, "gold": 4}, redeemed={"points": 22, "gold": 2})
    assert SUMS.awarded == {"points": 7, "gold": 2}, "what they went on from is not theirs to change"


def test_refunds_have_sums_of_their_own() -> None:
    """What they give and take back is subtracted from nothing; points for a reason are points given."""
    refund = Refund(
        **header(), member="1000000001", refunds=TRADE.id, given_back={"points": 4}, taken_back={"points": 3, "gold": 1},
        awards=(Award(kind="gold", points=5),),
    )  # fmt: skip
    totals = after(TRADE, refund, refund).totals
    assert totals == RunningTotals(
        entries=3, awarded={"points": 7, "gold": 12}, redeemed=SUMS.redeemed, given_back={"points": 8},
        taken_back={"points": 6, "gold": 2},
    )  # fmt: skip
    said = after(TRADE, refund).contradiction(closed(after(TRADE).totals))
    assert said == "1 entries were before it, here are 2"
    wrong = msgspec.structs.replace(after(refund).totals, taken_back={})
    assert after(refund).contradiction(closed(wrong)) == (
        "5 gold given and 0 redeemed, 4 points given back and 0 taken back up to it, the entries before it make"
        " 5 gold given and 0 redeemed, 4 points given back and 1 gold 3 points taken back"
    )


def test_figures_that_are_wrong_are_named() -> None:
    """How many entries first; then both sums, every kind of them."""
    assert after(TRADE).contradiction(closed(SUMS)) == ""
    fewer = msgspec.structs.replace(SUMS, entries=3)
    assert after(TRADE).contradiction(closed(fewer)) == "3 entries were before it, here are 1"
    others = msgspec.structs.replace(SUMS, redeemed={})
    assert after(TRADE).contradiction(closed(others)) == (
        "2 gold 7 points given and 0 redeemed up to it, the entries before it make 2 gold 7 points given and"
        " 1 gold 11 points redeemed"
    )


def test_what_nobody_can_read_leaves_the_sums_open_until_a_shift_ends() -> None:
    """Then its figures are gone on from; the number of entries is known all the while."""
    open_sums = after(TRADE, None)
    assert open_sums.contradiction(closed(RunningTotals(entries=2, awarded={"points": 99}))) == ""
    assert open_sums.contradiction(closed(RunningTotals(entries=1))) == "1 entries were before it, here are 2"
    said = RunningTotals(entries=2, awarded={"points": 99})
    known = after(TRADE, None, closed(said))
    assert known.totals == RunningTotals(entries=3, awarded={"points": 99})
    assert known.contradiction(closed(RunningTotals(entries=3))) != ""


def test_a_shifts_end_changes_nothing_that_is_known() -> None:
    """Whatever it says of itself."""
    assert after(TRADE, closed(RunningTotals(entries=1))).totals == msgspec.structs.replace(SUMS, entries=2)
