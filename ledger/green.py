"""What members and merchants do for the environment, reckoned from booked sales when somebody asks (A5).

A sale counts by the version of the programme that it names. One that was voided, and one whose points wait for a person, does
not; of goods that came back, what is left in proportion to the money of their category. Everything is exact until it is told:
then it is rounded once, downwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import NOTHING_BACK, accepted_id
from ledger.counting import Key, sales_behind
from ledger.given import given_by
from ledger.green_rules import GreenRules, What, published
from ledger.keys import Keys
from ledger.problems import NotKnownError
from ledger.refunds import gone_back
from ledger.schema import Balance, Posting
from ledger.schema import Refund as RefundRow
from ledger.sessions import accounts_of
from ledger.shelf import portions
from ledger.terms import Key as Version
from points.fields import Text
from points.measures import parts_of
from protocol.canonical import MAX_INTEGER
from protocol.entries import Sale
from protocol.green import (
    GreenActivity,
    GreenAttribute,
    GreenKind,
    GreenMerchant,
    GreenReport,
    Words,
    sign_report,
)

_AT_ONCE = 1_000
Column = Literal["earned", "used", "expired"]
_COLUMNS: dict[str, tuple[Column, int]] = {
    "issuance": ("earned", -1), "clearing": ("used", 1), "shortfall": ("used", 1), "breakage": ("expired", 1),
}  # fmt: skip
"""By the account on the other side of a posting. What no balance covered was the merchant's: he did not use it."""


class Place(NamedTuple):
    """Where and when a sale was."""

    merchant: str
    store: str
    day: str


class Measured(NamedTuple):
    """How much of something a sale has left, in goods of a category, and of a product group where that is not empty."""

    place: Place
    what: What
    category: str
    category_name: Text
    group: str
    amount: Fraction


class Done(NamedTuple):
    """An activity that was finished with a sale."""

    place: Place
    activity: str
    name: Text


class Move(NamedTuple):
    """Points of a green kind, by the sale that they belong to: a refund's are those of its sale."""

    place: Place
    kind: str
    column: Column
    points: int


class GreenBook(NamedTuple):
    """All that there is of one member. `names`: of merchants; `kinds` and `left`: by code."""

    member: str
    kinds: Mapping[str, Text]
    left: Mapping[str, int]
    moves: tuple[Move, ...]
    measured: tuple[Measured, ...]
    done: tuple[Done, ...]
    names: Mapping[str, str]

    def report(self, now_us: int, since: str = "", until: str = "") -> GreenReport:
        """Of the business days (YYYY-MM-DD) from `since` to `until`; empty: without a bound."""
        measured = [one for one in self.measured if _within(one.place, since, until)]
        done = [one for one in self.done if _within(one.place, since, until)]
        moves = [one for one in self.moves if _within(one.place, since, until)]
        merchants = {one.place.merchant for found in (measured, done, moves) for one in found} - {""}
        return GreenReport(
            member=self.member, since=since, until=until, at=now_us,
            kinds=tuple(self._kinds(moves)), attributes=tuple(_attributes(measured)), activities=tuple(_activities(done)),
            merchants=tuple(
                GreenMerchant(merchant=one, name=self.names.get(one, one)) for one in sorted(merchants)
            ),
        )  # fmt: skip

    def _kinds(self, moves: Collection[Move]) -> Iterator[GreenKind]:
        sums: dict[str, dict[Column, int]] = defaultdict(lambda: defaultdict(int))
        for move in moves:
            sums[move.kind][move.column] += move.points
        for kind in sorted(sums.keys() | self.left.keys()):
            yield GreenKind(
                kind=kind, name=_words(self.kinds[kind]), left=self.left.get(kind, 0),
                earned=sums[kind]["earned"], used=sums[kind]["used"], expired=sums[kind]["expired"],
            )  # fmt: skip


