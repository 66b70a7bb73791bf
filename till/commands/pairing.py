"""`till enrol`: pair this folder with a ledger."""

from __future__ import annotations

import click

from till.commands.options import Exit, Place, end, pass_place, with_journal
from till.i18n import _
from till.ledger_sentences import said_of
from till.pairing_words import left_words, replaced_words


@click.command()
@click.argument("code", nargs=-1, required=True)
@click.option("--name", required=True, help="What people call this till: 02号机.")
@pass_place
@with_journal
def enrol(place: Place, code: tuple[str, ...], name: str) -> None:
    """Pair this till with the enrolment CODE that the ledger shows (as text, or what its QR code says).

    Where the folder's terminal has ended, its journal is put aside first, whole.
    """
    from protocol.errors import CodeError, SignatureError
    from sync.errors import FinalSyncError, NotTheLedgerError, SyncError
    from till.pairing import pair

    def say(lines: list[str]) -> None:
        for line in lines:
            click.echo(line, err=True)

    try:
        identity = pair(
            place.folder, " ".join(code), name, lambda left: say(left_words(left)),
            lambda terminal, behind: say(replaced_words(terminal, behind)),
        )  # fmt: skip
    except CodeError as error:
        end(Exit.USAGE, said_of(error))
    except (SignatureError, NotTheLedgerError) as error:
        end(Exit.REFUSED, _("{why} ({detail})").format(why=_wrong_ledger(), detail=error))
    except FinalSyncError as error:
        end(Exit.REFUSED, said_of(error))
    except SyncError as error:
        end(Exit.NOT_REACHABLE, said_of(error))
    sentence = _("{terminal} ({name}) of store {store} is paired. `till sync now` brings members and rules")
    click.echo(sentence.format(terminal=identity.terminal, name=identity.name, store=identity.store))


def _wrong_ledger() -> str:
    return _("The answer does not fit the last part of the code: compare it with the ledger's root key")
