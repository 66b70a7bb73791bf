"""`till terminal`: the tills of this store, and ending one of them. Works while the counter is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, with_journal
from till.i18n import _
from till.ledger_sentences import said_of, sentence_for
from till.text import harmless, money

if TYPE_CHECKING:
    from protocol.fleet import Ending, StoreTill

_P = ParamSpec("_P")


def _asking(command: Callable[Concatenate[Place, _P], None]) -> Callable[Concatenate[Place, _P], None]:
    """What asks the ledger, and ends with a sentence where it refuses or is silent."""

    @wraps(command)
    def asked(place: Place, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        from sync.errors import FinalSyncError, KeyUnreadableError, SyncError
        from till.errors import RefusedError

        try:
            command(place, *args, **kwargs)
        except KeyUnreadableError:
            raise
        except RefusedError as error:
            if error.code not in ("retire-shift-open", "retire-waiting"):
                raise
            end(Exit.REFUSED, said_of(error))
        except FinalSyncError as error:
            end(Exit.REFUSED, said_of(error))
        except SyncError as error:
            end(Exit.NOT_REACHABLE, said_of(error))

    return asked


@click.group()
def terminal() -> None:
    """The tills of this store: list them, end one for good."""


@terminal.command("list")
@json_option
@pass_place
@with_journal
@_asking
def list_(place: Place, as_json: bool) -> None:
    """All tills of this store, and what each said that it has not sent."""
    import msgspec

    from till.care import Care

    listed = Care(place.folder).store_tills()
    lines = [_line(one, is_own=one.terminal == listed.own) for one in listed.tills]
    say({"own": listed.own, "tills": msgspec.to_builtins(listed.tills)}, "\n".join(lines), as_json=as_json)


def _line(one: StoreTill, *, is_own: bool) -> str:
    from till.pairing_words import STATUS

    waits = (
        _("{n} entries ({amount}) wait").format(n=one.waiting, amount=money(one.waiting_fen)) if one.waiting else ""
    )
    own = _("this till") if is_own else ""
    parts = (one.terminal, harmless(one.name, 16), _(STATUS[one.status]), own, waits)
    return "  ".join(part for part in parts if part)


def _ender(how: Ending, help_text: str) -> None:
    @terminal.command({"retired": "retire", "revoked": "revoke", "lost": "declare-lost"}[how], help=help_text)
    @click.argument("name", metavar="TERMINAL")
    @click.option("--staff", required=True, help="Staff number of a technician or manager of this store.")
    @click.option(
        "--pin-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="His PIN; else asked for."
    )
    @click.option("--reason", default="", help="Why; the ledger records it.")
    @click.option("--yes", is_flag=True, help="Do not ask once more.")
    @json_option
    @pass_place
    @with_journal
    @_asking
    def ends(
        place: Place, name: str, staff: str, pin_file: Path | None, reason: str, yes: bool, as_json: bool
    ) -> None:
        import msgspec

        from protocol.fleet import EndTillRequest
        from till.care import Care
        from till.pairing_words import after_ending, before_ending

        care = Care(place.folder)
        till = next((one for one in care.store_tills().tills if one.terminal == name), None)
        if till is None:
            end(Exit.REFUSED, sentence_for("unknown-terminal"))
        for line in before_ending(how, till):
            click.echo(line, err=True)
        if not yes and not click.confirm(_("End {terminal} now?").format(terminal=name), err=True):
            end(Exit.REFUSED)
        pin = pin_file.read_text("utf-8").strip() if pin_file else click.prompt("PIN", hide_input=True, err=True)
        ended = care.end_till(EndTillRequest(terminal=name, how=how, staff=staff, pin=pin, reason=reason))
        say(msgspec.to_builtins(ended), after_ending(ended), as_json=as_json)


_ender("retired", "Take a till out of service: it sends what it has, and sells nothing more.")
_ender("revoked", "A till was stolen: on contact it is wiped; what it sends from now on waits for the operator.")
_ender("lost", "A till stays silent: the points in its reservations go back.")
