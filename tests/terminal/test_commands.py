"""One declaration per command: keys, key line, help and roles follow from it."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding

from terminal import commands, dialogs, screens
from terminal.app import TillApp
from terminal.screens.base import TillScreen
from terminal.screens.shift import ShiftScreen
from tests.terminal.stage import Stage, make_stage


def screen_classes() -> list[type[TillScreen[Any]]]:
    for package in (screens, dialogs):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    found: list[type[TillScreen[Any]]] = []
    waiting: list[type[TillScreen[Any]]] = [TillScreen]
    while waiting:
        cls = waiting.pop()
        found.append(cls)
        waiting += cls.__subclasses__()
    return [cls for cls in found if cls.__module__.startswith("terminal.")]


@pytest.mark.parametrize("screen", screen_classes(), ids=lambda cls: cls.__name__)
def test_no_key_is_dead_and_none_is_a_priority_binding(screen: type[TillScreen[Any]]) -> None:
    """Each command of a screen has its action there; priority bindings would fire through an open dialog."""
    for command in screen.KEYS:
        assert callable(getattr(screen, f"action_{command.id}", None)), command.id
    bound = [binding for binding in screen.BINDINGS if isinstance(binding, Binding)]
    assert [binding.id for binding in bound if binding.priority] == []


def test_app_binds_nothing_itself() -> None:
    """Ctrl+Q and Ctrl+C of Textual would end a sale without asking."""
    assert TillApp._merged_bindings is not None
    assert dict(TillApp._merged_bindings.key_to_bindings) == {}


def test_keys_mean_the_same_everywhere() -> None:
    """A key may have two commands only where they are the same verb for a screen of another kind."""
    by_key: dict[str, set[str]] = {}
    for command in commands.ALL:
        by_key.setdefault(command.key, set()).add(command.id)
    assert {key: ids for key, ids in by_key.items() if len(ids) > 1} == {
        "f2": {"redeem", "confirm", "assign", "decide", "use", "save", "examine", "end_till", "hand_over",
               "join"},
        "f3": {"void", "monitor"},
        "f4": {"refund", "listen", "pair_anew"},
        "f5": {"find", "refresh_ports", "by_phone", "compensate", "voucher", "probe", "outage_code", "refresh_tills",
               "page"},
        "f6": {"hold", "preview", "print_way", "template", "all_tills", "support", "ask_store", "day"},
        "f7": {"receipts", "print", "scans", "print_report"},
        "f8": {"shift", "open_shift", "close_shift", "tests"}, "f9": {"more", "language"},
        "f10": {"lock", "someone_else"},
        "escape": {"back", "clear"},
    }  # fmt: skip


async def test_key_map_moves_a_command(tmp_path: Path) -> None:
    """The key line and the help say the new key, and it works."""
    stage = make_stage(tmp_path, keys_by_id={"find": "f4"})
    async with stage.run():
        await stage.sign_in("1023")
        assert "F4 Find" in stage.said()
        await stage.press("{f4}")
        assert "Find a member by phone" in stage.said()
    stage.close()


async def test_help_is_written_from_the_declarations(counter_stage: Stage) -> None:
    """F1 lists each command of the screen that this person may use."""
    stage = counter_stage
    await stage.press("{f1}")
    text = stage.text()
    for _page in range(2):
        await stage.press("{f5}")
        await stage.settle()
        text += stage.text()
    assert "Put this sale aside" in text
    assert "Totals of the shift" in text
    assert "Goods come back, all or some" not in text
    await stage.press("{escape}")
    assert "Waiting for a member code" in stage.said()


async def test_cashier_is_told_who_may_close_a_shift(counter_stage: Stage) -> None:
    """What a role may not do is not shown; its key says who may, and does nothing else."""
    stage = counter_stage
    await stage.press("{f8}")
    assert "F8" not in stage.rows()[-1]
    await stage.press("{f8}")
    assert stage.shows(ShiftScreen)
    assert "! This needs a supervisor or the manager." in stage.said()


@pytest.mark.parametrize("staff", ["1023", "1001", "1090"])
async def test_no_function_key_is_silent(stage: Stage, staff: str) -> None:
    """On the first screen of each role every function key does something or says why not."""
    async with stage.run():
        await stage.sign_in(staff)
        home = type(stage.app.screen)
        for key in [f"f{number}" for number in range(1, 13) if number != 10]:
            before = stage.text()
            await stage.press(f"{{{key}}}")
            await stage.until(lambda before=before: stage.text() != before)  # type: ignore[misc]
            if not isinstance(stage.app.screen, home):
                await stage.press("{escape}")
            await stage.press("5{backspace}")
            await stage.until(lambda: "does nothing here" not in stage.said())


async def test_function_key_without_a_use_says_so_in_a_dialog(counter_stage: Stage) -> None:
    """Above a screen too, with the key map's own keys."""
    await counter_stage.press("{f5}{f2}")
    assert "! F2 does nothing here" in counter_stage.said()


async def test_demo_keys_have_a_line_of_their_own(tmp_path: Path) -> None:
    """The demo's keys are shown, and pressed from a thread."""
    from till.app import Demo, DemoKey

    pressed: list[str] = []
    keys = (DemoKey("ctrl+t", "扫会员", "scan a member", lambda: pressed.append("scan")),)
    stage = make_stage(tmp_path, demo=Demo(keys, "1001", "2468"))
    async with stage.run():
        assert "staff number 1001, Enter, PIN 2468, Enter" in stage.text()
        await stage.sign_in("1023")
        await stage.scan("134512345678901234")
        assert "Ask for the member code" in stage.said()
        assert "Ctrl+T scan a member" in stage.rows()[-1]
        await stage.press("{ctrl+t}")
        await stage.until(lambda: pressed == ["scan"])
    stage.close()