def green_book(connection: Connection, member: str) -> GreenBook:
    """Of a member, with the numbers that were merged into him. Nothing is read of his where no programme is green."""
    versions = published(connection)
    kinds = {code: name for rules in versions.values() for code, name in rules.kinds.items()}
    if not versions:
        return GreenBook(member, {}, {}, (), (), (), {})
    accounts = accounts_of(connection, member)
    entries = [row for key in accounts for row in _entries(connection, *key)]
    roots = _roots(connection, entries)
    moves = _moves(connection, roots, kinds)
    sales = {
        (bucket, identity): place
        for bucket, identity, kind, voided_by, place in entries
        if kind == "sale" and not voided_by
    }
    facts = list(_facts(connection, versions, sales))
    return GreenBook(
        member, kinds, _left(connection, accounts, kinds), tuple(moves),
        tuple(one for one in facts if isinstance(one, Measured)), tuple(one for one in facts if isinstance(one, Done)),
        dict(rows.fetch(connection, "SELECT merchant, name FROM merchant")),
    )  # fmt: skip


def signed_file(keys: Keys, report: GreenReport) -> bytes:
    """The report as a file for others."""
    return sign_report(report, keys.root_public, keys.certificates, keys.current(report.at).private)


def merchant_facts(connection: Connection, merchant: str, since: str, until: str) -> Iterator[Measured | Done]:
    """Of all sales of a merchant on the business days (YYYY-MM-DD) from `since` to `until`. Raises `NotKnownError`."""
    if not rows.fetch(connection, "SELECT 1 FROM merchant WHERE merchant = ?", merchant):
        raise NotKnownError("merchant", merchant)
    if not (versions := published(connection)):
        return
    for buckets in portions():
        found = rows.fetch(
            connection,
            "SELECT bucket, id, merchant, store, business_day FROM entry WHERE bucket BETWEEN ? AND ? AND type = 'sale'"
            " AND length(voided_by) = 0 AND merchant = ? AND business_day BETWEEN ? AND ?",
            buckets[0], buckets[-1], merchant, since, until,
        )  # fmt: skip
        yield from _facts(connection, versions, {(row[0], bytes(row[1])): Place(*row[2:]) for row in found})


def _within(place: Place, since: str, until: str) -> bool:
    return since <= place.day and (not until or place.day <= until)


# --- from the books ---------------------------------------------------------------------------------------------------

_Entry = tuple[int, bytes, str, bytes, Place]
"""(bucket, id, type, voided_by, place)"""


def _entries(connection: Connection, bucket: int, member: str) -> list[_Entry]:
    """Of an account, without those that only put points aside."""
    found = rows.fetch(
        connection,
        "SELECT bucket, id, type, voided_by, merchant, store, business_day FROM entry"
        " WHERE bucket = ? AND member = ? AND type NOT IN ('reserve', 'returned') ORDER BY business_day, id",
        bucket, member,
    )  # fmt: skip
    return [(row[0], bytes(row[1]), row[2], bytes(row[3]), Place(*row[4:])) for row in found]


def _roots(connection: Connection, entries: Collection[_Entry]) -> dict[Key, Place]:
    """Of each entry where and when that was to which it belongs: of voids, refunds and what was accepted later, the sale."""
    places = {(bucket, identity): place for bucket, identity, _type, _voided_by, place in entries}
    refunds = [(bucket, identity) for bucket, identity, kind, _voided_by, _place in entries if kind == "refund"]
    of_sale = {
        (bucket, bytes(entry)): (bucket, bytes(sale))
        for bucket, entry, sale in rows.find(
            connection, RefundRow, ("bucket", "entry"), refunds, "bucket, entry, sale"
        )
    }
    for bucket, identity, kind, voided_by, _place in entries:
        if kind == "sale":
            of_sale[bucket, accepted_id(identity)] = bucket, identity
        if voided_by:
            of_sale[bucket, voided_by] = bucket, identity
    return {key: places.get(of_sale.get(key, key), place) for key, place in places.items()}


