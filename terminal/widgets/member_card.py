"""Who stands at the counter, and what he can spend: the number that is read aloud is the largest thing on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive

from points import Programme, format_exact
from terminal.figures import rows_of
from terminal.i18n import _, either
from terminal.text import day_text, harmless, moment, points_text
from terminal.widgets.panel import Panel, quiet, strong
from till.counting import amount_of, pieces_of
from till.draft import SaleDraft
from till.members import KindBalance, MemberView
from till.selling import Quoted

if TYPE_CHECKING:
    from till.counter import Counter


class MemberCard(Panel):
    """Four rows: name and tier, the ledger's word, what expires, what comes next."""

    DEFAULT_CSS = """
    MemberCard { height: 6; }
    """

    draft: reactive[SaleDraft] = reactive(SaleDraft())
    quoted: reactive[Quoted | None] = reactive(None)

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def title(self) -> str:
        return _("Member")

    def lines(self, width: int) -> list[Content]:
        member = self.draft.member
        if member is None:
            return [Content(""), Content.styled(_("Waiting for a member code"), "$quiet"), Content(""), Content("")]
        programme = self._counter.store.programme
        shown = next((b for b in member.balances if b.kind == self._counter.store.points_kind), None)
        figures = self._figures(shown.spendable if shown else 0)
        name = self._who(member, programme)
        label = strong(_("can spend"), "$quiet")
        top = self.row(name, Content.assemble(label, "  ", figures[0]), width)
        third, second = _with_next_tier(
            member,
            (self._also(member, shown, programme), width - figures[2].cell_length),
            (self._ledger_says(member, shown), width - figures[1].cell_length),
        )
        rows = [self.row(second, figures[1], width), self.row(third, figures[2], width)]
        return [top, *rows, self.row(*self._ahead(member, programme), width)]

    def _figures(self, points: int) -> list[Content]:
        rows = rows_of(points_text(points), heavy=True, ascii_only=self.app.has_class("-ascii"))
        return [Content.styled(row, "bold $accent") for row in rows]

    def _who(self, member: MemberView, programme: Programme) -> Content:
        tier = programme.tier_by_code.get(member.tier)
        parts = [strong(harmless(member.name) or _("Member {number}").format(number=harmless(member.member, 24)))]
        if member.last4:
            parts.append(quiet(_("ends {last4}").format(last4=harmless(member.last4, 4))))
        if tier is not None:
            times = format_exact(tier.multiplier)
            name = harmless(either(tier.name))
            more = "" if times in name or tier.multiplier == 1 else _(" {n}x points").format(n=times)
            parts.append(Content.styled(f"{name}{more}", "$primary"))
        if member.is_blocked:
            parts.append(strong(_("blocked"), "$error"))
        return Content("  ").join(parts)

    def _ledger_says(self, member: MemberView, shown: KindBalance | None) -> Content:
        if member.is_new:
            return Content.styled(_("New member: this sale earns already"), "$success")
        if member.as_of_us is None or shown is None:
            return Content.styled(_("Not known at this till yet; points are earned all the same"), "$warning")
        at = moment(self._counter.local(member.as_of_us), self._counter.local())
        text = _("Ledger {at}: {points}").format(at=at, points=points_text(shown.available))
        if shown.own:
            text += _(", this till {own:+,} not yet counted").format(own=shown.own)
        return quiet(text)

    def _also(self, member: MemberView, shown: KindBalance | None, programme: Programme) -> Content:
        kind = shown.kind if shown else ""
        soon = next((lot for lot in member.expiring if lot.kind == kind), None)
        parts = []
        if soon is not None:
            on = day_text(soon.on)
            parts.append(_("{points} points expire on {day}").format(points=points_text(soon.points), day=on))
        lying = sum(part.points for part in member.lying if part.kind == kind)
        if lying:
            parts.append(_("{points} points reserved at another counter").format(points=points_text(lying)))
        parts += _others(member, programme, kind, in_pieces=False)
        return quiet(harmless("  ".join(parts)))

    def _ahead(self, member: MemberView, programme: Programme) -> tuple[Content, Content]:
        gap = next((gap for gap in member.gaps if gap.missing), None)
        has = next((gap for gap in member.gaps if not gap.missing), None)
        left = [quiet(harmless(text)) for text in _others(member, programme, "", in_pieces=True)]
        if gap is not None:
            left.append(quiet(_("{name} at {held}: {missing} to go").format(
                name=harmless(either(gap.name)), held=points_text(gap.held), missing=points_text(gap.missing))))  # fmt: skip
        elif has is not None:
            left.append(Content.styled(_("{name}: has it").format(name=harmless(either(has.name))), "$success"))
        offer = self.quoted.next_offer if self.quoted else None
        if offer is None:
            return Content("  ").join(left), Content("")
        name = harmless(either(programme.reward_by_id[offer.reward_id].name))
        is_counted = programme.kind_by_code[offer.kind].unit is not None
        missing = (
            pieces_of(programme, offer.kind, offer.missing_points)
            if is_counted
            else points_text(offer.missing_points)
        )
        return Content("  ").join(left), quiet(_("{points} more for {name}").format(points=missing, name=name))


def _with_next_tier(member: MemberView, *rows: tuple[Content, int]) -> list[Content]:
    """The rows, with what he lacks to the next tier behind the first one that has room for it: each with its cells. Where
    none has, it is left out: nothing else is cut for it."""
    said, texts = harmless(_to_the_next_tier(member)), [text for text, _cells in rows]
    for place, (text, cells) in enumerate(rows):
        both = Content.assemble(text, "  " if text.cell_length else "", quiet(said))
        if said and both.cell_length < cells:
            texts[place] = both
            break
    return texts


def _to_the_next_tier(member: MemberView) -> str:
    """Amounts in whole yuan, rounded up."""
    gap = member.tier_gap
    if gap is None:
        return ""
    tier, yuan, visits = either(gap.tier.name), points_text(-(-gap.spent_fen // 100)), points_text(gap.visits)
    if gap.spent_fen and gap.visits:
        return _("{tier}: {yuan} yuan and {visits} visits to go").format(tier=tier, yuan=yuan, visits=visits)
    if gap.spent_fen:
        return _("{tier}: {yuan} yuan to go").format(tier=tier, yuan=yuan)
    return _("{tier}: {visits} visits to go").format(tier=tier, visits=visits)


def _others(member: MemberView, programme: Programme, but: str, *, in_pieces: bool) -> list[str]:
    """What he has of other kinds than `but`: currencies, or what is counted in pieces."""
    return [
        _beside(programme, balance)
        for balance in member.balances
        if balance.kind != but and (kind := programme.kind_by_code.get(balance.kind))
        and (kind.unit is not None) == in_pieces and (balance.spendable or balance.owes)
    ]  # fmt: skip


def _beside(programme: Programme, balance: KindBalance) -> str:
    """Another kind than the store's points: `绿色积分 26`, `洗车券 1张`, `印花 7/10枚`; what was used and had to come back."""
    kind = programme.kind_by_code[balance.kind]
    if balance.owes and not balance.spendable:
        return _("owes {amount}").format(amount=amount_of(programme, balance.kind, balance.owes))
    if kind.unit is None:
        return f"{either(kind.name)} {points_text(balance.spendable)}"
    card = min((one.points for one in programme.rewards if one.kinds == (balance.kind,)), default=1)
    if card == 1 or balance.spendable >= card:
        return amount_of(programme, balance.kind, balance.spendable)
    return f"{either(kind.name)} {points_text(balance.spendable)}/{pieces_of(programme, balance.kind, card)}"
