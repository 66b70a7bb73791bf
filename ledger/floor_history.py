"""What `ledger.outages` needs to know of a store, read from the books a few members at a time, by indexes alone.

Nobody waits for it: each portion is a transaction of its own that writes nothing and locks nothing, so no log grows behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.booking import DEFAULT_PRICE_MFEN
from ledger.clock import day_of
from ledger.database import Database
from ledger.habits import Usual, usual_in
from ledger.outages import DAY_US, WEEK_US, Account, Elsewhere, History, Opening, OwnSale

MOST_ACCOUNTS, MOST_ENTRIES = 20_000, 200_000
"""What is read of a store at most, those who redeemed there last first: about 100 MB."""

_ACCOUNTS_AT_ONCE = 200


class _Change(NamedTuple):
    """What an entry did to an account. Of a sale, `taken` for goods; `covered`: as much of it as the member had."""

    at_us: int
    till: str
    day: str
    points: int
    taken: int
    covered: int
    is_own: bool


def read_history(
    database: Database, store: str, now_us: int, days: int, usual_days: int, pause: Callable[[], None] = lambda: None
) -> History:
    """Whole weeks of the last `days` before `now_us`, from the store's first redemption on, and what was usual before them.

    Only who redeemed here within `days` is looked at. A sale that was voided is as if it had never been. `pause` is called
    after each portion.
    """
    since_us = now_us - days * DAY_US
    with database.read() as connection:
        usual = usual_in(connection, store, day_of(since_us), MOST_ACCOUNTS)
        prices: dict[str, int] = dict(rows.fetch(connection, "SELECT kind, price_mfen FROM settlement_price"))
    accounts: list[Account] = []
    seen: list[_Change] = []
    read = 0
    for start in range(0, len(usual), _ACCOUNTS_AT_ONCE):
        with database.read() as connection:
            found = _accounts(
                connection, store, usual[start : start + _ACCOUNTS_AT_ONCE], since_us - usual_days * DAY_US, now_us
            )
        for one, balance, changes in found:
            accounts.append(_account(balance, changes, prices.get(one.kind, DEFAULT_PRICE_MFEN)))
            seen += (change for change in changes if change.is_own)
            read += len(changes)
        if read > MOST_ENTRIES:
            break
        pause()
    first_us = min((one.at_us for one in seen if one.taken and one.at_us >= since_us), default=now_us)
    weeks = (now_us - first_us) // WEEK_US
    return History(now_us - weeks * WEEK_US, weeks, _openings(seen), accounts)


def _accounts(
    connection: Connection, store: str, usual: Sequence[Usual], begins_us: int, ends_us: int
) -> list[tuple[Usual, int, list[_Change]]]:
    """Each with the balance of before, and its changes in the order of time."""
    wanted = {(one.bucket, one.member, one.kind): one for one in usual}
    columns = "bucket, member, kind, available, reserved"
    balances = {
        tuple(row[:3]): row[3] + row[4]
        for row in rows.find(connection, schema.Balance, ("bucket", "member", "kind"), wanted, columns)
    }
    entries = rows.find(
        connection, schema.Entry, ("bucket", "member"), [key[:2] for key in wanted],
        "bucket, id, member, terminal, type, store, occurred_at, business_day, voided_by",
        where=f"t.occurred_at >= {begins_us:d} AND t.occurred_at < {ends_us:d}", index="entry_member",
    )  # fmt: skip
    standing = {(one[0], bytes(one[1])): one for one in entries if not one[8] and one[4] != "void"}
    changes: dict[tuple[int, str, str], list[_Change]] = defaultdict(list)
    for (bucket, identity), sums in _sums(connection, standing).items():
        _, _, member, till, kind_of_entry, where, at_us, day, _ = standing[bucket, identity]
        is_own = kind_of_entry == "sale" and where == store
        for kind, sum_ in sums.items():
            if (bucket, member, kind) in wanted and any(sum_):
                changes[bucket, member, kind].append(_Change(at_us, till, day, *sum_, is_own))
    return [
        (one, balances.get(key, 0) - sum(change.points for change in changes[key]), sorted(changes[key]))
        for key, one in wanted.items()
    ]


def _sums(
    connection: Connection, entries: Iterable[tuple[int, bytes]]
) -> dict[tuple[int, bytes], dict[str, tuple[int, int, int]]]:
    """Entry → kind → points that the member has more or less, that were taken for goods, and that he covered of these."""
    sums: dict[tuple[int, bytes], dict[str, tuple[int, int, int]]] = defaultdict(dict)
    columns = "bucket, entry, account, kind, points"
    for bucket, entry, account, kind, moved in rows.find(
        connection, schema.Posting, ("bucket", "entry"), entries, columns
    ):
        of_entry = sums[bucket, bytes(entry)]
        points, taken, covered = of_entry.get(kind, (0, 0, 0))
        of_entry[kind] = (
            points + (moved if account in ("available", "reserved") else 0),
            taken + (moved if account == "clearing" else 0),
            covered + (moved if account in ("clearing", "shortfall") else 0),
        )
    return sums


def _account(balance: int, changes: Sequence[_Change], price_mfen: int) -> Account:
    own = [OwnSale(one.at_us, one.till, one.taken, max(0, one.points + one.covered)) for one in changes if one.is_own]
    elsewhere = [Elsewhere(one.at_us, one.points) for one in changes if not one.is_own]
    return Account(max(0, balance), own, elsewhere, price_mfen)


def _openings(sales: Sequence[_Change]) -> list[Opening]:
    """From the first sale of a business day to its last, as far as somebody made them who redeems here."""
    days: dict[str, list[_Change]] = defaultdict(list)
    for sale in sales:
        days[sale.day].append(sale)
    openings = []
    for sold in days.values():
        first, last = min(sold), max(sold)
        openings.append(Opening(first.at_us, last.at_us, first.till))
    return sorted(openings)
