"""`till devices`: ports, profiles, and what a scanner really sends."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING

import click

from till.commands.hear import hear
from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak
from till.commands.template import template
from till.i18n import _, either

if TYPE_CHECKING:
    from config.settings import Settings
    from till.scanners import ScannerPost


@click.group()
def devices() -> None:
    """Scanners of this till."""


@devices.command("list")
@json_option
@pass_place
def list_devices(place: Place, as_json: bool) -> None:
    """The serial ports of this machine, what each seems to be and why, and the profiles that fit its USB id."""
    from till.port_words import seems_text

    speak(place)
    found = _post(place).list_ports()
    lines = [
        f"{port.ref}  {port.device}  {port.usb_id}  {seems_text(port)}  {' '.join(port.suggested)}".rstrip()
        for port in found
    ]
    document = {"ports": [port.__dict__ | {"seems": port.seems._asdict()} for port in found]}
    say(document, "\n".join(lines) or _("no serial ports: a keyboard scanner needs none"), as_json=as_json)


@devices.command()
@json_option
@pass_place
def profiles(place: Place, as_json: bool) -> None:
    """The scanner families that are known, the most common first, and how sure each is."""
    from till.families import read_families
    from till.scanner_words import sureness

    speak(place)
    families = read_families(place.folder)
    found = families.profiles
    lines = [f"{profile.id:<20}{either(profile.name)}  {sureness(profile)}" for profile in found]
    document = {"profiles": [profile.id for profile in found], "faults": list(families.faults)}
    say(document, "\n".join(lines), as_json=as_json)
    end(Exit.FOUND if families.faults else Exit.OK, "\n".join(families.faults))


@devices.command()
@click.argument("port")
@click.argument("profile", default="generic-line")
@click.option("--pass-to", "register", metavar="PORT", help="Pass on what is a cash register's; `none`: nothing.")
@pass_place
def assign(place: Place, port: str, profile: str, register: str | None) -> None:
    """Use the scanner on PORT (as `list` names it, or a URL) with PROFILE. The counter must be closed."""
    from devices.errors import DeviceError
    from local_db.connections import till_lock
    from local_db.errors import AnotherTillError
    from till.errors import RefusedError

    speak(place)
    try:
        with till_lock(place.folder):
            post = _post(place)
            post.assign(port, profile, "" if register == "none" else register)
            post.stop()
    except AnotherTillError:
        end(Exit.REFUSED, _("the counter is open: assign the scanner there (F9), or close it first"))
    except RefusedError as error:
        same = _("the scanner's own port cannot be the cash register's: choose another one")
        end(Exit.USAGE, same if error.code == "register-is-scanner" else str(error))
    except DeviceError as error:
        end(Exit.USAGE, str(error))
    click.echo(_("{port} with profile {profile}").format(port=port, profile=profile), err=True)


@devices.command("pass")
@pass_place
def pass_on(place: Place) -> None:
    """Pass on what is scanned to the cash register while the counter is closed; gives way to it. Runs until it is ended."""
    import threading

    from devices.errors import PortInvalidError
    from till.errors import RefusedError
    from till.events import Event, RegisterChanged
    from till.passing import pass_on as passing

    def tell(event: Event) -> None:
        if isinstance(event, RegisterChanged):
            click.echo(event.code or _("passing on"), err=True)

    speak(place)
    try:
        passing(place.folder, _settings(place), threading.Event(), tell)
    except KeyboardInterrupt:
        return
    except PortInvalidError as error:
        end(Exit.USAGE, str(error))
    except RefusedError as error:
        words = {
            "no-register": _(
                "no line to a cash register is assigned: till devices assign SCANNER PROFILE --pass-to PORT"
            )
        }
        end(Exit.REFUSED, words.get(error.code, str(error)))


@devices.command()
@json_option
@pass_place
def check(place: Place, as_json: bool) -> None:
    """Are the assigned ports there, who has them, and which way fits beside a cash register. Sends nothing."""
    from local_db.connections import till_lock
    from local_db.errors import AnotherTillError
    from till.device_check import check as look
    from till.device_words import check_rows, way_sentence
    from till.scanner_turn import ScannerTurn

    speak(place)
    settings = _settings(place)
    try:
        with till_lock(place.folder):
            turn = ScannerTurn(place.folder)
            is_free = turn.take()
            turn.give_back()
            found = look(settings, may_open=is_free)
        if not is_free:
            click.echo(_("`till devices pass` has the ports: they are not opened here"), err=True)
    except AnotherTillError:
        found = look(settings, may_open=False)
        click.echo(_("the counter is open and has its ports: they are not opened here"), err=True)
    document = {"ports": [port.__dict__ for port in found.ports], "way": found.way, "is_good": found.is_good}
    say(document, "\n".join([*check_rows(found), way_sentence(found)]), as_json=as_json)
    end(Exit.OK if found.is_good else Exit.FOUND)


@devices.command()
@click.option("--seconds", default=30, show_default=True)
@pass_place
def listen(place: Place, seconds: int) -> None:
    """Print what the assigned scanner sends: bytes in hex, and the code they make. Ends by itself."""
    from till.events import CodeScanned, Event, RawBytesRead, ScanFailed, ScannerChanged
    from till.scanners import ScannerPost

    speak(place)
    heard: queue.Queue[Event] = queue.Queue()
    post = ScannerPost(place.folder, _settings(place), heard.put)
    if not post.settings.scanner_port:
        end(Exit.REFUSED, _("no scanner is assigned: a keyboard scanner types like a keyboard"))
    post.start()
    post.monitor(on=True)
    until = time.monotonic() + seconds
    try:
        while (left := until - time.monotonic()) > 0:
            try:
                event = heard.get(timeout=left)
            except queue.Empty:
                break
            match event:
                case RawBytesRead(data=data):
                    click.echo(data.hex(" "))
                case CodeScanned(text=text):
                    click.echo(_("  code of {n} characters: {text}").format(n=len(text), text=text))
                case ScanFailed(kind=kind):
                    click.echo(_("  no code: {why}").format(why=kind))
                case ScannerChanged(is_online=online, code=code, detail=detail):
                    trouble = _("scanner: {why}").format(why=f"{code} {detail}".rstrip())
                    click.echo(_("scanner is there") if online else trouble, err=True)
                case _:
                    pass
    finally:
        post.stop()


devices.add_command(template)
devices.add_command(hear)


def _settings(place: Place) -> Settings:
    from config.settings import read_settings

    return read_settings(place.folder, place.config)


def _post(place: Place) -> ScannerPost:
    from till.scanners import ScannerPost

    return ScannerPost(place.folder, _settings(place), lambda _: None)
