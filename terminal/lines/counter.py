"""The counter, a line at a time: codes, amounts and the F-keys by their names; Enter alone books, and never redeems."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from points import AmountError
from terminal import commands
from terminal.i18n import _, either
from terminal.lines import giving, people, redeeming, returning
from terminal.lines.talk import Talk, choose, confirmed
from terminal.link_words import clock_words, link_words
from terminal.next_step import next_step
from terminal.screens.homes import SELLING
from terminal.screens.more import is_one_of
from terminal.text import day_text, harmless, points_text
from terminal.typed_codes import is_code
from terminal.widgets.last_result import state_words, summary
from terminal.words import code_of, money, name_of, sentence, sentence_of
from terminal.work import Work
from till.errors import RefusedError
from till.events import CodeScanned, Event
from till.members import MemberView
from till.refusals import REFUSALS
from till.scanning import MemberConfirmed, MemberIdentified, ProductScanned, ReceiptScanned

if TYPE_CHECKING:
    from till.counter import Counter
    from till.draft import MemberProof
    from till.shifts import Session

CLEAR: Final = ("esc", "f12")


class LineCounter:
    """`run` until somebody quits or the input ends. What happens meanwhile is said before the next question."""

    def __init__(self, counter: Counter, talk: Talk) -> None:
        self._counter, self._talk, self._work = counter, talk, Work()
        self._news: deque[Event] = deque()
        self._said_link = self._said_step = ""
        self._acts: Mapping[str, Callable[[], None]] = {
            "f1": self._help, "f2": self._redeem, "f3": self._void, "f4": self._refund, "f5": self._find,
            "f6": self._hold, "f7": self._receipts, "f8": self._shift, "f9": self._stand, "f10": self._lock, "f11": self._give,
            **dict.fromkeys(CLEAR, self._clear),
        }  # fmt: skip

    def run(self) -> None:
        """Raises `EOFError` where the input ends."""
        leave = self._counter.subscribe(self.take)
        try:
            while session := self._work.session or people.sign_in(self._talk, self._counter):
                self._work.session = session
                self._step(session)
        finally:
            leave()

    def take(self, event: Event) -> None:
        """From the till's threads."""
        if isinstance(event, CodeScanned):
            self._talk.scanned(event.text)
        else:
            self._news.append(event)

    @property
    def _session(self) -> Session:
        assert self._work.session is not None
        return self._work.session

    def _step(self, session: Session) -> None:
        """One question and its answer. What is refused is said, and the sale stays."""
        self._tell_news()
        try:
            if not is_one_of(session, SELLING):
                self._talk.say(sentence("role"))
                self._work.session = None
            elif not session.shift:
                self._open_shift(session)
            else:
                self._answer(self._ask())
        except (*REFUSALS, AmountError) as error:
            self._refuse(error)

    def _refuse(self, error: Exception) -> None:
        counter = self._counter
        self._talk.say("! " + sentence_of(error, counter.store.programme if counter.is_ready else None))

    def _tell_news(self) -> None:
        before = self._work.last
        while self._news:
            self._work.take(self._news.popleft())
        after = self._work.last
        if after is not None and before is not None and after.state != before.state:
            said = state_words(after.state, is_online=self._counter.is_online)[0]
            self._talk.say(f"{_('Last sale')} {summary(after.receipt)}  {said}")
        link = self._link(is_whole=False)
        if link != self._said_link:
            self._said_link = link
            self._talk.say(link)

    def _link(self, *, is_whole: bool) -> str:
        """`is_whole`: with how long and how much, which change all the time and would be said before every question."""
        counter = self._counter
        words = link_words(
            counter.link, counter.now_us(), clock_words(*counter.clock_doubt), counter.rules_trouble
        )  # fmt: skip
        return f"{words.state}. {words.meaning}. {words.age}" if is_whole else words.meaning

    def _open_shift(self, session: Session) -> None:
        answer = self._talk.ask(_("No shift is open. f8 opens one; Enter signs out")).lower()
        self._work.session = self._counter.open_shift(session) if answer == "f8" else None

    def _ask(self) -> str:
        work = self._work
        work.held = len(self._counter.held(self._session))
        self._offer_unfinished()
        self._counter.unfinished.keep(self._session.shift, work.draft, work.typed)
        self._counter.serve(work.draft.member.member if work.draft.member else "")
        step = next_step(work.draft, work.typed, work.held)
        question, self._said_step = (step if step != self._said_step else ""), step
        return self._talk.ask(question, takes_scans=True)

    def _offer_unfinished(self) -> None:
        unfinished, work = self._counter.unfinished, self._work
        sale = unfinished.left
        if sale is None or not work.is_idle:
            return
        if confirmed(self._talk, _("The last sale was not finished. Go on with it?")):
            work.draft, work.typed = unfinished.go_on(sale), sale.typed
            self._tell_sale()
        else:
            unfinished.put_aside(self._session.shift, sale)

    def _answer(self, text: str) -> None:
        act = self._acts.get(text.lower())
        if act is not None:
            self._said_step = ""
            act()
        elif not text:
            self._book()
        elif text.startswith("/"):
            self._work.draft = replace(self._work.draft, reference=text[1:].strip())
            self._tell_sale()
        elif is_code(text, self._counter.store.settings.ranges):
            self._scanned(text)
        else:
            before, self._work.typed = self._work.typed, text
            try:
                self._tell_sale()
            except (*REFUSALS, AmountError):
                self._work.typed = before
                raise

    # --- the sale ------------------------------------------------------------------------------------------------------

    def _scanned(self, text: str) -> None:
        match self._counter.scan(text, self._work.draft):
            case MemberIdentified(member, proof):
                self._identified(member, proof)
            case MemberConfirmed(proof):
                self._work.draft = replace(self._work.draft, proof=proof)
                self._talk.say(_("The member's code is taken"))
            case ProductScanned(product):
                self._work.typed, self._work.draft = "", self._work.draft.with_product(product)
                self._talk.say(f"{harmless(product.name)} {money(product.price_fen)}")
                self._tell_sale()
            case ReceiptScanned():
                self._refund()
            case _:
                self._talk.say(_("This code is not used here: f2 redeems, f4 takes goods back"))

    def _identified(self, member: MemberView, proof: MemberProof | None) -> None:
        work = self._work
        before = work.draft.member
        if before is not None and before.member != member.member and work.has_begun:
            question = _("This sale is {before}'s. Change it to {member}? Amount and products stay").format(
                before=name_of(before), member=name_of(member)
            )
            if not confirmed(self._talk, question):
                return
        work.draft = work.draft.with_member(member, proof)
        self._tell_member(member)
        self._tell_sale()

    def _tell_member(self, member: MemberView) -> None:
        programme = self._counter.store.programme
        tier = programme.tier_by_code.get(member.tier)
        parts = [name_of(member), harmless(either(tier.name)) if tier else ""]
        if member.last4:
            parts.insert(1, _("ends {last4}").format(last4=harmless(member.last4, 4)))
        kind = self._counter.store.points_kind
        points = points_text(member.spendable(kind))
        self._talk.say("  ".join([*filter(None, parts), _("can spend {points}").format(points=points)]))
        if member.as_of_us is None:
            self._talk.say(_("Not known at this till yet; points are earned all the same"))
        for lot in (one for one in member.expiring if one.kind == kind):
            said = _("{points} points expire on {day}").format(points=points_text(lot.points), day=day_text(lot.on))
            self._talk.say(said)

    def _tell_sale(self) -> None:
        """The amount, what it earns, and whether a reward can be had. Raises one of `REFUSALS`, `AmountError`."""
        sale = self._work.sale()
        if not sale.earns:
            return
        said = f"{_('Amount')} {money(sale.basket.gross_fen)}"
        quoted = self._counter.quote(sale)
        if quoted is not None:
            said += "  " + _("earns {points} points").format(
                points=points_text(quoted.quote.awarded(self._counter.store.points_kind))
            )
            can = sum(offer.is_possible for offer in quoted.offers)
            said += "  " + _("{n} rewards can be had: f2 reads them").format(n=can) if can else ""
        self._talk.say(said)

    def _book(self) -> None:
        work, counter = self._work, self._counter
        sale = work.sale()
        try:
            receipt = counter.commit(self._session, sale)
        except REFUSALS as error:
            if code_of(error) != "amount-unusual":
                raise
            amount = money(sale.basket.gross_fen)
            if not confirmed(
                self._talk, _("{amount} is far more than is usual here. Is it right?").format(amount=amount)
            ):
                return
            receipt = counter.commit(self._session, replace(sale, amount_confirmed=True))
        work.finish(receipt)
        self._tell_last()

    def _tell_last(self) -> None:
        last = self._work.last
        assert last is not None
        said = state_words(last.state, is_online=self._counter.is_online)[0]
        self._talk.say(f"{summary(last.receipt)}  {said}")

    # --- the keys ------------------------------------------------------------------------------------------------------

    def _redeem(self) -> None:
        receipt = redeeming.redeem(self._talk, self._counter, self._session, self._work.sale())
        if receipt is not None:
            self._work.finish(receipt)
            self._tell_last()

    def _void(self) -> None:
        returning.void(self._talk, self._counter, self._session)
        self._work.last = None

    def _refund(self) -> None:
        if not is_one_of(self._session, commands.REFUND.roles):
            raise RefusedError("role")  # before anything is typed for nothing
        returning.refund(self._talk, self._counter, self._session)

    def _receipts(self) -> None:
        returning.receipts(self._talk, self._counter, self._session)

    def _find(self) -> None:
        text = self._talk.ask(_("Phone or member number; Enter leaves it"), takes_scans=True)
        if text:
            self._identified(self._counter.look_up(text), None)

    def _hold(self) -> None:
        work, counter, session = self._work, self._counter, self._session
        if not work.is_idle:
            counter.hold(session, work.draft, work.typed)
            work.clear()
            self._talk.say(_("Put aside ({n}); F6 takes it back").format(n=len(counter.held(session))))
            return
        sales = counter.held(session)
        labels = [f"{counter.local(one.at)[11:16]}  {one.typed}" for one in sales]
        place = choose(self._talk, _("Sales put aside"), labels) if sales else None
        if place is not None:
            work.draft, work.typed = counter.take_back(sales[place]), sales[place].typed
            if work.draft.member is not None:
                self._tell_member(work.draft.member)
            self._tell_sale()

    def _shift(self) -> None:
        self._work.session = people.end_of_shift(self._talk, self._counter, self._session)

    def _stand(self) -> None:
        self._talk.say(self._link(is_whole=True))

    def _give(self) -> None:
        receipt = giving.give(self._talk, self._counter, self._session, self._work.draft.member)
        if receipt is not None:
            self._work.finish(receipt)
            self._tell_last()

    def _lock(self) -> None:
        self._work.session = None
        self._talk.say(_("Locked; the sale stays"))

    def _clear(self) -> None:
        if self._work.typed:
            self._work.typed = ""
        elif not self._work.draft.lines or confirmed(self._talk, _("Clear this sale with all its products?")):
            self._work.clear()
        self._talk.say(_("Cleared"))

    def _help(self) -> None:
        self._talk.say(
            "\n".join(
                [
                    _("A code or an amount, then Enter. Enter alone books the sale; it never redeems."),
                    _("f2 redeem, f3 void, f4 refund, f5 find a member, f6 hold, f7 receipts, f8 shift,"
                      " f9 how the till stands, f10 lock, f11 late credit and points by hand, esc clear;"
                      " / and a number: receipt number"),
                ]
            )
        )  # fmt: skip
