"""What a Windows machine has to be told so that a till works on it: which settings, as data. Nothing here runs anything.

Every setting is read back before it is written. Those of the whole machine need an administrator, the others do not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from subprocess import list2cmdline
from typing import Final, Literal, NamedTuple

from till.i18n import msg

Command = tuple[str, ...]
TITLE: Final = "Till"
"""Of the console's window: Windows keeps fonts and QuickEdit of a console by the title that it was started with."""


class Ran(NamedTuple):
    """What a command of Windows came to."""

    code: int
    output: str


Run = Callable[[Command], Ran]


@dataclass(frozen=True)
class Registry:
    """A value of the registry."""

    key: str
    name: str
    kind: Literal["REG_DWORD", "REG_SZ"]
    data: str

    def commands(self) -> Iterator[Command]:
        """What sets it."""
        yield "reg", "add", self.key, "/v", self.name, "/t", self.kind, "/d", self.data, "/f"

    def query(self) -> Command:
        """What prints it."""
        return "reg", "query", self.key, "/v", self.name

    def is_set(self, printed: str) -> bool:
        """Whether the answer to `query` has this value: `    QuickEdit    REG_DWORD    0x0`."""
        found = re.search(rf"^\s+{re.escape(self.name)}\s+{self.kind}\s+(.*?)\s*$", printed, re.MULTILINE)
        if found is None:
            return False
        if self.kind == "REG_SZ":
            return found[1] == self.data
        return int(found[1], 16) == int(self.data)


@dataclass(frozen=True)
class Power:
    """A setting of the power plan in use, plugged in and on battery."""

    subgroup: str
    setting: str
    value: int

    def commands(self) -> Iterator[Command]:
        """What sets it; the last one makes it work at once."""
        for which in ("/setacvalueindex", "/setdcvalueindex"):
            yield "powercfg", which, "SCHEME_CURRENT", self.subgroup, self.setting, str(self.value)
        yield "powercfg", "/setactive", "SCHEME_CURRENT"

    def query(self) -> Command:
        """What prints it."""
        return "powercfg", "/query", "SCHEME_CURRENT", self.subgroup, self.setting

    def is_set(self, printed: str) -> bool:
        """Whether both last numbers of the answer are this value; the words before them are in the language of Windows."""
        numbers = re.findall(r"0x([0-9a-fA-F]{8})\s*$", printed, re.MULTILINE)
        return [int(number, 16) for number in numbers[-2:]] == [self.value] * 2


@dataclass(frozen=True)
class Step:
    """Settings that serve one end. `why` is a message of the catalogue."""

    id: str
    why: str
    settings: tuple[Registry | Power, ...]
    needs_administrator: bool = False


_SLEEP, _STANDBY, _HIBERNATE = (
    "238c9fa8-0aad-41ed-83f4-97be242c8f20",
    "29f6c1db-86da-48c5-9fdb-f2b67b1f44da",
    "9d7815a6-7ee4-497e-8888-515a05f02364",
)
_VIDEO, _VIDEO_IDLE = "7516b95f-f776-4464-8c53-06167f40cc99", "3c0bc021-c8a8-4e07-a973-6b14cbcb2b7e"
_BUTTONS, _LID = "4f971e89-eebd-4455-a8de-9e59040e7347", "5ca83367-6e45-459f-a27b-476b1d01c936"
_USB, _SELECTIVE_SUSPEND = "2a737441-1930-4402-8d77-b2bebba308a3", "48e6b7a6-50f5-4782-a5d4-53bb8f07e226"
_ACCESSIBILITY = r"HKCU\Control Panel\Accessibility"
_CONSOLE = rf"HKCU\Console\{TITLE}"

