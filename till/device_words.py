"""What a check of the ports found, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from till.device_check import Checked, Way
from till.i18n import _, msg

_USES: Final = {
    "scanner": msg("scanner"),
    "register": msg("to the cash register"),
    "scanner-like": msg("may be a scanner"),
    "spare": msg("a free line"),
    "other": msg("something else"),
}

_WAYS: Final = {
    Way.PASSES_ON: msg(
        "The till holds the scanner and passes on what is the cash register's. While the till is closed `till devices pass`"
        " does it, or the register gets no scans."
    ),
    Way.OWN_SCANNER: msg("The till has a scanner of its own. A cash register beside it needs another one."),
    Way.SECOND_SCANNER: msg(
        "Another program has a scanner, perhaps the cash register's, and a second one is free:\n"
        "  till devices assign {scanner} PROFILE"
    ),
    Way.TAKE_OVER: msg(
        "Another program has the only scanner. The safest is a second scanner. Or the till holds it and passes on: close"
        " that program, set it to the other end of {register}, then\n"
        "  till devices assign {scanner} PROFILE --pass-to {register}"
    ),
    Way.BUY_SECOND: msg(
        "Another program has the only scanner, and there is no free line to pass on by. Plug in a second scanner, or add a"
        " line: an adapter and a null-modem cable, or a pair of virtual ports."
    ),
    Way.ASSIGN: msg("A scanner is free:\n  till devices assign {scanner} PROFILE"),
    Way.KEYBOARD: msg(
        "No scanner on a serial line. A keyboard scanner types into whichever window is in front: beside a cash register on"
        " the same computer set it to USB serial (virtual COM port), and take a second scanner."
    ),
}


def check_rows(found: Checked) -> Iterator[str]:
    """A port each."""
    for port in found.ports:
        state = port.code or _("all right")
        programs = _("used by {programs}").format(programs=", ".join(port.programs)) if port.programs else ""
        yield "  ".join(part for part in (port.port, port.device, _(_USES[port.use]), state, programs) if part)
        if port.detail:
            yield f"    {port.detail}"


def way_sentence(found: Checked) -> str:
    """Which way fits, and the command for it."""
    return _(_WAYS[found.way]).format(scanner=found.scanner, register=found.register)
