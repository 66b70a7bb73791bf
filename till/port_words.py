"""What a port seems to be, and what was heard on it, in words."""

from __future__ import annotations

from typing import Final, Protocol

from devices.recognition import Recognition, Seeming, Why
from till.heard_words import HEARD
from till.hearing_words import Heard
from till.i18n import _, either, msg
from till.text import harmless


class Seems(Protocol):
    """What a port seems to be, by what it is judged, and who made it (`devices.recognition`)."""

    @property
    def seems(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def maker(self) -> str: ...


class Port(Protocol):
    """A port as `till.scanners.ListedPort` tells of it."""

    @property
    def description(self) -> str: ...
    @property
    def seems(self) -> Seems: ...


IN_USE: Final[Seems] = Recognition(Seeming.SCANNER, Why.USED_AS_SCANNER)
"""Of the scanner in use where the system does not list its port."""

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


def heard_rows(heard: Heard) -> list[str]:
    """What came in, part by part."""
    size = _("{n} in {ms} ms, longest pause {gap} ms").format(
        n=heard.bytes, ms=heard.duration_ms, gap=heard.longest_gap_ms
    )
    parts = (
        (_("Before it"), f"{around_text(heard.prefix)}  {heard.symbology}".rstrip()),
        (_("At its end"), around_text(heard.end)),
        (_("Characters"), heard.charset or _("not known")),
        (_("Bytes"), size),
    )
    said = [_("The test code was read")] if heard.is_test_code else []
    return [*said, *(f"{name}  {value}" for name, value in parts)]


def suggestion_rows(heard: Heard) -> list[str]:
    """The profiles that read it right, the best first, each with why."""
    return [
        f"{harmless(either(one.profile.name))}: {', '.join(_(HEARD[reason]) for reason in one.reasons)}"
        for one in heard.suggestions
    ]
