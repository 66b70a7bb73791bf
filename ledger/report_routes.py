"""What a till asks about its store as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ledger.auth import Caller
from ledger.documents import newest
from ledger.pages.words import words_in
from ledger.problems import BadRequestError, NotKnownError
from ledger.service import Service
from ledger.store_day import store_day
from ledger.store_day_words import day_tables, names_in
from protocol.documents import StoreSettings
from protocol.reports import StoreReport


def read_store_report(service: Service, caller: Caller, query: Mapping[str, str]) -> StoreReport:
    """The day of the store of the till that asks: not after the one that goes on."""
    now_us = service.clock()
    service.look_ups.take(caller.terminal, now_us)
    with service.database.read() as connection:
        settings = newest(connection, "store", caller.store, StoreSettings)
        if settings is None:
            raise NotKnownError("store", caller.store)
        wanted = min(_day(query.get("day", "")) or settings.calendar.day(now_us), settings.calendar.day(now_us))
        found = store_day(connection, caller.store, wanted)
        names = names_in(service.programmes.current(connection))
    zh, en = (tuple(day_tables(found, names, words_in(language))) for language in ("zh-CN", "en"))
    return StoreReport(
        store=found.store, name=found.name, day=found.day, as_of=now_us, tills=len(found.tills), zh=zh, en=en
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequestError("day is a date as 2026-11-21") from None
