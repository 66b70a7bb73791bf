"""Names are data: markup, escape bytes and direction marks from outside do nothing on any screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from terminal.text import column, cut, harmless, line
from terminal.widgets.amount_field import AmountField
from tests.terminal.stage import Stage, make_stage

HOSTILE = (
    "张三[VIP]",
    "x[/]",
    "\x1b]0;PWNED\x07\x1b[2J李",
    "\u202eevil\u202c",
    "[red]恶意",
    "[@click=app.leave]a[/]",
)


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_member_name_is_shown_harmless(tmp_path: Path, name: str) -> None:
    """On the counter, in a question, in the receipts and in the rewards: whole, and nothing of it is obeyed."""
    stage: Stage = make_stage(tmp_path, name=name)
    shown = harmless(name)
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        seen = [stage.text()]
        await stage.press("10{f2}")
        seen.append(stage.text())
        await stage.press("{escape}\n")
        seen.append(stage.text())
        await stage.press("{f3}")
        seen.append(stage.text())
        await stage.press("{escape}{f7}")
        await stage.settle()
        seen.append(stage.text())
    stage.close()
    for text in seen:
        assert shown[:8] in text
        assert not [char for char in text if char != "\n" and harmless(char) != char]


@pytest.mark.parametrize(
    ("text", "kept"), [("a\x1b[31mb", "a[31mb"), ("\u202e\u2066x\u200f", "x"), ("a\nb\u2028c", "abc")]
)
def test_what_a_terminal_obeys_is_taken_out(text: str, kept: str) -> None:
    """Controls, direction marks and line separators go; what remains is text."""
    assert harmless(text) == kept


@pytest.mark.parametrize("cells", [0, 1, 2, 3, 5, 8, 20])
@pytest.mark.parametrize("text", ["", "abc", "张三丰的名字", "a张b三c", "１２３"])
def test_columns_are_exactly_as_wide_as_asked(text: str, cells: int) -> None:
    """A wide character is never cut in half: the column is padded instead."""
    assert cell_len(column(text, cells)) == cells
    assert cell_len(cut(text, cells)) <= cells


def test_right_side_of_a_line_is_whole() -> None:
    """The left gives way: figures stand on the right."""
    drawn = line("很长的名字很长的名字", "1,250", 16)
    assert drawn.plain.endswith(" 1,250")
    assert drawn.cell_length == 16


async def test_pasted_text_is_one_harmless_line(counter_stage: Stage) -> None:
    """A paste into the amount is what was typed, no more."""
    from textual import events

    counter_stage.app.post_message(events.Paste("12.5\x1b\n99"))
    await counter_stage.settle()
    assert counter_stage.app.screen.query_one(AmountField).value == "12.5"
