"""`till devices pass`: what is scanned goes on to the cash register while the counter is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from config import data
from config.settings import Settings
from devices.ports import PortRef
from devices.profiles import read_profiles
from devices.scanner import Scanner
from till.errors import RefusedError
from till.events import Event
from till.own_codes import OWN_CODES
from till.register_line import RegisterLine
from till.scanner_turn import ScannerTurn

_LOOK_S = 0.25


def pass_on(folder: Path, settings: Settings, ended: threading.Event, tell: Callable[[Event], None]) -> None:
    """Until `ended`. Codes of the till's own go nowhere meanwhile: nobody is there for them.

    Raises `RefusedError` (`no-register`, `profile-unknown`), `devices.errors.PortInvalidError`.
    """
    if not (settings.scanner_port and settings.register_port):
        raise RefusedError("no-register")
    profile = read_profiles(data("scanners")).profiles.get(settings.scanner_profile)
    if profile is None:
        raise RefusedError("profile-unknown", profile=settings.scanner_profile)
    port, turn = PortRef.parse(settings.scanner_port), ScannerTurn(folder)
    while not ended.is_set():
        if turn.take():
            scanner, line = Scanner(port, profile, lambda _: None), RegisterLine(OWN_CODES, tell)
            line.join(scanner, settings.register_port)
            scanner.open()
            scanner.claim()
            scanner.enable()
            while not (ended.is_set() or turn.is_wanted):
                ended.wait(_LOOK_S)
            scanner.close()
            line.stop()
            turn.give_back()
        ended.wait(_LOOK_S)
