"""What the member could have: a number for each, its cost, its conditions, and whether it can be had offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive

from points import Offer, Programme
from points.terms import cash_fen
from terminal.i18n import _, either
from terminal.standings import Standings
from terminal.text import column, column_right, harmless, line, points_text
from terminal.widgets.panel import Panel, quiet, strong
from terminal.words import money
from till.counting import amount_of, pieces_of
from till.draft import SaleDraft
from till.selling import Quoted

if TYPE_CHECKING:
    from till.counter import Counter

NAME_CELLS = 18
COST_CELLS = 15


class OffersPanel(Panel):
    """The rewards in the order of the programme."""

    DEFAULT_CSS = """
    OffersPanel { height: 1fr; min-height: 3; }
    """

    draft: reactive[SaleDraft] = reactive(SaleDraft())
    quoted: reactive[Quoted | None] = reactive(None)
    is_online: reactive[bool] = reactive(False)

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter, self._standings = counter, Standings(counter)

    def title(self) -> str:
        return _("Rewards (F2, then the number)")

    def lines(self, width: int) -> list[Content]:
        if self.quoted is None:
            return []
        numbered = list(enumerate(self.quoted.offers, start=1))
        room = self.content_size.height or len(numbered)
        hidden = max(0, len(numbered) - room)
        if hidden:
            hidden += 1
            numbered = self._best(numbered, room - 1)
        rows = [self._row(number, offer, width) for number, offer in numbered]
        return [*rows, quiet(_("and {n} more; F2 shows all").format(n=hidden))] if hidden else rows

    def _best(self, numbered: list[tuple[int, Offer]], room: int) -> list[tuple[int, Offer]]:
        """Where not all fit: first what can be had now. Each keeps its number and the order stays."""

        def is_out_of_reach(one: tuple[int, Offer]) -> bool:
            return not offer_tag(self._counter, self._standings, self.draft, one[1]).can_be_had

        return sorted(sorted(numbered, key=is_out_of_reach)[: max(0, room)], key=lambda one: one[0])

    def _row(self, number: int, offer: Offer, width: int) -> Content:
        left = self.quoted.left.get(offer.reward_id) if self.quoted else None
        return offer_line(self._counter, self._standings, self.draft, number, offer, width, left)


def offer_line(
    counter: Counter, standings: Standings, draft: SaleDraft, number: int, offer: Offer, width: int,
    left: int | None = None,
) -> Content:  # fmt: skip
    """One reward on one line. What cannot be had now is said softly, with what is missing. `left`: of its stock."""
    programme = counter.store.programme
    is_ladder = offer.step_points != offer.points or offer.most_points > offer.points
    cost = amount_of(programme, offer.kind, offer.points)
    if cash := cash_fen(programme.reward_by_id[offer.reward_id]):
        cost = f"{cost}+{money(cash)}"
    tag, style, can_be_had = offer_tag(counter, standings, draft, offer)
    right = Content.styled(tag, style)
    usual = _("usual") if draft.member is not None and draft.member.usual == offer.reward_id else ""
    if left is not None:
        usual = " ".join(filter(None, (usual, _("{n} left").format(n=points_text(left)))))
    cost_cells = max(COST_CELLS, cell_len(cost) + 1)
    room = max(0, width - right.cell_length - NAME_CELLS - cost_cells - 8 - (cell_len(usual) + 1 if usual else 0))
    conditions = harmless(
        "  ".join(either(text) for text in (offer.disclosure.limits, offer.disclosure.conditions) if text)
    )
    parts = Content.assemble(
        strong(f"{number}  ", "$primary"),
        (column(harmless(either(offer.disclosure.name)), NAME_CELLS), "bold" if can_be_had else "$quiet"),
        (column_right(cost, cost_cells), "" if can_be_had else "$quiet"),
        (column(_("+") if is_ladder else "", 3), "$quiet"),
        (f"{usual} " if usual else "", "$primary"),
        (column(conditions, room), "$quiet"),
    )
    return line(parts, right, width)


class Tag(NamedTuple):
    """The words at the end of the line; `can_be_had`: now, as far as is known here, with what the words say is needed."""

    text: str
    style: str
    can_be_had: bool


def offer_tag(counter: Counter, standings: Standings, draft: SaleDraft, offer: Offer) -> Tag:
    """What a reward waits for, or that it waits for nothing."""
    if offer.obstacle is not None:
        return Tag(_obstacle_tag(counter.store.programme, draft, offer), "$quiet", can_be_had=False)
    standing = standings.of(draft, offer, offer.points)
    match standing.needs, standing.authority:
        case "pin", _any:
            return Tag(_("code or PIN"), "$warning", can_be_had=True)
        case "typed", _any:
            return Tag(_("offline: with PIN"), "$warning", can_be_had=True)
        case "code", _any:
            return Tag(_("offline: with code"), "$warning", can_be_had=True)
        case "phone", _any:
            return Tag(_("offline: by phone"), "$warning", can_be_had=True)
        case _none, "online" | "allowance" if counter.is_online:
            return Tag(_("possible"), "$success", can_be_had=True)
        case _none, "allowance":
            return Tag(_("offline: set aside"), "$success", can_be_had=True)
        case _none, "floor":
            return Tag(_("offline: yes"), "$success", can_be_had=True)
    return Tag(_("not now") if counter.is_online else _("offline: no"), "$quiet", can_be_had=False)


def _missing(programme: Programme, offer: Offer) -> str:
    """How many points; of what is counted in pieces how many there are: 7/10."""
    if programme.kind_by_code[offer.kind].unit is None:
        return _("{points} short").format(points=points_text(offer.missing_points))
    has = max(0, offer.points - offer.missing_points)
    return f"{points_text(has)}/{pieces_of(programme, offer.kind, offer.points)}"


def _obstacle_tag(programme: Programme, draft: SaleDraft, offer: Offer) -> str:
    code = offer.obstacle.code if offer.obstacle else ""
    if code == "limit-reached":
        return _("used up")
    if code == "not-of-this-tier":
        return _("other tier")
    if offer.missing_points:
        return _missing(programme, offer)
    if code in ("value-above-bill", "above-share", "below-min-spend"):
        return _("bill too small") if draft.lines else _("needs an amount")
    return _("not today") if code in ("reward-not-now", "programme-not-in-force") else _("not now")
