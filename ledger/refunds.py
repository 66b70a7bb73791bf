"""What came back of each sale: kept beside the postings, because goods and money are in no posting, and read with the sale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import GoneBack
from ledger.schema import Refund as RefundRow
from protocol.entries import Refund

Key = tuple[int, bytes]
"""(bucket, id) of a sale."""


def refund_rows(bucket: int, refund: Refund, ended: Mapping[str, int]) -> Iterator[rows.Values]:
    """The rows of one entry. `ended`: points by kind that came out of breakage."""
    added: dict[str, int] = {}
    for award in refund.awards:
        added[award.kind] = added.get(award.kind, 0) + award.points
    facts = {
        "goods": refund.sums_fen, "money": {"": refund.money_fen}, "given": refund.given_back, "taken": refund.taken_back,
        "added": added, "ended": ended,
    }  # fmt: skip
    for what, amounts in facts.items():
        for code, amount in amounts.items():
            if amount:
                yield bucket, refund.id.bytes, what, code, refund.refunds.bytes, amount


def gone_back(connection: Connection, sales: Collection[Key]) -> dict[Key, GoneBack]:
    """Of those of which something came back."""
    sums: dict[Key, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    columns = "bucket, sale, what, code, amount"
    for bucket, sale, what, code, amount in rows.find(
        connection, RefundRow, ("bucket", "sale"), sales, columns, index="refund_sale"
    ):
        of_sale = sums[bucket, bytes(sale)][what]
        of_sale[code] = of_sale.get(code, 0) + amount
    return {
        key: GoneBack(
            found["goods"],
            found["money"].get("", 0),
            found["given"],
            found["taken"],
            bool(found["added"]),
            found["ended"],
        )
        for key, found in sums.items()
    }


def added_by(connection: Connection, entries: Collection[Key]) -> dict[Key, dict[str, int]]:
    """Points by kind that refunds added for a reason."""
    added: dict[Key, dict[str, int]] = defaultdict(dict)
    columns = "bucket, entry, code, amount"
    for bucket, entry, kind, amount in rows.find(
        connection, RefundRow, ("bucket", "entry"), entries, columns, "t.what = 'added'"
    ):
        added[bucket, bytes(entry)][kind] = amount
    return added
