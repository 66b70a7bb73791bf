"""The main screens at 80x24, as text. `UPDATE_SNAPSHOTS=1` writes them anew; read the difference before committing it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from ledger.floor_table import EXAMPLE
from protocol.chain import Head
from terminal.dialogs.member_pin import MemberPin
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.refund import RefundScreen
from terminal.screens.refund_list import RefundListScreen
from tests.terminal.stage import APPLES, MILK, ONLINE, OTHER, Stage, make_stage
from tests.terminal.test_floor_table import TABLE, open_table

FOLDER = Path(__file__).parent / "snapshots"
Act = Callable[[Stage], Awaitable[None]]


async def waiting(stage: Stage) -> None:
    """The counter before a customer."""


async def selling(stage: Stage) -> None:
    """In the middle of a sale, offline, with a last result."""
    await stage.scan_member(OTHER)
    await stage.press("98\n")
    await stage.scan(stage.dynamic_code())
    await stage.press("/20261121-02-0371\n128.50")


async def basket(stage: Stage) -> None:
    """Products, online."""
    await stage.go(ONLINE)
    await stage.scan_member()
    for code in (MILK, APPLES, MILK):
        await stage.scan(code)


async def rewards(stage: Stage) -> None:
    """Which reward."""
    await selling(stage)
    await stage.press("{f2}")


async def disclosure(stage: Stage) -> None:
    """Before the confirmation."""
    await rewards(stage)
    await stage.press("1")
    await stage.until(lambda: stage.shows(DisclosureScreen))


async def member_pin(stage: Stage) -> None:
    """The PIN of a member who showed a card, half typed."""
    await stage.go(ONLINE)
    await stage.scan_member()
    await stage.press("128.50{f2}3")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(MemberPin))
    await stage.press("24")


async def receipts(stage: Stage) -> None:
    """The receipts of the shift."""
    await selling(stage)
    await stage.press("\n{f7}")
    await stage.settle()


async def refund(stage: Stage) -> None:
    """Before goods of a sale come back; the chosen category is typed."""
    await basket(stage)
    await stage.press("\n{f4}")
    await stage.until(lambda: stage.shows(RefundListScreen))
    await stage.settle()
    await stage.press("\n")
    await stage.until(lambda: stage.shows(RefundScreen))
    await stage.press("6.50")


async def shift(stage: Stage) -> None:
    """The interim report."""
    await selling(stage)
    await stage.press("\n{f8}")


async def floor_table(stage: Stage) -> None:
    """What redeeming offline would cost this store."""
    stage.desk.ledger.table = TABLE
    await open_table(stage)


async def floor_example(stage: Stage) -> None:
    """The same in a store that has too little history."""
    stage.desk.ledger.table = replace(TABLE, lines=EXAMPLE, is_example=True, redemptions=7, days=14)
    await open_table(stage)


async def refused(stage: Stage) -> None:
    """A payment code."""
    await stage.scan("134512345678901234")


async def asked(stage: Stage) -> None:
    """A question, with its two buttons."""
    await basket(stage)
    await stage.press("{escape}")


SCREENS: tuple[Act, ...] = (waiting, selling, basket, rewards, disclosure, member_pin, receipts, refund, shift, refused,
                            floor_table, floor_example)  # fmt: skip


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("act", SCREENS, ids=lambda act: act.__name__)
async def test_screen_is_as_it_was(tmp_path: Path, act: Act, language: str) -> None:
    """Text for text, and no row wider than 80 cells."""
    stage = make_stage(tmp_path, language=language)
    async with stage.run():
        await stage.sign_in("1001")
        await act(stage)
        await stage.settle()
        rows = stage.rows()
        text = _frozen("\n".join(row.rstrip() for row in rows) + "\n", stage)
    stage.close()
    assert [row for row in rows if cell_len(row) != 80] == []
    assert len(rows) == 24
    path = FOLDER / f"{act.__name__}.{language}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def _frozen(text: str, stage: Stage) -> str:
    """The short code of a journal's head, which stands on receipts, differs from key to key."""
    desk = stage.desk.desk
    for row in desk.journal.entries(1, 100):
        code = Head(terminal=desk.terminal, seq=row.seq, hash=row.hash.hex()).short_code
        text = text.replace(code, "-" * len(code))
    return text


@pytest.mark.parametrize("act", [selling, disclosure, shift, asked], ids=lambda act: act.__name__)
async def test_ascii_theme_draws_nothing_of_ambiguous_width(tmp_path: Path, act: Act) -> None:
    """On a terminal that draws ambiguous characters wide every border would break."""
    import unicodedata

    stage = make_stage(tmp_path, theme="till-ascii")
    async with stage.run():
        await stage.sign_in("1001")
        await act(stage)
        await stage.settle()
        drawn = set("".join(stage.rows()))
    stage.close()
    assert {char for char in drawn if unicodedata.east_asian_width(char) == "A"} == set()
