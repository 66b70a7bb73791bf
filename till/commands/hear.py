"""`till devices hear`: listen on a port that nobody knows yet; a test code to scan, what came, and which profile reads it."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak
from till.i18n import _

if TYPE_CHECKING:
    from devices.ear import Told
    from till.hearing_words import Heard

_BLACK_ON_WHITE, _PLAIN = "\x1b[38;5;16;48;5;231m", "\x1b[0m"


@click.command()
@click.argument("port")
@click.option("--seconds", default=60, show_default=True, help="How long to wait for a scan that makes sense.")
@json_option
@pass_place
def hear(place: Place, port: str, seconds: int, as_json: bool) -> None:
    """Listen on PORT and say what the scanner there sends, and which profile reads it right. Nothing is sent to it.

    The counter must be closed, or use another port.
    """
    from devices.ear import Ear
    from devices.errors import DeviceError
    from devices.hearing import TEST_CODE
    from devices.ports import PortRef
    from devices.qr import half_blocks, qr_matrix

    speak(place)
    told: queue.Queue[Told] = queue.Queue()
    try:
        ear = Ear(PortRef.parse(port), told.put)
    except DeviceError as error:
        end(Exit.USAGE, str(error))
    click.echo("\n".join(f"{_BLACK_ON_WHITE}{row}{_PLAIN}" for row in half_blocks(qr_matrix(TEST_CODE))), err=True)
    click.echo(_("Scan this code; a scanner without 2D scans any product"), err=True)
    ear.start()
    try:
        heard = _first_that_is_read(place, told, time.monotonic() + seconds)
    finally:
        ear.stop()
    if heard is None:
        end(Exit.FOUND, _("nothing came that a profile reads right"))
    document = {
        "line": heard.line, "hex": heard.hex, "prefix": heard.prefix, "end": heard.end, "charset": heard.charset,
        "is_test_code": heard.is_test_code, "troubles": heard.troubles,
        "profiles": [one.profile.id for one in heard.suggestions],
    }  # fmt: skip
    say(document, "\n".join(_rows(heard)), as_json=as_json)


def _first_that_is_read(place: Place, told: queue.Queue[Told], until_s: float) -> Heard | None:
    """The first scan that some profile reads right; what comes before it is said."""
    from devices.ear import Deaf, Listening
    from devices.suggesting import suggest
    from till.families import read_families
    from till.hearing_words import in_words, line_text

    profiles = read_families(place.folder).profiles
    while (left_s := until_s - time.monotonic()) > 0:
        try:
            found = told.get(timeout=left_s)
        except queue.Empty:
            break
        if isinstance(found, Listening):
            click.echo(_("Listening at {line}").format(line=line_text(found.line)), err=True)
        elif isinstance(found, Deaf):
            click.echo(str(found.error), err=True)
        else:
            heard = in_words(found, suggest(found, profiles, ""))
            if heard.suggestions:
                return heard
            click.echo("\n".join(_rows(heard)), err=True)
    return None


def _rows(heard: Heard) -> list[str]:
    from till.heard_words import HEARD
    from till.port_words import heard_rows, suggestion_rows

    return [
        heard.line,
        *heard_rows(heard),
        heard.hex,
        *(_(HEARD[one]) for one in heard.troubles),
        *suggestion_rows(heard),
    ]
