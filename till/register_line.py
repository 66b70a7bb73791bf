"""The line to a cash register whose scanner this till holds: what is not ours goes there (`devices.sieve`)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from devices.errors import PortInvalidError, plain_code
from devices.outlet import Outlet, OutletChanged
from devices.ports import PortRef
from devices.scanner import Scanner
from devices.sieve import Claims
from till.events import Event, RegisterChanged
from till.scanner_turn import ScannerTurn

_log = logging.getLogger(__name__)

_CODES: Final = {
    "port-missing": "register-missing",
    "port-gone": "register-missing",
    "port-taken": "register-taken",
    "port-forbidden": "register-forbidden",
    "port-stalled": "register-stalled",
}


class RegisterLine:
    """At most one. It is there while the scanner is, whatever the screens show."""

    def __init__(self, claims: Claims, tell: Callable[[Event], None], turn: ScannerTurn | None = None) -> None:
        self._claims, self._tell, self._turn = claims, tell, turn
        self._outlet: Outlet | None = None
        self._is_away = False

    def join(self, scanner: Scanner, port: str) -> None:
        """Let `scanner`, not claimed yet, pass on to `port` (a reference; empty: nothing is passed on). Never raises."""
        if not port:
            return
        try:
            ref = PortRef.parse(port)
        except PortInvalidError as error:  # written by hand; the till works all the same
            _log.error("nothing is passed on: %s", error)
            self._tell(RegisterChanged("register-trouble", str(error)))
            return
        if self._turn is not None and not self._turn.demand():
            _log.warning("somebody else passes on, and does not let go of the scanner")
        # The register expects the line as its scanner had it.
        outlet = Outlet(ref, scanner.profile.line, self._take, scanner.hand_back)
        scanner.share(self._claims, outlet.pass_on)
        outlet.start()
        self._outlet = outlet

    def stop(self) -> None:
        """Let the port go."""
        outlet, self._outlet = self._outlet, None
        if outlet is not None:
            outlet.stop()
            if self._turn is not None:
                self._turn.give_back()

    def _take(self, told: OutletChanged) -> None:
        code = told.error_code
        was_away, self._is_away = self._is_away, code is not None
        if code is not None:
            self._tell(RegisterChanged(_CODES.get(plain_code(code), "register-trouble"), told.detail))
        else:
            self._tell(RegisterChanged("register-back" if was_away else ""))
