"""`till services`: what was booked at this till, and what has become of it. Works while the counter is open."""

from __future__ import annotations

import time
from contextlib import closing, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from till.commands.options import Place, json_option, open_journal, pass_place, say, with_journal
from till.commands.report import store_of

if TYPE_CHECKING:
    from local_db.journal import JournalReader
    from till.services import Service
    from till.store import Store

WHEN, WHO, WHAT, BY = 17, 13, 17, 15
"""Columns, with the blank behind each."""


@click.command()
@click.option("--all", "all_of_them", is_flag=True, help="Those too that ended before today.")
@json_option
@pass_place
@with_journal
def services(place: Place, all_of_them: bool, as_json: bool) -> None:
    """Services that are open, and those of today; --all: every one that was booked at this till."""
    from protocol.business_days import Calendar
    from till.i18n import _
    from till.services import worth_showing

    reader = open_journal(place)
    store = store_of(place, reader)
    calendar = store.settings.calendar if store else Calendar()

    def day_of(at_us: int) -> str:
        return calendar.day(at_us).isoformat()

    today = day_of(time.time_ns() // 1_000)
    found = _found(place, reader, today)
    shown = found if all_of_them else worth_showing(found, today, day_of)
    document = {"today": today, "services": [asdict(one) for one in shown]}
    text = "\n".join(_line(one, store, today) for one in shown) or _("No service is open")
    say(document, text, as_json=as_json)


def _line(service: Service, store: Store | None, today: str) -> str:
    from till.service_words import service_row
    from till.text import cells

    row = service_row(service, store, today)
    columns = zip(row[:-1], (WHEN, WHO, WHAT, BY), strict=True)
    return "".join(text + " " * max(1, width - cells(text)) for text, width in columns) + row.state


def _found(place: Place, reader: JournalReader, today: str) -> list[Service]:
    """Bounded by what the cache says of the members, where it can be read."""
    from local_db.cache import CacheReader
    from local_db.errors import LocalDbError
    from till.composition import CACHE_FACT
    from till.services import services_of

    name = reader.fact(CACHE_FACT)
    if name:
        with suppress(LocalDbError), closing(CacheReader.open(place.folder / name)) as cache:
            return services_of(reader, today, cache.member)
    return services_of(reader, today, lambda _member: None)
