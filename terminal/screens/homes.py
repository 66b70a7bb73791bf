"""Which screen fits the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

if TYPE_CHECKING:
    from terminal.app import TillApp

SELLING = ("cashier", "supervisor", "manager")


def home(app: TillApp) -> Screen[Any]:
    """Pairing, signing in, opening a shift, the technician's screen or the counter."""
    if app.is_unpaired:
        from terminal.screens.pairing import PairingScreen

        return PairingScreen()
    session = app.work.session if app.work else None
    if session is None:
        from terminal.screens.sign_in import SignInScreen

        return SignInScreen()
    if not session.may(*SELLING):  # type: ignore[arg-type]  # roles are literals of protocol.documents
        from terminal.screens.devices import DevicesScreen

        return DevicesScreen()
    if app.tutoring is not None:
        session = app.tutoring.begin(session)
    if not session.shift:
        from terminal.screens.shift_opening import ShiftOpeningScreen

        return ShiftOpeningScreen()
    from terminal.screens.counter import CounterScreen

    return CounterScreen()
