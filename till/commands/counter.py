"""`till`: open the counter in this terminal."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from till.care import Care
from till.commands.options import Exit, Place, end

if TYPE_CHECKING:
    from config.settings import Settings
    from till.app import App
    from till.composition import Till


def open_counter(place: Place) -> None:
    """Paint first, open the till behind it; a folder that is no till yet is asked for its enrolment code."""
    from till.commands.training import run_counter

    if (Path(sys.prefix).parents[1] / "next").is_file():  # without importing anything: first paint (DESIGN 11)
        from till.commands.upgrade import start_next

        start_next(place)
    app, settings = find_counter(place)

    def start() -> AbstractContextManager[Till]:
        from till.composition import open_till  # with what it imports, half of the time to the first paint

        return open_till(place.folder, settings)

    sys.exit(run_counter(app, start, settings, place.folder, Care(place.folder, place.config)))


def find_counter(place: Place) -> tuple[App, Settings]:
    """The app, with the settings of this till; ends the command where there is no terminal to open it in."""
    from config.settings import SettingsError, read_settings
    from till.app import find_app

    app = find_app()
    if app is None:
        end(Exit.USAGE, "the counter is not installed: pip install 'till-points-counter[counter]'")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        end(Exit.USAGE, "the counter needs a terminal; `till --help` lists what works without one")
    try:
        settings = read_settings(place.folder, place.config)
    except SettingsError as error:
        end(Exit.USAGE, str(error))
    if place.language:
        settings = msgspec.structs.replace(settings, language=place.language)
    return app, settings
