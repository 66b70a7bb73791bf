"""`till outage`: will this till survive an outage? Checked and rehearsed, and what the last time found."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from till.commands.options import Exit, Place, end, json_option, open_journal, pass_place, say, with_journal

if TYPE_CHECKING:
    from protocol.outage import OutageReport


@click.group()
def outage() -> None:
    """Will this till survive an outage?"""


@outage.command()
@click.option("--no-rehearsal", is_flag=True, help="Only look; the rehearsal is what shows it.")
@json_option
@pass_place
@with_journal
def check(place: Place, no_rehearsal: bool, as_json: bool) -> None:
    """Look at everything, rehearse an outage in training, keep the result and tell the ledger. The counter may be open.

    Nothing of the rehearsal reaches this till's journal or the ledger's books. Exit code 1 where something is to be mended.
    """
    from config.settings import SettingsError, read_settings
    from sync.errors import ENDING, FinalSyncError
    from sync.training import NotEnrolledError
    from till.errors import NotPairedError, RefusedError
    from till.i18n import _
    from till.outage.examining import examine
    from till.outage.keeping import keep_and_send
    from till.outage.words import STEPS

    try:
        settings = read_settings(place.folder, place.config)
        report = examine(
            place.folder, settings, rehearses=not no_rehearsal, told=lambda step: click.echo(_(STEPS[step]), err=True)
        )
    except SettingsError as error:
        end(Exit.USAGE, str(error))
    except NotEnrolledError:
        raise NotPairedError(place.folder) from None
    except FinalSyncError as error:
        raise (RefusedError(error.code) if error.code in ENDING else error) from None
    kept = keep_and_send(place.folder, report)
    _say(place, report, as_json=as_json)
    if not kept.is_sent:
        click.echo(_("kept at this till; the ledger is told when it answers"), err=True)
    if report.result == "fail":
        end(Exit.FOUND)


@outage.command()
@json_option
@pass_place
@with_journal
def show(place: Place, as_json: bool) -> None:
    """What the last check of this till found, as text and as a QR code."""
    from devices.qr import fitting_matrix, half_blocks
    from till.i18n import _
    from till.outage.keeping import kept_in
    from till.outage.words import qr_text

    open_journal(place).close()
    kept = kept_in(place.folder)
    if kept is None:
        end(Exit.REFUSED, _("This till was never checked: till outage check"))
    _say(place, kept.report, as_json=as_json)
    if not as_json:
        click.echo("\n".join(half_blocks(fitting_matrix(qr_text(kept.report), 4))))


def _say(place: Place, report: OutageReport, *, as_json: bool) -> None:
    import msgspec

    from till.outage.words import text_lines

    document: dict[str, Any] = msgspec.to_builtins(report)
    say(document, "\n".join(text_lines(report, local_of(place))), as_json=as_json)


def local_of(place: Place) -> Callable[[int], str]:
    """Civil time of the store, of µs."""
    from protocol.business_days import Calendar
    from till.commands.report import store_of

    with closing(open_journal(place)) as reader:
        store = store_of(place, reader)
    calendar = store.settings.calendar if store else Calendar()
    return lambda at: calendar.civil(at).isoformat(sep=" ", timespec="seconds")
