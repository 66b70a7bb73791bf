"""Where used points came from: from the lots that were taken back to those that were earned, over every account between."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.schema import Entry, Lot, LotUse
from ledger.schema_people import LotOrigin

_LOT = ("bucket", "entry", "line")


class Origin(NamedTuple):
    """So many points of a kind that `member` earned (or brought along) at `store` on a `business_day`, given by `issuer`.

    `through`: the holders between him and who used them, a household or a number that was merged, the last one last.
    """

    kind: str
    points: int
    member: str
    issuer: str
    store: str
    business_day: str
    through: tuple[str, ...] = ()


def origins_of(connection: Connection, bucket: int, entry: bytes) -> list[Origin]:
    """Of what an entry took out of lots, in the order of the lots."""
    columns = "lot_entry, lot_line, points"
    uses = rows.find(connection, LotUse, ("bucket", "entry"), [(bucket, entry)], columns)
    found = []
    for lot_entry, lot_line, points in sorted(uses):
        place, holders = (bucket, bytes(lot_entry), lot_line), list[str]()
        while came := rows.find(connection, LotOrigin, _LOT, [place], "from_bucket, from_entry, from_line"):
            place = came[0]
            holders.append(rows.find(connection, Lot, _LOT, [place], "member")[0][0])
        kind, issuer, member = rows.find(connection, Lot, _LOT, [place], "kind, issuer, member")[0]
        store, day = rows.find(connection, Entry, ("bucket", "id"), [place[:2]], "store, business_day")[0]
        found.append(Origin(kind, points, member, issuer, store, day, tuple(reversed(holders[:-1]))))
    return found
