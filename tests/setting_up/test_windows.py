"""`till windows`: the commands, what Windows answers to them, and a machine that is a script."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from terminal.console_windows import EXTENDED_FLAGS, QUICK_EDIT, held_open
from tests.docs.pages import code_spans, page
from tests.setting_up.wheels import HOUSE
from till.cli import main
from till.windows import (
    STEPS,
    Command,
    Power,
    Ran,
    Registry,
    apply,
    autostart,
    lines,
    missing,
    portable,
    terminal_profile,
)

LAUNCHER = r"C:\Users\收银\AppData\Local\Programs\Till\till.cmd"


class ScriptedWindows:
    """Keeps what it is told, and prints it as Windows does; `refuses` what begins so."""

    def __init__(self, refuses: str = "\0") -> None:
        self.registry: dict[tuple[str, str], tuple[str, str]] = {}
        self.power: dict[tuple[str, str], dict[str, int]] = {}
        self.ran: list[Command] = []
        self._refuses = refuses

    def __call__(self, command: Command) -> Ran:
        self.ran.append(command)
        match command:
            case ("reg", "query", key, "/v", name):
                if (key, name) not in self.registry:
                    return Ran(1, "ERROR: The system was unable to find the specified registry key or value.")
                kind, data = self.registry[key, name]
                shown = hex(int(data)) if kind == "REG_DWORD" else data
                return Ran(0, f"\r\n{key}\r\n    {name}    {kind}    {shown}\r\n\r\n")
            case ("reg", "add", key, "/v", name, "/t", kind, "/d", data, "/f"):
                if key.startswith(self._refuses):
                    return Ran(1, "Access is denied.")
                self.registry[key, name] = (kind, data)
            case ("powercfg", "/query", "SCHEME_CURRENT", group, setting):
                values = self.power.get((group, setting), {"a": 1, "d": 600})
                return Ran(
                    0,
                    "??????????: 0x00000000\r\n??????????: 0xffffffff\r\n"
                    f"    ????????: 0x{values['a']:08x}\r\n  ????????: 0x{values['d']:08x}\r\n\r\n",
                )
            case (
                "powercfg",
                "/setacvalueindex" | "/setdcvalueindex" as which,
                "SCHEME_CURRENT",
                group,
                setting,
                value,
            ):
                self.power.setdefault((group, setting), {"a": 1, "d": 600})[which[4]] = int(value)
            case ("powercfg", "/setactive", "SCHEME_CURRENT"):
                pass
            case _:
                raise AssertionError(command)
        return Ran(0, "")


def test_what_is_missing_is_made_once() -> None:
    """All of it on a new machine; nothing on one that is set up; one value that somebody changed back."""
    machine = ScriptedWindows()
    settings = [setting for step in STEPS for setting in step.settings]
    assert [setting for _step, setting in missing(machine)] == settings
    assert apply(machine) == []
    assert missing(machine) == []
    machine.registry[r"HKCU\Console\Till", "QuickEdit"] = ("REG_DWORD", "1")
    machine.ran.clear()
    assert apply(machine) == []
    assert [command for command in machine.ran if "query" not in command[1]] == [
        ("reg", "add", r"HKCU\Console\Till", "/v", "QuickEdit", "/t", "REG_DWORD", "/d", "0", "/f")
    ]


def test_what_needs_an_administrator_is_named() -> None:
    """The rest is made."""
    machine = ScriptedWindows(refuses="HKLM")
    refused = apply(machine)
    assert [step.id for step, _command in refused] == ["restarts", "restarts"]
    assert ["reg add HKLM" in command.replace('"', "") for _step, command in refused] == [True, True]
    assert {step.id for step, _setting in missing(machine)} == {"restarts"}


def test_who_needs_an_administrator() -> None:
    """Whatever is of the whole machine, and nothing else."""
    for step in STEPS:
        for setting in step.settings:
            is_machines = isinstance(setting, Registry) and setting.key.startswith("HKLM\\")
            assert is_machines == step.needs_administrator, setting


def test_only_one_of_both_power_values_is_not_enough() -> None:
    """Plugged in and on battery; words in any language, and a machine that prints nothing."""
    setting = Power("a", "b", 0)
    assert not setting.is_set("AC: 0x00000000\r\nDC: 0x00000258\r\n")
    assert setting.is_set(
        "min: 0x00000001\r\n当前交流电源设置索引: 0x00000000\r\n当前直流电源设置索引: 0x00000000\r\n"
    )
    assert not setting.is_set("")


def test_the_lines_can_be_typed() -> None:
    """One command each, whole GUIDs, nothing that a command prompt would read otherwise."""
    for line in lines():
        assert re.fullmatch(r"(reg add|powercfg) [\w \\/\"-]+", line), line
        for guid in re.findall(r"[0-9a-f]{8}-\S+", line):
            assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", guid), line
    shown = CliRunner().invoke(main, ["--lang", "en", "windows", "show"])
    assert shown.exit_code == 0
    assert all(line in shown.output for line in lines())


def test_scripts_name_no_user() -> None:
    """A user's name in Chinese has other bytes in another code page; a path with blanks is one word."""
    path = portable(LAUNCHER, r"C:\Users\收银\AppData\Local")
    assert path == r"%LOCALAPPDATA%\Programs\Till\till.cmd"
    assert portable(r"D:\Till\till.cmd", r"C:\Users\a\AppData\Local") == r"D:\Till\till.cmd"
    script = autostart(path)
    assert script.isascii()
    assert f'start "Till" /max conhost.exe "{path}"' in script.splitlines()
    (profile,) = json.loads(terminal_profile(path))["profiles"]
    assert (profile["name"], profile["commandline"]) == ("Till", f'"{path}"')
    assert f"--profile {profile['name']}" in script


