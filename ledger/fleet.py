"""All tills, and which of them needs a visit: from the newest heartbeat of each, what was received of it, and its rehearsal.

A till is silent at night, and a shop closes for a holiday: what counts is a silence in the middle of a shift, or for days. What
a till said is as old as its last contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from ledger import rows
from points.sentences import Sentence, msg

MINUTE_US, HOUR_US, DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000

SILENT_IN_SHIFT_US = 2 * HOUR_US
SILENT_US = 3 * DAY_US
STUCK_US = HOUR_US
"""A till that is heard and has not sent an entry for so long does not get it sent."""
CLOCK_OFF_US = 30_000_000
CACHE_OLD_US = DAY_US
RULES_SOON_US = 3 * DAY_US
DISK_LOW, DISK_FULL = 1_000_000_000, 100_000_000
MANY_ERRORS, ERROR_SHARE = 20, 20
"""So many bytes that made no code, and one in so many scans."""
REHEARSAL_OLD_US = 90 * DAY_US

NEEDS_A_VISIT = 300
"""From this weight of its worst trouble on."""


class Trouble(NamedTuple):
    """One thing that is wrong. `weight`: how soon somebody should go there; the sentence names no more than is known."""

    code: str
    weight: int
    sentence: Sentence


class FleetTill(NamedTuple):
    """A till as the ledger knows it. Columns of the heartbeat are None for one that was never heard; times are µs UTC."""

    terminal: str
    store: str
    merchant: str
    name: str
    status: str
    received: int
    enrolled_at: int
    seen_at: int
    heard_at: int | None
    version: str | None
    system: str | None
    entries: int | None
    waiting: int | None
    waiting_fen: int | None
    waiting_since: int | None
    for_a_person: int | None
    is_shift_open: int | None
    ended: str | None
    cache_as_of: int | None
    programme: str | None
    programme_version: int | None
    rules_until: int | None
    offset_us: int | None
    doubt: str | None
    scanner: str | None
    scanner_code: str | None
    scans: int | None
    scan_errors: int | None
    printer_code: str | None
    disk_free_bytes: int | None
    rehearsal: str | None
    rehearsed_at: int | None
    branches: int

    @property
    def contact_at(self) -> int:
        """When it was heard last, by whatever it sent."""
        return max(self.seen_at, self.heard_at or 0)


class Judged(NamedTuple):
    """A till with its troubles, the worst first."""

    till: FleetTill
    troubles: tuple[Trouble, ...]

    @property
    def weight(self) -> int:
        return self.troubles[0].weight if self.troubles else 0

    @property
    def needs_a_visit(self) -> bool:
        return self.weight >= NEEDS_A_VISIT


_HEARD = ", ".join(f"h.{name}" for name in FleetTill._fields[8:30])
_TILLS = (
    "SELECT t.terminal, t.store, s.merchant, t.name, t.status, t.head_seq, t.enrolled_at, t.seen_at,"
    f" {_HEARD}, o.result, o.rehearsed_at, coalesce(b.branches, 0)"
    " FROM terminal t JOIN store s ON s.store = t.store LEFT JOIN heartbeat h ON h.terminal = t.terminal"
    " LEFT JOIN outage_report o ON o.terminal = t.terminal"
    " LEFT JOIN (SELECT terminal, count(*) AS branches FROM branch GROUP BY terminal) b ON b.terminal = t.terminal"
)


def tills_of(connection: Connection, store: str = "", merchant: str = "") -> list[FleetTill]:
    """All of them, or those of a store or merchant: one statement."""
    wanted = [("t.store", store), ("s.merchant", merchant)]
    where = " AND ".join(f"{column} = ?" for column, value in wanted if value)
    values = [value for _column, value in wanted if value]
    found = rows.fetch(connection, f"{_TILLS}{' WHERE ' + where if where else ''} ORDER BY t.terminal", *values)
    return [FleetTill(*row) for row in found]


def judged(tills: Iterable[FleetTill], now_us: int) -> list[Judged]:
    """Sorted by what needs a visit: the worst trouble first, then how much there is of it, then the money that waits."""
    known = list(tills)
    newest = max((_numbers(till.version) for till in known if till.version), default=())
    rules: dict[str, int] = {}
    for till in known:
        if till.programme:
            rules[till.programme] = max(rules.get(till.programme, 0), till.programme_version or 0)
    found = [Judged(till, tuple(_worst_first(_troubles(till, now_us, newest, rules)))) for till in known]
    return sorted(found, key=_order)


def _order(one: Judged) -> tuple[int, int, int, str]:
    return (
        -one.weight,
        -sum(trouble.weight for trouble in one.troubles),
        -(one.till.waiting_fen or 0),
        one.till.terminal,
    )


def _worst_first(troubles: Iterable[Trouble]) -> list[Trouble]:
    return sorted(troubles, key=lambda one: -one.weight)


def _troubles(till: FleetTill, now_us: int, newest: tuple[int, ...], rules: dict[str, int]) -> Iterator[Trouble]:
    if till.status != "active":
        yield from _of_an_ended(till)
        return
    if till.branches:
        yield Trouble("two-chains", 950, Sentence("its journal was put back from a copy, or is in two places"))
    if till.heard_at is None:
        yield from _of_an_unheard(till, now_us)
        return
    yield from _silence(till, now_us)
    yield from _waiting(till, now_us)
    yield from _what_it_knows(till, now_us, rules)
    yield from _machine(till, newest)
    yield from _rehearsal(till, now_us)


def _of_an_ended(till: FleetTill) -> Iterator[Trouble]:
    """What it had not sent counts until somebody brought it."""
    if till.waiting and (till.entries or 0) > till.received:
        yield Trouble(
            "ended-waiting", 900,
            Sentence("it has ended, and {count} entries ({amount}) lie there: carry its journal here", **_amount(till)),
        )  # fmt: skip


def _of_an_unheard(till: FleetTill, now_us: int) -> Iterator[Trouble]:
    silent_us = now_us - till.seen_at
    if silent_us > SILENT_US:
        yield Trouble("never-heard", 500, Sentence("it has not said how it is for {age}", age=age(silent_us)))
    else:
        yield Trouble("not-heard-yet", 70, Sentence("it has not said yet how it is"))


def _silence(till: FleetTill, now_us: int) -> Iterator[Trouble]:
    silent_us = now_us - till.contact_at
    if silent_us <= (SILENT_IN_SHIFT_US if till.is_shift_open else SILENT_US):
        return
    weight = 700 + min(150, silent_us // HOUR_US)
    if till.waiting:
        yield Trouble(
            "silent", weight + 40,
            Sentence(
                "not heard for {age}, when {count} entries ({amount}) waited", age=age(silent_us), **_amount(till)
            ),
        )  # fmt: skip
    elif till.is_shift_open:
        yield Trouble("silent", weight, Sentence("not heard for {age}, in the middle of a shift", age=age(silent_us)))
    else:
        yield Trouble("silent", weight - 100, Sentence("not heard for {age}", age=age(silent_us)))


def _waiting(till: FleetTill, now_us: int) -> Iterator[Trouble]:
    assert till.heard_at is not None
    if till.ended:
        yield Trouble("stopped", 850, Sentence("it sells nothing more ({code}): pair it anew", code=till.ended))
    waited_us = till.heard_at - (till.waiting_since or till.heard_at)
    if till.waiting and waited_us > STUCK_US and now_us - till.heard_at <= SILENT_IN_SHIFT_US:
        yield Trouble(
            "stuck", 650,
            Sentence(
                "it is heard, but {count} entries ({amount}) have not come through for {age}",
                age=age(waited_us), **_amount(till),
            ),
        )  # fmt: skip
    if till.for_a_person:
        yield Trouble("for-a-person", 120, Sentence("{count} entries wait for the manager", count=till.for_a_person))


def _what_it_knows(till: FleetTill, now_us: int, rules: dict[str, int]) -> Iterator[Trouble]:
    assert till.heard_at is not None
    left_us = (till.rules_until or 0) - now_us
    if not till.cache_as_of:
        yield Trouble("no-cache", 600, Sentence("it knows no members and no rules"))
    elif till.heard_at - till.cache_as_of > CACHE_OLD_US:
        yield Trouble(
            "cache-old", 400, Sentence("its balances are {age} old", age=age(till.heard_at - till.cache_as_of))
        )
    if till.rules_until and left_us <= 0:
        yield Trouble("rules-over", 640, Sentence("its rules have run out: it redeems nothing"))
    elif till.rules_until and left_us < RULES_SOON_US:
        yield Trouble("rules-ending", 450, Sentence("its rules run out in {age}", age=age(left_us)))
    newest = rules.get(till.programme or "", 0)
    if (till.programme_version or 0) < newest:
        yield Trouble(
            "rules-behind", 250,
            Sentence(
                "its rules are version {version}, others have {newest}",
                version=till.programme_version or 0, newest=newest,
            ),
        )  # fmt: skip


def _machine(till: FleetTill, newest: tuple[int, ...]) -> Iterator[Trouble]:
    offset_us, free = abs(till.offset_us or 0), till.disk_free_bytes or 0
    if 0 < free < DISK_LOW:
        weight = 800 if free < DISK_FULL else 350
        yield Trouble("disk", weight, Sentence("{free} MB are left on its disk", free=free // 1_000_000))
    if offset_us > CLOCK_OFF_US:
        yield Trouble("clock", 310, Sentence("its clock is {age} wrong", age=age(offset_us)))
    elif till.doubt:
        yield Trouble("clock-doubt", 200, Sentence("its clock cannot be relied on ({code})", code=till.doubt))
    if till.scanner_code:
        yield Trouble("scanner", 550, Sentence("its scanner does not work ({code})", code=till.scanner_code))
    elif (till.scan_errors or 0) >= MANY_ERRORS and (till.scan_errors or 0) * ERROR_SHARE >= (till.scans or 0):
        yield Trouble(
            "scan-errors", 320,
            Sentence("{count} scans were misread, {good} were good", count=till.scan_errors or 0, good=till.scans or 0),
        )  # fmt: skip
    if till.printer_code:
        yield Trouble("printer", 150, Sentence("its printer does not print ({code})", code=till.printer_code))
    if till.version and _numbers(till.version) < newest:
        yield Trouble("version", 100, Sentence("its program is {version}, others are newer", version=till.version))


def _rehearsal(till: FleetTill, now_us: int) -> Iterator[Trouble]:
    if till.rehearsal == "fail":
        yield Trouble("rehearsal", 420, Sentence("its last rehearsal of an outage failed"))
    elif not till.rehearsed_at:
        yield Trouble("unrehearsed", 50, Sentence("no outage was rehearsed on it"))
    elif now_us - till.rehearsed_at > REHEARSAL_OLD_US:
        yield Trouble(
            "rehearsal-old", 60,
            Sentence("its last rehearsal of an outage was {age} ago", age=age(now_us - till.rehearsed_at)),
        )  # fmt: skip


def _amount(till: FleetTill) -> dict[str, Any]:
    return {"count": till.waiting or 0, "amount": money(till.waiting_fen or 0)}


def money(fen: int) -> str:
    """`¥8,230.00`, in both languages: a list of figures has no room for more."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"


def age(us: int) -> Sentence:
    """In the largest unit of which there are two."""
    for unit_us, sentence in (
        (DAY_US, msg("{n} days")), (HOUR_US, msg("{n} hours")), (MINUTE_US, msg("{n} minutes")),
    ):  # fmt: skip
        if us >= 2 * unit_us:
            return Sentence(sentence, n=us // unit_us)
    return Sentence("{n} seconds", n=max(0, us) // 1_000_000)


def _numbers(version: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in (version or "").split(".") if part.isdigit())
