"""`till setup`: what an installer on a USB stick calls, and the pairing of a till that has no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, with_journal
from till.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.setting_up import SetUp


@click.group()
def setup() -> None:
    """Set up this till from a USB stick, without a network."""


@setup.command()
@click.argument("stick", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--carried", type=click.Path(path_type=Path, file_okay=False), help="Where questions and answers lie.")
@click.option("--name", default="", help="Which till of the stick this is; needed where it has several.")
@json_option
@pass_place
@with_journal
def load(place: Place, stick: Path, carried: Path | None, name: str, as_json: bool) -> None:
    """Take settings, members, rules and the pairing code from a STICK that the installer has checked."""
    from till.setting_up import load as load_stick

    _tell(lambda: load_stick(place.folder, stick, carried or stick / "carried", name), as_json=as_json)


@setup.command("pair")
@click.argument("answer", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@pass_place
@with_journal
def pair_(place: Place, answer: Path | None, as_json: bool) -> None:
    """Pair a till that was set up: with the ANSWER that was carried here from the ledger, or by asking the ledger."""
    from till.setting_up import pair_prepared

    _tell(lambda: pair_prepared(place.folder, answer), as_json=as_json)


def _tell(do: Callable[[], SetUp], *, as_json: bool) -> None:
    from protocol.errors import CodeError, SignatureError
    from sync.errors import FinalSyncError, NotTheLedgerError, SyncError
    from till.errors import RefusedError

    try:
        done = do()
    except RefusedError as error:
        sentence = _refusals().get(error.code)
        if sentence is None:
            raise
        end(Exit.REFUSED, sentence.format(**error.facts))
    except (FinalSyncError, NotTheLedgerError, SignatureError, CodeError) as error:
        end(Exit.REFUSED, str(error))
    except SyncError as error:
        end(Exit.NOT_REACHABLE, str(error))
    document = done._asdict() | {"answered": done.answered.value}
    text = [_told(done)]
    if done.unplugged:
        text.append(
            _(
                "the store's template names {device}, which is not plugged in here. Plug it in, then: {command}"
            ).format(device=done.unplugged, command="till devices template --apply template.toml")
        )
    say(document, "\n".join(text), as_json=as_json)


def _told(done: SetUp) -> str:
    if done.question is None:
        return _("{terminal} ({name}) is paired and knows {n} members. Start it, and sign in").format(
            terminal=done.terminal, name=done.name, n=done.members
        )
    return _(
        "{name} is set up, and not paired: the ledger does not answer from here. Carry {file} to the operator (till-ledger"
        " terminal answer) and the answer back: till setup pair FILE. Or give this machine any network for a minute, a"
        " phone's will do: till setup pair"
    ).format(name=done.name, file=done.question)


def _refusals() -> dict[str, str]:
    return {
        "already-a-till": _("{folder} is a till already: nothing was changed"),
        "no-stick": _("{folder} is no checked copy of a stick: start its installer"),
        "which-till": _("this stick sets up several tills; say which with --name: {names}"),
        "not-set-up": _("{folder} was not set up from a stick: use `till enrol CODE`"),
        "template-unreadable": _("the template on this stick cannot be read: the operator makes another stick"),
        "template-newer": _("the template on this stick is of a newer version: the operator makes another stick"),
        "template-key": _("the template on this stick has a setting that this version does not know: {key}"),
        "no-room": _("the question for the ledger can be written neither to the stick nor to {folder}"),
    }
