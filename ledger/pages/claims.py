"""自助积分: the code on a receipt of a sale that had no member leads here, and whoever is signed in takes its points."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from ledger.claiming import claim, look_at
from ledger.documents import newest
from ledger.pages.visit import Visit
from ledger.pages.words import msg
from ledger.programmes import kind_names
from protocol.claims import ClaimState, read_claim
from protocol.documents import StoreSettings
from protocol.entries import Sale
from protocol.sold import awarded_by

REFUSALS: Final[dict[ClaimState, tuple[str, str]]] = {
    "taken": (
        msg("Somebody has claimed the points of this receipt before."),
        msg("A receipt is claimed once. Was it you under another number? The service desk can look."),
    ),
    "ended": (
        msg("The time to claim the points of this receipt is over."),
        msg("Show your member code before you pay next time: then they come at once."),
    ),
    "voided": (
        msg("This purchase was taken back, and its points with it."),
        msg("Ask at the counter if you still have the goods."),
    ),
    "not-yours": (
        msg("These points cannot come to this account."),
        msg("Who sold it does not claim it himself; for a blocked account the service desk can say why."),
    ),
    "too-many": (
        msg("Too many receipts were claimed with this account today."),
        msg("Try again tomorrow: the receipt says until when."),
    ),
    "unknown": (msg("This is no code of a receipt."), msg("Scan the code on the receipt once more.")),
}
"""Per refusal what is so, and what helps."""


def asked(visit: Visit) -> Response:
    """What there is to claim. Whoever looks, or fetches it for a preview, claims nothing."""
    is_signed_in = visit.session is not None and not visit.session.ended
    with visit.service.database.read() as connection:
        state, sale = look_at(connection, visit.argument, visit.now_us)
        store = _store_of(connection, sale)
        kinds = kind_names(visit.service.programmes.current(connection))
    if is_signed_in and state == "taken":
        return claimed(visit)  # perhaps by himself: then it says so again, and nothing changes
    found = read_claim(visit.argument)
    if state in REFUSALS or found is None:
        return _refused(visit, state)
    return visit.page(
        "claim.html" if is_signed_in else "claim_stranger.html", 200 if is_signed_in else 401, sale=sale, store=store,
        points=awarded_by(sale) if sale else {}, kinds=kinds, until=found.until,
    )  # fmt: skip


def claimed(visit: Visit) -> Response:
    """Whoever is signed in has them, unless somebody was before him."""
    answer = claim(visit.service.database, visit.member, visit.argument, visit.now_us)
    if answer.state in REFUSALS:
        return _refused(visit, answer.state)
    with visit.service.database.read() as connection:
        kinds = kind_names(visit.service.programmes.current(connection))
    return visit.page("claimed.html", points=answer.points, kinds=kinds, waits=answer.state == "waits")


def _refused(visit: Visit, state: ClaimState) -> Response:
    what, helps = REFUSALS[state]
    return visit.page("refused.html", 409, what=what, helps=helps, code=f"claim-{state}", spendable=0, points=0)


def _store_of(connection: Connection, sale: Sale | None) -> str:
    settings = newest(connection, "store", sale.store, StoreSettings) if sale else None
    return settings.name if settings else ""
