"""What a sale still gives when a person accepts its points: without what goes with goods that came back before."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.explaining import quote_of
from ledger.problems import CaseError
from ledger.refunds import gone_back
from ledger.terms import Terms
from points.refunding import so_far
from protocol.counts import fewer
from protocol.entries import Award, Sale
from protocol.ids import bucket_of
from protocol.sold import awarded_by, goods_of


def late_awards(connection: Connection, terms: Terms, sale: Sale) -> tuple[Award, ...]:
    """Of a booked sale of which nothing was given yet, with its bucket locked. Raises `CaseError` where nothing is left.

    Goods are shared as its quote shares them, by the rules that it names; by what they cost where these make another quote.
    """
    key = bucket_of(sale.member), sale.id.bytes
    if rows.find(connection, schema.Entry, ("bucket", "id"), [key], "voided_by")[0][0]:
        raise CaseError("still-already-voided", "the sale was voided; there is nothing to accept")
    back = gone_back(connection, [key]).get(key)
    if back is None:
        return sale.awards
    goods = goods_of(sale, awarded_by(sale), quote_of(connection, terms, sale))
    left = fewer(sale.awards, so_far(goods, back.sums_fen).taken_back)
    if sale.awards and not left:
        raise CaseError("still-already-refunded", "its goods have come back; there is nothing to accept")
    return left
