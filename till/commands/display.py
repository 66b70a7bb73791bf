"""`till display`: the customer display, the second screen and the member's keypad of this till."""

from __future__ import annotations

import os
import queue
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak

if TYPE_CHECKING:
    from config.settings import Settings
    from devices.display_picture import Picture
    from devices.display_profiles import DisplayProfile
    from devices.ports import PortRef

OPEN_S: Final = 3.0
"""A port that is not open by then is not."""
SENT_S: Final = 0.5
"""A picture is on the slowest line for a fifth of that."""
LOOK_S: Final = 30.0
"""For a person to press keys, or to open a browser."""


class Result(NamedTuple):
    """Of one device: `pass`, `fail` or `skipped`, with what was seen."""

    device: str
    result: str
    text: str


@click.group()
def display() -> None:
    """What stands on the member's side: customer display, second screen, keypad for his PIN."""


@display.command("list")
@json_option
@pass_place
def list_displays(place: Place, as_json: bool) -> None:
    """What is assigned, and the profiles of displays and keypads. Ports: `till devices list`."""
    from config import data
    from devices.display_profiles import read_displays
    from devices.pin_pad import read_pin_pads
    from till.i18n import _, either

    speak(place)
    now = _settings(place)
    shelves = {
        "displays": read_displays(data("displays")).profiles,
        "pin_pads": read_pin_pads(data("pin_pads")).profiles,
    }
    none = _("none")
    lines = [
        _("customer display: {port}").format(
            port=f"{now.display_port} {now.display_profile}" if now.display_port else none
        ),
        _("second screen: {address}").format(address=_address(now.second_screen) if now.second_screen else none),
        _("keypad: {port}").format(port=f"{now.pin_pad_port} {now.pin_pad_profile}" if now.pin_pad_port else none),
    ]
    for shelf in shelves.values():
        lines += ["", *(f"{one.id:<20}{one.status:<12}{either(one.name)}" for one in shelf.values())]
    document = {
        "display": [now.display_port, now.display_profile], "second_screen": now.second_screen,
        "pin_pad": [now.pin_pad_port, now.pin_pad_profile],
        "profiles": {name: list(shelf) for name, shelf in shelves.items()},
    }  # fmt: skip
    say(document, "\n".join(lines), as_json=as_json)


@display.command()
@click.argument("port")
@click.argument("profile", default="cd5220")
@pass_place
def assign(place: Place, port: str, profile: str) -> None:
    """Use the customer display on PORT with PROFILE; `none` for no display. The counter must be closed."""

    def changes() -> dict[str, Any]:
        from till.pole import find_display

        find_display(profile)
        return {"display_port": _ref(port), "display_profile": profile}

    _assign(place, changes)


@display.command()
@click.argument("port")
@click.argument("profile", default="generic-keys")
@pass_place
def keypad(place: Place, port: str, profile: str) -> None:
    """Let members type their PIN on the keypad on PORT with PROFILE; `none`: on the till's keyboard."""

    def changes() -> dict[str, Any]:
        from till.pin_pads import find_pin_pad

        find_pin_pad(profile)
        return {"pin_pad_port": _ref(port), "pin_pad_profile": profile}

    _assign(place, changes)


@display.command()
@click.argument("number", type=click.IntRange(0, 65_535))
@pass_place
def screen(place: Place, number: int) -> None:
    """Serve the second screen at http://127.0.0.1:NUMBER/ to a browser of this machine; 0: none."""
    _assign(place, lambda: {"second_screen": number})
    if number:
        click.echo(_address(number))


@display.command()
@click.argument("port")
@pass_place
def find(place: Place, port: str) -> None:
    """Send every profile of displays its own digit to PORT: the one that can be read fits. Never to a printer or a bank pad."""
    from config import data
    from devices.display_picture import pattern
    from devices.display_profiles import read_displays
    from devices.errors import PortInvalidError
    from devices.ports import PortRef
    from till.i18n import _

    speak(place)
    try:
        ref = PortRef.parse(port)
    except PortInvalidError as error:
        end(Exit.USAGE, str(error))
    _refuse_if_used(_settings(place), str(ref), "display_port")
    profiles = list(read_displays(data("displays")).profiles.values())
    for number, profile in enumerate(profiles, start=1):
        if code := _flash(ref, profile, pattern(number)):
            end(Exit.NOT_REACHABLE, code)
        click.echo(f"{number * 111111}  {profile.id}")
        if _is_asked() and click.confirm(_("Does the display show {digits}?").format(digits=number * 111111)):
            click.echo(f"till display assign {port} {profile.id}")
            return
    if _is_asked():
        end(Exit.FOUND, _("no profile fits: look at cable, power and the port"))


@display.command()
@json_option
@pass_place
def test(place: Place, as_json: bool) -> None:
    """Show a pattern on what is assigned and ask what is seen; count keys of the keypad. Exit code 1 if anything failed."""
    from till.i18n import _

    speak(place)
    now = _settings(place)
    results = [
        *([_test_display(now)] if now.display_port else []),
        *([_test_screen(now.second_screen)] if now.second_screen else []),
        *([_test_keypad(now)] if now.pin_pad_port else []),
    ]
    if not results:
        end(Exit.REFUSED, _("Nothing is assigned on the member's side (till display assign, screen, keypad)."))
    lines = [f"{one.device:<12}{one.result.upper():<9}{one.text}" for one in results]
    say({"results": [one._asdict() for one in results]}, "\n".join(lines), as_json=as_json)
    if any(one.result == "fail" for one in results):
        end(Exit.FOUND)


