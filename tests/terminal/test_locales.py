"""The catalogues are complete and fresh, and the language changes while the app runs."""

from __future__ import annotations

import ast
import time
from contextlib import closing
from pathlib import Path

import pytest
from rich.cells import cell_len

from terminal import commands, i18n
from terminal.locales import build
from terminal.screens.counter import CounterScreen
from tests.terminal.stage import MILK, Stage, make_stage
from till import i18n as i18n_of_till

ROOMS = (Path(commands.__file__).parent, i18n_of_till.FOLDER.parent)


def marked_messages() -> set[str]:
    """What is given to `_` or `msg` anywhere, f-strings included: Babel sees nothing inside those."""
    found: set[str] = set()
    for file in (file for room in ROOMS for file in room.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "msg") and node.args:
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    found.add(text.value)
    return found


def test_catalogues_are_complete_and_compiled_fresh() -> None:
    """`python -m terminal.locales.build` would change nothing and misses no translation."""
    assert build.main(["--check"]) == 0


def test_babel_sees_every_message() -> None:
    """A message inside an f-string would stay English without anyone noticing."""
    assert marked_messages() <= {str(message.id) for message in build.template()}


def test_key_line_fits_in_both_languages() -> None:
    """F1 to F10 of the counter for a manager stand on one row of 80; in English but those that may be left out."""
    f_keys = [f"f{number}" for number in range(1, 11)]
    for language in i18n.LANGUAGES:
        i18n.use(language)
        is_chinese = language == "zh-CN"
        shown = [one for one in CounterScreen.KEYS if one.in_line or (is_chinese and one.key in f_keys)]
        labels = [(command.key, i18n._(command.label)) for command in shown]
        width = sum(len(key) + (label.isascii()) + cell_len(label) for key, label in labels) + len(labels) - 1
        assert width <= 78, language


@pytest.mark.parametrize(
    ("language", "columns", "words", "shown"),
    [("zh-CN", 80, "F4退货", True), ("en", 80, "F4 Refund", False), ("en", 100, "F4 Refund", True),
     ("en", 100, "Esc Clear", True), ("zh-CN", 80, "Esc清除", False)],
)  # fmt: skip
async def test_the_key_line_names_what_it_has_room_for(
    tmp_path: Path, language: i18n.Language, columns: int, words: str, shown: bool
) -> None:
    """A key that works is named: F4 takes goods back."""
    with closing(make_stage(tmp_path, language=language)) as stage:
        async with stage.run(size=(columns, 24)):
            await stage.sign_in("1001")
            assert (words in stage.rows()[-1]) is shown


def test_labels_of_bindings_are_messages() -> None:
    """What a binding is called is looked up when it is shown."""
    i18n.use("zh-CN")
    for command in commands.ALL:
        assert command.binding().description == command.label
        assert i18n._(command.label) != command.label or not command.label.isascii()
        assert i18n._(command.help) != command.help


async def test_language_changes_within_a_second_and_keeps_the_sale(counter_stage: Stage) -> None:
    """F9, 1: the same sale, in Chinese."""
    stage = counter_stage
    await stage.scan_member()
    await stage.scan(MILK)
    before_s = time.process_time()
    await stage.press("{f9}1")
    await stage.until(lambda: "可用积分" in stage.said())
    assert time.process_time() - before_s < 1
    assert "张*丰" in stage.said()
    assert "纯牛奶" in stage.said()
    assert "F1帮助" in stage.said()
    assert "Offline" not in stage.said()
