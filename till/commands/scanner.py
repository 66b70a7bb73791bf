"""`till scanner`: ask the assigned scanner who it is and how it is, lock it; sheets and documents of families."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak
from till.i18n import _, either

if TYPE_CHECKING:
    from devices.profiles import ScannerProfile
    from devices.replies import Reply
    from devices.scanner import Scanner

OPEN_WITHIN_S = 5.0
"""A port that takes longer is away; on Windows one that was just closed takes half a second."""


@click.group()
def scanner() -> None:
    """The scanner of this till, on its line, and the families of scanners."""


@scanner.command()
@json_option
@pass_place
def identify(place: Place, as_json: bool) -> None:
    """Ask the scanner for model, firmware and serial number. The counter must be closed."""
    speak(place)
    with _at_work(place) as device:
        identity = device.identify().result()
    if identity is None:
        end(Exit.FOUND, _("it does not say who it is: another family, or one that never does"))
    named = {
        _("model"): identity.model, _("firmware"): identity.firmware, _("serial number"): identity.serial_number,
    }  # fmt: skip
    rows = [f"{name}  {value}" for name, value in named.items() if value] or [identity.text]
    document = {"model": identity.model, "firmware": identity.firmware, "serial_number": identity.serial_number,
                "text": identity.text}  # fmt: skip
    say(document, "\n".join(rows), as_json=as_json)


@scanner.command()
@click.option("--level", type=click.Choice(["internal", "external", "interactive"]), default="internal")
@click.option("--seconds", default=20, show_default=True, help="How long to wait for a test scan.")
@json_option
@pass_place
def health(place: Place, level: str, seconds: int, as_json: bool) -> None:
    """Check port, line and scanner; `external` beeps, `interactive` waits for a scan. The counter must be closed."""
    from devices.health import HealthCheckLevel, Verdict
    from till.scanner_words import report_rows

    speak(place)
    with _at_work(place) as device:
        if level == "interactive":
            click.echo(_("Scan any code"), err=True)
        report = device.check_health(HealthCheckLevel(level), scan_within_s=seconds).result()
    steps = [
        {"name": step.name, "verdict": step.verdict, "detail": step.detail, "duration_ms": step.duration_ms}
        for step in report.steps
    ]
    document = {"level": level, "verdict": report.verdict, "steps": steps}
    say(document, "\n".join(report_rows(report)), as_json=as_json)
    end(Exit.FOUND if report.verdict is Verdict.FAIL else Exit.OK)


@scanner.command()
@pass_place
def lock(place: Place) -> None:
    """Let no programming code change the scanner any more. The counter must be closed."""
    speak(place)
    with _at_work(place) as device:
        reply = device.lock().result()
    _tell(reply)


@scanner.command()
@pass_place
def unlock(place: Place) -> None:
    """Let programming codes work again. The counter must be closed."""
    speak(place)
    with _at_work(place) as device:
        reply = device.unlock().result()
    _tell(reply)


@scanner.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@pass_place
def check(place: Place, file: Path, as_json: bool) -> None:
    """Check the document of a family before it is put into the folder `scanners` of the till."""
    from till.families import check_document

    speak(place)
    profile, faults = check_document(file)
    good = _("{file}: right, and proved by its own examples").format(file=file.name)
    say({"id": profile.id if profile else "", "faults": faults}, "\n".join(faults) or good, as_json=as_json)
    end(Exit.FOUND if faults else Exit.OK)


@scanner.command()
@click.argument("family", required=False)
@click.option(
    "--to", "file", type=click.Path(path_type=Path, dir_okay=False), help="Default: scanner-FAMILY.html here."
)
@pass_place
def sheet(place: Place, family: str | None, file: Path | None) -> None:
    """Write the sheet of FAMILY, or of all, to print: line, steps, programming codes, a test code."""
    from till.scanner_sheet import sheet as draw

    speak(place)
    chosen = _chosen(place, family)
    file = file or Path(f"scanner-{family or 'all'}.html")
    try:
        file.write_text(draw(chosen), encoding="utf-8")
    except OSError as error:
        end(Exit.REFUSED, f"{file}: {error.strerror or error}")
    names = either(chosen[0].name) if family else _("{n} families").format(n=len(chosen))
    say({}, _("{file}: {names}. Open it in a browser and print it").format(file=file, names=names), as_json=False)


def _chosen(place: Place, family: str | None) -> list[ScannerProfile]:
    from till.families import read_families

    families = read_families(place.folder)
    if family is None:
        return list(families.profiles)
    profile = families.find(family)
    if profile is None:
        end(Exit.USAGE, _("no such profile: {profile}; `till devices profiles` lists them").format(profile=family))
    return [profile]


def _tell(reply: Reply) -> None:
    from devices.replies import Outcome
    from till.scanner_words import OUTCOMES

    click.echo(_(OUTCOMES[reply.outcome]))
    end(Exit.OK if reply.outcome in (Outcome.DONE, Outcome.SENT) else Exit.FOUND)


@contextmanager
def _at_work(place: Place) -> Iterator[Scanner]:
    """The assigned scanner, online. Ends the command with a sentence where there is none."""
    from config.settings import read_settings
    from local_db.connections import till_lock
    from local_db.errors import AnotherTillError
    from till.events import Event, ScannerChanged
    from till.scanners import ScannerPost

    told: queue.Queue[Event] = queue.Queue()
    post = ScannerPost(place.folder, read_settings(place.folder, place.config), told.put)
    if not post.settings.scanner_port:
        end(Exit.REFUSED, _("no scanner is assigned: a keyboard scanner types like a keyboard"))
    try:
        with till_lock(place.folder):
            post.start()
            try:
                event = told.get(timeout=OPEN_WITHIN_S)
                if not isinstance(event, ScannerChanged) or not event.is_online or post.scanner is None:
                    end(Exit.NOT_REACHABLE, getattr(event, "detail", "") or _("the port is away"))
                yield post.scanner
            except queue.Empty:
                end(Exit.NOT_REACHABLE, _("the port is away"))
            finally:
                post.stop()
    except AnotherTillError:
        end(Exit.REFUSED, _("the counter is open: close it first"))
