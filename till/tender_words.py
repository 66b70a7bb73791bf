"""The comparison of 积分抵扣 for a person: whether it agrees, then each receipt that does not, and what may explain it."""

from __future__ import annotations

from collections.abc import Iterator

from points import format_fen
from till.i18n import _
from till.tender import Comparison, Difference
from till.text import cells

_WIDTHS = (24, 14, 14)


def tender_lines(found: Comparison) -> Iterator[str]:
    """Rows for a terminal of 80 columns."""
    yield _("{day}: here ¥{here}, cash register ¥{there}; {agreed} receipts agree, {count} do not").format(
        day=found.day, here=format_fen(found.here_fen), there=format_fen(found.there_fen), agreed=found.agreed,
        count=len(found.differences),
    )  # fmt: skip
    if found.unnumbered:
        yield _("{count} bills here have no receipt number (¥{amount}): they cannot be compared").format(
            count=found.unnumbered, amount=format_fen(found.unnumbered_fen)
        )
    if found.differences:
        yield ""
        yield _columns(_("Receipt"), _("here"), _("cash register")) + _("why")
    for one in found.differences:
        there = format_fen(one.there_fen) if one.there_fen else "-"
        here = format_fen(one.here_fen) if one.here_fen else "-"
        yield _columns(one.receipt, here, there) + "; ".join(_reasons(one))


def _reasons(one: Difference) -> Iterator[str]:
    match one.what:
        case "only-here":
            yield _("not in the cash register")
        case "only-there" if not one.is_voided:
            yield _("not at this till: another till, or never scanned")
        case "differs":
            yield _("another amount")
    if one.is_voided:
        yield _("voided here")
    if one.came_back:
        yield _("goods came back here")


def _columns(*texts: str) -> str:
    return "".join(text + " " * max(1, width - cells(text)) for text, width in zip(texts, _WIDTHS, strict=True))
