"""A million members in a minute: the rows that joining and an opening balance leave behind, inserted set-wise.

The books add up afterwards (`till-ledger verify` finds nothing); only the way there is short. Rows have the size of real ones:
a masked name, four digits, a slow hash of the phone.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from bench.shop.coalitions import KIND, MERCHANT, member_no
from ledger import rows, schema
from ledger.clock import day_of, wall_clock_us
from ledger.database import Database
from ledger.schema_people import Visit
from protocol.ids import bucket_of, new_id

OPENING_POINTS = 2_500
_BUCKETS_AT_ONCE = 32
_MS = 1_780_000_000_000
_NAMES = ("张*", "李*", "欧阳**", "王**", "陈**", "阿*")
_TIERS = ("standard", "silver", "gold")

Rows = dict[type[Any], list[tuple[Any, ...]]]


def seed_members(database: Database, count: int) -> None:
    """Members 0 to `count` with 2,500 points each, into books that have none of them."""
    by_bucket: dict[int, list[int]] = defaultdict(list)
    for place in range(count):
        by_bucket[bucket_of(member_no(place))].append(place)
    buckets = sorted(by_bucket)
    for start in range(0, len(buckets), _BUCKETS_AT_ONCE):
        with database.write() as connection:
            for model, values in _rows(buckets[start : start + _BUCKETS_AT_ONCE], by_bucket).items():
                if model is schema.Bucket:
                    rows.update(connection, model, ("number",), values)
                else:
                    rows.insert(connection, model, values)


def touch_members(database: Database, places: Sequence[int]) -> None:
    """Move each of these members on in the feed, as a change of his tier would: so much there is to pull."""
    by_bucket: dict[int, list[int]] = defaultdict(list)
    for place in places:
        by_bucket[bucket_of(member_no(place))].append(place)
    with database.write() as connection:
        numbers: dict[int, int] = dict(rows.fetch(connection, "SELECT bucket, number FROM bucket"))
        moved = [
            (bucket, member_no(place), numbers[bucket] + step)
            for bucket, members in by_bucket.items()
            for step, place in enumerate(members, 1)
        ]
        rows.update(connection, schema.Member, ("position",), moved)
        further = [(bucket, numbers[bucket] + len(members)) for bucket, members in by_bucket.items()]
        rows.update(connection, schema.Bucket, ("number",), further)


def _rows(buckets: Sequence[int], by_bucket: dict[int, list[int]]) -> Rows:
    """By table, in an order that satisfies the foreign keys."""
    found: Rows = {
        model: []
        for model in (schema.Member, schema.Balance, schema.Entry, schema.Posting, schema.Lot, Visit, schema.Bucket)
    }
    for bucket in buckets:
        for position, place in enumerate(by_bucket[bucket], 1):
            for model, row in _of_member(bucket, position, place):
                found[model].append(row)
        found[schema.Bucket].append((bucket, len(by_bucket[bucket])))
    return found


def _of_member(bucket: int, position: int, place: int) -> Iterator[tuple[type[Any], tuple[Any, ...]]]:
    member, entry = member_no(place), new_id(_MS, bucket, place).bytes
    digest = hashlib.sha256(member.encode()).digest()
    phone_key = f"$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA${base64.b64encode(digest).decode()}"
    name, tier = _NAMES[place % len(_NAMES)], _TIERS[place % len(_TIERS)]
    last4 = f"{place % 10_000:04d}"
    yield schema.Member, (bucket, member, position, name, last4, tier, "active", "", phone_key, "", 0, _MS * 1_000)
    yield schema.Balance, (bucket, member, KIND, OPENING_POINTS, 0, 0)
    yield schema.Entry, (bucket, entry, "", 0, "opening", member, "", "", "", "2026-06-01", _MS * 1_000, _MS * 1_000,
                         position, 0, b"")  # fmt: skip
    yield schema.Posting, (bucket, entry, 1, "issuance", MERCHANT, KIND, -OPENING_POINTS)
    yield schema.Posting, (bucket, entry, 2, "available", member, KIND, OPENING_POINTS)
    yield schema.Lot, (bucket, entry, 1, member, KIND, MERCHANT, OPENING_POINTS, OPENING_POINTS, "2028-06-30", 2_000,
                       0)  # fmt: skip
    yield Visit, (bucket, member, MERCHANT, day_of(wall_clock_us()))  # the worst case: a till knows all of them
