"""`till upgrade`: another version of the program, signed by the coalition."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, with_journal
from till.i18n import _

if TYPE_CHECKING:
    from till.errors import RefusedError
    from till.installer.versions import Programme
    from till.upgrading import Upgraded


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True))
@click.option("--back", "is_back", is_flag=True, help="The version before, instead.")
@json_option
@pass_place
@with_journal
def upgrade(place: Place, file: Path | None, is_back: bool, as_json: bool) -> None:
    """Check the signed FILE, build its version beside this one, try it on a copy of the journal, and take it into use when no
    shift is open. Without FILE: which versions there are, and the one that waits is taken into use if it may be."""
    from till.errors import NotPairedError, RefusedError
    from till.installer.versions import Programme
    from till.upgrading import Upgrade

    programme = Programme.of_this_process()
    if programme is None:
        end(Exit.USAGE, _("this program was not set up by Till's installer: upgrade it as it was installed"))
    if is_back and file is not None:
        raise click.UsageError(_("--back takes no FILE"))
    work = Upgrade(programme, place.folder, _narrate)
    try:
        if is_back:
            done: Upgraded | None = work.back()
        else:
            if file is not None:
                work.prepare(file)
            done = work.switch() if programme.next else None
    except NotPairedError:
        raise
    except RefusedError as error:
        _refuse(error)
    except OSError as error:  # on Windows somebody may be reading a file that is to be replaced
        _refuse(RefusedError("upgrade-failed", why=str(error)))
    _tell(programme, done, as_json=as_json)


def start_next(place: Place) -> None:
    """As the counter is started: take the version that waits into use, and go on as that one, if no shift is open."""
    from till.installer.versions import Programme
    from till.upgrading import Outcome, upgrade_if_due

    programme = Programme.of_this_process()
    done = None if programme is None else upgrade_if_due(programme, place.folder)
    if programme is None or done is None:
        return
    if done.outcome is not Outcome.SWITCHED:
        click.echo(
            _("Till {version} does not start here: {why}").format(version=done.version, why=done.why), err=True
        )
        return
    command = [str(programme.python(done.current)), "-P", "-m", "till", *sys.argv[1:]]
    if sys.platform == "win32":
        sys.exit(subprocess.run(command, check=False).returncode)
    else:
        os.execv(command[0], command)  # noqa: S606  # it takes over this terminal


def _tell(programme: Programme, done: Upgraded | None, *, as_json: bool) -> None:
    from till.upgrading import Outcome

    document = {"current": programme.current, "former": programme.former, "next": programme.next}
    if done is None:
        text = _("Till {current} is in use, {former} was before").format(
            current=document["current"], former=document["former"] or "-"
        )
        say(document, text, as_json=as_json)
        return
    said = {
        Outcome.SWITCHED: _("Till {current} is in use from now on"),
        Outcome.WAITS: _(
            "Till {version} is ready. It is taken into use when the counter is started and no shift is open; until then"
            " Till {current} goes on"
        ),
        Outcome.WENT_BACK: _("Till {current} is in use again"),
    }[done.outcome].format(version=done.version, current=done.current)
    say(document | {"outcome": done.outcome.value, "why": done.why}, said, as_json=as_json)
    if done.why:
        end(Exit.FOUND, _("Till {version} does not start here: {why}").format(version=done.version, why=done.why))


def _narrate(step: str) -> None:
    said = {
        "copy": _("checking the signature"),
        "environment": _("building the new version"),
        "check": _("trying it on a copy of the journal"),
    }.get(step)
    if said:
        click.echo(said, err=True)


def _refuse(error: RefusedError) -> NoReturn:
    said = {
        "upgrade-no-manifest": _("{names} is no upgrade of Till"),
        "upgrade-another-root": _("refused: signed by another coalition (root key {names})"),
        "upgrade-not-signed": _("refused: the signature does not fit ({names})"),
        "upgrade-bad-manifest": _("refused: the list of files is wrong ({names})"),
        "upgrade-changed": _("refused: these files are missing, were changed, or are not listed: {names}"),
        "upgrade-same": _("Till {version} is in use already"),
        "upgrade-older": _("refused: this file of Till {version} is older than the version in use. --back goes back"),
        "upgrade-failed": _("the new version does not work here, and was not taken into use: {why}"),
        "upgrade-no-way-back": _(
            "refused: this version could not read the journal any more after Till {version} had opened it, so there would be"
            " no way back"
        ),
        "upgrade-no-former": _("there is no version before this one"),
        "upgrade-shift-open": _("a shift is open: close it first"),
        "upgrade-running": _("another upgrade is running; wait for it"),
        "upgrade-none": _("no version waits"),
    }[error.code].format(**error.facts)  # fmt: skip
    end(Exit.REFUSED, said)
