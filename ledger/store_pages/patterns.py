"""Patterns that a person should look at, what was decided about them, and deciding. None is a proof of anything."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection
from starlette.responses import Response

from ledger import rows
from ledger.abuse.moves import DAY_US
from ledger.abuse.reading import find_abuse, thresholds
from ledger.abuse.standing import STATES, Case, cases, decide
from ledger.abuse.words import look_at, name_of, sentence_of, state_of
from ledger.pages.words import Words, msg
from ledger.problems import NotKnownError
from ledger.store_day_words import row
from ledger.store_pages.sheets import Sheet, calendar_of
from ledger.store_pages.visit import StaffVisit
from protocol.business_days import Calendar
from protocol.names import harmless
from protocol.reports import ReportTable

DAYS = 31
_EVIDENCE_SHOWN = 50
_MOST_WORDS = 200
_WHOSE = msg(
    "Of the last 31 days. None is a proof: it says where to look. What goes over several stores the operator sees."
)


class Shown(NamedTuple):
    """A case in words."""

    key: str
    name: str
    state: str
    state_name: str
    sentence: str
    look: str
    since: str
    until: str
    evidence: list[str]
    more: int
    history: list[str]


def patterns(visit: StaffVisit) -> Sheet:
    """As a file: a row each."""
    found = _shown(visit)
    say = visit.words.say
    columns = (
        "", say(msg("state")), say(msg("what was found")), say(msg("from")), say(msg("to")), say(msg("look at")),
        say(msg("key")),
    )  # fmt: skip
    lines = tuple(
        row(one.name, one.state_name, one.sentence, one.since, one.until, one.look, one.key) for one in found
    )
    tables = [ReportTable(title=say(msg("Look at these")), columns=columns, rows=lines)] if found else []
    return Sheet(tables, notes=(say(_WHOSE),))


def page(visit: StaffVisit) -> Response:
    """Each with its evidence and what was decided, and a form to decide."""
    return visit.page(
        "patterns.html", found=_shown(visit), note=visit.words.say(_WHOSE), now_us=visit.now_us,
        states=[(state, state_of(state, visit.words)) for state in STATES],
    )  # fmt: skip


def decided(visit: StaffVisit) -> Response:
    """Somebody says what it was."""
    key, why = visit.form.get("key", ""), harmless(visit.form.get("why", "")).strip()[:_MOST_WORDS]
    state = next((one for one in STATES if one == visit.form.get("state")), None)
    if state is None or not why:
        return visit.page("problem.html", 400, what="why")
    with visit.service.database.read() as connection:
        one = next((one for one in _cases(connection, visit) if one.finding.key == key), None)
    if one is None:
        raise NotKnownError("pattern", key)
    with visit.service.database.write() as connection:
        decide(connection, one.finding, state, why, visit.who.by, visit.now_us)
    return visit.go("/store/patterns")


def _cases(connection: Connection, visit: StaffVisit) -> list[Case]:
    """Of a store those whose evidence all lies there: what is told of it is then nothing of another store."""
    who = visit.who
    own = {one for (one,) in rows.fetch(connection, "SELECT terminal FROM terminal WHERE store = ?", who.store)}
    found = find_abuse(connection, who.merchant, visit.now_us - DAYS * DAY_US, thresholds(connection))
    if who.may("operator"):
        mine = [one for one in found if any(place.terminal in own for place in one.evidence)]
    else:
        mine = [one for one in found if all(place.terminal in own for place in one.evidence)]
    return cases(connection, mine)


def _shown(visit: StaffVisit) -> list[Shown]:
    with visit.service.database.read() as connection:
        calendar = calendar_of(connection, visit.who.store)
        found = _cases(connection, visit)
    order = {state: number for number, state in enumerate(STATES)}
    return [_said(one, calendar, visit.words) for one in sorted(found, key=lambda one: order[one.state])]


def _said(one: Case, calendar: Calendar, words: Words) -> Shown:
    def moment(at_us: int) -> str:
        return calendar.civil(at_us).isoformat(" ", "minutes")

    finding = one.finding
    evidence = [f"{place.terminal} {place.seq}" for place in finding.evidence]
    history = [f"{moment(done.at_us)}  {state_of(done.state, words)}  {done.by}: {done.why}" for done in one.history]
    return Shown(
        finding.key, name_of(finding, words), one.state, state_of(one.state, words), sentence_of(finding, words),
        look_at(finding, words), moment(finding.first_us), moment(finding.last_us), evidence[:_EVIDENCE_SHOWN],
        max(0, len(evidence) - _EVIDENCE_SHOWN), history,
    )  # fmt: skip
