"""F6: sales put aside for the next customer. They have not happened: no entry knows of them, and nothing is sent.

They lie as one fact in the journal's file, beside the chain and outside it, because that file survives a crash and the cache
does not have to. A held sale belongs to its shift, which is not closed before it is finished. Of the member his number is
kept, of his proof only that it was a card or a printed code: a dynamic code is shown anew by whoever wants to redeem.
"""

from __future__ import annotations

import logging

import msgspec

from points import BasketLine, PointsError
from protocol import canonical
from protocol.canonical import Count, Micros, Model
from protocol.entries import Identified
from till.desk import Desk
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.scanning import identify

FACT = "held"
MOST_HELD = 9
"""As many as the list has digits."""

_log = logging.getLogger(__name__)


class HeldSale(Model, kw_only=True):
    """A sale put aside `at` a time of the till. `typed` is the amount as it was typed; `is_static`: a static code was shown."""

    at: Micros
    shift: str
    member: str = ""
    identified: Identified = "code"
    is_static: bool = False
    reference: str = ""
    typed: str = ""
    lines: tuple[BasketLine, ...] = ()
    others_fen: dict[str, Count] = {}
    activities: tuple[str, ...] = ()


def held(desk: Desk, shift: str) -> list[HeldSale]:
    """The sales that are put aside in a shift, in the order in which they were."""
    return [sale for sale in _all(desk) if sale.shift == shift]


def hold(desk: Desk, shift: str, draft: SaleDraft, typed: str) -> None:
    """Put a sale aside, durable on return. Raises `RefusedError`: `no-shift`, `too-many-held`; `local_db` errors."""
    put_aside(desk, shift, sale_of(draft, typed, desk.clock.now_us(), shift))


def put_aside(desk: Desk, shift: str, sale: HeldSale) -> None:
    """As `hold`, of a sale that lay elsewhere: it belongs to `shift` from now on."""
    with desk.journal.alone():
        desk.need_open(shift)
        before = held(desk, shift)
        if len(before) >= MOST_HELD:
            raise RefusedError("too-many-held", most=MOST_HELD)
        _keep(desk, [*before, msgspec.structs.replace(sale, shift=shift)])


def sale_of(draft: SaleDraft, typed: str, at: int, shift: str) -> HeldSale:
    """What is kept of a draft: of a proof only that it was a card or a printed code."""
    proof, member = draft.proof, draft.member
    return HeldSale(
        at=at, shift=shift, member=member.member if member else "", identified=member.identified if member else "code",
        is_static=proof is not None and proof.proof == "static", reference=draft.reference, typed=typed, lines=draft.lines,
        others_fen=dict(draft.others_fen), activities=draft.activities,
    )  # fmt: skip


def draft_of(desk: Desk, sale: HeldSale) -> SaleDraft:
    """A held sale as it goes on, with the member as he is known now. Raises `RefusedError("cache-rebuilding")`."""
    member = identify(desk, sale.member, sale.identified) if sale.member else None
    proof = MemberProof("static") if sale.is_static else None
    return SaleDraft(
        member=member, proof=proof, lines=sale.lines, reference=sale.reference, others_fen=sale.others_fen,
        activities=sale.activities,
    )  # fmt: skip


def take_back(desk: Desk, sale: HeldSale) -> SaleDraft:
    """A held sale, not held any more. Raises `RefusedError`: `held-gone`, `cache-rebuilding`; `local_db` errors."""
    with desk.journal.alone():
        left = held(desk, sale.shift)
        if sale not in left:
            raise RefusedError("held-gone")
        draft = draft_of(desk, sale)
        left.remove(sale)
        _keep(desk, left)
    return draft


def _all(desk: Desk) -> list[HeldSale]:
    """Those that cannot be read (somebody wrote into the file) are none: a shift must be closed all the same."""
    try:
        return msgspec.json.decode(desk.journal.fact(FACT) or "[]", type=list[HeldSale])
    except (msgspec.MsgspecError, PointsError) as error:
        _log.error("the held sales cannot be read: %s", type(error).__name__)
        return []


def _keep(desk: Desk, sales: list[HeldSale]) -> None:
    desk.journal.set_fact(FACT, canonical.encode(sales).decode())
