"""The ledger beside the reference (`tests.ledger.reference`): whatever tills, members and managers do, both say the same.

Three tills of two stores write sales, voids and returns into real chains and send them late, in pieces, in any order, some
twice, some in a batch that the ledger has received and not booked when it stops. They ask for points, ask again, too late and
for each other; points are set aside, called back, lost with their till; what waits is decided. `TILL_MODEL_EXAMPLES` asks for
more histories.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.allowances import grant_allowances
from ledger.deciding import Done, Wanted, decide
from ledger.declaring import declare_lost
from ledger.expiring import expire
from ledger.problems import CaseError
from ledger.withdrawing import set_consent
from protocol.cases import Correction
from protocol.entries import Award, Sale
from tests.ledger.both_sides import LATER, A, B, BothSides
from tests.ledger.shop import KIND, PROGRAMME

EXAMPLES = int(os.environ.get("TILL_MODEL_EXAMPLES", "100"))
TODAY = "2026-11-21"
ENDS = ("", "2026-11-25", "2026-12-31", "2028-11-21")

members, few, at_will = st.sampled_from((A, A, A, B, LATER)), st.integers(1, 30), st.integers(0, 999)
kinds = st.sampled_from((KIND, KIND, KIND, "gold"))
awards = st.lists(
    st.builds(Award, kind=kinds, points=st.integers(1, 200), expires_on=st.sampled_from(ENDS)), max_size=2
)
line = st.tuples(st.sampled_from((KIND, KIND, KIND, KIND, "gold", "stars")), few, st.sampled_from(("", "", "", "n1")))
lines = st.lists(line, max_size=2)
versions = st.sampled_from((1, 1, 1, 1, 9))
tills, soon, away = st.integers(0, 2), st.sampled_from((True, True, False)), st.sampled_from((0, 0, 0, 1, 2))


class Coalition(BothSides, RuleBasedStateMachine):
    """What can happen."""

    asked: Bundle[tuple[int, Sale]] = Bundle("asked")
    sold: Bundle[tuple[int, Sale]] = Bundle("sold")

    @initialize(awarded=st.integers(60, 300))
    def begin(self, awarded: int) -> None:
        """Nothing can be asked before."""
        self.start(awarded)

    @invariant()
    def both_say_the_same(self) -> None:
        """After each step."""
        if hasattr(self, "database"):
            self.compare()

    def teardown(self) -> None:
        """Give the memory back."""
        if hasattr(self, "database"):
            self.database.close()

    # --- what a till writes ------------------------------------------------------------------------------------------

    @rule(target=sold, till=tills, member=members, given=awards, taken=lines, version=versions, now=soon)
    def sell(
        self, till: int, member: str, given: Sequence[Award], taken: Any, version: int, now: bool
    ) -> tuple[int, Sale]:
        """On the floor."""
        return self.write_sale(till, self.tills[till].sale(member), given, taken, now, version=version)

    @rule(target=sold, ask=asked, given=awards, taken=lines, at=at_will, version=versions, now=soon)
    def sell_as_asked(
        self, ask: tuple[int, Sale], given: Sequence[Award], taken: Any, at: int, version: int, now: bool
    ) -> tuple[int, Sale]:
        """Under the id that was asked for, whatever the answer was; it may draw on anything that lies anywhere."""
        till, sale = ask
        return self.write_sale(till, sale, given, taken, now, version=version, draws_on=self.one_that_lies(at))

    @rule(target=sold, till=tills, taken=st.lists(line, min_size=1, max_size=2), at=at_will, now=soon)
    @precondition(lambda self: self.reference.lying)
    def draw(self, till: int, taken: Any, at: int, now: bool) -> tuple[int, Sale]:
        """On an allowance, at its till or at another one."""
        identity = self.one_that_lies(at)
        assert identity is not None
        sale = self.tills[till].sale(self.reference.lying[identity.bytes].where[0])
        return self.write_sale(till, sale, (), taken, now, draws_on=identity)

    @rule(away=away, one=sold, day=st.sampled_from((TODAY, "2026-12-05")), now=soon)
    def void(self, away: int, one: tuple[int, Sale], day: str, now: bool) -> None:
        """At its own till or at another one."""
        till = (one[0] + away) % 3
        self.append(till, self.tills[till].void(one[1], business_day=day), now)

    @rule(
        away=away, one=sold, day=st.sampled_from((TODAY, "2026-12-05", "2027-02-01")), fen=st.sampled_from((0, 5_000)),
        back=st.integers(0, 12), taken=st.integers(0, 60), kind=kinds, added=st.sampled_from((0, 0, 0, 5)), now=soon,
        goods=st.sampled_from((0, 0, 30, 70)), promised=st.sampled_from((0, 0, 0, 20)),
    )  # fmt: skip
    def refund(
        self,
        away: int,
        one: tuple[int, Sale],
        day: str,
        fen: int,
        back: int,
        taken: int,
        kind: str,
        added: int,
        now: bool,
        goods: int,
        promised: int,
    ) -> None:
        """Some of it, or more than it had; at its own till or at another one, which may have been told that points ended."""
        till = (one[0] + away) % 3
        awards = (Award(kind=KIND, points=added, expires_on=ENDS[1]),) if added else ()
        refund = self.tills[till].refund(
            one[1], back, taken, kind=kind, money_fen=fen, business_day=day, awards=awards, programme=PROGRAMME,
            programme_version=1, engine=1, sums_fen={"food": goods} if goods else {},
            ended={kind: promised} if promised else {},
        )  # fmt: skip
        self.append(till, refund, now)

    @rule(one=sold, goods=st.sampled_from((30, 70, 100)))
    def refund_goods(self, one: tuple[int, Sale], goods: int) -> None:
        """That earned nothing, as the till has it: booked also while the points of the sale wait."""
        self.append(one[0], self.tills[one[0]].refund(one[1], sums_fen={"food": goods}), now=True)

    @rule(target=sold, till=tills, given=awards, goods=st.sampled_from((30, 70, 100)))
    @precondition(lambda self: 9 not in self.reference.versions)
    def give_late(self, till: int, given: Sequence[Award], goods: int) -> tuple[int, Sale]:
        """Points that wait for their rules, while goods come back; a person accepts them then."""
        one = self.write_sale(till, self.tills[till].sale(A), given, [(KIND, 1, "")], now=True, version=9)
        key = self.tills[till].terminal, len(self.tills[till].payloads)
        self.refund_goods(one, goods)
        self.publish()
        if key in self.waiting():
            self.decide(self.waiting().index(key), "accepted", 1)
        return one

    @rule(away=away, one=sold, day=st.sampled_from((TODAY, "2027-02-01")), now=soon)
    def refund_all(self, away: int, one: tuple[int, Sale], day: str, now: bool) -> None:
        """As the till has it, whatever the ledger booked of it."""
        till, sale = (one[0] + away) % 3, one[1]
        given, taken = Counter[str](), Counter[str]()
        for line in sale.redemptions:
            given[line.kind] += line.points
        for award in sale.awards:
            taken[award.kind] += award.points
        whole = self.tills[till].refund(sale, money_fen=sale.due_fen, business_day=day, sums_fen=sale.sums_fen)
        self.append(till, msgspec.structs.replace(whole, given_back=dict(given), taken_back=dict(taken)), now)

    @rule(away=away, ask=asked, now=soon)
    def give_back(self, away: int, ask: tuple[int, Sale], now: bool) -> None:
        """What was asked for; a till that heard nothing returns it too."""
        till = (ask[0] + away) % 3
        self.append(till, self.tills[till].returned(ask[1].member, ask[1].id), now)

    @rule(till=tills, at=at_will, now=soon)
    @precondition(lambda self: self.reference.lying)
    def give_back_what_lies(self, till: int, at: int, now: bool) -> None:
        """An allowance, as a rule."""
        identity = self.one_that_lies(at)
        assert identity is not None
        member = self.reference.lying[identity.bytes].where[0]
        self.append(till, self.tills[till].returned(member, identity), now)

    @rule(target=sold, till=tills, now=soon)
    def spend_all(self, till: int, now: bool) -> tuple[int, Sale]:
        """So that a void finds nothing left of what its sale gave."""
        points = max(1, self.reference.available((A, KIND)))
        return self.write_sale(till, self.tills[till].sale(A), (), [(KIND, points, "")], now)

    @rule(till=tills, one=sold, is_nonsense=st.booleans())
    def write_what_nobody_books(self, till: int, one: tuple[int, Sale], is_nonsense: bool) -> None:
        """Another entry under an id that there is, or no entry: it holds up nobody."""
        same = msgspec.structs.replace(self.tills[till].sale(one[1].member, award=1), id=one[1].id)
        self.append(till, b"{}" if is_nonsense else same)

    # --- what comes to the ledger ------------------------------------------------------------------------------------

    @rule(target=asked, till=tills, member=members, points=few)
    def ask(self, till: int, member: str, points: int) -> Any:
        """For points, under the id of a sale that may come; no answer is the same to the ledger."""
        sale = self.tills[till].sale(member)
        self.ask_for(till, sale, points)
        return till, sale

    @rule(one=asked | sold, away=away, points=few)
    def ask_late(self, one: tuple[int, Sale], away: int, points: int) -> None:
        """Again, or after its entry or its return came, or from the wrong till."""
        self.ask_for((one[0] + away) % 3, one[1], points)

    @rule(till=tills)
    def set_aside(self, till: int) -> None:
        """For whom and how many is `ledger.allowances`'s; here that they are there, never all, and one in a store."""
        for granted in grant_allowances(self.database, self.tills[till].terminal, self.shop.tick()):
            where = granted.member, granted.kind
            assert granted.points < self.reference.available(where)
            assert not any(one.is_allowance and one.where[0] == where[0] and one.terminal != "T3"
                           for one in self.reference.lying.values())  # fmt: skip
            assert self.reference.reserve(
                granted.id.bytes, granted.terminal, where, granted.points, is_allowance=True
            )

    @rule(till=tills, many=st.integers(1, 4))
    def send(self, till: int, many: int) -> None:
        """The next entries, whatever was received and not booked before them."""
        one = self.tills[till]
        self.send_batch(one, self.received[one.terminal] + 1, many)

    @rule(till=tills, first=at_will, many=st.integers(1, 6))
    def send_again(self, till: int, first: int, many: int) -> None:
        """The answer was lost: the first outcomes again, byte for byte, and nothing is written."""
        one = self.tills[till]
        if known := self.received[one.terminal]:
            first = first % known + 1
            before = self.database.serialize()
            is_booked = self.booked[one.terminal] >= min(first + many - 1, len(one.payloads))
            self.send_batch(one, first, many)
            assert not is_booked or self.database.serialize() == before

    @rule(till=tills, many=st.integers(1, 4))
    def stop_while_receiving(self, till: int, many: int) -> None:
        """The ledger has kept a batch, and is killed before it books it."""
        one = self.tills[till]
        self.receive_batch(one, self.received[one.terminal] + 1, many)

    @rule()
    def start_again(self) -> None:
        """What it left is booked when it is back."""
        self.sweep()

    # --- what people decide ------------------------------------------------------------------------------------------

    @rule(
        at=at_will,
        choice=st.sampled_from(("accepted", "accepted", "accepted", "written-off", "corrected")),
        points=few,
    )
    @precondition(lambda self: self.waiting())
    def decide(self, at: int, choice: Any, points: int) -> None:
        """About one of the entries that wait, or that were uncovered; or one that was decided before."""
        waiting = self.waiting()
        key = waiting[at % len(waiting)]
        words = (
            Correction(member=A, kind=KIND, **{("given", "taken")[at % 2]: points}) if choice == "corrected" else None
        )
        wanted = Wanted(*key, choice, "1001", "x", entry=self.one_that_lies(at), correction=words)
        before = self.database.serialize()
        try:
            done = decide(self.database, wanted, self.shop.tick())
        except CaseError:
            done = None
        if key in self.decided:
            assert done == Done(self.decided[key], is_new=False)
        elif self.is_decided(wanted, done.decision if done else None):
            assert done is not None
            self.decided[key] = done.decision
            return
        else:
            assert done is None
        assert self.database.serialize() == before

    @rule(day=st.sampled_from(("2026-11-26", "2027-01-01")))
    def expire(self, day: str) -> None:
        """Never what is reserved."""
        expire(self.database, day, self.shop.tick())
        self.reference.expire(day)

    @rule(member=st.sampled_from((A, B)))
    def withdraw(self, member: str) -> None:
        """His habits are nobody's business from now on."""
        set_consent(self.database, member, "habit", self.shop.tick(), is_given=False)
        self.reference.withdraw(member)

    @rule(till=tills)
    @precondition(lambda self: not self.reference.lost)
    def lose(self, till: int) -> None:
        """One till is declared lost; it goes on sending."""
        declare_lost(self.database, self.tills[till].terminal, self.shop.tick())
        self.reference.lose(self.tills[till].terminal)

    @rule()
    @precondition(lambda self: LATER not in self.reference.members)
    def join(self) -> None:
        """Whose sales waited for him."""
        self.shop.join(LATER)
        self.reference.members.add(LATER)

    @rule()
    @precondition(lambda self: 9 not in self.reference.versions)
    def publish(self) -> None:
        """The rules that sales waited for."""
        self.shop.publish(9)
        self.reference.versions.add(9)


TestTheLedgerAndTheReference = Coalition.TestCase
TestTheLedgerAndTheReference.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=50, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)  # fmt: skip
