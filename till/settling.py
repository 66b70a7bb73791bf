"""What becomes of points that come back or go, where it is not the member who gets or loses them: on screen and paper."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

from till.counting import on_receipt
from till.i18n import _
from till.receipts import Receipt


def notes_given_back(
    uncovered: Mapping[str, int], may_be_uncovered: Collection[str], said: Callable[[str, int], str]
) -> Iterator[str]:
    """Of redeemed points that come back. `said`: points of a kind in words."""
    for kind, points in uncovered.items():
        yield _("{points} of them to the shop: it had paid for them").format(points=said(kind, points))
    if may_be_uncovered:
        yield _("What of them the shop had paid for goes to the shop")


def notes_taken_back(
    ended: Mapping[str, int], may_have_ended: Collection[str], said: Callable[[str, int], str]
) -> Iterator[str]:
    """Of earned points that go. Where nobody said how many had ended it is the rule that stands on the paper, and no number."""
    for kind, points in ended.items():
        yield _("{points} of them had expired: not taken again").format(points=said(kind, points))
    if may_have_ended:
        yield _("What of them had expired is not taken again")


def note_paid(paid: Mapping[str, int], said: Callable[[str, int], str]) -> Iterator[str]:
    """Of all that the member gets."""
    for kind, points in paid.items():
        yield _("{points} pay what was owed").format(points=said(kind, points))


def notes_of(receipt: Receipt) -> Iterator[str]:
    """What the sums on a receipt do not say: of a refund, and of a sale that paid a debt."""
    said = partial(on_receipt, receipt)
    if back := receipt.refund:
        yield from notes_given_back(back.uncovered, back.may_be_uncovered, said)
        yield from notes_taken_back(back.ended, back.may_have_ended, said)
    yield from note_paid(receipt.paid, said)
    for kind, points in receipt.owed.items():
        yield _("{points} owed: the next points pay them").format(points=said(kind, points))
