"""How many keys the main flows take, as docs/cashier.md says it: pressed from its own table."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual import events

from devices.printer_simulator import PrinterSimulator
from protocol.phone_keys import phone_key
from terminal.dialogs.look_up import LookUp
from terminal.screens.counter import CounterScreen
from tests.desks import MEMBER, member_row
from tests.terminal.stage import MILK, OTHER, Stage, make_stage
from tests.terminal.test_sale import sales

DOCS = Path(__file__).parents[2] / "docs"
NUMBER = "2000000001"
Flow = Callable[[Stage, list[str]], Awaitable[None]]


def rows(page: str) -> list[tuple[list[str], int]]:
    """The keys of each flow, and how many the page says they are."""
    text = (DOCS / page).read_text(encoding="utf-8")
    table = text.split("## How many keys" if page == "cashier.md" else "## 要按几下")[1].split("\n## ")[0]
    found = []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[2].isdecimal():
            found.append((list(_keys(cells[1])), int(cells[2])))
    return found


def _keys(cell: str) -> Iterator[str]:
    for typed, function, enter in re.findall(r"`([^`]+)`|(F\d+)|(Enter|回车)", cell):
        if typed:
            yield from typed
        elif function:
            yield f"{{{function.lower()}}}"
        elif enter:
            yield "\n"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A counter with a printer, a number for a new member, and no network."""
    with PrinterSimulator() as printer:
        made = make_stage(tmp_path, printer_port=str(printer.port))
        made.desk.put_members(
            member_row(OTHER, 40, name="李*", last4="8888", phone_key=phone_key("13900008888", bytes(16)))
        )
        made.desk.give_numbers(NUMBER)
        async with made.run():
            await made.sign_in("1023")
            yield made
        made.close()


async def press(stage: Stage, keys: list[str]) -> None:
    """Each key where it belongs: what opens or closes something is waited for, as a person sees it."""
    for key in keys:
        before = stage.app.screen
        assert stage.app.work is not None
        opens = key in ("{f2}", "{f3}", "{f5}") or (key == "{f6}" and stage.app.work.is_idle)
        is_typing = isinstance(before, LookUp) and key.isdecimal()
        await stage.press(key)
        if opens if isinstance(before, CounterScreen) else not is_typing:
            await stage.until(lambda left=before: stage.app.screen is not left)  # type: ignore[misc]
        await stage.settle()


async def by_amount(stage: Stage, keys: list[str]) -> None:
    await stage.scan_member()
    await press(stage, keys)
    assert [(sale["member"], sale["gross_fen"]) for sale in sales(stage)] == [(MEMBER, 12850)]


async def by_products(stage: Stage, keys: list[str]) -> None:
    await stage.scan_member()
    await stage.scan(MILK)
    await press(stage, keys)
    assert [sale["gross_fen"] for sale in sales(stage)] == [650]


async def reward(stage: Stage, keys: list[str]) -> None:
    await stage.scan(stage.dynamic_code())
    await stage.press("50")
    await press(stage, keys)
    await stage.until(lambda: bool(sales(stage)))
    assert sales(stage)[0]["redemptions"]


async def join(stage: Stage, keys: list[str]) -> None:
    await press(stage, keys)
    await stage.until(lambda: "New member" in stage.said() and stage.shows(CounterScreen))
    assert len(stage.desk.desk.journal.of_type("joined", 2)) == 1


async def undo(stage: Stage, keys: list[str]) -> None:
    await stage.scan_member()
    await stage.press("10\n")
    await press(stage, keys)
    assert stage.desk.desk.journal.of_type("void", 1)


async def reprint(stage: Stage, keys: list[str]) -> None:
    await stage.scan_member()
    await stage.press("10\n")
    await press(stage, keys)
    assert "is printed again, marked as a copy" in stage.said()


async def hold(stage: Stage, keys: list[str]) -> None:
    await stage.scan_member()
    await stage.press("10")
    await press(stage, keys)
    assert stage.app.work is not None
    assert (stage.app.work.typed, stage.app.work.held) == ("10", 0)


FLOWS: tuple[Flow, ...] = (by_amount, by_products, reward, join, undo, reprint, hold)


@pytest.mark.parametrize(("place", "flow"), list(enumerate(FLOWS)), ids=lambda one: getattr(one, "__name__", ""))
async def test_the_pages_keys_do_it(stage: Stage, place: int, flow: Flow) -> None:
    """Both pages name the same keys, count them right, and they are all that it takes."""
    english, chinese = rows("cashier.md"), rows("cashier.zh.md")
    assert len(english) == len(FLOWS)
    assert english == chinese
    keys, count = english[place]
    assert len(keys) == count
    await flow(stage, keys)


async def test_amounts_by_the_number_pad_alone(stage: Stage) -> None:
    """The double nought comes as two keys at once, faster than anybody types; Enter is the pad's own."""
    await stage.scan_member()
    for key in "12":
        await stage.press(key)
    at_s = time.monotonic() + 1
    for gap_s in (0, 0.001):
        event = events.Key("0", "0")
        event.time = at_s + gap_s
        stage.app.post_message(event)
    await stage.settle()
    await stage.press(".50\n")
    await stage.until(lambda: bool(sales(stage)))
    assert sales(stage)[0]["gross_fen"] == 120050