def _moves(connection: Connection, roots: Mapping[Key, Place], kinds: Collection[str]) -> Iterator[Move]:
    columns = "bucket, entry, account, kind, points"
    for bucket, entry, account, kind, points in rows.find(
        connection, Posting, ("bucket", "entry"), list(roots), columns
    ):
        if kind in kinds and account in _COLUMNS:
            column, sign = _COLUMNS[account]
            yield Move(roots[bucket, bytes(entry)], kind, column, sign * points)


def _left(connection: Connection, accounts: Collection[tuple[int, str]], kinds: Collection[str]) -> dict[str, int]:
    """By kind; what he owes is less."""
    left: dict[str, int] = {}
    for kind, available, reserved, owed in rows.find(
        connection, Balance, ("bucket", "member"), accounts, "kind, available, reserved, owed"
    ):
        if kind in kinds:
            left[kind] = left.get(kind, 0) + available + reserved - owed
    return left


def _facts(
    connection: Connection, versions: Mapping[Version, GreenRules], sales: Mapping[Key, Place]
) -> Iterator[Measured | Done]:
    keys = list(sales)
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        refunded, given = gone_back(connection, some), given_by(connection, some)
        for key, sale in sales_behind(connection, some).items():
            rules = versions.get((sale.programme, sale.programme_version, sale.engine))
            if rules is not None and (key in given or not sale.awards):
                back = refunded.get(key, NOTHING_BACK).sums_fen
                yield from _of_sale(sale, sales[key], rules, back)


def _of_sale(sale: Sale, place: Place, rules: GreenRules, back: Mapping[str, int]) -> Iterator[Measured | Done]:
    for measure, parts in parts_of(sale.units).items():
        if what := rules.measures.get(measure):
            for part in parts:
                name = rules.categories.get(part.category) or Text.computed(zh=part.category, en=part.category)
                amount = part.amount * _left_of(part.category, sale.sums_fen, back)
                yield Measured(place, what, part.category, name, part.group, amount)
    for activity in sale.activities:
        if activity in rules.activities:
            yield Done(place, activity, rules.activities[activity])


def _left_of(category: str, sums_fen: Mapping[str, int], back: Mapping[str, int]) -> Fraction:
    """The share of a category that did not come back."""
    whole = sums_fen.get(category, 0)
    return Fraction(max(0, whole - back.get(category, 0)), whole) if whole else Fraction(1)


# --- told ---------------------------------------------------------------------------------------------------------------


def summed(measured: Collection[Measured]) -> dict[What, Fraction]:
    """By what was measured, without what came back whole, sorted by attribute and grade."""
    sums: dict[What, Fraction] = defaultdict(Fraction)
    for one in measured:
        sums[one.what] += one.amount
    order = sorted(sums, key=lambda what: (what.attribute, len(what.grade), what.grade, what.co2e_mg, what.name.zh))
    return {what: sums[what] for what in order if sums[what]}


def _attributes(measured: Collection[Measured]) -> Iterator[GreenAttribute]:
    for what, amount in summed(measured).items():
        yield GreenAttribute(
            attribute=what.attribute, grade=what.grade, name=_words(what.name), unit=_words(what.unit),
            amount=_told(int(amount)), co2e_mg=what.co2e_mg, co2e_g=_told(what.grams(amount)),
            source=_words(what.source) if what.source else None,
        )  # fmt: skip


def _activities(done: Collection[Done]) -> Iterator[GreenActivity]:
    times: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in done:
        times[one.activity, one.name.zh, one.name.en] += 1
    for (activity, zh, en), number in sorted(times.items()):
        yield GreenActivity(activity=activity, name=Words(zh=zh, en=en), times=number)


def _words(text: Text) -> Words:
    return Words(zh=text.zh, en=text.en)


def _told(amount: int) -> int:
    """No reader of JSON keeps more exactly: a till that sends such units does not make the file unreadable."""
    return min(amount, MAX_INTEGER)
