"""The catalogues are complete and fresh, and the language changes while the app runs."""

from __future__ import annotations

import ast
import time
from pathlib import Path

from rich.cells import cell_len

from terminal import commands, i18n
from terminal.locales import build
from terminal.screens.counter import CounterScreen
from tests.terminal.stage import MILK, Stage
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
    """All F-keys of the counter for a manager stand on one row of 80."""
    for language in i18n.LANGUAGES:
        i18n.use(language)
        shown = [command for command in CounterScreen.KEYS if command.in_line]
        labels = [(command.key, i18n._(command.label)) for command in shown]
        width = sum(len(key) + (label.isascii()) + cell_len(label) for key, label in labels) + len(labels) - 1
        assert width <= 78, language


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
