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
    lines = [f"{document['entries']} entries, {document['waiting']} waiting, {len(quarantined)} for a person"]
    lines += [
        f"  entry {outcome.seq}: {outcome.reason or outcome.status} {outcome.detail}" for outcome in quarantined
    ]
    lines += [has_ended(ended)] if ended else []
    lines += _told_differently(reader)
    say(document, "\n".join(lines), as_json=as_json)
    if quarantined or ended:
        end(Exit.FOUND)


def _told_differently(reader: JournalReader) -> list[str]:
    """Of entries that a ledger whose books were restored booked otherwise than before."""
    lives = len(reader.epochs())
    lines = [f"the ledger's books were restored, {lives - 1} times since this till was paired"] if lives > 1 else []
    for before, now in reader.told_differently():
        is_now = f"now {_in_words(now)}" if now else "is not booked again yet"
        lines.append(f"  entry {before.seq}: was {_in_words(before)}, {is_now}")
    return lines


def _in_words(outcome: Outcome) -> str:
    covered = f" of {outcome.shortfall} points" if outcome.shortfall else ""
    return f"{outcome.status}{covered} {outcome.reason}".strip()


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
                end(Exit.NOT_REACHABLE, f"{link.waiting} entries still wait: {link.cause}")
    if link.stuck:
        end(Exit.FOUND, has_ended(link.stuck) if link.stuck in ENDING else link.stuck)
    click.echo("all pushed", err=True)
