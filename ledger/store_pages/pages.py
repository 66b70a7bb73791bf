"""The reports of a store that its pages show, each a function of who asks."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.approval_words import approval_tables
from ledger.approvals import approvals_of
from ledger.fleet import MINUTE_US, FleetTill, Judged, age, judged, money, tills_of
from ledger.fleet_words import why
from ledger.pages.words import Words, msg
from ledger.programmes import kind_names
from ledger.store_changes import Change, changes_of
from ledger.store_day import store_day
from ledger.store_day_words import day_tables, names_in, row
from ledger.store_pages.sheets import Sheet, calendar_of, day_wanted
from ledger.store_pages.visit import StaffVisit
from ledger.tutorials import Learner, of_store
from points import format_fen
from points.fields import Text
from protocol.reports import ReportRow, ReportTable

_ALL_TILLS = msg(
    "All tills of the store, as far as they have sent. What arrives later is on the day when it happened."
)
_WAITS = msg(
    "What waits at a till is as old as its last contact. It is not lost: it is sent when the network is back."
)
_LEARN = msg("Twelve tasks in three minutes, at a till, before the shift: F9, the tutorial.")
_RESULTS = {"pass": msg("passed"), "fail": msg("failed"), "skipped": msg("could not be held")}


def day(visit: StaffVisit) -> Sheet:
    """日结单."""
    with visit.service.database.read() as connection:
        wanted = day_wanted(visit, calendar_of(connection, visit.who.store))
        found = store_day(connection, visit.who.store, wanted)
        names = names_in(visit.service.programmes.current(connection))
    return Sheet(day_tables(found, names, visit.words), found.day, (visit.words.say(_ALL_TILLS),))


def tills(visit: StaffVisit) -> Sheet:
    """How each till is, as it said itself: those first that need somebody."""
    with visit.service.database.read() as connection:
        found = judged(tills_of(connection, visit.who.store), visit.now_us)
    say = visit.words.say
    columns = (
        say(msg("till")), say(msg("heard")), say(msg("entries waiting")), say(msg("¥ waiting")), say(msg("age of balances")),
        say(msg("outage check")), say(msg("what to do")),
    )  # fmt: skip
    rows = tuple(_till(one, visit.now_us, visit.words) for one in found)
    return Sheet([ReportTable(title=say(msg("Tills")), columns=columns, rows=rows)], notes=(say(_WAITS),))


def _till(one: Judged, now_us: int, words: Words) -> ReportRow:
    till = one.till
    heard = _ago(till.contact_at, now_us, words)
    known = _ago(till.cache_as_of or 0, till.heard_at or 0, words)
    waits = f"{till.waiting:,}" if till.waiting is not None else "-"
    return row(f"{till.name} ({till.terminal})", heard, waits, money(till.waiting_fen or 0), known, _check(till, words),
               why(one, words), bar=till.waiting or 0)  # fmt: skip


def _check(till: FleetTill, words: Words) -> str:
    if not till.rehearsal:
        return words.say(msg("never"))
    return words.say(_RESULTS[till.rehearsal])


def _ago(at_us: int, now_us: int, words: Words) -> str:
    if not at_us:
        return "-"
    passed_us = now_us - at_us
    if passed_us < MINUTE_US:
        return words.say(msg("just now"))
    return age(passed_us).in_words(words.say)


def changes(visit: StaffVisit) -> Sheet:
    """撤销和退货: each of the day, by whom, of whose sale, and what came of the points."""
    with visit.service.database.read() as connection:
        calendar = calendar_of(connection, visit.who.store)
        wanted = day_wanted(visit, calendar)
        found = list(changes_of(connection, visit.who.store, wanted.isoformat()))
        kinds = kind_names(visit.service.programmes.current(connection))
    say = visit.words.say
    columns = (
        say(msg("time")), say(msg("till")), say(msg("by")), say(msg("member")), say(msg("money")), say(msg("points")),
        say(msg("of the sale")),
    )  # fmt: skip

    def line(one: Change) -> ReportRow:
        clock = f"{calendar.civil(one.at):%H:%M}"
        sale = f"{calendar.civil(one.sold_at):%m-%d %H:%M} {one.sold_by}" if one.sold_at else "-"
        points = "  ".join(_points(one, kinds, visit.words)) or "-"
        return row(clock, one.till, one.by, one.member, format_fen(one.money_fen), points, sale)

    tables = [
        ReportTable(title=say(title), columns=columns, rows=tuple(line(one) for one in found if one.what == what))
        for what, title in (("void", msg("Voided")), ("refund", msg("Refunds")))
    ]
    counts = ReportTable(
        title=say(msg("Who did how many")), columns=(say(msg("by")), say(msg("voids")), say(msg("refunds"))),
        rows=tuple(
            row(by, f"{voids:,}", f"{refunds:,}", bar=voids + refunds) for by, voids, refunds in _by_staff(found)
        ),
    )  # fmt: skip
    return Sheet([table for table in (counts, *tables) if table.rows], wanted.isoformat())


def approvals(visit: StaffVisit) -> Sheet:
    """主管授权: what was allowed on the spot that day, by whom and why."""
    with visit.service.database.read() as connection:
        calendar = calendar_of(connection, visit.who.store)
        wanted = day_wanted(visit, calendar)
        found = approvals_of(connection, visit.who.store, wanted)
    return Sheet(approval_tables(found, calendar, visit.words), wanted.isoformat(), (visit.words.say(_ALL_TILLS),))


def _points(one: Change, kinds: dict[str, Text], words: Words) -> Iterator[str]:
    for kind, points in sorted(one.points.items()):
        if points:
            yield f"{words.either(kinds[kind]) if kind in kinds else kind} {points:+,}"


def _by_staff(found: list[Change]) -> list[tuple[str, int, int]]:
    sums: dict[str, list[int]] = {}
    for one in found:
        sums.setdefault(one.by, [0, 0])[one.what == "refund"] += 1
    return sorted(
        ((by, voids, refunds) for by, (voids, refunds) in sums.items()), key=lambda one: (-sum(one[1:]), one[0])
    )


def learning(visit: StaffVisit) -> Sheet:
    """Who has passed the tutorial, and who has not; those first."""
    with visit.service.database.read() as connection:
        calendar = calendar_of(connection, visit.who.store)
        found = sorted(of_store(connection, visit.who.store), key=lambda one: one.passed_at)
    say = visit.words.say
    columns = (
        say(msg("staff")),
        say(msg("passed")),
        say(msg("attempts for the tasks")),
        say(msg("seconds")),
        say(msg("at the till")),
    )

    def line(one: Learner) -> ReportRow:
        name = f"{one.name} ({one.staff})"
        if not one.passed_at:
            return row(name, say(msg("not yet")), "-", "-", "-")
        when = f"{calendar.civil(one.passed_at):%Y-%m-%d %H:%M}"
        return row(name, when, f"{one.attempts} / {one.tasks}", f"{one.seconds:,}", one.terminal)

    title = say(msg("{n} of {all} have passed")).format(n=sum(one.passed_at > 0 for one in found), all=len(found))
    return Sheet([ReportTable(title=title, columns=columns, rows=tuple(map(line, found)))], notes=(say(_LEARN),))
