"""`till report store`: the store's day over all tills. Works while the counter is open."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from till.commands.options import Exit, Place, end, json_option, open_journal, pass_place, say, with_journal

if TYPE_CHECKING:
    from till.report_words import Section


@click.command("store")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Business day; default: the one that goes on."
)
@json_option
@pass_place
@with_journal
def report_store(place: Place, day: datetime | None, as_json: bool) -> None:
    """全店: the day of all tills, as the ledger says it. Exit 3 while it is silent: this till alone, and what it said last."""
    import msgspec

    from protocol.business_days import Calendar
    from sync.identity import load_identity
    from till.commands.report import store_of
    from till.ledger_sentences import said_of
    from till.store_report import asked
    from till.store_report_words import store_sections, store_title

    reader, now_us = open_journal(place), time.time_ns() // 1_000
    store, identity = store_of(place, reader), load_identity(reader)
    calendar = store.settings.calendar if store else Calendar()
    wanted = day.date() if day else calendar.day(now_us)
    found = asked(place.folder, reader, wanted.isoformat(), now_us)
    facts: dict[str, Any] = {
        "source": "ledger" if found.is_fresh else "till", "day": found.day, "at": found.own_at, "own": asdict(found.own),
        "store": msgspec.to_builtins(found.whole) if found.whole else None,
    }  # fmt: skip
    sections = store_sections(
        found, identity.name if identity else "-", store, lambda at: calendar.civil(at).isoformat(" ", "seconds")
    )
    say(facts, "\n".join([store_title(found), *_lines(sections)]), as_json=as_json)
    if found.why is not None:
        end(Exit.NOT_REACHABLE, said_of(found.why))


def _lines(sections: list[Section]) -> Iterator[str]:
    """As the screen shows them."""
    from till.commands.report import WIDTH
    from till.text import cells

    for section in sections:
        yield ""
        for row in section.rows:
            yield (row.label + " " * max(1, WIDTH - cells(row.label) - cells(row.value)) + row.value).rstrip()