STEPS: Final = (
    Step(
        "no-sleep",
        msg("the machine never sleeps, the screen stays on, closing a lid does nothing"),
        (
            Power(_SLEEP, _STANDBY, 0),
            Power(_SLEEP, _HIBERNATE, 0),
            Power(_VIDEO, _VIDEO_IDLE, 0),
            Power(_BUTTONS, _LID, 0),
            Registry(r"HKCU\Control Panel\Desktop", "ScreenSaveActive", "REG_SZ", "0"),
        ),
    ),
    Step(
        "usb-stays-on",
        msg("USB ports are not switched off to save power: a scanner that slept loses its first code"),
        (Power(_USB, _SELECTIVE_SUSPEND, 0),),
    ),
    Step(
        "console",
        msg("the console's window: a click does not stop the program (QuickEdit), code page 936 and a font with Chinese"),
        (
            Registry(r"HKCU\Console", "ForceV2", "REG_DWORD", "1"),
            Registry(_CONSOLE, "QuickEdit", "REG_DWORD", "0"),
            Registry(_CONSOLE, "CodePage", "REG_DWORD", "936"),
            Registry(_CONSOLE, "FaceName", "REG_SZ", "NSimSun"),
            Registry(_CONSOLE, "FontFamily", "REG_DWORD", "54"),
            Registry(_CONSOLE, "FontSize", "REG_DWORD", str(24 << 16)),
        ),
    ),
    Step(
        "keys",
        msg("no question comes up when a keyboard scanner presses Shift often (sticky and filter keys)"),
        (
            Registry(rf"{_ACCESSIBILITY}\StickyKeys", "Flags", "REG_SZ", "506"),
            Registry(rf"{_ACCESSIBILITY}\Keyboard Response", "Flags", "REG_SZ", "122"),
        ),
    ),
    Step(
        "restarts",
        msg("Windows does not restart by itself while somebody is signed in, and switching off is no sleep (fast startup)"),
        (
            Registry(
                r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU", "NoAutoRebootWithLoggedOnUsers",
                "REG_DWORD", "1",
            ),
            Registry(
                r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Power", "HiberbootEnabled", "REG_DWORD", "0"
            ),
        ),
        needs_administrator=True,
    ),
)  # fmt: skip
"""In the order in which they are made."""


def lines(steps: tuple[Step, ...] = STEPS) -> list[str]:
    """All commands, as they are typed into a command prompt."""
    return [list2cmdline(command) for step in steps for setting in step.settings for command in setting.commands()]


def missing(run: Run, steps: tuple[Step, ...] = STEPS) -> list[tuple[Step, Registry | Power]]:
    """The settings that are not as they should be."""
    found = []
    for step in steps:
        for setting in step.settings:
            code, printed = run(setting.query())
            if code or not setting.is_set(printed):
                found.append((step, setting))
    return found


def apply(run: Run, steps: tuple[Step, ...] = STEPS) -> list[tuple[Step, str]]:
    """Make the settings that are missing; those that Windows did not take, each with its command."""
    refused = []
    for step, setting in missing(run, steps):
        for command in setting.commands():
            if run(command).code:
                refused.append((step, list2cmdline(command)))
                break
    return refused


def terminal_profile(launcher: str) -> str:
    """A profile of Windows Terminal, as a fragment that leaves the settings of its user alone.

    Cascadia Mono has no Chinese: the terminal takes those from Microsoft YaHei, two cells wide.
    """
    profile = {
        "name": TITLE,
        "commandline": f'"{launcher}"',
        "font": {"face": "Cascadia Mono", "size": 16},
        "closeOnExit": "graceful",
        "scrollbarState": "hidden",
        "bellStyle": "none",
        "tabTitle": TITLE,
        "suppressApplicationTitle": True,
    }
    return json.dumps({"profiles": [profile]}, ensure_ascii=True, indent=2) + "\n"


def autostart(launcher: str) -> str:
    """The script in the folder Autostart: full screen in Windows Terminal, else a maximised console."""
    # In brackets cmd.exe would read the path, in which there may be brackets too.
    return "\n".join(
        (
            "@echo off",
            "where wt >nul 2>nul",
            "if errorlevel 1 goto console",
            f'start "" wt --fullscreen new-tab --profile {TITLE}',
            "exit /b",
            ":console",
            f'start "{TITLE}" /max conhost.exe "{launcher}"',
            "",
        )
    )


def portable(path: str, local_app_data: str) -> str:
    """A path as a script may have it: a user's name in Chinese is not the same bytes in every code page."""
    if local_app_data and path.lower().startswith(local_app_data.lower().rstrip("\\") + "\\"):
        return "%LOCALAPPDATA%" + path[len(local_app_data.rstrip("\\")) :]
    return path