def test_what_cmd_reads_is_ascii() -> None:
    """Scripts are read in the code page of the machine: 936 in one shop, 437 in another."""
    for file in (HOUSE / "till" / "installer").glob("*.cmd"):
        assert file.read_bytes().isascii(), file.name
    assert (HOUSE / "till" / "installer" / "install.ps1").read_bytes().isascii()


def test_a_console_is_as_it_was_when_the_counter_is_left() -> None:
    """QuickEdit is off and the X gone in between, whatever happens; and a program without a console just runs."""
    console = FakeConsole(mode=0x1F7)
    with pytest.raises(KeyboardInterrupt):
        _interrupted_in(console)
    assert (console.now, console.has_x) == (0x1F7, True)
    nobody = FakeConsole(mode=None)
    with held_open(nobody):
        assert nobody.has_x


def _interrupted_in(console: FakeConsole) -> None:
    with held_open(console):
        assert console.now & (QUICK_EDIT | EXTENDED_FLAGS) == EXTENDED_FLAGS
        assert not console.has_x
        raise KeyboardInterrupt


class FakeConsole:
    def __init__(self, mode: int | None) -> None:
        self._is_there, self.now, self.has_x = mode is not None, mode or 0, True

    def mode(self) -> int | None:
        return self.now if self._is_there else None

    def set_mode(self, mode: int) -> None:
        self.now = mode

    def take_x(self) -> None:
        self.has_x = False

    def give_x(self) -> None:
        self.has_x = True


def test_the_page_and_the_workflow_name_what_there_is() -> None:
    """Every step and every value is on the page; the workflow runs what the README tells people without make."""
    told = code_spans(page("docs/windows.md"))
    for step in STEPS:
        assert step.id in told
        assert {one.name for one in step.settings if isinstance(one, Registry)} <= told
    workflow = (HOUSE / ".github" / "workflows" / "windows.yml").read_text(encoding="utf-8")
    readme = Path(HOUSE / "README.md").read_text(encoding="utf-8")
    typed = [line.strip() for line in readme.splitlines() if line.startswith("    .venv\\Scripts\\python -m pip")]
    assert len(typed) == 2
    assert all(line in workflow for line in typed)
