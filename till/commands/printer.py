"""`till printer`: which receipt printer this till has, and what really comes out of it."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import TYPE_CHECKING

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak

if TYPE_CHECKING:
    from config.settings import Settings
    from devices.printer import Printed, PrinterEvent

ANSWER_S = 15.0


@click.group()
def printer() -> None:
    """The receipt printer of this till."""


@printer.command("list")
@json_option
def list_printers(as_json: bool) -> None:
    """Printer devices of this machine, and the profiles. A network printer is `url:socket://ADDRESS:9100`."""
    from config import data
    from devices.printer_profiles import read_printers

    ports = [f"device:{path}" for path in sorted(Path("/dev/usb").glob("lp*"))] if Path("/dev/usb").is_dir() else []
    found = read_printers(data("printers")).profiles
    lines = [*ports, *(f"{one.id:<20}{one.status:<12}{one.name.zh}  {one.name.en}" for one in found.values())]
    say({"ports": ports, "profiles": list(found)}, "\n".join(lines), as_json=as_json)


@printer.command()
@click.argument("port")
@click.argument("profile", default="escpos-58")
@pass_place
def assign(place: Place, port: str, profile: str) -> None:
    """Use the printer on PORT with PROFILE; `none` for no printer. The counter must be closed."""
    import msgspec

    from config.settings import write_settings
    from devices.errors import PortInvalidError
    from devices.ports import PortRef
    from local_db.connections import till_lock
    from local_db.errors import AnotherTillError
    from till.errors import RefusedError
    from till.printing import find_printer

    speak(place)
    try:
        find_printer(profile)
        ref = "" if port == "none" else str(PortRef.parse(port))
        with till_lock(place.folder):
            settings = msgspec.structs.replace(_settings(place), printer_port=ref, printer_profile=profile)
            write_settings(place.folder, settings)
    except AnotherTillError as error:
        end(Exit.REFUSED, str(error))
    except (PortInvalidError, RefusedError) as error:
        end(Exit.USAGE, str(error))
    click.echo(f"{ref or 'none'} {profile}", err=True)


@printer.command()
@json_option
@pass_place
def test(place: Place, as_json: bool) -> None:
    """Print a slip that shows whether Chinese, width, code and cut are right, and say what the printer answers."""
    from devices.ports import PortRef
    from devices.printer import Printer, PrinterEvent, PrintJob
    from till.i18n import _
    from till.printing import find_printer
    from till.slips import test_slip

    speak(place)
    settings = _settings(place)
    if not settings.printer_port:
        end(Exit.REFUSED, _("This till has no receipt printer. A technician assigns one (till printer assign)."))
    profile, told = find_printer(settings.printer_profile), queue.Queue[PrinterEvent]()
    post = Printer(PortRef.parse(settings.printer_port), profile.line, profile.paper, told.put)
    post.start()
    slip = test_slip(profile.id)
    post.print(PrintJob("test", slip, slip))
    try:
        printed, code = _watched(told)
    finally:
        post.stop()
    if printed is None:
        end(Exit.NOT_REACHABLE, code or _("no answer: unknown"))
    text = _("printed; the printer says so") if printed.is_confirmed else _("sent; look whether it came out")
    say({"confirmed": printed.is_confirmed}, text, as_json=as_json)


@printer.command()
@click.option("--png", type=click.Path(path_type=Path, dir_okay=False), help="Draw it into this file, dot for dot.")
@click.option(
    "--font", type=click.Path(path_type=Path, exists=True), help="A font with Chinese characters, for --png."
)
@click.option("--profile", "profile_id", default="", help="Another than this till's.")
@pass_place
def preview(place: Place, png: Path | None, font: Path | None, profile_id: str) -> None:
    """Show what `till printer test` would print, read from the bytes: without a printer, without paper."""
    from devices.escpos import encode
    from devices.paper_preview import find_font, preview_png, preview_rows
    from devices.paper_sheet import read_sheet
    from till.errors import RefusedError
    from till.i18n import _
    from till.printing import find_printer
    from till.slips import test_slip

    speak(place)
    try:
        profile = find_printer(profile_id or _settings(place).printer_profile)
    except RefusedError as error:
        end(Exit.USAGE, str(error))
    paper = profile.paper
    sheet = read_sheet(encode(test_slip(profile.id), paper))
    if png is None:
        for row in preview_rows(sheet, paper):
            ink, ground = ("black", "bright_white") if row.is_code else (None, None)
            click.secho(row.text, fg=ink, bg=ground, bold=row.is_bold)
        return
    font = font or find_font()
    if font is None:
        end(Exit.REFUSED, _("This machine has no font with Chinese characters; name one: --font FILE"))
    try:
        png.write_bytes(preview_png(sheet, paper, font))
    except OSError as error:
        end(Exit.REFUSED, f"{error}")


def _watched(told: queue.Queue[PrinterEvent]) -> tuple[Printed | None, str]:
    """What became of the slip, and the last trouble; each is said as it comes."""
    from devices.printer import Printed, PrinterTold
    from till.i18n import _

    code = ""
    while True:
        try:
            event = told.get(timeout=ANSWER_S)
        except queue.Empty:
            return None, code
        if isinstance(event, Printed):
            return event, code
        if isinstance(event, PrinterTold):
            code = event.code
            click.echo(code or (_("ready") if event.is_known else _("no answer: unknown")), err=True)


def _settings(place: Place) -> Settings:
    from config.settings import read_settings

    return read_settings(place.folder, place.config)
