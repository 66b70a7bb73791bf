"""What sales gave, and what of that ended unused: asked wherever something of a sale is taken back, told or counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import accepted_id
from ledger.schema import Entry, Lot, LotUse, Posting
from ledger.schema_people import LotOrigin

Key = tuple[int, bytes]
"""(bucket, id) of a sale."""

_LotPlace = tuple[int, bytes, int]


def given_under(sales: Collection[Key]) -> dict[Key, Key]:
    """The entries under which it is booked what sales gave, with it or when a person accepted it later: each with its sale."""
    return {(bucket, accepted_id(sale)): (bucket, sale) for bucket, sale in sales} | {key: key for key in sales}


def given_by(connection: Connection, sales: Collection[Key]) -> dict[Key, dict[str, int]]:
    """Points by kind; without those that gave nothing."""
    under = given_under(sales)
    given: dict[Key, dict[str, int]] = defaultdict(dict)
    columns = "bucket, entry, kind, points"
    for bucket, entry, kind, points in rows.find(
        connection, Posting, ("bucket", "entry"), list(under), columns, "t.account = 'issuance'"
    ):
        of_sale = given[under[bucket, bytes(entry)]]
        of_sale[kind] = of_sale.get(kind, 0) - points
    return dict(given)


def ended_of(connection: Connection, sales: Collection[Key]) -> dict[Key, dict[str, int]]:
    """Points by kind that sales gave and nobody used before they ended; without those of which none did.

    Also where the lots went to another account since: a lot keeps its end, and `lot_origin` says which one it was. The lock
    of that account is not taken: what ends there meanwhile may be missing here, and never the other way round.
    """
    sale_of, holders = _lots(connection, sales)
    columns, is_expiry = "bucket, id", "t.type = 'expire'"
    expired = rows.find(connection, Entry, ("bucket", "member"), holders, columns, is_expiry, "entry_member")
    ended: dict[Key, dict[str, int]] = defaultdict(dict)
    columns = "bucket, lot_entry, lot_line, points"
    for bucket, entry, line, points in rows.find(connection, LotUse, ("bucket", "entry"), expired, columns):
        if found := sale_of.get((bucket, bytes(entry), line)):
            sale, kind = found
            ended[sale][kind] = ended[sale].get(kind, 0) + points
    return dict(ended)


def _lots(
    connection: Connection, sales: Collection[Key]
) -> tuple[dict[_LotPlace, tuple[Key, str]], set[tuple[int, str]]]:
    """The lots of sales that can end, wherever they are now, each with its sale and kind; and whose they are."""
    under = given_under(sales)
    columns = "bucket, entry, line, member, kind"
    found = rows.find(connection, Lot, ("bucket", "entry"), list(under), columns, "length(t.expires_on) > 0")
    sale_of = {
        (bucket, bytes(entry), line): (under[bucket, bytes(entry)], kind) for bucket, entry, line, _m, kind in found
    }
    holders = {(row[0], row[3]) for row in found}
    there: list[_LotPlace] = list(sale_of)
    from_lot = ("from_bucket", "from_entry", "from_line")
    while there:
        moved = rows.find(connection, LotOrigin, from_lot, there, f"bucket, entry, line, {', '.join(from_lot)}")
        there = []
        for bucket, entry, line, from_bucket, from_entry, from_line in moved:
            there.append((bucket, bytes(entry), line))
            sale_of[there[-1]] = sale_of[from_bucket, bytes(from_entry), from_line]
        held = rows.find(connection, Lot, ("bucket", "entry", "line"), there, "bucket, member")
        holders |= {(bucket, member) for bucket, member in held}
    return sale_of, holders
