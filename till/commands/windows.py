"""`till windows`: make a Windows machine fit for a till, or say what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak
from till.i18n import _

if TYPE_CHECKING:
    from till.windows import Command, Ran, Step

_ANSWER_TIMEOUT_S = 60


@click.group()
def windows() -> None:
    """Set up Windows for a till: no sleep, USB stays on, autostart, a console that shows Chinese and that no click stops."""


@windows.command()
@json_option
@pass_place
def show(place: Place, as_json: bool) -> None:
    """Print every command that `apply` runs, and change nothing. Works on any system."""
    from till.windows import STEPS, lines

    speak(place)
    text = []
    for step in STEPS:
        text += [f"rem {_(step.why)}{_administrators(step)}", *lines((step,)), ""]
    document = {step.id: lines((step,)) for step in STEPS}
    say({"commands": document}, "\n".join(text).rstrip(), as_json=as_json)


@windows.command()
@json_option
@pass_place
def check(place: Place, as_json: bool) -> None:
    """Say which settings of this machine are not as they should be; exit code 1 if any."""
    from till.windows import missing

    speak(place)
    _need_windows()
    found: dict[str, Step] = {step.id: step for step, _setting in missing(_run)}
    text = [f"{step_id}: {_(step.why)}{_administrators(step)}" for step_id, step in found.items()]
    say({"missing": list(found)}, "\n".join(text) or _("Windows is set up for a till"), as_json=as_json)
    if found:
        end(Exit.FOUND)


@windows.command()
@click.option("--no-autostart", is_flag=True, help="Do not start the counter when somebody signs in.")
@json_option
@pass_place
def apply(place: Place, no_autostart: bool, as_json: bool) -> None:
    """Make the settings that are missing. Those of the whole machine need a prompt of an administrator."""
    from till.windows import apply as make

    speak(place)
    _need_windows()
    written = _write_files(with_autostart=not no_autostart)
    refused = make(_run)
    text = [str(path) for path in written]
    text += [_("not made: {command}").format(command=command) + _administrators(step) for step, command in refused]
    document = {"files": [str(path) for path in written], "refused": [command for _step, command in refused]}
    say(document, "\n".join(text) or _("Windows is set up for a till"), as_json=as_json)
    if refused:
        end(Exit.FOUND)


def _write_files(*, with_autostart: bool) -> list[Path]:
    """The terminal's profile, and the script that starts it."""
    from till.installer.versions import Programme, write_whole
    from till.windows import TITLE, autostart, portable, terminal_profile

    programme = Programme.of_this_process()
    if programme is None:
        return []  # nothing that could be started next month too
    local, roaming = os.environ.get("LOCALAPPDATA", ""), os.environ.get("APPDATA", "")
    launcher = portable(str(programme.launcher), local)
    profile = Path(local) / "Microsoft/Windows Terminal/Fragments" / TITLE / "till.json"
    write_whole(profile, terminal_profile(launcher))
    if not with_autostart:
        return [profile]
    script = Path(roaming) / "Microsoft/Windows/Start Menu/Programs/Startup" / f"{TITLE}.cmd"
    write_whole(script, autostart(launcher), "\r\n")
    return [profile, script]


def _run(command: Command) -> Ran:
    from till.windows import Ran

    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_ANSWER_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Ran(1, str(error))
    # In the code page of the console; what is read of it is ASCII.
    return Ran(done.returncode, done.stdout.decode("ascii", errors="replace"))


def _need_windows() -> None:
    if sys.platform != "win32":
        end(Exit.USAGE, _("this is not Windows; `till windows show` prints the commands"))


def _administrators(step: Step) -> str:
    return _(" (as administrator)") if step.needs_administrator else ""
