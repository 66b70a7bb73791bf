"""The counter: who, what, what it brings, what he could have; from scan to Enter."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive

from points import AmountError, PayerError, parse_amount
from terminal import commands
from terminal.dialogs.ask import Ask
from terminal.dialogs.look_up import LookUp
from terminal.i18n import _
from terminal.next_step import next_step
from terminal.screens.base import TillScreen
from terminal.screens.brought import take_brought
from terminal.screens.claiming import booked_as, claim_step
from terminal.screens.copies import print_last
from terminal.screens.device_news import say_of_devices
from terminal.screens.holding import count_held, hold_or_fetch
from terminal.screens.identifying import take_member
from terminal.screens.more import open_more
from terminal.screens.unfinished import ask_unfinished, keep_unfinished
from terminal.screens.voiding import ask_void
from terminal.typed_codes import is_code
from terminal.widgets.amount_field import AmountField
from terminal.widgets.last_result import LastResult
from terminal.widgets.member_card import MemberCard
from terminal.widgets.offers_panel import OffersPanel
from terminal.widgets.sale_panel import SalePanel
from terminal.widgets.todays_sales import TodaysSales
from terminal.words import code_of, money
from terminal.work import LastSale
from till.draft import MemberProof, SaleDraft
from till.events import Event, LinkChanged, MembersChanged, OutcomesArrived, ScannerChanged, StoreChanged
from till.members import MemberView
from till.refusals import REFUSALS
from till.scanning import MemberConfirmed, MemberIdentified, ProductScanned, SameCodeAgain
from till.selling import Quoted


class CounterScreen(TillScreen[None]):
    """A view of `Work`: every change goes into it first, and `show` brings it to the widgets."""

    KEYS: ClassVar = (
        commands.HELP, commands.REDEEM, commands.VOID, commands.REFUND, commands.FIND, commands.HOLD,
        commands.RECEIPTS, commands.SHIFT, commands.MORE, commands.LOCK, commands.CLEAR, commands.REPRINT,
    )  # fmt: skip
    AUTO_FOCUS = "#amount"

    CSS = """
    CounterScreen .work { width: 1fr; height: 1fr; }
    CounterScreen .sale { width: 80fr; height: 1fr; }
    CounterScreen TodaysSales { display: none; width: 40fr; }
    CounterScreen.-tall SalePanel { height: 11; }
    CounterScreen.-wide TodaysSales { display: block; }
    """

    draft: reactive[SaleDraft] = reactive(SaleDraft(), init=False)
    quoted: reactive[Quoted | None] = reactive(None, init=False)
    last: reactive[LastSale | None] = reactive(None, init=False)
    is_online: reactive[bool] = reactive(False, init=False)

    def body(self) -> ComposeResult:
        with Horizontal(classes="work"):
            with Vertical(classes="sale"):
                both = (CounterScreen.draft, CounterScreen.quoted)
                yield MemberCard(self.counter).data_bind(*both)
                yield SalePanel(self.counter, self.work.typed, self._entered).data_bind(*both)
                yield OffersPanel(self.counter).data_bind(*both, CounterScreen.is_online)
            yield TodaysSales(self.counter, self.work).data_bind(CounterScreen.last)
        yield LastResult().data_bind(CounterScreen.last, CounterScreen.is_online)

    def on_mount(self) -> None:
        count_held(self)
        self._refresh_member()
        self.show()
        self.counter.joining.prepare()
        ask_unfinished(self)

    def on_screen_resume(self) -> None:
        """Back from another screen: what happened meanwhile was told to that one."""
        if self.query(AmountField):
            self.status.look()
            self._refresh_member()
            self.show()

    def show(self) -> None:
        """Bring `work` to the screen."""
        work = self.work
        keep_unfinished(self)
        self.counter.serve(work.draft.member.member if work.draft.member else "")
        sale = self.as_typed()
        self.quoted = self._quote(sale)
        self.draft = sale
        self.host.customer.show_sale(sale, self.quoted)
        self.last, self.is_online = work.last, self.counter.is_online
        self.next_line.step = next_step(
            work.draft, work.typed, work.held, is_scanner_away=work.is_scanner_away, claim=claim_step(self)
        )

    def as_typed(self) -> SaleDraft:
        """The draft with what is typed, as far as it is an amount already."""
        try:
            return self.work.sale()
        except AmountError:
            return replace(self.work.draft, lines=())

    def _quote(self, sale: SaleDraft) -> Quoted | None:
        try:
            return self.counter.quote(sale)
        except PayerError as error:
            if not self.work.typed:
                self.refuse(error)  # else the amount is being typed: it may still grow
            return None
        except REFUSALS as error:
            self.refuse(error)
            return None

    # --- the amount ----------------------------------------------------------------------------------------------------

    @on(AmountField.Changed)
    def _amount_changed(self) -> None:
        self.work.typed = self.query_one(AmountField).value
        self.show()

    def _entered(self, value: str) -> str:
        """Enter in the amount field; what stays in it."""
        self.work.typed = value
        if is_code(value, self.counter.store.settings.ranges):
            self.work.typed = ""
            self.code_read(value)
        else:
            self._book()
        return self.work.typed

    def _book(self, *, is_confirmed: bool = False) -> None:
        session = self.work.session
        if session is None or self.work.is_redeeming:
            return
        try:
            sale = booked_as(self, replace(self.work.sale(), amount_confirmed=is_confirmed))
            if sale is None:
                return
            receipt = self.counter.commit(session, sale)
        except REFUSALS as error:
            if code_of(error) == "amount-unusual":
                self._ask_unusual(self.work.sale())
            else:
                self.refuse(error)
            return
        self.work.finish(receipt)
        self._clear_field()
        self.show()

    def _why_no_quote(self) -> None:
        """Why this sale has no quote."""
        try:
            self.counter.quote(self.as_typed())
        except REFUSALS as error:
            self.refuse(error)

    def _ask_unusual(self, sale: SaleDraft) -> None:
        amount = money(sale.basket.gross_fen)
        question = _("{amount} is far more than is usual here. Is it right?").format(amount=amount)

        def answered(is_right: bool | None) -> None:
            if is_right:
                self._book(is_confirmed=True)

        self.app.push_screen(Ask(question, yes=_("Right"), no=_("Type again")), answered)

    def _clear_field(self) -> None:
        self.query_one(AmountField).value = self.work.typed

    @on(AmountField.ReferenceTyped)
    def _reference_typed(self, event: AmountField.ReferenceTyped) -> None:
        self.work.draft = replace(self.work.draft, reference=event.reference)
        self.show()

    @on(AmountField.PartTyped)
    def _part_typed(self, event: AmountField.PartTyped) -> None:
        try:
            fen = parse_amount(event.typed) if event.typed else 0
        except AmountError as error:
            self.refuse(error)
            return
        self.work.draft = self.work.draft.with_part(event.payer, fen)
        self.show()

    @on(AmountField.LineTakenOut)
    def _line_taken_out(self) -> None:
        if self.work.draft.lines:
            self.work.draft = self.work.draft.without_last_line()
            self.show()

    # --- scans ---------------------------------------------------------------------------------------------------------

    def code_read(self, text: str) -> None:
        """A member, a product, the reference that is being typed; or a sentence."""
        field = self.query_one(AmountField)
        if field.reference is not None:
            field.take_reference(text)
            return
        try:
            scan = self.counter.scan(text, self.work.draft)
        except REFUSALS as error:
            self.refuse(error)
            return
        match scan:
            case MemberIdentified(member, proof):
                self.identified(member, proof)
                return
            case MemberConfirmed(proof):
                self.work.draft = replace(self.work.draft, proof=proof)
            case ProductScanned(product):
                if self.work.typed:
                    self.say(_("Counted by products now; the typed amount was cleared"))
                self.work.typed, self.work.draft = "", self.work.draft.with_product(product)
                self._clear_field()
            case _:
                take_brought(self, scan)
                if isinstance(scan, SameCodeAgain):
                    return
        self.show()

    def identified(self, member: MemberView, proof: MemberProof | None) -> None:
        """Somebody stands here."""
        take_member(self, member, proof, self.show)

    def _refresh_member(self) -> None:
        member = self.work.draft.member
        if member is None:
            return
        try:
            self.work.draft = replace(self.work.draft, member=self.counter.refresh(member))
        except REFUSALS as error:
            # The cache is being rebuilt: the member stays as he was known, and can earn.
            self.refuse(error)

    def take(self, event: Event) -> None:
        super().take(event)
        match event:
            case OutcomesArrived() | MembersChanged() | StoreChanged():
                self._refresh_member()
                self.show()
            case LinkChanged():
                self.counter.joining.prepare()
                self.show()
            case _:
                if isinstance(event, ScannerChanged):
                    self.show()
                say_of_devices(self, event)

    # --- commands ------------------------------------------------------------------------------------------------------

    def action_redeem(self) -> None:
        """F2."""
        from terminal.screens.redeem import RedeemScreen

        if self.work.draft.member is None:
            self.refuse_code("no-member")
        elif self.quoted is None:
            self._why_no_quote()
        elif not self.quoted.offers:
            self.say(_("There are no rewards in this store's rules"))
        else:
            self.app.push_screen(RedeemScreen(self.as_typed()))

    def action_void(self) -> None:
        """F3: the last sale."""
        last = self.work.last
        if last is None or last.state in ("voided", "refunded"):
            self.say(_("There is no last sale to take back; F7 lists the shift's receipts"))
        else:
            ask_void(self, last.receipt, self.show)

    def action_refund(self, scanned: str = "") -> None:
        """F4, or a receipt."""
        from terminal.screens.refund_list import open_refunds

        open_refunds(self, self.show, scanned)

    def action_find(self) -> None:
        """F5."""

        def found(answer: MemberView | str | None) -> None:
            if isinstance(answer, str):
                self.code_read(answer)
            elif answer is not None:
                self.identified(answer, None)

        self.app.push_screen(LookUp(), found)

    def action_hold(self) -> None:
        """F6."""
        hold_or_fetch(self)

    def action_receipts(self) -> None:
        """F7."""
        from terminal.screens.receipts import ReceiptsScreen

        self.app.push_screen(ReceiptsScreen(), lambda _: self.show())

    def action_reprint(self) -> None:
        """F12."""
        print_last(self)

    def action_shift(self) -> None:
        """F8."""
        from terminal.screens.shift import ShiftScreen

        self.app.push_screen(ShiftScreen())

    def action_more(self) -> None:
        """F9."""
        open_more(self)

    def action_lock(self) -> None:
        """F10."""
        self.host.lock()

    def action_clear(self) -> None:
        """Esc: first the amount, then, asked for where products would be lost, the sale."""
        if self.work.typed:
            self.work.typed = ""
            self.fetched()
        elif not self.work.draft.lines:
            self._cleared(is_sure=True)
        else:
            self.app.push_screen(
                Ask(_("Clear this sale with all its products?"), yes=_("Clear"), no=_("Keep the sale")), self._cleared
            )

    def _cleared(self, is_sure: bool | None) -> None:
        if is_sure:
            self.work.clear()
            self.fetched()

    def fetched(self) -> None:
        """`work` was exchanged as a whole: the field too shows it."""
        self._clear_field()
        self._refresh_member()
        self.show()
