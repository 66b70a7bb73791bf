"""Counts of members per merchant: what rules with a memory go by (`protocol.counts`), kept with the booking.

What a sale adds follows from the sale and from the version of the programme that it names: only what that version's rules ask
for is counted, so counting begins with the first version that asks, a void takes away what its sale added, a refund what is not
left of it, and `recount` gets the same from the entries. A programme without such rules costs a look into a dict a sale.

A count bounds what the programme gives, for everybody alike: it is part of the rules that the member joined, and needs no
consent. What only describes him is elsewhere, and does (`ledger.personal`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import NOTHING_BACK, GoneBack
from ledger.bounds import Bounds, Shared
from ledger.clock import day_of
from ledger.database import Database
from ledger.given import given_by
from ledger.refunds import gone_back
from ledger.schema import Entry, Setting
from ledger.schema_cases import Case
from ledger.schema_received import Branch, Received
from ledger.schema_standing import MemberCount
from ledger.shelf import MemberKey, portions
from ledger.standing import Whose, holder_of_merged, reckon
from ledger.terms import Terms
from ledger.usual import remember_taken
from ledger.visits import Scope, latest_day, months_before
from points.counts import SPENT
from protocol.canonical import MAX_INTEGER
from protocol.counts import Counted, as_given, counts_of, left_after
from protocol.entries import Sale, decode_entry
from protocol.errors import UnreadableEntryError

KEPT_DAYS: Final = 40
"""Counts of days: a till that was offline for a month may still bring a void of one."""

KEPT_MONTHS: Final = 26
"""The longest window of a tier, and as long as a void may be late."""

GIVES: Final = "t.type IN ('sale', 'late-credit', 'manual-points')"
"""Of rows `t` of entries: those that a till sent as giving points to a member."""

_SETTING = "counts-since"
_AT_ONCE = 1_000

Key = tuple[int, bytes]
"""(bucket, id) of an entry."""


class Counter(NamedTuple):
    """The key of a row of `schema_standing.MemberCount`."""

    bucket: int
    member: str
    merchant: str
    name: str
    period: str


class Counting:
    """What the entries of one merchant's batch add."""

    def __init__(self, connection: Connection, terms: Terms, merchant: str, bounds: Bounds) -> None:
        """`bounds` takes what is counted of all members together."""
        self._connection, self._terms, self._merchant = connection, terms, merchant
        self._bounds = bounds
        self._sums: dict[Counter, int] = defaultdict(int)
        self._spending: dict[MemberKey, tuple[str, str]] = {}
        """Whose tier may change: by which programme, and the last business day."""
        self._taken: dict[tuple[MemberKey, str], int] = defaultdict(int)

    def add(self, bucket: int, sale: Sale, times: int = 1) -> None:
        """A sale as far as it is booked; `times` -1: it is taken back."""
        for line in sale.redemptions:
            self._taken[(bucket, sale.member), line.reward] += times
        rules = self._terms.rules_of(self._connection, (sale.programme, sale.programme_version, sale.engine))
        if rules.asked_of_all:
            for counted, amount in counts_of(sale, rules.asked_of_all):
                self._bounds.add(self._merchant, counted, times * amount)
        if not rules.asked:
            return
        for counted, amount in counts_of(sale, rules.asked):
            self._sums[Counter(bucket, sale.member, self._merchant, *counted)] += times * amount
        if SPENT in rules.asked and sale.due_fen:
            key = bucket, sale.member
            self._spending[key] = sale.programme, max(sale.business_day, self._spending.get(key, ("", ""))[1])

    def store(self, merged: Mapping[MemberKey, str], now_us: int) -> None:
        """Write what changed, and the tiers that follow from it; nothing where no rule asks. `merged`: who goes on as whom."""
        changed = [(*counter, amount) for counter, amount in self._sums.items() if amount]
        rows.add(self._connection, MemberCount, "amount", changed)
        taken: dict[tuple[int, str, str, str], int] = defaultdict(int)
        for (member, reward), times in self._taken.items():
            taken[*holder_of_merged(member, merged), self._merchant, reward] += times
        remember_taken(self._connection, taken)
        by_month: dict[str, list[Whose]] = defaultdict(list)
        for member, (programme, day) in self._spending.items():
            month = max(day_of(now_us), min(day, latest_day(now_us)))[:7]
            by_month[month].append(Whose(holder_of_merged(member, merged), self._merchant, programme))
        for month, whose in by_month.items():
            reckon(self._connection, self._terms, whose, month)


def left_of(sale: Sale, gone_back: GoneBack) -> Sale:
    """A sale without what refunds of it have done."""
    if gone_back == NOTHING_BACK:
        return sale
    return left_after(sale, gone_back.money_fen, gone_back.given_back, gone_back.taken_back)


def counts_told(
    connection: Connection, keys: Sequence[MemberKey], into: Mapping[MemberKey, MemberKey], scope: Scope
) -> dict[MemberKey, dict[str, int]]:
    """What a reader is told: counts at his merchant alone, of days since yesterday and their months. `into`: of numbers that
    were merged, whose they are now; one person has one count."""
    wanted = [(*key, scope.merchant) for key in (*keys, *into)]
    since = f"(length(t.period) = 10 AND t.period >= '{scope.yesterday}')"
    since += f" OR (length(t.period) = 7 AND t.period >= '{scope.yesterday[:7]}')"
    found = rows.find(
        connection, MemberCount, ("bucket", "member", "merchant"), wanted, "bucket, member, name, period, amount",
        f"t.amount > 0 AND ({since} OR length(t.period) IN (0, 4))",
    )  # fmt: skip
    told: dict[MemberKey, dict[str, int]] = defaultdict(dict)
    for bucket, member, name, period, amount in found:
        counts = told[into.get((bucket, member), (bucket, member))]
        key = str(Counted(name, period))
        counts[key] = min(MAX_INTEGER, counts.get(key, 0) + amount)  # more no reader of the row takes
    return told


