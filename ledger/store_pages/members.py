"""The pages that say what members did: what waits for a person, and who grows. Each read of them is an act."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from sqlalchemy import Connection

from ledger import rows
from ledger.case_words import decided_of, reason_of
from ledger.cases import Found, list_cases
from ledger.pages.words import msg
from ledger.rising import BEFORE_MONTHS, Rising, rising
from ledger.schema_standing import Usual
from ledger.store_day_words import names_in, row
from ledger.store_pages.sheets import Sheet, calendar_of
from ledger.store_pages.visit import StaffVisit
from points import format_fen
from points.amounts import format_exact
from protocol.business_days import Calendar
from protocol.ids import bucket_of
from protocol.reports import ReportRow, ReportTable

_MOST = 500
_DECIDE = msg("Decide at a till: F9, what waits for a manager. Nothing of it is lost meanwhile.")
_AGREED = msg("Members who agreed to it alone; of all stores of the merchant.")


def waiting(visit: StaffVisit) -> Sheet:
    """What waits for a person, the oldest first; and what was decided, the newest first."""
    with visit.service.database.read() as connection:
        calendar = calendar_of(connection, visit.who.store)
        found = list_cases(connection, visit.who.store, limit=100_000)
    say = visit.words.say
    opened = [one for one in found if not one.number]
    decided = sorted((one for one in found if one.number), key=lambda one: -(one.decided.at if one.decided else 0))
    by_reason = Counter(reason_of(one, visit.words) for one in opened)
    columns = (say(msg("since")), say(msg("till")), say(msg("entry")), say(msg("why")), say(msg("points uncovered")))
    tables = (
        ReportTable(
            title=say(msg("Open, by why")), columns=("", say(msg("how many"))),
            rows=tuple(row(why, f"{many:,}", bar=many) for why, many in by_reason.most_common()),
        ),
        ReportTable(
            title=say(msg("Open")), columns=(*columns, say(msg("what of it is booked"))),
            rows=tuple(_case(one, calendar, visit, _booked(one, visit)) for one in opened[:_MOST]),
        ),
        ReportTable(
            title=say(msg("Decided")), columns=(*columns, say(msg("what, by whom, why"))),
            rows=tuple(_case(one, calendar, visit, decided_of(one, visit.words)) for one in decided[:_MOST]),
        ),
    )  # fmt: skip
    return Sheet([table for table in tables if table.rows], notes=(say(_DECIDE),))


def _case(one: Found, calendar: Calendar, visit: StaffVisit, then: str) -> ReportRow:
    since = f"{calendar.civil(one.opened_at):%m-%d %H:%M}"
    return row(since, one.terminal, f"{one.seq}", reason_of(one, visit.words), f"{one.shortfall:,}", then)


def _booked(one: Found, visit: StaffVisit) -> str:
    if one.is_whole:
        return visit.words.say(msg("nothing"))
    return visit.words.say(msg("what it took") if one.reason else msg("all of it"))


def growing(visit: StaffVisit) -> Sheet:
    """Who comes and pays much more this month, why he is listed, and the reward that he usually takes."""
    with visit.service.database.read() as connection:
        month = calendar_of(connection, visit.who.store).day(visit.now_us).isoformat()[:7]
        found = rising(connection, visit.who.merchant, month)
        rewards = names_in(visit.service.programmes.current(connection)).rewards
        wants = _usual(connection, visit.who.merchant, [one.member for one in found])
    say = visit.words.say
    columns = (
        say(msg("member")), say(msg("times as much")), say(msg("visits this month")), say(msg("paid this month")),
        say(msg("visits a month before")), say(msg("paid a month before")), say(msg("usually takes")),
    )  # fmt: skip

    def named(reward: str) -> str:
        return visit.words.either(rewards[reward]) if reward in rewards else reward

    def line(one: Rising) -> ReportRow:
        return row(
            one.member, _tenths(one.growth), f"{one.visits:,}", format_fen(one.spent_fen), _tenths(one.mean_visits),
            format_fen(round(one.mean_spent_fen)), ", ".join(map(named, wants.get(one.member, []))) or "-",
            bar=int(one.growth * 10),
        )  # fmt: skip

    title = say(msg("{month}, against the {n} months before")).format(month=month, n=BEFORE_MONTHS)
    tables = [ReportTable(title=title, columns=columns, rows=tuple(map(line, found)))] if found else []
    return Sheet(tables, notes=(say(_AGREED),))


def _usual(connection: Connection, merchant: str, members: list[str]) -> dict[str, list[str]]:
    """The rewards that each takes, most often first."""
    keys = [(bucket_of(member), member, merchant) for member in members]
    found = rows.find(
        connection, Usual, ("bucket", "member", "merchant"), keys, "member, reward, times", "t.times > 0"
    )
    wanted: dict[str, list[str]] = {}
    for member, reward, _times in sorted(found, key=lambda one: (-one[2], one[1])):
        wanted.setdefault(member, []).append(reward)
    return wanted


def _tenths(number: Fraction) -> str:
    return format_exact(Fraction(int(number * 10), 10))
