"""Leaving the program: asked for where a sale on the screen or behind the lock would be lost with it. Those put aside stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.dialogs.ask import Ask
from terminal.i18n import _

if TYPE_CHECKING:
    from terminal.app import TillApp


def leave(app: TillApp) -> None:
    """End the program. What is stored is sent the next time."""
    work = app.work
    if work is None or work.is_idle:
        app.exit(0)
        return
    question = _("A sale is not finished yet; it is lost when the program ends. Quit?")
    app.push_screen(Ask(question, yes=_("Quit"), no=_("Stay")), lambda is_sure: app.exit(0) if is_sure else None)
