"""F1: what the screen at hand is for, what comes next, and its keys; all of it can be read at 80x24."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from terminal import commands
from terminal.help_words import WORDS
from terminal.i18n import Language
from terminal.screens.help import HelpScreen
from tests.terminal.stage import Stage, make_stage
from tests.terminal.walk import leaves

MOST_PAGES = 4


def test_every_screen_with_help_has_words_of_its_own() -> None:
    """And none is told of that is not there."""
    assert {one.__name__ for one in leaves() if commands.HELP in one.KEYS} == set(WORDS)


async def test_the_counter_says_what_it_is_for_and_all_its_keys(counter_stage: Stage) -> None:
    """Page by page; behind the last one is the first."""
    stage = counter_stage
    await stage.press("{f1}")
    await stage.until(lambda: stage.shows(HelpScreen))
    first = stage.text()
    assert "The counter" in first
    assert "What comes next" in first
    pages = [first]
    for _ in range(MOST_PAGES):
        await stage.press("{f5}")
        await stage.settle()
        pages.append(stage.text())
    read = "\n".join(pages)
    assert "A member, a product: scan at any time" in read
    for command in (commands.REDEEM, commands.VOID, commands.CLEAR):
        assert command.help.split(";")[0].split(",")[0] in read, command.id
    assert pages.count(first) > 1
    await stage.press("{escape}")
    assert not stage.shows(HelpScreen)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_words_fit_above_the_keys(tmp_path: Path, language: Language) -> None:
    """Purpose and next step of every screen stand on the first page, whole."""
    stage = make_stage(tmp_path, language=language)
    async with stage.run():
        await stage.sign_in("1001")
        for name in WORDS:
            stage.app.push_screen(HelpScreen((commands.HELP, commands.BACK), name))
            await stage.settle()
            rows = stage.rows()
            assert all(cell_len(row) == 80 for row in rows), name
            assert any("F1" in row for row in rows[:-2]), f"the keys of {name} begin on another page"
            await stage.press("{escape}")
    stage.close()
