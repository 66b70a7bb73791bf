"""The tier that a member has at a merchant by himself: by what he paid there and how often he came in a window of months (P8).

It is reckoned from the monthly counts, in the booking that changes them: so it is reached with the sale that reaches it, and a
void takes it back. Once a month the window moves without a sale; `sweep_standings` follows it, and new rules too.

A published rule, the same for everybody: it needs no consent beyond joining (`ledger.personal` has what does).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.database import Database
from ledger.schema import Setting
from ledger.schema_people import Merged
from ledger.schema_standing import MemberCount, Standing
from ledger.shelf import MemberKey, Shelf, lock_buckets, portions
from ledger.terms import Key, Terms
from ledger.visits import Scope, months_before
from points.tiers import reckoned_tier
from protocol import feed
from protocol.ids import bucket_of

_SWEPT = "standings-swept"


class Whose(NamedTuple):
    """At which merchant, by which programme."""

    member: MemberKey
    merchant: str
    programme: str


def reckon(connection: Connection, terms: Terms, whose: Iterable[Whose], month: str) -> set[MemberKey]:
    """Reckon tiers anew, of the window that ends with `month`, by the newest rules; those of whom it is another one now.

    Their buckets are locked. Who was merged is no one here: it is the standing of who goes on, with both accounts in it.
    """
    by_rules: dict[tuple[str, Key], set[MemberKey]] = defaultdict(set)
    for one in whose:
        if key := terms.newest_of.get(one.programme):
            by_rules[one.merchant, key].add(one.member)
    changed: set[MemberKey] = set()
    for (merchant, key), members in by_rules.items():
        changed |= _reckon(connection, terms, merchant, key, sorted(members), month)
    return changed


def _reckon(
    connection: Connection, terms: Terms, merchant: str, key: Key, members: Sequence[MemberKey], month: str
) -> set[MemberKey]:
    rules, before = terms.rules_of(connection, key), _standings(connection, members, merchant)
    if not rules.has_reckoned_tiers and not before:
        return set()
    sums = _sums(connection, members, merchant, first_month(month, rules.tier_months), month)
    changed, values = set(), []
    for member in members:
        spent_fen, visits = (max(0, amount) for amount in sums.get(member, (0, 0)))
        tier = reckoned_tier(rules.tiers, spent_fen, visits)
        values.append((*member, merchant, tier, spent_fen, visits, month, key[0], key[1]))
        if tier != (before[member].tier if member in before else ""):
            changed.add(member)
    rows.put(connection, Standing, values)
    return changed


def first_month(month: str, months: int) -> str:
    """The first one of a window that ends with `month`."""
    return months_before(date.fromisoformat(f"{month}-01"), months - 1).isoformat()[:7]


def spent_and_visits(
    connection: Connection, members: Collection[MemberKey], merchant: str, first: str, last: str
) -> dict[tuple[MemberKey, str], list[int]]:
    """((bucket, member), month) → [fen paid, sales], with what was counted under numbers that were merged into theirs."""
    merged = rows.find(connection, Merged, ("bucket", "member"), members, "bucket, member, source_bucket, source")
    into = {(source_bucket, source): (bucket, member) for bucket, member, source_bucket, source in merged}
    found = rows.find(
        connection, MemberCount, ("bucket", "member", "merchant"), [(*key, merchant) for key in (*members, *into)],
        "bucket, member, name, period, amount",
        f"t.name IN ('spent', 'visits') AND t.period BETWEEN '{first}' AND '{last}'",
    )  # fmt: skip
    sums: dict[tuple[MemberKey, str], list[int]] = defaultdict(lambda: [0, 0])
    for bucket, member, name, period, amount in found:
        sums[into.get((bucket, member), (bucket, member)), period][name == "visits"] += amount
    return sums


def _sums(
    connection: Connection, members: Collection[MemberKey], merchant: str, first: str, last: str
) -> Mapping[MemberKey, list[int]]:
    sums: dict[MemberKey, list[int]] = defaultdict(lambda: [0, 0])
    for (member, _month), amounts in spent_and_visits(connection, members, merchant, first, last).items():
        sums[member] = [one + more for one, more in zip(sums[member], amounts, strict=True)]
    return sums


def _standings(
    connection: Connection, members: Iterable[MemberKey], merchant: str
) -> dict[MemberKey, feed.Standing]:  # fmt: skip
    found = rows.find(
        connection, Standing, ("bucket", "member", "merchant"), [(*key, merchant) for key in members],
        "bucket, member, tier, spent_fen, visits, month",
    )  # fmt: skip
    return {
        (bucket, member): feed.Standing(tier=tier, spent_fen=spent_fen, visits=visits, month=month)
        for bucket, member, tier, spent_fen, visits, month in found
    }


def standings_told(
    connection: Connection, keys: Sequence[MemberKey], scope: Scope
) -> dict[MemberKey, feed.Standing]:  # fmt: skip
    """What a reader is told: those at his own merchant."""
    return _standings(connection, keys, scope.merchant)


def at_every_merchant(connection: Connection, members: Iterable[MemberKey]) -> list[Whose]:
    """Where they have a standing."""
    found = rows.find(connection, Standing, ("bucket", "member"), members, "bucket, member, merchant, programme")
    return [Whose((bucket, member), merchant, programme) for bucket, member, merchant, programme in found]


def reckon_merged(connection: Connection, terms: Terms, source: MemberKey, target: MemberKey, month: str) -> None:
    """Two numbers became one: one standing at each merchant. His row is told anew anyway."""
    whose = [one._replace(member=target) for one in at_every_merchant(connection, [source, target])]
    rows.execute(connection, "DELETE FROM standing WHERE bucket = ? AND member = ?", *source)
    reckon(connection, terms, whose, month)


def sweep_standings(database: Database, today: str) -> int:
    """Follow the window into another month, and rules that were published since; how many tiers changed.

    To be run daily; where neither is new it is one query.
    """
    with database.read() as connection:
        database.terms = terms = database.terms.refreshed(connection)
        done = rows.fetch(connection, "SELECT value FROM setting WHERE key = ?", _SWEPT)
    versions = " ".join(f"{key[0]}/{key[1]}" for key in sorted(terms.newest_of.values()))
    now = f"{today[:7]} {versions}"
    if done and done[0][0] == now:
        return 0
    changed = sum(
        database.transact(partial(_sweep_some, terms=terms, buckets=buckets, month=today[:7]))
        for buckets in portions()
    )
    with database.write() as connection:
        rows.put(connection, Setting, [(_SWEPT, now)])
    return changed


def _sweep_some(connection: Connection, terms: Terms, buckets: range, month: str) -> int:
    found = rows.fetch(
        connection,
        "SELECT bucket, member, merchant, programme, version, month FROM standing WHERE bucket BETWEEN ? AND ?",
        buckets[0],
        buckets[-1],
    )
    due: dict[str, list[Whose]] = defaultdict(list)
    for bucket, member, merchant, programme, version, reckoned in found:
        if reckoned < month or version != terms.newest_of.get(programme, ("", version))[1]:
            due[max(month, reckoned)].append(Whose((bucket, member), merchant, programme))
    if not due:
        return 0
    shelf = Shelf(lock_buckets(connection, {one.member[0] for whose in due.values() for one in whose}))
    changed = {key for until, whose in due.items() for key in reckon(connection, terms, whose, until)}
    for bucket, member in sorted(changed):
        shelf.touch(bucket, member)
    shelf.store(connection)
    return len(changed)


def holder_of_merged(member: MemberKey, merged: Mapping[MemberKey, str]) -> MemberKey:
    """Who goes on, for a number that was merged."""
    into = merged.get(member)
    return (bucket_of(into), into) if into else member
