"""Where the command line enters (entry point `till.app`): the app for a till that opens behind its first paint."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from terminal.app import TillApp
from terminal.looks import Looks
from terminal.opened import Start

if TYPE_CHECKING:
    from terminal.outage import Outages
    from till.app import Demo


def open_app(
    start: Start, settings: Looks, *, pair: Callable[[str, str], object], demo: Demo | None = None,
    train: Callable[[], object] | None = None, outages: Outages | None = None,
) -> int:  # fmt: skip
    """Run the counter until it is left. Returns the exit code (`till.app.App`)."""
    if sys.platform != "win32":
        from terminal.escape_posix import hasten_escape

        hasten_escape()
    app = TillApp(start, settings, pair=pair, demo=demo, train=train, outages=outages)
    try:
        _run(app)
    finally:
        app.opener.close()  # a signal ends the loop before the screen is taken down
    return app.return_code or 0


def _run(app: TillApp) -> None:
    if sys.platform == "win32":
        from terminal.console_windows import ThisConsole, held_open

        with held_open(ThisConsole()):
            app.run(mouse=False)
    else:
        app.run(mouse=False)
