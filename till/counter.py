"""The counter, headless: the one object that screens, commands and the demo talk to.

It only hands on: every rule is in the module it names. Calls that may wait say so; others return in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from local_db.errors import CacheDamagedError
from points import Offer
from protocol.cases import Decision
from protocol.documents import Product
from protocol.entries import Appointment, Approval
from protocol.member_links import MemberLink
from protocol.push import Outcome
from sync.link import LinkState
from till import (
    allowances,
    authorising,
    cases,
    history,
    holding,
    looking_up,
    member_linking,
    redeeming,
    scanning,
    selling,
    services,
    shifts,
    signing_in,
    voiding,
    vouchers,
)
from till.appointments import read_appointment
from till.approvals import Approvals
from till.cases import WaitingEntry, Wish
from till.claiming import Claims
from till.clock import Doubt
from till.desk import Awaited, Desk
from till.draft import MemberProof, SaleDraft
from till.events import Event, ReceiptMade, SaleVoided
from till.history import PastSale
from till.holding import HeldSale
from till.household import Household
from till.joining import Joining
from till.members import MemberView
from till.receipts import Receipt
from till.redeeming import Standing
from till.report_figures import ShiftReport
from till.reporting import Reports
from till.returns import Returns
from till.scanning import Scan
from till.selling import Quoted
from till.shift_report import shift_report
from till.shifts import Session
from till.store import Store
from till.tracing import Tracing
from till.unfinished import Unfinished

Listener = Callable[[Event], None]


class Counter:
    """A till at work. Safe to call from any thread; events come from threads of their own."""

    def __init__(self, desk: Desk, link: Callable[[], LinkState]) -> None:
        self._desk = desk
        self._link = link
        self._listeners: list[Listener] = []
        self.unfinished, self.joining, self.pins = Unfinished(desk), Joining(desk), signing_in.Pins(desk)

    # --- what is known ---------------------------------------------------------------------------------------------

    @property
    def is_ready(self) -> bool:
        """Whether the ledger's documents are here: without them nobody can sign in."""
        return self._desk.is_ready

    @property
    def store(self) -> Store:
        """The store's settings, programme and staff. Raises `RefusedError("no-programme")`."""
        return self._desk.store

    @property
    def terminal(self) -> str:
        """The id of this till."""
        return self._desk.terminal

    @property
    def terminal_name(self) -> str:
        """What people call this till: 02号机."""
        return self._desk.terminal_name

    def witness(self, seq: int) -> str:
        """What a customer takes along of an entry, for a QR code: till, number and hash of the chain."""
        return history.witness(self._desk.journal, self._desk.terminal, seq)

    @property
    def link(self) -> LinkState:
        """What the status line says."""
        return self._link()

    @property
    def is_online(self) -> bool:
        """Whether asking the ledger makes sense now."""
        return self.link.condition in ("online", "slow", "recovering")

    def now_us(self) -> int:
        """Till time, µs UTC."""
        return self._desk.clock.now_us()

    def local(self, at_us: int | None = None) -> str:
        """The store's civil time as text: 2026-11-21 14:32:05."""
        at = self.now_us() if at_us is None else at_us
        return self._desk.calendar.civil(at).isoformat(sep=" ", timespec="seconds")

    @property
    def is_clock_trusted(self) -> bool:
        """Whether it is good enough for the minute of a dynamic code."""
        return self._desk.clock.is_trusted

    @property
    def clock_doubt(self) -> tuple[Doubt, int]:
        """Why the clock is not trusted, empty where it is; and how long ago the ledger was heard since the start, µs."""
        return self._desk.clock.doubt, self._desk.clock.unheard_us()

    @property
    def rules_trouble(self) -> str:
        """What is wrong with the store's rules, as a code; empty for nothing."""
        return self._desk.rules_trouble

    # --- facts that come by themselves -------------------------------------------------------------------------------

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` every event, from other threads; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, event: Event) -> None:
        """Pass an event on to all listeners."""
        for listener in tuple(self._listeners):
            listener(event)

    # --- people ------------------------------------------------------------------------------------------------------

    def sign_in(self, staff: str, pin: str) -> Session:
        """Takes about 20 ms. Raises `RefusedError`: `pin-wrong`, `pin-locked`."""
        return signing_in.sign_in(self._desk, staff, pin)

    def open_shift(self, session: Session) -> Session:
        """Open a shift or join the open one. Raises `RefusedError("role")`."""
        return shifts.open_shift(self._desk, session)

    def close_shift(self, session: Session) -> ShiftReport:
        """The Z report. Raises `RefusedError`: `role`, `no-shift`, `sales-held`."""
        return shifts.close_shift(self._desk, session)

    def shift_report(self, shift: str) -> ShiftReport:
        """The X report of the open shift, or the report of a closed one. Raises `RefusedError("no-shift")`."""
        return shift_report(self._desk.journal, shift)

    @property
    def reports(self) -> Reports:
        """Of a cashier's part, of a day; what can be printed."""
        return Reports(self._desk)

    def hand_over(self, session: Session, staff: str, pin: str) -> Session:
        """交班: somebody else goes on in the open shift. Raises as `sign_in`; `no-shift`, `hand-over-…`."""
        return shifts.hand_over(self._desk, session, signing_in.prove(self._desk, staff, pin))

    # --- a sale ------------------------------------------------------------------------------------------------------

    def scan(self, text: str, draft: SaleDraft, *, is_repeat: bool = False) -> Scan:
        """What a scanned or typed code means now. Raises `RefusedError` or `protocol.errors.CodeError`, both with `code`."""
        with self._reading():
            return scanning.scan(self._desk, text, draft, is_repeat=is_repeat)

    def look_up(self, text: str) -> MemberView:
        """A member by what he says: phone, plate, number; may wait for the network or a slow hash. Raises `RefusedError`."""
        with self._reading():
            return looking_up.look_up(self._desk, text, is_online=self.is_online)

    def product(self, code: str) -> Product:
        """A product of the price list. Raises `RefusedError("product-unknown")`."""
        with self._reading():
            return scanning.find_product(self._desk.cache(), code)

    def refresh(self, member: MemberView) -> MemberView:
        """The same member as known now, but for his tier: none changes in a sale. As he was, where only the ledger knew him."""
        with self._reading():
            return scanning.known_now(self._desk, member)

    def quote(self, draft: SaleDraft) -> Quoted | None:
        """What the draft would earn, and the rewards. Raises a `points.RedemptionError` for its choices."""
        return selling.quote_draft(self._desk, draft)

    def commit(self, session: Session, draft: SaleDraft) -> Receipt:
        """Durable on return. Raises `RefusedError` (`amount-unusual` asks once more), `local_db` errors."""
        return self._made(selling.commit_sale(self._desk, session, draft))

    def standing(self, draft: SaleDraft, offer: Offer, points: int) -> Standing:
        """On which authority this could be redeemed now."""
        return redeeming.standing(self._desk, draft, offer, points, is_online=self.is_online)

    def appointment(self, reward_id: str, text: str) -> Appointment:
        """With whom and when, as typed. Raises what `till.appointments.read_appointment` raises."""
        return read_appointment(self._desk, reward_id, text)

    def redeem(self, session: Session, draft: SaleDraft) -> Receipt:
        """Redeem the draft's choice and commit the sale; may wait for one bounded call. Raises like `commit`."""
        self._desk.need_open(session.shift)
        with self.reports.counting(session):
            return self._made(redeeming.redeem_and_commit(self._desk, session, draft, is_online=self.is_online))

    def ask_phone(self, session: Session, draft: SaleDraft) -> Awaited:
        """What the member's phone is shown, for him to allow the draft's choice. Raises `RefusedError`; see there."""
        self._desk.need_open(session.shift)
        return authorising.ask(self._desk, draft)

    def shown_to_phone(self, member: str) -> str:
        """What the member's phone was shown last and has not answered; empty for nothing."""
        return awaited.text if (awaited := self._desk.awaited.get(member)) else ""

    def permission(self, draft: SaleDraft, text: str) -> MemberProof:
        """That a scanned authorisation allows the draft's choice. Raises `RefusedError` or `CodeError`, both with `code`."""
        with self._reading():
            return authorising.permission(self._desk, draft, text)

    def link_member(self, session: Session, draft: SaleDraft, proof: MemberProof) -> MemberLink:
        """The link that opens the page of the draft's member once, a secret; waits for the network. Raises `RefusedError`."""
        self._desk.need_open(session.shift)
        return member_linking.link_member(self._desk, draft, proof, is_online=self.is_online)

    @property
    def household(self) -> Household:
        """The pool that a member shares with others; what is asked of it waits for the network."""
        return Household(self._desk, is_online=self.is_online)

    @property
    def claims(self) -> Claims:
        """Sales without a member, and the points of their receipts."""
        return Claims(self._desk, is_online=self.is_online)

    def serve(self, member: str) -> None:
        """Who is on the screen, empty for nobody: what was called back of his is returned once he is not any more."""
        allowances.serve(self._desk, member)

    def ask_allowances(self) -> None:
        """Ask now, in the background, for what members usually take here; otherwise it happens by itself in a shift."""
        if shift := shifts.current_shift(self._desk):
            self._desk.ledger.want_allowances(shift, at_once=True)

    def return_allowances(self) -> None:
        """Return all that is set aside here, now; otherwise it happens by itself when the shift has ended."""
        allowances.return_all(self._desk)

    def void(self, session: Session, sale: UUID, reason: str = "", approval: Approval | None = None) -> None:
        """Take a sale of this shift back. Raises `RefusedError` (`approval-needed` asks a supervisor)."""
        self.tell(SaleVoided(voiding.void_sale(self._desk, session, sale, reason, approval).seq))

    @property
    def approvals(self) -> Approvals:
        """What a supervisor allows on the spot: his PIN, points for an earlier sale, points by hand, the day's list."""
        return Approvals(self._desk, self._made)

    @property
    def returns(self) -> Returns:
        """Goods that come back."""
        return Returns(self._desk, self._made, is_online=self.is_online)

    def hold(self, session: Session, draft: SaleDraft, typed: str) -> None:
        """Put a sale aside with the amount as it is `typed`; durable on return. Raises `RefusedError`, `local_db` errors."""
        holding.hold(self._desk, session.shift, draft, typed)

    def held(self, session: Session) -> list[HeldSale]:
        """The sales of the session's shift that are put aside, the oldest first."""
        return holding.held(self._desk, session.shift)

    def draft_of(self, sale: HeldSale) -> SaleDraft:
        """A held sale as it would come back. Raises `RefusedError("cache-rebuilding")`."""
        with self._reading():
            return holding.draft_of(self._desk, sale)

    def take_back(self, sale: HeldSale) -> SaleDraft:
        """A held sale, not held any more. Raises `RefusedError`, `local_db` errors: then it still is."""
        with self._reading():
            return holding.take_back(self._desk, sale)

    # --- what was done -----------------------------------------------------------------------------------------------

    def issued(self, seq: int) -> list[vouchers.Issued]:
        """The vouchers that a sale of this till gave, each with its code, a secret. Raises `RefusedError`; see there."""
        return vouchers.issued_at(self._desk, seq)

    @property
    def tracing(self) -> Tracing:
        """查一笔: sales that a receipt, a member, a phone, an amount or a time means, here and elsewhere."""
        return Tracing(self._desk, self._reading)

    def services(self) -> services.Today:
        """Services that were booked at this till: what is open, and what was to be or was done today."""
        return services.of_today(self._desk)

    def sales(self, session: Session) -> list[PastSale]:
        """The sales of the session's shift, newest first, each with what has become of it."""
        return history.sales_of_shift(self._desk.journal, self._desk.terminal, session.shift)

    def last_seq(self) -> int:
        """The seq of the journal's newest entry."""
        return self._desk.journal.last_seq()

    def waiting(self, after: int = 0) -> list[WaitingEntry]:
        """A page of what waits for a person, the oldest first, after the entry with this seq."""
        return cases.waiting(self._desk, after)

    def quarantined(self) -> list[Outcome]:
        """The outcomes of all that waits."""
        return self._desk.journal.quarantined()

    def waiting_count(self) -> int:
        """How many wait."""
        return self._desk.journal.quarantined_count()

    def decide(self, session: Session, wish: Wish) -> Decision:
        """Decide about an entry that waits; waits for the network. Raises `RefusedError`, `FinalSyncError`."""
        return cases.decide(self._desk, session, wish, is_online=self.is_online)

    def _made(self, receipt: Receipt) -> Receipt:
        self.tell(ReceiptMade(receipt))
        return receipt

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What cannot be read of the cache is wanted anew; nobody else may ever come by that page."""
        try:
            yield
        except CacheDamagedError:
            self._desk.ledger.rebuild()
            raise
