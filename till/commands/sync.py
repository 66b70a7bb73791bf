"""`till sync`: how far this till and the ledger are apart. Works while the counter is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from till.commands.options import (
    Exit,
    Place,
    end,
    has_ended,
    json_option,
    open_journal,
    pass_place,
    say,
    with_journal,
)
from till.i18n import _
from till.outcome_words import in_words

if TYPE_CHECKING:
    from local_db.journal import JournalReader
    from protocol.push import Outcome


@click.group()
def sync() -> None:
    """Reconciliation with the ledger."""


@sync.command()
@json_option
@pass_place
@with_journal
def status(place: Place, as_json: bool) -> None:
    """How many entries wait, which of them a person has to look at, and how old the balances are."""
    from local_db.cache import CacheReader
    from local_db.errors import CacheDamagedError

    reader = open_journal(place)
    name = reader.fact("cache")
    try:
        as_of = CacheReader.open(place.folder / name).fact("as_of") if name else None
    except CacheDamagedError:
        as_of = None
    last = reader.last()
    quarantined, ended = reader.quarantined(), reader.fact("ended") or ""
    document: dict[str, object] = {
        "entries": last.seq if last else 0, "waiting": reader.waiting(), "as_of_us": int(as_of) if as_of else None,
        "quarantined": [{"seq": one.seq, "reason": one.reason or one.status} for one in quarantined], "ended": ended,
    }  # fmt: skip
    document["told_differently"] = [one.seq for one, _now in reader.told_differently()]
    known = {"n": document["entries"], "waiting": document["waiting"], "open": len(quarantined)}
    lines = [_("{n} entries, {waiting} waiting, {open} for a person").format(**known)]
    lines += [
        _("  entry {seq}: {why}").format(
            seq=one.seq, why=f"{one.reason or in_words(one.status)} {one.detail}".rstrip()
        )
        for one in quarantined
    ]
    lines += [has_ended(ended)] if ended else []
    lines += _told_differently(reader)
    say(document, "\n".join(lines), as_json=as_json)
    if quarantined or ended:
        end(Exit.FOUND)


def _told_differently(reader: JournalReader) -> list[str]:
    """Of entries that a ledger whose books were restored booked otherwise than before."""
    lives = len(reader.epochs())
    restored = _("the ledger's books were restored, {n} times since this till was paired").format(n=lives - 1)
    lines = [restored] if lives > 1 else []
    for before, now in reader.told_differently():
        was = (
            _("  entry {seq}: was {was}, now {now}")
            if now
            else _("  entry {seq}: was {was}, is not booked again yet")
        )
        lines.append(was.format(seq=before.seq, was=_told(before), now=_told(now) if now else ""))
    return lines


def _told(outcome: Outcome) -> str:
    """Its status, with what nothing covered of it, and the code of its reason."""
    covered = f" ({outcome.shortfall:,})" if outcome.shortfall else ""
    return f"{in_words(outcome.status)}{covered} {outcome.reason}".strip()


@sync.command()
@click.option("--seconds", default=60, show_default=True, help="At the most.")
@pass_place
@with_journal
def now(place: Place, seconds: int) -> None:
    """Push what waits and pull what is new, then end. The counter must be closed: it does this by itself."""
    import queue
    import time

    from config.settings import read_settings
    from sync.errors import ENDING
    from till.composition import open_till
    from till.events import Event

    heard: queue.Queue[Event] = queue.Queue()
    with open_till(place.folder, read_settings(place.folder, place.config)) as till:
        till.counter.subscribe(heard.put)
        till.agent.wake()
        until = time.monotonic() + seconds
        while (link := till.counter.link).waiting or link.condition not in ("online", "slow"):
            try:
                heard.get(timeout=until - time.monotonic())
            except (queue.Empty, ValueError):  # a negative timeout: the time is over
                still = _("{n} entries still wait: {why}").format(n=link.waiting, why=link.cause)
                end(Exit.NOT_REACHABLE, still)
    if link.stuck:
        end(Exit.FOUND, has_ended(link.stuck) if link.stuck in ENDING else link.stuck)
    click.echo(_("all pushed"), err=True)
