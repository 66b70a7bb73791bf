"""What is left when the program itself fails: a sentence on the screen, and in the log where it happened.

Neither shows values: Textual's own crash screen prints local variables, and with them members, PINs and keys.
"""

from __future__ import annotations

import logging
import traceback

from rich.text import Text
from textual.app import App

from terminal.i18n import _, msg

_log = logging.getLogger("till.terminal")

CRASHED = msg(
    "The program stopped because of an error of its own. Every sale that was shown as stored is safe.\n"
    "Start it again with: till. If it happens again, give the technician the file till.log."
)


def crash_sentence() -> str:
    """What people read."""
    return _(CRASHED)


def record(error: BaseException) -> None:
    """Write where it happened into the log: types and places, no values and no messages."""
    _log.critical("%s", "\n".join(_places(error)))


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{type(error).__module__}.{type(error).__qualname__}"]
    lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or error.__context__
    return [*lines, "because of", *_places(cause)] if cause is not None else lines


class DiscreetApp(App[int], inherit_bindings=False):
    """An app that fails without telling what it knew. Two private names of textual, which is pinned; a test holds them."""

    def _handle_exception(self, error: Exception) -> None:
        """As Textual's, without the ways in which an error can draw itself."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        record(error)
        self._fatal_error()

    def _fatal_error(self) -> None:
        """A sentence instead of a traceback with local variables."""
        self.bell()
        self._exit_renderables.append(Text(crash_sentence()))
        self._close_messages_no_wait()
