"""The technician's card, scanned on whatever screen: his screen above it, and nobody signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from terminal.screens.base import TillScreen
    from terminal.technician import Workbench


def open_by_card(bench: Workbench, screen: TillScreen[Any], code: str) -> bool:
    """Whether the scan was a card: then his screen is open, or `screen` says why not."""
    from terminal.i18n import _
    from terminal.screens.devices import DevicesScreen
    from terminal.text import harmless
    from till.refusals import REFUSALS

    if not bench.is_card(code):
        return False
    try:
        card = bench.open_card(code)
    except REFUSALS as error:
        screen.refuse(error)
        return True
    if any(isinstance(one, DevicesScreen) for one in screen.app.screen_stack):
        screen.say(_("The technician's screen is open already"), "success")
    else:
        screen.app.push_screen(DevicesScreen(harmless(card.technician, 24)))
    return True
