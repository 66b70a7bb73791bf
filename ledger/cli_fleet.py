"""`till-ledger fleet`: which tills need a visit, and why."""

from __future__ import annotations

from typing import Any

import click

from ledger.console import FOUND, Console, command
from ledger.fleet import Judged, judged, tills_of
from ledger.fleet_words import table, why
from ledger.pages.words import Language, own_language, words_in


@click.command()
@click.option("--store", default="", help="Its tills alone.")
@click.option("--merchant", default="", help="Its tills alone.")
@click.option("--all", "shows_all", is_flag=True, help="Also tills that need no visit.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="So many tills at most.")
@click.option("--lang", type=click.Choice(["zh-CN", "en"]), help="Language; that of this machine otherwise.")
@command
def fleet(console: Console, store: str, merchant: str, limit: int, lang: Language | None, *, shows_all: bool) -> None:
    """All tills, those first that need a visit: what waits there and its money, ages, clock, scanner, and why."""
    now_us = console.now_us
    with console.books() as database, database.read() as connection:
        found = judged(tills_of(connection, store, merchant), now_us)
    wanted = [one for one in found if shows_all or one.needs_a_visit]
    visits = sum(one.needs_a_visit for one in found)
    if console.is_json:
        console.say("", at=now_us, tills=[_facts(one) for one in found], visits=visits)
    else:
        console.say(table(found, wanted[:limit], now_us, words_in(lang or own_language())))
    if visits:
        raise SystemExit(FOUND)


def _facts(one: Judged) -> dict[str, Any]:
    """Every fact, the sentence in both languages, and the codes behind it."""
    said = {name: why(one, words_in(language)) for name, language in _BOTH}
    codes = [trouble.code for trouble in one.troubles]
    facts: dict[str, Any] = {**one.till._asdict(), "contact_at": one.till.contact_at}
    return {**facts, "needs_a_visit": one.needs_a_visit, "weight": one.weight, "troubles": codes, **said}


_BOTH: tuple[tuple[str, Language], ...] = (("why_zh", "zh-CN"), ("why_en", "en"))
