"""Sales that a till asks for because goods of them come back: those of its own merchant, with what came back before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import NOTHING_BACK, GoneBack
from ledger.counting import received_sales, sales_behind
from ledger.given import Key, ended_of, given_by
from ledger.refunds import gone_back
from ledger.schema import Entry, Posting, Refund
from ledger.schema_cases import Case
from ledger.schema_received import ReferenceClaim
from protocol.entries import Sale, encode_entry
from protocol.ids import BUCKETS, bucket_in, bucket_of
from protocol.sales import MOST_SALES, Awards, KnownSale, SalesAnswer, SalesRequest
from protocol.sold import awarded_by

_COLUMNS = "bucket, id, terminal, seq, merchant, voided_by, occurred_at"


def sales_for(connection: Connection, merchant: str, request: SalesRequest) -> SalesAnswer:
    """Booked sales of a merchant that were not voided, newest first; none for what nobody knows."""
    found = [row for row in _entries(connection, merchant, request) if row[4] == merchant and not row[5]]
    found = sorted(found, key=lambda row: (row[6], row[1]), reverse=True)[:MOST_SALES]
    where = {(bucket, bytes(identity)): (terminal, seq) for bucket, identity, terminal, seq, *_ in found}
    sold, back = sales_behind(connection, where), gone_back(connection, where)
    given, ended, uncovered = given_by(connection, where), ended_of(connection, where), _uncovered(connection, where)
    refunds = _refunds(connection, where)
    undecided = _undecided(connection, [where[key] for key, sale in sold.items() if sale.awards and key not in given])
    known = []
    for key, (terminal, seq) in where.items():
        if key in sold:
            # One whose id was taken stands under another id: that is the one by which it is taken back.
            sale = msgspec.structs.replace(sold[key], id=UUID(bytes=key[1]))
            gone = back.get(key, NOTHING_BACK)
            awards: Awards = "given"
            if sale.awards and key not in given:
                awards = "waiting" if where[key] in undecided else "refused"
            known.append(
                KnownSale(
                    terminal=terminal, seq=seq, payload=encode_entry(sale).decode(), sums_fen=dict(gone.sums_fen),
                    money_fen=gone.money_fen, given_back=dict(gone.given_back),
                    taken_back=_taken_back(sale, gone, given.get(key, {})), refunds=refunds[key],
                    is_compensated=gone.compensated, awards=awards,
                    uncovered=uncovered.get(key, {}), ended=_left(ended.get(key, {}), gone.ended),
                )
            )  # fmt: skip
    return SalesAnswer(sales=tuple(known))


def _taken_back(sale: Sale, gone: GoneBack, given: Mapping[str, int]) -> dict[str, int]:
    """With what was never given of it, because goods had come back before a person accepted its points."""
    taken = dict(gone.taken_back)
    if given:
        for kind, points in _left(awarded_by(sale), given).items():
            taken[kind] = taken.get(kind, 0) + points
    return taken


def _left(points: Mapping[str, int], gone: Mapping[str, int]) -> dict[str, int]:
    left = {kind: many - gone.get(kind, 0) for kind, many in points.items()}
    return {kind: many for kind, many in left.items() if many > 0}


def _refunds(connection: Connection, sales: Collection[Key]) -> dict[Key, tuple[UUID, ...]]:
    found: dict[Key, dict[UUID, None]] = defaultdict(dict)
    for bucket, sale, entry in rows.find(connection, Refund, ("bucket", "sale"), sales, "bucket, sale, entry"):
        found[bucket, bytes(sale)][UUID(bytes=bytes(entry))] = None
    return {key: tuple(found[key]) for key in sales}


def _uncovered(connection: Connection, sales: Collection[Key]) -> dict[Key, dict[str, int]]:
    """Points by kind that nobody had covered when they were taken."""
    found: dict[Key, dict[str, int]] = defaultdict(dict)
    columns = "bucket, entry, kind, points"
    for bucket, entry, kind, points in rows.find(
        connection, Posting, ("bucket", "entry"), sales, columns, "t.account = 'shortfall'"
    ):
        found[bucket, bytes(entry)][kind] = -points
    return found


def _undecided(connection: Connection, places: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    """Of entries by (terminal, seq), those about which nobody has decided yet."""
    columns = "terminal, seq"
    open_ones = "t.number = 0 AND length(t.branch) = 0"
    return {
        (terminal, seq)
        for terminal, seq in rows.find(connection, Case, columns.split(", "), places, columns, open_ones)
    }


def _entries(connection: Connection, merchant: str, request: SalesRequest) -> Sequence[rows.Values]:
    if request.by == "member":
        return rows.fetch(
            connection,
            f"SELECT {_COLUMNS} FROM entry WHERE bucket = ? AND member = ? AND type IN ('sale', 'late-credit') AND merchant = ?"
            " AND length(voided_by) = 0 ORDER BY position DESC LIMIT ?",
            bucket_of(request.value), request.value, merchant, MOST_SALES,
        )  # fmt: skip
    keys = _by_id(request.value) if request.by == "sale" else _by_reference(connection, merchant, request.value)
    return rows.find(connection, Entry, ("bucket", "id"), keys, _COLUMNS, "t.type IN ('sale', 'late-credit')")


def _by_id(value: str) -> list[tuple[int, bytes]]:
    try:
        sale = UUID(value)
    except ValueError:
        return []
    return [(bucket_in(sale), sale.bytes)] if bucket_in(sale) < BUCKETS else []


def _by_reference(connection: Connection, merchant: str, reference: str) -> list[tuple[int, bytes]]:
    """Each store has its own references."""
    stores = rows.fetch(connection, "SELECT store FROM store WHERE merchant = ?", merchant)
    claims = rows.find(
        connection,
        ReferenceClaim,
        ("store", "reference"),
        [(store, reference) for (store,) in stores],
        "terminal, seq",
    )
    return [(bucket_of(sale.member), sale.id.bytes) for sale in received_sales(connection, claims).values()]
