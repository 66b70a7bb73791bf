"""What people do at a counter. One function an operation, and a line in `OPERATIONS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

from ledger.claiming import claim
from local_db.errors import LocalDbError
from points import Choice, Offer, PointsError
from protocol.codes import member_code
from protocol.errors import ProtocolError
from simulation.coalition import MANAGER, MEMBERS, NOBODY, PIN
from simulation.oracle import Oracle
from simulation.till_host import TillHost
from simulation.world import World
from sync.errors import SyncError
from till.approving import Reason
from till.counter import Counter
from till.draft import SaleDraft
from till.errors import RefusedError
from till.giving import Earlier
from till.scanning import MemberIdentified
from till.shifts import Session

REFUSALS = (RefusedError, PointsError, ProtocolError, SyncError, LocalDbError)
"""What a counter may answer in the course of a day."""


@dataclass
class Cashier:
    """Somebody at a counter, in the middle of one operation."""

    world: World
    oracle: Oracle
    till: TillHost
    chance: Random
    has_looked_up: bool = False
    waited_s: float = 0.0
    """By his own choice."""

    @property
    def counter(self) -> Counter:
        return self.till.counter

    def session(self) -> Session:
        """Signed in, in a shift; both again after a crash."""
        session = self.till.session or self.counter.sign_in(MANAGER, PIN)
        if not session.shift:
            session = self.counter.open_shift(session)
        self.till.session = session
        return session

    def member(self) -> str:
        """Somebody comes, or the one before again; often one who usually redeems here; sometimes one whom nobody knows."""
        if self.chance.random() < 0.01:
            return NOBODY
        if self.chance.random() > 0.3:
            usual = self.usual()
            self.till.last_member = self.chance.choice(usual if usual and self.chance.random() < 0.6 else MEMBERS)
        return self.till.last_member

    def usual(self) -> list[str]:
        """Of whom something is set aside here."""
        return [
            member
            for terminal, member, _kind, authority, _left in self.oracle.books.left_lying()
            if (terminal, authority) == (self.till.terminal, "allowance")
        ]

    def identified(self, member: str, *, wants_phone: bool = False) -> SaleDraft:
        """A draft with a member: by card, by number, or by phone."""
        how = self.chance.random()
        if wants_phone or how < 0.4:
            draft = self._scanned(self.world.phones.code(member, self.chance))
        elif how < 0.9:
            draft = self._scanned(member_code(member))
        else:
            self.has_looked_up = True
            draft = SaleDraft().with_member(self.counter.look_up(member), None)
        self.counter.serve(member)
        return draft

    def _scanned(self, code: str) -> SaleDraft:
        scan = self.counter.scan(code, SaleDraft())
        assert isinstance(scan, MemberIdentified)
        return SaleDraft().with_member(scan.member, scan.proof)

    def wait(self, seconds: float) -> None:
        """For somebody; the others go on."""
        self.waited_s += seconds
        self.world.scheduler.pause(seconds)

    def amount(self) -> int:
        """Fen; now and then a fortune."""
        return self.chance.choice((1, 99, 100, 1_250, 4_990, 9_900, 31_400, 250_000))

    def reference(self) -> str:
        """A receipt number of a cash register, from so few that two tills of a store meet."""
        return f"R{self.chance.randrange(40)}" if self.chance.random() < 0.15 else ""


def sell(cashier: Cashier) -> None:
    """A sale that earns; now and then without a member, for whoever claims it."""
    session = cashier.session()
    if cashier.counter.claims.are_offered and cashier.world.nobody.random() < 0.2:
        _sell_to_nobody(cashier, session)
        return
    draft = replace(cashier.identified(cashier.member()).with_amount(cashier.amount()), reference=cashier.reference())
    cashier.oracle.promised(cashier.till, cashier.counter.commit(session, draft))


def _sell_to_nobody(cashier: Cashier, session: Session) -> None:
    """Meanwhile some member claims one of the last receipts on his page: before its sale has arrived, after another, twice."""
    world, ledger = cashier.world, cashier.world.ledger
    draft = SaleDraft(reference=cashier.reference()).with_amount(cashier.amount())
    receipt = cashier.counter.commit(session, cashier.counter.claims.without_member(draft))
    world.receipts.append(receipt.claim)
    cashier.oracle.promised(cashier.till, receipt)
    if ledger.is_up and world.nobody.random() < 0.7:
        code, member = world.nobody.choice(world.receipts[-4:]), world.nobody.choice(MEMBERS)
        ledger.work(lambda database: claim(database, member, code, ledger.clock()))


def redeem(cashier: Cashier, *, is_next: bool = False) -> None:
    """A sale with a reward, on whatever authority there is. `is_next`: of the member who is known to come."""
    session = cashier.session()
    member = cashier.till.last_member if is_next else cashier.member()
    draft = cashier.identified(member, wants_phone=cashier.chance.random() < 0.9).with_amount(cashier.amount())
    if chosen := _chosen(cashier, draft):
        cashier.oracle.promised(cashier.till, cashier.counter.redeem(session, chosen))


def redeem_by_phone(cashier: Cashier) -> None:
    """The member allows it on his phone, which has a network; its code comes back to the till, or never does."""
    session = cashier.session()
    draft = cashier.identified(cashier.member()).with_amount(cashier.amount())
    if not (chosen := _chosen(cashier, draft)):
        return
    assert chosen.member is not None
    asked = cashier.counter.ask_phone(session, chosen)
    cashier.wait(cashier.chance.uniform(2, 40))
    text = cashier.world.phones.allow(chosen.member.member, asked.text, cashier.chance)
    if text and cashier.chance.random() < 0.8:
        proof = cashier.counter.permission(chosen, text)
        receipt = cashier.counter.redeem(session, replace(chosen, proof=proof))
        cashier.oracle.promised(cashier.till, receipt)
    elif cashier.chance.random() < 0.7:
        cashier.oracle.promised(cashier.till, cashier.counter.commit(session, draft))


def _chosen(cashier: Cashier, draft: SaleDraft) -> SaleDraft | None:
    """With a reward, where there is one."""
    quoted = cashier.counter.quote(draft)
    assert quoted is not None
    possible = [offer for offer in quoted.offers if offer.is_possible]
    if not possible:
        return None
    here = {balance.kind for balance in (draft.member.balances if draft.member else ()) if balance.set_aside}
    usual = [offer for offer in possible if offer.kind in here]
    offer = cashier.chance.choice(usual if usual and cashier.chance.random() < 0.7 else possible)
    return draft.with_choice(Choice(offer.reward_id, _points(offer, cashier.chance), offer.kind))


def void(cashier: Cashier) -> None:
    """A sale of this shift taken back."""
    session = cashier.session()
    sold = [past for past in cashier.counter.sales(session) if past.state != "voided"]
    if sold:
        past = cashier.chance.choice(sold[:6])
        cashier.counter.void(session, past.receipt.id)
        cashier.oracle.voided(cashier.till, past.receipt.id)


def refund(cashier: Cashier) -> None:
    """Goods of a sale come back, all or a part, of this shift or an earlier one."""
    session, chance = cashier.session(), cashier.chance
    if sold := cashier.counter.returns.newest_sales():
        cashier.has_looked_up = True
        found = cashier.counter.returns.find(chance.choice(sold[:12]).id)
        whole = chance.random() < 0.4
        part = {category: fen if whole else chance.randint(1, fen) for category, fen in found.left_fen.items()}
        cashier.oracle.refunded(cashier.till, cashier.counter.returns.refund(session, found, part))


def give(cashier: Cashier) -> None:
    """Points that the manager allows: late, under a receipt number that others may claim too; or by hand."""
    session, chance = cashier.session(), cashier.chance
    member = cashier.identified(cashier.member()).member
    assert member is not None
    approvals = cashier.counter.approvals
    if chance.random() < 0.5:
        approval = approvals.approve(session, ("late-credit",), Reason("no-code"))
        earlier = Earlier(f"R{chance.randrange(40)}", cashier.amount(), approvals.day)
        receipt = approvals.credit_late(session, member, earlier, approval)
    else:
        approval = approvals.approve(session, ("manual-points",), Reason("complaint"))
        receipt = approvals.give_by_hand(
            session, member, cashier.counter.store.points_kind, chance.randint(1, 300), approval
        )
    cashier.oracle.promised(cashier.till, receipt)


def change_shift(cashier: Cashier) -> None:
    """The Z report, and the next shift; or only the X report."""
    session = cashier.session()
    if cashier.chance.random() < 0.5:
        cashier.counter.shift_report(session.shift)
        return
    cashier.counter.close_shift(session)
    cashier.till.session = None
    cashier.session()


def set_aside(cashier: Cashier) -> None:
    """The manager asks for allowances now, or sends them back: then who had one often comes next."""
    cashier.session()
    if cashier.chance.random() < 0.4:
        cashier.counter.ask_allowances()
        return
    before = cashier.usual()
    cashier.counter.return_allowances()
    if before and cashier.chance.random() < 0.7:
        cashier.till.last_member = cashier.chance.choice(before)
        redeem(cashier, is_next=True)


class Operation(NamedTuple):
    """`weight`: how often, against the others."""

    name: str
    weight: int
    act: Callable[[Cashier], None]


OPERATIONS = (
    Operation("sell", 40, sell),
    Operation("redeem", 40, redeem),
    Operation("redeem by phone", 6, redeem_by_phone),
    Operation("void", 12, void),
    Operation("refund", 8, refund),
    Operation("give", 4, give),
    Operation("shift", 3, change_shift),
    Operation("set aside", 2, set_aside),
)


def _points(offer: Offer, chance: Random) -> int:
    if not offer.step_points or offer.most_points <= offer.points:
        return offer.points
    steps = (offer.most_points - offer.points) // offer.step_points
    return offer.points + offer.step_points * chance.choice((0, 0, min(1, steps), steps // 2, steps))
