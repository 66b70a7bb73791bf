"""F2: which reward. A digit chooses; a reward that cannot be had says why and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content

from points import Choice, Offer
from protocol.entries import Appointment
from terminal import commands
from terminal.choosing import DigitChoice
from terminal.dialogs.appointment import AskAppointment
from terminal.dialogs.ladder import Ladder
from terminal.i18n import _, either
from terminal.messages import Retracted
from terminal.screens.agreeing import agreed
from terminal.screens.base import TillScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.standings import Standings
from terminal.text import harmless
from terminal.widgets.member_card import MemberCard
from terminal.widgets.offers_panel import offer_line
from terminal.widgets.panel import Panel, quiet
from terminal.words import code_of, sentence, sentence_of
from till.appointments import is_booked
from till.draft import SaleDraft
from till.refusals import REFUSALS
from till.selling import Quoted
from till.tutorial.required import lacks_tutorial


class _Choices(Panel):
    """All rewards, each with its number, and under it its price in words."""

    DEFAULT_CSS = """
    _Choices { height: 1fr; }
    """

    def __init__(self, screen: RedeemScreen) -> None:
        super().__init__()
        self._screen = screen

    def title(self) -> str:
        return _("Redeem: which reward?")

    def lines(self, width: int) -> list[Content]:
        screen = self._screen
        rows: list[Content] = []
        for number, offer in enumerate(screen.offers, start=1):
            left = screen.left.get(offer.reward_id)
            rows.append(offer_line(screen.counter, screen.standings, screen.sale, number, offer, width, left))
            if 2 * len(screen.offers) <= self.content_size.height:
                rows.append(quiet(f"   {harmless(either(offer.disclosure.cost))}"))
        return rows


class RedeemScreen(TillScreen[None]):
    """`sale` as it was when F2 was pressed; nothing changes before the confirmation."""

    KEYS: ClassVar = (commands.HELP, commands.BACK)

    def __init__(self, sale: SaleDraft) -> None:
        super().__init__()
        self.sale, self.standings = sale, Standings(self.counter)
        self._digit = DigitChoice(self, self._chosen)
        self._quoted: Quoted | None = self.counter.quote(sale)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The rewards in the order of the programme."""
        return self._quoted.offers if self._quoted else ()

    @property
    def left(self) -> Mapping[str, int]:
        """What is known to be left of rewards with a stock."""
        return self._quoted.left if self._quoted else {}

    def body(self) -> ComposeResult:
        card = MemberCard(self.counter)
        card.set_reactive(MemberCard.draft, self.sale)
        card.set_reactive(MemberCard.quoted, self._quoted)
        yield card
        yield _Choices(self)

    def on_mount(self) -> None:
        self.next_line.step = _("Press the number of the reward; Esc goes back")
        session = self.work.session
        if session is not None and lacks_tutorial(self.counter.store, session, is_training=self.is_training):
            self.refuse_code("tutorial-first")

    def on_key(self, event: events.Key) -> None:
        """A digit chooses, unless it turns out to be the first of a scan."""
        self._digit.press(event)

    def on_retracted(self, _: Retracted) -> None:
        """It was a scan."""
        self._digit.forget()

    def code_read(self, text: str) -> None:
        """The member shows his code before the reward is chosen: nothing is missing any more."""
        proof = agreed(self, text, self.sale)
        if proof is not None:
            self.sale = replace(self.sale, proof=proof)
            self.work.draft = replace(self.work.draft, proof=proof)
            self.query_one(_Choices).refresh()
            self.say(_("The member's code is taken. Press the number of the reward"), "success")

    def _chosen(self, place: int) -> None:
        if not 0 <= place < len(self.offers):
            return
        offer = self.offers[place]
        code = self._obstacle(offer)
        if code:
            self._refused(offer, code)
        elif (most := self.standings.most(self.sale, offer)) > offer.points:
            self.app.push_screen(
                Ladder(self.counter.store.programme, offer, most), lambda points: self._disclose(offer, points)
            )
        else:
            self._disclose(offer, offer.points)

    def _obstacle(self, offer: Offer) -> str:
        if offer.obstacle is not None:
            return code_of(offer.obstacle)
        return self.standings.of(self.sale, offer, offer.points).why

    def _refused(self, offer: Offer, code: str) -> None:
        """Said, and counted for the report of the shift."""
        programme = self.counter.store.programme
        self.say(sentence_of(offer.obstacle, programme) if offer.obstacle is not None else sentence(code))
        if self.work.session is not None:
            self.counter.reports.refused(self.work.session, code)

    def _disclose(self, offer: Offer, points: int | None) -> None:
        if points is None:
            return
        chosen = self.sale.with_choice(Choice(offer.reward_id, points, offer.kind))
        if is_booked(self.counter.store.programme, offer.reward_id):
            self.app.push_screen(AskAppointment(offer), lambda booked: self._show_booked(chosen, offer, booked))
        else:
            self._show(chosen, offer)

    def _show_booked(self, chosen: SaleDraft, offer: Offer, booked: Appointment | None) -> None:
        if booked is not None:
            self._show(replace(chosen, appointment=booked), offer)

    def _show(self, chosen: SaleDraft, offer: Offer) -> None:
        try:
            quoted = self.counter.quote(chosen)
        except REFUSALS as error:
            self.refuse(error)
            return
        if quoted is not None and self._quoted is not None:
            self.app.push_screen(DisclosureScreen(chosen, offer, self._quoted.quote, quoted.quote))
