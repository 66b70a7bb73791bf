"""`till lines`: the counter without a screen, a sentence a line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from till.commands.options import Exit, Place, end, pass_place, with_journal

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from till.composition import Till


@click.command()
@pass_place
@with_journal
def lines(place: Place) -> None:
    """The counter in plain lines: for a screen reader, a braille line, a pipe."""
    import msgspec

    from config.settings import read_settings
    from till.app import find_lines

    run = find_lines()
    if run is None:
        end(Exit.USAGE, "the counter is not installed: pip install 'till-points-counter[counter]'")
    settings = read_settings(place.folder, place.config)
    if place.language:
        settings = msgspec.structs.replace(settings, language=place.language)

    def start() -> AbstractContextManager[Till]:
        from till.composition import open_till

        return open_till(place.folder, settings)

    sys.exit(run(start, settings))
