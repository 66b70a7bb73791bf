"""`till devices template`: the settings of this till for the next one, as a code and as a file."""

from __future__ import annotations

import click

from config.settings import read_settings
from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak
from till.i18n import _
from till.scanners import ScannerPost
from till.store_template import StoreTemplate

_BLACK_ON_WHITE, _PLAIN = "\x1b[38;5;16;48;5;231m", "\x1b[0m"


@click.command()
@click.option("--save", is_flag=True, help="Write it as template.toml into the folder of the till.")
@click.option(
    "--apply", "text", metavar="FILE", help="Set this till up by a template: a file, or the text of the code."
)
@json_option
@pass_place
def template(place: Place, text: str | None, *, save: bool, as_json: bool) -> None:
    """The settings of this till as the store's template: a QR code that sets up the next till, and a file."""
    from devices.errors import DeviceError
    from local_db.connections import till_lock
    from local_db.errors import AnotherTillError
    from till.errors import RefusedError

    speak(place)
    try:
        if text is not None:
            with till_lock(place.folder):
                _apply(place, text)
        elif save:
            click.echo(_template(place).save(), err=True)
        else:
            _show(place, as_json=as_json)
    except AnotherTillError:
        end(Exit.REFUSED, _("the counter is open: scan the template there (F9, Devices), or close it first"))
    except (DeviceError, RefusedError) as error:
        end(Exit.REFUSED, str(error))


def _show(place: Place, *, as_json: bool) -> None:
    from devices.qr import fitting_matrix, half_blocks

    found = _template(place)
    code = found.code()
    rows = [f"{_BLACK_ON_WHITE}{row}{_PLAIN}" for row in half_blocks(fitting_matrix(code, 40))]
    say({"code": code, "template": found.settings()}, "\n".join([*rows, code, found.text()]), as_json=as_json)


def _apply(place: Place, text: str) -> None:
    post = _post(place)
    found = StoreTemplate(place.folder, post)
    for change in found.would_change(text):
        click.echo(f"{change.setting}: {change.before or '-'} -> {change.after or '-'}", err=True)
    found.apply(text)
    post.stop()


def _template(place: Place) -> StoreTemplate:
    return StoreTemplate(place.folder, _post(place))


def _post(place: Place) -> ScannerPost:
    return ScannerPost(place.folder, read_settings(place.folder, place.config), lambda _: None)
