"""The green report of a merchant: rows by month, store, what was measured, category and product group."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.green import Done, merchant_facts
from ledger.green_rules import What
from points.fields import Text
from protocol.green import Words


class MerchantRow(NamedTuple):
    """`amount` of an attribute in `unit`, pieces of a `grade`, or how often an activity was finished (without a category).

    `co2e_g` is grams of CO2 equivalent by the factor `co2e_mg` (mg a unit), 0 where there is none; each is rounded once,
    downwards. Names are in both languages.
    """

    month: str
    store: str
    store_name: str
    what: str
    grade: str
    name: str
    category: str
    category_name: str
    group: str
    amount: int
    unit: str
    co2e_mg: int
    co2e_g: int
    source: str


def merchant_rows(connection: Connection, merchant: str, since: str, until: str) -> list[MerchantRow]:
    """Of the business days (YYYY-MM-DD) from `since` to `until`, within one month. Raises `NotKnownError`."""
    sums: dict[tuple[str, What, str, str, str], Fraction] = defaultdict(Fraction)
    done: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in merchant_facts(connection, merchant, since, until):
        if isinstance(one, Done):
            done[one.place.store, one.activity, both(one.name)] += 1
        else:
            sums[one.place.store, one.what, one.category, both(one.category_name), one.group] += one.amount
    stores: dict[str, str] = dict(rows.fetch(connection, "SELECT store, name FROM store"))
    found = [
        MerchantRow(
            since[:7], store, stores.get(store, store), what.attribute, what.grade, both(what.name), category, name, group,
            int(amount), both(what.unit), what.co2e_mg, what.grams(amount), both(what.source) if what.source else "",
        )
        for (store, what, category, name, group), amount in sums.items()
        if amount
    ]  # fmt: skip
    found += [
        MerchantRow(since[:7], store, stores.get(store, store), activity, "", name, "", "", "", times, "次 / times", 0, 0, "")
        for (store, activity, name), times in done.items()
    ]  # fmt: skip
    return sorted(found)


def both(text: Text | Words) -> str:
    """Both languages, once where they are the same."""
    return text.zh if text.zh == text.en else f"{text.zh} / {text.en}"
