"""What a port seems to be, and what was heard on it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from terminal.i18n import _, msg
from terminal.text import harmless

if TYPE_CHECKING:
    from terminal.technician import Port

_SEEMS: Final = {
    "scanner": msg("scanner"),
    "printer": msg("printer"),
    "payment": msg("payment terminal"),
    "adapter": msg("adapter"),
    "built-in": msg("built-in port"),
    "unknown": msg("unknown"),
}

_WHY: Final = {
    "used-as-scanner": msg("in use by this till"),
    "used-otherwise": msg("in use by this till for something else"),
    "maker": msg("made by {maker}"),
    "name": msg("calls itself so"),
    "bridge": msg("{maker}: what hangs behind it, listening shows"),
    "no-usb": msg("of the computer itself: listening shows what hangs there"),
    "not-listed": msg("a maker that is not known here"),
}


def seems_text(port: Port) -> str:
    """`Newland HR52: scanner, made by Newland`."""
    known = port.seems
    why = _(_WHY[known.why]).format(maker=known.maker)
    said = _("{what}, {why}").format(what=_(_SEEMS[known.seems]), why=why)
    name = harmless(port.description)
    return f"{name}: {said}" if name and name != "n/a" else said


def around_text(signs: str) -> str:
    """What stands before or behind a code; none is said, not left empty."""
    return harmless(signs) or _("nothing")
