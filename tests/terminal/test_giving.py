"""补积分 and 手工加分 on the screen: F9, what is on the slip, what it comes to, a supervisor's yes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.documents import ApprovalPolicy
from terminal.dialogs.approve import Approve
from terminal.dialogs.late_credit import LateCredit
from terminal.dialogs.menu import Menu
from terminal.dialogs.points_by_hand import PointsByHand
from terminal.screens.counter import CounterScreen
from tests.desks import payloads
from tests.terminal.stage import Stage, make_stage
from tests.terminal.test_lines import CARD, CASHIER, MANAGER, talked
from till import i18n

POLICY = ApprovalPolicy(late_credit_days=7, manual_points=300)


@pytest.fixture
def generous(tmp_path: Path) -> Iterator[Stage]:
    """A store that lets points be given."""
    made = make_stage(tmp_path / "generous", approvals=POLICY)
    yield made
    made.close()
    i18n.use("en")


async def approved(stage: Stage) -> None:
    """Because the code was not there; by 1001."""
    await stage.until(lambda: stage.shows(Menu))
    await stage.press("3")
    await stage.until(lambda: stage.shows(Approve) and " points" in stage.said())
    await stage.press("1001\n1001\n")
    await stage.until(lambda: stage.shows(CounterScreen))


async def test_a_late_credit_from_the_slip(generous: Stage) -> None:
    """Number, amount, day; its points before F2; then the supervisor. The last line says what was given."""
    stage = generous
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.more("Late credit")
        await stage.until(lambda: stage.shows(LateCredit))
        await stage.press("A-17\n128.50\n0914\n")
        await stage.until(lambda: "+154 points" in stage.said())
        await stage.press("{f2}")
        await approved(stage)
        entry = payloads(stage.desk.desk)[-1]
        assert (entry["type"], entry["reference"], entry["sold_on"]) == ("late-credit", "A-17", "2026-09-14")
        assert (entry["by"], entry["approval"]["by"], entry["approval"]["reason"]) == ("1023", "1001", "no-code")
        assert "late credit +154 points" in stage.said()


async def test_a_wrong_day_is_said_and_nothing_is_confirmed_unseen(generous: Stage) -> None:
    """F2 shows the points first; what is typed anew is reckoned anew."""
    stage = generous
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.more("Late credit")
        await stage.until(lambda: stage.shows(LateCredit))
        await stage.press("A-17\n128.50\n0901{f2}")
        await stage.until(lambda: "one of the last 7 days" in stage.said())
        await stage.press("{backspace}{backspace}{backspace}{backspace}{f2}")
        await stage.until(lambda: "+154 points" in stage.said())
        assert stage.shows(LateCredit)
        await stage.press("{up}{backspace}{backspace}{backspace}")
        await stage.until(lambda: "+154" not in stage.said())
        await stage.press("{escape}")
        assert [one["type"] for one in payloads(stage.desk.desk)] == ["shift-opened"]


async def test_points_by_hand(generous: Stage) -> None:
    """How many, at most what the store allows; a supervisor; F3 takes them back."""
    stage = generous
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.more("Points by hand")
        await stage.until(lambda: stage.shows(PointsByHand, Menu))
        await stage.until(lambda: "At most 300 points" in stage.said())
        await stage.press("301\n")
        await stage.until(lambda: "at most 300" in stage.said() and stage.shows(CounterScreen))
        await stage.more("Points by hand")
        await stage.until(lambda: stage.shows(PointsByHand))
        await stage.press("120\n")
        await approved(stage)
        assert payloads(stage.desk.desk)[-1]["awards"][0]["points"] == 120
        await stage.press("{f3}{f2}")
        await stage.until(lambda: payloads(stage.desk.desk)[-1]["type"] == "void")


async def test_without_a_member_there_is_nobody_to_give_to(generous: Stage) -> None:
    """And a store that gives nothing does not offer it."""
    stage = generous
    async with stage.run():
        await stage.sign_in("1023")
        await stage.more("Late credit")
        await stage.until(lambda: "Scan the member's code first" in stage.said())


async def test_a_store_that_gives_nothing_does_not_offer_it(counter_stage: Stage) -> None:
    """As before there was either."""
    stage = counter_stage
    await stage.press("{f9}")
    await stage.until(lambda: stage.shows(Menu))
    assert "Late credit" not in stage.said()
    assert "Points by hand" not in stage.said()


def test_line_by_line_it_is_the_same(generous: Stage) -> None:
    """`till lines`: the slip, what it comes to, F2, the supervisor; then points by hand, without a screen."""
    slip = ("f11", "1", "A-17", "128.50", "0914", "f2", "3", *MANAGER)
    said = talked(generous, *CASHIER, CARD, *slip, CARD, "f11", "2", "120", "4", *MANAGER)
    assert "Late credit for 张*丰  +154 points" in said
    assert "late credit +154 points" in said
    late, by_hand = payloads(generous.desk.desk)[-2:]
    assert (late["type"], late["sold_on"], late["approval"]["by"]) == ("late-credit", "2026-09-14", "1001")
    assert (by_hand["type"], by_hand["awards"][0]["points"], by_hand["approval"]["reason"]) == (
        "manual-points", 120, "complaint"
    )  # fmt: skip
    talked(generous, *CASHIER, CARD, "f11", "1", "A-18", "50", "", "")
    assert payloads(generous.desk.desk)[-1]["type"] == "manual-points", "Enter gives nothing"
