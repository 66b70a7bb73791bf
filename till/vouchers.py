"""A voucher's code at the till: which voucher it is, what it buys here, and whether this till can prove it without the ledger.

Whoever holds it is believed, as with paper: it proves one piece of its kind, once, and nothing else of the member's.
"""

from __future__ import annotations

from typing import NamedTuple

from local_db.journal import Row
from points import Programme
from points.terms import least_points, terms_on
from protocol.authorisations import kind_tag
from protocol.entries import Sale
from protocol.errors import CodeError
from protocol.prefixes import VOUCHER_PREFIX
from protocol.voucher_codes import (
    VoucherCode,
    is_issued_by,
    make_issued,
    read,
    read_issued,
    voucher_of,
)
from till.desk import Desk
from till.draft import MemberProof
from till.errors import RefusedError
from till.own_entries import read_entry


class Shown(NamedTuple):
    """A voucher that was scanned: its owner's number, the proof that it is, and the rewards that take one piece of it here."""

    member: str
    proof: MemberProof
    rewards: tuple[str, ...]


class Issued(NamedTuple):
    """A voucher of a sale of this till: its kind, the text for its QR code, and its last day, empty for none."""

    kind: str
    text: str
    last_day: str


def shown(desk: Desk, text: str) -> Shown:
    """What a scanned voucher is.

    Raises `CodeError` for one that nobody of this coalition made, and `RefusedError`: `voucher-not-here`, `voucher-no-reward`
    with its kind, `voucher-expired` with its last day, `voucher-used`. Whether its owner still has it is not known yet.
    """
    voucher, is_proved = _read(desk, text)
    programme = desk.store.programme
    kind = next((known.code for known in programme.kinds if kind_tag(known.code) == voucher.kind), "")
    if not kind:
        raise RefusedError("voucher-not-here")
    if voucher.is_over(desk.business_day):
        raise RefusedError("voucher-expired", until=voucher.last_day)
    if desk.journal.nonce_owner(voucher.nonce) is not None:
        raise RefusedError("voucher-used")
    rewards = _rewards(desk, programme, kind)
    if not rewards:
        raise RefusedError("voucher-no-reward", kind=kind)
    is_timely = is_proved and desk.clock.is_trusted
    return Shown(voucher.member, MemberProof("voucher", text, voucher.nonce, is_timely=is_timely, kind=kind), rewards)


def _read(desk: Desk, text: str) -> tuple[VoucherCode, bool]:
    """The voucher, and whether it is proved here: one that another till made the ledger alone can prove."""
    if text.startswith(VOUCHER_PREFIX):
        return read(text, desk.keys), True
    code = read_issued(text)
    stored = desk.journal.entry(code.voucher.issued)
    sale = read_entry(stored) if stored is not None else None
    if stored is None or sale is None:
        return code.voucher, False
    is_ours = isinstance(sale, Sale) and sale.member == code.voucher.member and is_issued_by(code, stored.payload)
    for award in sale.awards if is_ours and isinstance(sale, Sale) else ():
        if kind_tag(award.kind) == code.voucher.kind and code.voucher.number < award.points:
            return code.voucher._replace(last_day=award.expires_on), True
    raise CodeError("voucher-forged", "not a voucher of this sale")


def _rewards(desk: Desk, programme: Programme, kind: str) -> tuple[str, ...]:
    """Those that take one piece of a kind."""
    at = desk.calendar.moment(desk.clock.now_us())
    return tuple(
        reward.id
        for reward in programme.rewards
        if kind in reward.kinds and least_points(reward, terms_on(programme, reward, at)) == 1
    )


def issued_at(desk: Desk, seq: int) -> list[Issued]:
    """The vouchers that a sale of this till gave and that were not used here, each with its code.

    Raises `RefusedError("voucher-none")` where it gave none that a code can stand for, `voucher-used` where all were used here.
    """
    stored = next(iter(desk.journal.entries(seq, 1)), None)
    sale = read_entry(stored) if stored is not None else None
    given = _given(desk, sale) if isinstance(sale, Sale) else []
    if stored is None or not given:
        raise RefusedError("voucher-none")
    left = [one for one in given if desk.journal.nonce_owner(one[1].nonce) is None]
    if not left:
        raise RefusedError("voucher-used")
    return [Issued(kind, _text(voucher, stored), voucher.last_day) for kind, voucher in left]


def _given(desk: Desk, sale: Sale) -> list[tuple[str, VoucherCode]]:
    units: dict[str, int] = {}
    for line in sale.redemptions:
        if line.units and _rewards(desk, desk.store.programme, line.gives):
            units[line.gives] = units.get(line.gives, 0) + line.units
    return [
        (award.kind, voucher_of(sale.member, sale.id, award.kind, number, award.expires_on))
        for award in sale.awards
        for number in range(units.get(award.kind, 0))
    ]


def _text(voucher: VoucherCode, stored: Row) -> str:
    try:
        return make_issued(voucher, stored.payload)
    except ValueError:
        raise RefusedError("voucher-too-long") from None