def sales_behind(connection: Connection, keys: Collection[Key]) -> dict[Key, Sale]:
    """The sales from which entries of the books were made, as they were received.

    One that a person accepted from a branch shares its seq with another; one whose id was taken stands under another id, which
    its case names.
    """
    if not keys:
        return {}
    found = rows.find(connection, Entry, ("bucket", "id"), keys, "bucket, id, terminal, seq", GIVES)
    where = {(bucket, bytes(identity)): (terminal, seq) for bucket, identity, terminal, seq in found}
    sent = received_sales(connection, where.values())
    sales = {key: sale for key, at in where.items() if (sale := sent.get(at)) and sale.id.bytes == key[1]}
    odd = {key: at for key, at in where.items() if key not in sales}
    return sales | _decided(connection, odd, sent) if odd else sales


def received_sales(connection: Connection, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Sale]:
    """Those of the entries with these (terminal, seq) that are sales and can be read."""
    found = rows.find(connection, Received, ("terminal", "seq"), places, "terminal, seq, payload")
    return {(terminal, seq): sale for terminal, seq, payload in found if (sale := _sale(payload))}


def _decided(
    connection: Connection, odd: dict[Key, tuple[str, int]], sent: dict[tuple[str, int], Sale]
) -> dict[Key, Sale]:
    places = list(odd.values())
    branches = rows.find(connection, Branch, ("terminal", "seq"), places, "hash, payload")
    by_hash = {bytes(hashed): sale for hashed, payload in branches if (sale := _sale(payload))}
    by_id = {sale.id.bytes: sale for sale in by_hash.values()}
    cases = rows.find(connection, Case, ("terminal", "seq"), places, "branch, by_entry")
    stands = {bytes(by_entry): bytes(branch) for branch, by_entry in cases}
    sales: dict[Key, Sale] = {}
    for key, at in odd.items():
        branch = stands.get(key[1])
        sale = by_id.get(key[1]) if branch is None else by_hash.get(branch) if branch else sent.get(at)
        if sale is not None:
            sales[key] = sale
    return sales


def _sale(payload: bytes) -> Sale | None:
    try:
        entry = decode_entry(bytes(payload))
    except UnreadableEntryError:
        return None
    return entry if isinstance(entry, Sale) else None


def recount(
    connection: Connection, terms: Terms, buckets: range
) -> tuple[dict[Counter, int], dict[Shared, int]]:  # fmt: skip
    """All counts of these buckets, from the entries alone; and what these add to the sums over all members."""
    sums: dict[Counter, int] = defaultdict(int)
    shared: dict[Shared, int] = defaultdict(int)
    first, last = buckets[0], buckets[-1]
    standing = (
        f"SELECT bucket, id, merchant FROM entry t WHERE bucket BETWEEN ? AND ? AND {GIVES} AND length(voided_by) = 0"
    )
    found = rows.fetch(connection, standing, first, last)
    for start in range(0, len(found), _AT_ONCE):
        merchants = {
            (bucket, bytes(identity)): merchant for bucket, identity, merchant in found[start : start + _AT_ONCE]
        }
        given, refunded = given_by(connection, merchants), gone_back(connection, merchants)
        for key, sale in sales_behind(connection, merchants).items():
            rules = terms.rules_of(connection, (sale.programme, sale.programme_version, sale.engine))
            left = left_of(as_given(sale, given.get(key, {})), refunded.get(key, NOTHING_BACK))
            for counted, amount in counts_of(left, rules.asked):
                sums[Counter(key[0], sale.member, merchants[key], *counted)] += amount
            for counted, amount in counts_of(left, rules.asked_of_all):
                shared[Shared(merchants[key], *counted)] += amount
    return sums, shared


class Kept(NamedTuple):
    """Since when counts are kept: the first day, and the first month. What is `ever` is kept as long as the account."""

    day: str = ""
    month: str = ""

    def has(self, period: str) -> bool:
        """Whether counts of this period are still there."""
        return {10: period >= self.day, 7: period >= self.month}.get(len(period), True)


def kept_since(connection: Connection) -> Kept:
    """As the last `forget_counts` left it."""
    found = rows.fetch(connection, "SELECT value FROM setting WHERE key = ?", _SETTING)
    return Kept(*found[0][0].split()) if found else Kept()


def forget_counts(database: Database, today: str) -> bool:
    """Delete counts of days and months that no rule asks for any more; whether there was something to do."""
    since = Kept(
        (date.fromisoformat(today) - timedelta(days=KEPT_DAYS)).isoformat(),
        months_before(date.fromisoformat(today), KEPT_MONTHS).isoformat()[:7],
    )
    with database.read() as connection:
        before = kept_since(connection)
    if before.day >= since.day:
        return False
    with database.write() as connection:  # before the first is deleted: nobody is to miss it
        rows.put(connection, Setting, [(_SETTING, " ".join(since))])
    for buckets in portions():
        with database.write() as connection:
            rows.execute(
                connection,
                "DELETE FROM member_count WHERE bucket BETWEEN ? AND ? AND ((length(period) = 10 AND period < ?)"
                " OR (length(period) = 7 AND period < ?))",
                buckets[0], buckets[-1], *since,
            )  # fmt: skip
    return True
