"""Services that were booked, and what has become of them: told from entries that exist, so nobody ticks anything off.

A service is *booked* by the sale that issues its voucher with an appointment, and *done* when that voucher is used. It is
*confirmed* where the member himself proved who he is at that moment, by the code of his phone, his PIN or his phone's
permission: the voucher's own code proves that somebody had it. One whose day is over is *missed*, and its voucher as good as
before. Another appointment is another voucher: the sale is taken back and the service booked anew, then the first one was
*moved*, else *cancelled*. What the ledger says of the member's vouchers is a bound: one that is no more there was used
*elsewhere*, or ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple
from uuid import UUID

from local_db.journal import JournalReader
from protocol.entries import MemberEntry, Redemption, Refund, Sale, Void
from protocol.feed import MemberRow
from protocol.voucher_codes import voucher_of
from till.desk import Desk
from till.own_entries import own_effect, read_entry
from till.persons import row_of

State = Literal["booked", "missed", "done", "confirmed", "moved", "cancelled", "elsewhere"]
OPEN: Final = ("booked", "missed")
_OWN_PROOFS: Final = ("dynamic", "pin", "authorisation")


@dataclass(frozen=True)
class Service:
    """One piece of `kind` that the sale `issued` gave to `member`: when (`at`, civil time) and `by` whom, a staff number.

    `used_us`, µs, is when its voucher was used at this till, 0 for not.
    """

    issued: UUID
    number: int
    member: str
    kind: str
    reward: str
    at: str
    by: str
    state: State = "booked"
    used_us: int = 0
    name: str = ""
    """Of the member, as far as this till is told."""

    @property
    def day(self) -> str:
        """Of the appointment, YYYY-MM-DD."""
        return self.at[:10]


class _Book:
    """The services of one member, as his entries go by."""

    def __init__(self) -> None:
        self.services: dict[tuple[UUID, str, int], Service] = {}
        self._used_by: dict[tuple[UUID, str, int], UUID] = {}

    def take(self, entry: MemberEntry) -> None:
        """The next entry."""
        match entry:
            case Sale():
                for line in entry.redemptions:
                    self._use(entry, line)
                    self._book(entry, line)
            case Void(voids=sale):
                self._take_back(sale)
            case Refund(refunds=sale, taken_back=taken, given_back=given):
                self._take_back(sale, frozenset(taken), frozenset(given))
            case _:
                pass

    def _book(self, sale: Sale, line: Redemption) -> None:
        if line.appointment is None:
            return
        for number in range(line.units):
            self.services[sale.id, line.gives, number] = Service(
                sale.id, number, sale.member, line.gives, line.reward, line.appointment.at, line.appointment.by
            )

    def _use(self, sale: Sale, line: Redemption) -> None:
        """The voucher whose code it was; else the appointment that comes first."""
        waiting = [key for key, one in self.services.items() if one.kind == line.kind and one.state in OPEN]
        waiting.sort(key=lambda key: (_nonce(self.services[key]) != line.nonce, self.services[key].at))
        state: State = "confirmed" if line.proof in _OWN_PROOFS else "done"
        for key in waiting[: line.points]:
            self.services[key] = replace(self.services[key], state=state, used_us=sale.occurred_at)
            self._used_by[key] = sale.id

    def _take_back(
        self, sale: UUID, taken: frozenset[str] | None = None, given: frozenset[str] | None = None
    ) -> None:  # fmt: skip
        """None: all of it. What it issued is cancelled, what it used is as it was."""
        for key, service in self.services.items():
            if key[0] == sale and service.state in OPEN and (taken is None or service.kind in taken):
                self.services[key] = replace(service, state="cancelled")
            elif self._used_by.get(key) == sale and (given is None or service.kind in given):
                self.services[key] = replace(service, state="booked", used_us=0)
                del self._used_by[key]


def _nonce(service: Service) -> str:
    return voucher_of(service.member, service.issued, service.kind, service.number, "").nonce


def told_by(entries: Iterable[MemberEntry], today: str, held: Mapping[str, int] | None = None) -> list[Service]:
    """The services of one member by his entries, in the order of booking. `held`: pieces by kind that he has now, if known."""
    book = _Book()
    for entry in entries:
        book.take(entry)
    services = [
        replace(one, state="missed") if one.state == "booked" and one.day < today else one
        for one in book.services.values()
    ]
    services = [_moved(one, services[place + 1 :]) for place, one in enumerate(services)]
    return services if held is None else list(_bounded(services, held))


def _moved(service: Service, later: list[Service]) -> Service:
    is_booked_anew = any(one.kind == service.kind and one.issued != service.issued for one in later)
    return replace(service, state="moved") if service.state == "cancelled" and is_booked_anew else service


def _bounded(services: list[Service], held: Mapping[str, int]) -> Iterator[Service]:
    waiting = Counter(one.kind for one in services if one.state in OPEN)
    gone = {kind: count - held.get(kind, 0) for kind, count in waiting.items()}
    for one in sorted(services, key=lambda one: one.at):
        if one.state in OPEN and gone[one.kind] > 0:
            gone[one.kind] -= 1
            yield replace(one, state="elsewhere")
        else:
            yield one


class Today(NamedTuple):
    """The business day, and what is open on it, was to be done or was."""

    day: str
    services: list[Service]


def of_today(desk: Desk) -> Today:
    """Of this till."""
    today = desk.business_day
    found = services_of(desk.journal, today, lambda member: row_of(desk, member))
    return Today(today, worth_showing(found, today, lambda at_us: desk.calendar.day(at_us).isoformat()))


def services_of(
    journal: JournalReader, today: str, row_of: Callable[[str], MemberRow | None]
) -> list[Service]:  # fmt: skip
    """All services that were booked at this till, by when they are. `today`: the business day; `row_of`: what is known of a
    member, None for nothing."""
    found: list[Service] = []
    for member, (first_seq, numbers) in _who_booked(journal, row_of).items():
        stored = [one for number in numbers | {member} for one in journal.of_member(number, first_seq)]
        entries = [read_entry(one) for one in sorted(stored, key=lambda one: one.seq)]
        row = row_of(member)
        held = _held(journal, row) if row is not None else None
        told = told_by([entry for entry in entries if entry is not None], today, held)
        found += [replace(one, name=row.name if row else "") for one in told]
    return sorted(found, key=lambda one: (one.at, one.by, one.member))


def _who_booked(
    journal: JournalReader, row_of: Callable[[str], MemberRow | None]
) -> dict[str, tuple[int, set[str]]]:  # fmt: skip
    """Who has booked something here, as he goes on today: since which entry, and under which numbers."""
    people: dict[str, tuple[int, set[str]]] = {}
    for stored in journal.with_appointments():
        row = row_of(stored.member)
        member = row.merged_into if row is not None and row.status == "merged" else stored.member
        people.setdefault(member, (stored.seq, set()))[1].add(stored.member)
    return people


def _held(journal: JournalReader, row: MemberRow) -> dict[str, int]:
    """Pieces by kind that are his, wherever they lie: what is reserved for him is not used yet."""
    change = own_effect(journal, row)
    return {
        kind: balance.available + balance.reserved + change.get(kind, 0) for kind, balance in row.balances.items()
    } | {kind: points for kind, points in change.items() if kind not in row.balances}


def worth_showing(services: Iterable[Service], today: str, day_of: Callable[[int], str]) -> list[Service]:
    """What is still open, and what was to be or was done today. `day_of`: the business day of µs."""
    return [
        one
        for one in services
        if one.state in OPEN or one.day == today or (one.used_us and day_of(one.used_us) == today)
    ]