def _test_display(now: Settings) -> Result:
    from devices.display_picture import pattern
    from devices.ports import PortRef
    from till.i18n import _
    from till.pole import find_display

    if code := _flash(PortRef.parse(now.display_port), find_display(now.display_profile), pattern()):
        return Result("display", "fail", code)
    if not _is_asked():
        return Result("display", "skipped", _("sent; a display never answers, look at it"))
    if click.confirm(_("Does the display show {digits}?").format(digits=888888), err=True):
        return Result("display", "pass", _("somebody saw it"))
    return Result(
        "display", "fail", _("nobody could read it: try `till display find {port}`").format(port=now.display_port)
    )


def _flash(port: PortRef, profile: DisplayProfile, picture: Picture) -> str:
    """Send it; the code of what is wrong with the port, empty for nothing."""
    from devices.customer_display import CustomerDisplay, DisplayTold

    told = queue.Queue[DisplayTold]()
    pole = CustomerDisplay(port, profile, told.put)
    pole.show(picture)
    pole.start()
    try:
        code = told.get(timeout=OPEN_S).code
    except queue.Empty:
        code = "port-stalled"
    if not code:
        time.sleep(SENT_S)
    pole.stop(is_left_dark=False)
    return code


def _test_screen(number: int) -> Result:
    from devices.errors import DeviceError
    from devices.second_screen import SecondScreen
    from till.customer_view import example
    from till.i18n import _
    from till.second_screen import page_files, page_json

    page = SecondScreen(number, page_files())
    page.show(page_json(example()))
    try:
        page.start()
    except DeviceError as error:
        return Result("screen", "fail", error.code)
    click.echo(_("open {address} on the second screen").format(address=page.address), err=True)
    try:
        if not _wait(lambda: page.watchers > 0):
            return Result("screen", "fail", _("no browser opened it"))
        if not _is_asked():
            return Result("screen", "skipped", _("a browser opened it; look at it"))
        if click.confirm(_("Does the second screen show {digits}?").format(digits="8,888.88"), err=True):
            return Result("screen", "pass", _("somebody saw it"))
        return Result("screen", "fail", _("a browser opened it, and nobody could read it"))
    finally:
        page.stop()


def _test_keypad(now: Settings) -> Result:
    """How many keys came; which, nobody is told."""
    from till.i18n import _
    from till.pin_pads import PadState, PinPadPost

    pad = PinPadPost.of(now, lambda _event: None)
    if pad is None or not _wait(lambda: not pad.code, OPEN_S):
        return Result("keypad", "fail", pad.code if pad else "profile-unknown")
    pad.ask(lambda: None)
    click.echo(_("press any four digits on the keypad, then its enter key"), err=True)
    try:
        _wait(lambda: pad.state is not PadState.TYPING)
        keys, state = pad.stars, pad.state
    finally:
        pad.stop()
    text = _("{n} digits came").format(n=keys)
    return Result("keypad", "pass" if state is PadState.ENTERED and keys >= 4 else "fail", text)


def _wait(holds: Callable[[], bool], seconds: float | None = None) -> bool:
    until = time.monotonic() + (LOOK_S if seconds is None else seconds)
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def _is_asked() -> bool:
    """Somebody sits here and can say what he sees."""
    return sys.stdin.isatty()


def _address(number: int) -> str:
    return f"http://127.0.0.1:{number}/"


def _ref(port: str) -> str:
    from devices.ports import PortRef

    return "" if port == "none" else str(PortRef.parse(port))


def _assign(place: Place, changes: Callable[[], dict[str, Any]]) -> None:
    import msgspec

    from config.settings import write_settings
    from devices.errors import PortInvalidError
    from local_db.connections import till_lock
    from local_db.errors import AnotherTillError
    from till.errors import RefusedError

    speak(place)
    try:
        changed = changes()
        with till_lock(place.folder):
            now = _settings(place)
            for name in changed.keys() & {"display_port", "pin_pad_port"}:
                _refuse_if_used(now, changed[name], name)
            write_settings(place.folder, msgspec.structs.replace(now, **changed))
    except AnotherTillError as error:
        end(Exit.REFUSED, str(error))
    except (PortInvalidError, RefusedError) as error:
        end(Exit.USAGE, str(error))
    click.echo(" ".join(str(value) or "none" for value in changed.values()), err=True)


def _refuse_if_used(now: Settings, port: str, but: str) -> None:
    """A scanner, a printer or another pad hangs there: what a display is sent would be printed, or believed."""
    from till.i18n import _

    used = {
        getattr(now, name): name for name in now.__struct_fields__ if name.endswith("_port") and name != but and port
    }
    for other, name in used.items():
        if other and _device_of(other) == _device_of(port):
            end(Exit.REFUSED, _("{port} is in use already: {setting}").format(port=port, setting=name))


def _device_of(port: str) -> str:
    """Two references, and two links, may name one device."""
    from devices.errors import PortError
    from devices.ports import PortRef

    try:
        return os.path.realpath(PortRef.parse(port).resolve())
    except PortError:
        return port


def _settings(place: Place) -> Settings:
    from config.settings import read_settings

    return read_settings(place.folder, place.config)
