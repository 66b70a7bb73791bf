"""F4: goods come back; everything is shown before F2 confirms it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from config import data
from points import parse_programme
from protocol.entries import Refund, decode_entry
from protocol.sales import KnownSale, SalesAnswer
from terminal.dialogs.find_sale import FindSale
from terminal.screens.counter import CounterScreen
from terminal.screens.receipts import ReceiptsScreen
from terminal.screens.refund import RefundScreen
from terminal.screens.refund_list import RefundListScreen
from tests.terminal.stage import APPLES, MILK, ONLINE, Stage, make_stage


async def sell(stage: Stage) -> None:
    """Milk, twice, and apples: 13.00 and 12.80; gold's points for 25.80 are 30."""
    await stage.scan_member()
    for code in (MILK, APPLES, MILK):
        await stage.scan(code)
    await stage.press("\n")


async def choose_last(stage: Stage) -> None:
    """F4, and the newest sale."""
    await stage.press("{f4}")
    await stage.until(lambda: stage.shows(RefundListScreen))
    await stage.settle()
    await stage.press("\n")
    await stage.until(lambda: stage.shows(RefundScreen))
    await stage.settle()


def refunds(stage: Stage) -> list[Refund]:
    entries = [decode_entry(row.payload) for row in stage.desk.desk.journal.of_type("refund", 9)]
    return [entry for entry in entries if isinstance(entry, Refund)]


async def test_a_part_of_a_sale_comes_back(tmp_path: Path) -> None:
    """The default is all; digits change the chosen category, and what follows is shown at once."""
    stage = make_stage(tmp_path / "till")
    async with stage.run():
        await stage.sign_in("1001")
        await sell(stage)
        await choose_last(stage)
        assert "Money back 25.80" in stage.said()
        assert "Earned points taken back -30 points" in stage.said()
        await stage.press("0")
        assert "Money back 12.80" in stage.said()
        assert not refunds(stage), "shown is not done"
        await stage.press("0\n")
        await stage.until(lambda: "Enter never takes goods back" in stage.said())
        assert not refunds(stage)
        await stage.press("{f2}")
        await stage.until(lambda: stage.shows(RefundListScreen))
        (entry,) = refunds(stage)
        assert (entry.sums_fen, entry.money_fen, entry.taken_back) == ({"fresh": 12_80}, 12_80, {"points": 14})
        assert "Came back" in stage.said()
        await stage.press("{escape}")
        await stage.until(lambda: stage.shows(CounterScreen))
        assert "goods came back" in stage.said()
        await stage.press("{f7}")
        await stage.until(lambda: stage.shows(ReceiptsScreen))
        await stage.settle()
        assert "-12.80" in stage.said()
        assert "Refund" in stage.said()
        await stage.press("{f3}")
        assert "What came back stays booked" in stage.said()
    stage.close()


async def test_more_than_was_bought_is_refused_with_what_is_left(tmp_path: Path) -> None:
    """And nothing is shown that would not happen."""
    stage = make_stage(tmp_path / "till")
    async with stage.run():
        await stage.sign_in("1001")
        await sell(stage)
        await choose_last(stage)
        await stage.press("99")
        assert "but only ¥13.00 of it are left" in stage.said()
        assert "Money back" not in stage.said()
        await stage.press("{f2}")
        assert not refunds(stage)
        await stage.press("{backspace}")
        assert "Money back 21.80" in stage.said()
    stage.close()


async def test_a_cashier_is_told_who_may(tmp_path: Path) -> None:
    """The key is not in his line, and says so when it is pressed."""
    stage = make_stage(tmp_path / "till")
    async with stage.run():
        await stage.sign_in("1001")
        await stage.settle()
        assert stage.app.work is not None
        assert stage.app.work.session is not None
        stage.app.work.session = replace(stage.app.work.session, roles=("cashier",))
        await stage.press("{f4}")
        assert "supervisor or the manager" in stage.said()
        assert stage.shows(CounterScreen)
    stage.close()


async def test_points_for_a_reason_are_chosen_with_f5(tmp_path: Path) -> None:
    """The reasons are those of the rules, each with its points."""
    stage = make_stage(tmp_path / "till")
    text = '[[compensation]]\nid = "late"\nreason = { zh = "晚点", en = "for coming late" }\nkind = "points"\npoints = 50\n'
    source = (data("programmes") / "supermarket.toml").read_text("utf-8")
    desk: Any = stage.desk.desk
    desk.use_cache(desk.cache(), replace(desk.store, programme=parse_programme(f"{source}\n{text}", "x.toml")))
    async with stage.run():
        await stage.sign_in("1001")
        await stage.go(ONLINE)
        await sell(stage)
        await choose_last(stage)
        await stage.press("{f5}")
        await stage.settle()
        await stage.press("1")
        await stage.until(lambda: stage.shows(RefundScreen) and "for coming late" in stage.said())
        assert "+50 points" in stage.said()
        await stage.press("{f2}")
        await stage.until(lambda: stage.shows(RefundListScreen))
        (entry,) = refunds(stage)
        assert [(award.kind, award.points) for award in entry.awards] == [("points", 50)]
    stage.close()


async def test_a_sale_of_another_till_is_found_by_its_reference(tmp_path: Path) -> None:
    """F5; the ledger says what was sold and what came back of it before."""
    stage, other = make_stage(tmp_path / "till"), make_stage(tmp_path / "other")
    async with other.run():
        await other.sign_in("1001")
        await sell(other)
    last = other.desk.desk.journal.of_type("sale", 1)[0]
    known = KnownSale(
        terminal="zhongshan-01", seq=7, payload=last.payload.decode(), sums_fen={"fresh": 12_80}, money_fen=12_80,
        taken_back={"points": 14},
    )  # fmt: skip
    async with stage.run():
        await stage.sign_in("1001")
        await stage.go(ONLINE)
        await stage.press("{f4}")
        await stage.until(lambda: stage.shows(RefundListScreen))
        await stage.press("{f5}")
        await stage.until(lambda: stage.shows(FindSale))
        stage.desk.ledger.known_sales = lambda _request: SalesAnswer(sales=(known,))
        await stage.press("A-17\n")
        await stage.until(lambda: stage.shows(RefundScreen))
        await stage.settle()
        assert "at most 13.00" in stage.said()
        assert "fresh" not in stage.said()
        assert "Earned points taken back -16 points" in stage.said()
        await stage.press("{f2}")
        await stage.until(lambda: stage.shows(RefundListScreen))
        (entry,) = refunds(stage)
        assert (entry.refunds, entry.sums_fen, entry.taken_back) == (last.id, {"drinks": 13_00}, {"points": 16})
    stage.close()
    other.close()
