"""Vouchers shown as codes: whether a code proves a redemption, and which pieces of a member have a code of their own.

The nonce of a voucher belongs to the sale in which it is used, for ever. Unlike a dynamic code a voucher cannot be shown anew,
so a reservation that went back unused sets it free again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import rows
from ledger.clock import day_of
from ledger.counting import sales_behind
from ledger.keys import Keys
from ledger.persons import merged_into
from ledger.schema import Entry, Lot, Nonce, Reservation
from ledger.sessions import accounts_of
from protocol.authorisations import kind_tag
from protocol.entries import encode_entry
from protocol.errors import CodeError
from protocol.ids import bucket_in, bucket_of
from protocol.prefixes import VOUCHER_PREFIX
from protocol.reservations import Refused, ReserveRequest
from protocol.voucher_codes import MAX_NUMBER, NONCE_MARK, VoucherCode, is_issued_by, read, read_issued, voucher_of

NonceKey = tuple[int, str]

_NOT_KNOWN = Refused(reason="voucher-unknown")


def voucher_refusal(
    connection: Connection, keys: Keys, terminal: str, request: ReserveRequest, now_us: int
) -> Refused | None:
    """What is wrong with a voucher as the proof of a request; else its nonce belongs to the request's id.

    Asked under the lock of the bucket of `request.member`.
    """
    try:
        voucher = _read(connection, keys, request.evidence)
    except CodeError:
        return Refused(reason="proof-wrong")
    if voucher is None:
        return _NOT_KNOWN
    is_his = voucher.member == request.member or voucher.member in merged_into(connection, request.member)
    if not is_his or request.points != 1 or voucher.kind != kind_tag(request.kind):
        return Refused(reason="proof-wrong")
    if voucher.is_over(day_of(now_us)):
        return Refused(reason="voucher-expired")
    # A till that knows of no merge books under the old number.
    bound = {(bucket, voucher.nonce) for bucket in {bucket_of(voucher.member), bucket_of(request.member)}}
    mine = request.id.bytes
    if any(entry != mine for entry in still_bound(connection, bound, terminal).values()):
        return Refused(reason="voucher-used")
    rows.put(connection, Nonce, [(*key, mine) for key in sorted(bound)])
    return None


def _read(connection: Connection, keys: Keys, text: str) -> VoucherCode | None:
    """The voucher, with its last day as the books have it; None where they have no such piece. Raises `CodeError`."""
    if text.startswith(VOUCHER_PREFIX):
        voucher = read(text, keys.ring)
        lots = rows.find(connection, Lot, ("bucket", "entry"), [_place(voucher)], "member, kind")
        is_there = any((member, kind_tag(kind)) == (voucher.member, voucher.kind) for member, kind in lots)
        return voucher if is_there else None
    code = read_issued(text)
    voucher, place = code.voucher, _place(code.voucher)
    sale = sales_behind(connection, [place]).get(place)
    if sale is None:
        return None
    if not is_issued_by(code, encode_entry(sale)) or sale.member != voucher.member:
        raise CodeError("voucher-forged", "not a voucher of this sale")
    is_void = rows.find(connection, Entry, ("bucket", "id"), [place], "id", "length(t.voided_by) > 0")
    for award in sale.awards:
        if kind_tag(award.kind) == voucher.kind and voucher.number < award.points and not is_void:
            return voucher._replace(last_day=award.expires_on)
    return None


def _place(voucher: VoucherCode) -> tuple[int, bytes]:
    return bucket_in(voucher.issued), voucher.issued.bytes


def still_bound(connection: Connection, nonces: Collection[NonceKey], terminal: str = "") -> dict[NonceKey, bytes]:
    """The entry to which each nonce of a voucher belongs; none where that is not booked and will not be.

    That is so where its reservation went back, or was never granted; and where it lies at `terminal`, which shows the voucher
    again and so has given the former sale up.
    """
    if not nonces:
        return {}
    bound = {
        (bucket, nonce): bytes(entry)
        for bucket, nonce, entry in rows.find(connection, Nonce, ("bucket", "nonce"), list(nonces))
    }
    places = {(bucket_in(UUID(bytes=entry)), entry) for entry in bound.values()}
    if not places:
        return {}
    booked = rows.find(connection, Entry, ("bucket", "id"), list(places), "bucket, id")
    standing = {(bucket, bytes(entry)) for bucket, entry in booked}
    for bucket, entry, holder, ended_by in rows.find(
        connection, Reservation, ("bucket", "id"), list(places), "bucket, id, terminal, ended_by"
    ):
        if not ended_by and holder != terminal:
            standing.add((bucket, bytes(entry)))
    return {key: entry for key, entry in bound.items() if (bucket_in(UUID(bytes=entry)), entry) in standing}


def without_freed(connection: Connection, known: Mapping[NonceKey, bytes], terminal: str) -> dict[NonceKey, bytes]:
    """The nonces that entries of a batch bring, without those of vouchers that are free again; these leave the books."""
    vouchers = [key for key in known if key[1].startswith(NONCE_MARK)]
    if not vouchers:
        return dict(known)
    bound = still_bound(connection, vouchers, terminal)
    freed = [key for key in vouchers if key not in bound]
    rows.delete(connection, Nonce, freed)
    return {key: entry for key, entry in known.items() if key not in freed}


class Held(NamedTuple):
    """What a member has of one kind from one entry: so many codes, in the order of their numbers."""

    kind: str
    codes: tuple[VoucherCode, ...]
    last_day: str


def held_by(connection: Connection, member: str, kinds: Collection[str], most: int) -> list[Held]:
    """What is left of a member's pieces of these kinds, those that end first at the front; at most so many codes of an entry.

    A number whose code was used is passed over, so what comes back after a void or a refund has a new one.
    """
    left: dict[tuple[str, bytes, str], list[tuple[str, int]]] = {}
    for bucket_member, entry, kind, points_left, expires_on in _lots(connection, member):
        if kind in kinds:
            left.setdefault((bucket_member, entry, kind), []).append((expires_on, points_left))
    held = []
    for (owner, entry, kind), lots in left.items():
        last_day = min((day for day, _points in lots if day), default="")
        wanted = min(most, sum(points for _day, points in lots))
        codes = _unused(connection, voucher_of(owner, UUID(bytes=entry), kind, 0, last_day), wanted)
        held.append(Held(kind, codes, last_day))
    return sorted(held, key=lambda one: (not one.last_day, one.last_day, one.kind))


def _lots(connection: Connection, member: str) -> list[rows.Values]:
    found = rows.find(
        connection, Lot, ("bucket", "member"), accounts_of(connection, member),
        "member, entry, kind, points_left, expires_on", "t.points_left > 0", "lot_open",
    )  # fmt: skip
    return [(owner, bytes(entry), kind, points, day) for owner, entry, kind, points, day in found]


def _unused(connection: Connection, first: VoucherCode, wanted: int) -> tuple[VoucherCode, ...]:
    codes: list[VoucherCode] = []
    for start in range(0, MAX_NUMBER, 64):
        page = [first._replace(number=number) for number in range(start, min(start + 64, MAX_NUMBER))]
        bucket = bucket_of(first.member)
        bound = still_bound(connection, [(bucket, one.nonce) for one in page])
        codes += [one for one in page if (bucket, one.nonce) not in bound]
        if len(codes) >= wanted:
            break
    return tuple(codes[:wanted])
