"""`till enrol`: pair this folder with a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from till.commands.options import Exit, Place, end, pass_place, with_journal

if TYPE_CHECKING:
    from sync.leaving import Left


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
    from sync.errors import FinalSyncError, SyncError
    from till.pairing import pair

    try:
        identity = pair(place.folder, " ".join(code), name, _say_left)
    except CodeError as error:
        end(Exit.USAGE, str(error))
    except (FinalSyncError, SignatureError) as error:
        end(Exit.REFUSED, str(error))
    except SyncError as error:
        end(Exit.NOT_REACHABLE, str(error))
    click.echo(f"{identity.terminal} ({identity.name}) of store {identity.store}")


def _say_left(left: Left) -> None:
    click.echo(f"{left.terminal} has ended ({left.why}): its journal is kept as {left.journal.name}", err=True)
    if left.export is not None:
        click.echo(
            f"{left.waiting} entries are not at the ledger: carry {left.export.name} to the operator", err=True
        )
