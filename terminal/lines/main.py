"""Where the command line enters (entry point `till.app`, `lines`): the counter on plain input and output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from terminal import i18n
from terminal.i18n import _
from terminal.lines.talk import Talk
from terminal.looks import Looks

if TYPE_CHECKING:
    from till.composition import Till


def open_lines(start: Callable[[], AbstractContextManager[Till]], settings: Looks) -> int:
    """Until somebody quits or the input ends. Raises as `start`. Returns the exit code (`till.app.Lines`)."""
    i18n.use(settings.language)
    talk = Talk(sys.stdin, sys.stdout)
    talk.say(_("One moment..."))
    with start() as till:
        from terminal.lines.counter import LineCounter

        try:
            LineCounter(till.counter, talk).run()
        except EOFError:
            talk.say("")
    return 0
