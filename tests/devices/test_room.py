"""The room's own rules: who may import what, and that errors can be told apart."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import devices
from devices import errors

ROOM = Path(devices.__file__).parent


def importers_of(package: str) -> set[str]:
    pattern = re.compile(rf"^\s*(from|import) {package}\b", re.MULTILINE)
    return {file.name for file in ROOM.glob("*.py") if pattern.search(file.read_text(encoding="utf-8"))}


def test_one_file_knows_pyserial_and_one_knows_qrcode() -> None:
    """Either can be replaced by changing one file."""
    assert importers_of("serial") == {"serial_port.py"}
    assert importers_of("qrcode") == {"qr.py"}


def test_posix_only_modules_stay_behind_one_file_each() -> None:
    """Windows is an equal citizen: what it lacks is imported in two files alone."""
    posix_only = ("termios", "fcntl", "tty", "pty", "pwd")
    assert {name for module in posix_only for name in importers_of(module)} == {"tty_posix.py", "pty_posix.py"}


def test_importing_the_scanner_loads_neither_pyserial_nor_qrcode() -> None:
    """They come when the first port is opened and the first code is drawn: the first paint does not wait for them."""
    script = (
        "import sys, devices.scanner, devices.simulators, devices.qr; print({'serial', 'qrcode'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def leaves(cls: type[errors.DeviceError]) -> Iterator[type[errors.DeviceError]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from leaves(sub)


def test_every_error_has_a_code_of_its_own_in_the_tree() -> None:
    """Screens choose a sentence by the code: codes are unique, and the docstring draws each class with its code."""
    # One that never leaves its own file needs no sentence.
    found = [error for error in leaves(errors.DeviceError) if not error.__name__.startswith("_")]
    codes = [error.code for error in found]
    assert len(set(codes)) == len(codes)
    for error in found:
        assert re.search(rf"\b{error.__name__}\b", errors.__doc__ or "")
        assert error is errors.PortError or error.code in (errors.__doc__ or "")
