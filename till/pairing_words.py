"""What is said when a till is paired, ends, or takes the place of another: above all what becomes of what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.i18n import _, msg
from till.text import harmless, money

if TYPE_CHECKING:
    from protocol.fleet import Ending, StoreTill, TillEnded
    from sync.leaving import Left

STATUS = {
    "active": msg("at work"),
    "retired": msg("retired"),
    "revoked": msg("revoked"),
    "lost": msg("declared lost"),
}
"""What a till is."""

_NAMES: dict[Ending, str] = {"retired": msg("Retire"), "revoked": msg("Revoke: stolen"), "lost": msg("Declare lost")}

_HAPPENS: dict[Ending, str] = {
    "retired": msg("It sends what it still has at its next contact, and sells nothing more."),
    "revoked": msg(
        "Stolen: at its next contact its key and its members are wiped. What it sends from now on waits for the operator."
    ),
    "lost": msg("It stays silent. What it still sends is booked, and the shop bears what nothing covers then."),
}

_WHY = {
    "terminal-retired": msg("retired"),
    "terminal-revoked": msg("revoked"),
    "terminal-lost": msg("declared lost"),
    "key-unreadable": msg("its key is gone"),
    "journal-damaged": msg("its journal is damaged"),
    "journal-behind": msg("its files are an older copy"),
    "journal-forked": msg("its files are an older copy, or in two places"),
}


def ending_name(how: Ending) -> str:
    """What one does."""
    return _(_NAMES[how])


def left_words(left: Left) -> list[str]:
    """Of the till that this folder was."""
    said = [
        _("{terminal} has ended: {why}").format(terminal=left.terminal, why=_(_WHY.get(left.why, left.why))),
        _("Its journal is kept as {file}.").format(file=left.journal.name),
    ]
    if left.export is not None:
        wanted = _("{n} entries are not at the ledger: carry {file} to the operator, who books them.")
        said.append(wanted.format(n=left.waiting, file=left.export.name))
    return said


def ended_words(code: str) -> str:
    """Of the till that is here, by the code of how it ended."""
    return _("This till is used no more: {why}").format(why=_(_WHY.get(code, code)))


def replaced_words(terminal: str, left: int) -> list[str]:
    """Of the till of another machine whose place this one takes."""
    said = [_("{terminal} is retired: this till takes its place.").format(terminal=terminal)]
    if left:
        wanted = _(
            "{n} entries lie there still: switch it on with a network, or carry its journal (till journal export)."
        )
        said.append(wanted.format(n=left))
    return said


def before_pairing(waiting: int, amount_fen: int) -> str:
    """What becomes of what waits in a folder that is paired anew."""
    if not waiting:
        return _("Nothing waits here. Its journal is kept.")
    said = _(
        "{n} entries ({amount}) wait here: pairing sends them first. What cannot be sent is kept as a file for the operator."
    )
    return said.format(n=waiting, amount=money(amount_fen))


def before_ending(how: Ending, till: StoreTill) -> list[str]:
    """What ending it does, and what becomes of what waits there."""
    said = [_(_HAPPENS[how])]
    if how == "lost" and till.lying:
        said.append(
            _("{points} points in its reservations go back to their members.").format(points=f"{till.lying:,}")
        )
    if till.waiting:
        wanted = _("By its last word {n} entries ({amount}) wait there.")
        said.append(wanted.format(n=till.waiting, amount=money(till.waiting_fen)))
    elif till.status == "active":
        said.append(_("By its last word nothing waits there."))
    if how == "retired" and till.lying:
        said.append(
            _("{lying} points lie in its reservations until it has sent them back, or is declared lost.").format(
                lying=f"{till.lying:,}"
            )
        )
    said.append(_("This is for ever: the machine is paired anew, with a code of the operator."))
    return said


def after_ending(ended: TillEnded) -> str:
    """What has happened."""
    said = _("{terminal}: {status}.").format(terminal=harmless(ended.terminal, 64), status=_(STATUS[ended.status]))
    if ended.points:
        said += " " + _("{points} points went back to their members.").format(points=f"{ended.points:,}")
    if ended.waiting:
        wanted = _("{n} entries ({amount}) lie there still: switch it on with a network, or carry its journal.")
        said += " " + wanted.format(n=ended.waiting, amount=money(ended.waiting_fen))
    return said
