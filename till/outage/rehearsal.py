"""A rehearsal of an outage, with everything real but the members: its own folder, terminal, journal, cable and book.

The cable of the rehearsal's terminal is pulled. Sales are made, points are redeemed that were set aside before, the program is
started again without a network, more sales are made; the cable is put back, the real push sends them, and the ledger's training
book is compared with the receipts, point by point. Then all of it is deleted. The till's own journal is opened for reading
alone, and its own sync goes on meanwhile.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from config.settings import Settings
from local_db.errors import LocalDbError
from points import Choice, PointsError
from protocol.codes import member_code
from protocol.look_up import LookUpRequest
from protocol.outage import OutageCheck, Result
from sync import training
from sync.cable import Cable, CableMachine
from sync.client import LedgerClient
from sync.errors import SyncError, TransientSyncError
from sync.identity import load_key
from sync.machine import Machine
from sync.training import Begun
from till.composition import Till, open_till
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.events import Event
from till.members import MemberView
from till.outage.checks import check
from till.receipts import Receipt
from till.scanning import MemberIdentified
from till.shifts import Session

SALES_BEFORE: Final = 3
SALES_AFTER: Final = 2
AMOUNT_FEN: Final = 12_850
WITHIN_S: Final = 20.0
"""For the first pull, for the outage to be seen, for everything to be booked."""
_LOOK_S = 0.25
STEPS: Final = ("begin", "cut", "sell", "redeem", "restart", "push", "compare", "clear")
NAME: Final = "rehearsal"
_SESSION = Session("rehearsal", "rehearsal", ("manager",))
"""Nobody signs in: the staff's PINs are theirs."""


class _FailedError(Exception):
    """A step came to something else than it should; `code` and facts for its sentence."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass
class _Took:
    """What happened so far."""

    checks: list[OutageCheck] = field(default_factory=list)
    sales: int = 0
    points: int = 0
    offline_s: int = 0
    push_ms: int = 0


def rehearse(
    folder: Path, settings: Settings, told: Callable[[str], object] = lambda _step: None
) -> list[OutageCheck]:
    """Rehearse an outage of the till in `folder`; `told` gets each step as it begins. The summary comes first.

    Takes five to twenty seconds. Raises nothing that a till can meet: what goes wrong is a check that failed.
    """
    took = _Took()
    with ExitStack() as stack:
        result = _rehearse(folder, settings, told, took, stack)
    failed = next((one for one in took.checks if one.result == "fail"), None)
    done = {one.name for one in took.checks}
    skipped = [check(f"{NAME}-{step}", "skipped") for step in STEPS if f"{NAME}-{step}" not in done]
    summary = check(
        NAME, result, "" if failed is None or result == "skipped" else "fail",
        n=took.sales, points=took.points, seconds=took.offline_s, ms=took.push_ms,
    )  # fmt: skip
    return [summary, *took.checks, *skipped]


def _rehearse(
    folder: Path, settings: Settings, told: Callable[[str], object], took: _Took, stack: ExitStack
) -> Result:
    told("begin")
    try:
        begun = training.begin(folder, "rehearsal")
    except TransientSyncError as error:
        took.checks.append(check(f"{NAME}-begin", "skipped", "offline", why=error.cause))
        return "skipped"
    except (SyncError, LocalDbError) as error:
        took.checks.append(check(f"{NAME}-begin", "fail", "refused", why=getattr(error, "code", str(error))))
        return "fail"
    took.checks.append(check(f"{NAME}-begin", "pass", terminal=begun.identity.terminal))
    play = _Play(begun, settings, took)
    steps: tuple[tuple[str, Callable[[], OutageCheck]], ...] = (
        ("cut", play.cut), ("sell", play.sell), ("redeem", play.redeem), ("restart", play.restart), ("push", play.push),
        ("compare", play.compare),
    )  # fmt: skip
    stack.callback(lambda: _clear(folder, begun, told, took))
    with play.playing():
        for name, step in steps:
            told(name)
            if (made := _made(name, step)).result == "fail":
                took.checks.append(made)
                return "fail"
            took.checks.append(made)
    return "pass"


def _made(name: str, step: Callable[[], OutageCheck]) -> OutageCheck:
    began = time.monotonic()
    try:
        found = step()
    except _FailedError as error:
        found = check(f"{NAME}-{name}", "fail", error.code, **error.facts)
    except (RefusedError, PointsError, LocalDbError, SyncError) as error:
        found = check(f"{NAME}-{name}", "fail", "refused", why=getattr(error, "code", str(error)))
    return msgspec.structs.replace(found, took_ms=round((time.monotonic() - began) * 1_000))


def _clear(folder: Path, begun: Begun, told: Callable[[str], object], took: _Took) -> None:
    """The folder goes in any case; the book at the ledger too where it can be reached, else with the next rehearsal."""
    told("clear")
    try:
        training.clear(folder, begun)
    except (SyncError, LocalDbError) as error:
        took.checks.append(check(f"{NAME}-clear", "skipped", "later", why=getattr(error, "cause", str(error))))
    else:
        took.checks.append(check(f"{NAME}-clear", "pass"))


class _Play:
    """The rehearsal's own till."""

    def __init__(self, begun: Begun, settings: Settings, took: _Took) -> None:
        self._begun, self._took = begun, took
        # No device: those are the real till's.
        self._settings = Settings(online_timeout_ms=settings.online_timeout_ms, poll_s=1)
        self.cable = Cable()
        self._machine: Machine = CableMachine(self.cable)
        self._member = begun.members[0]
        self._opened: ExitStack = ExitStack()
        self._till: Till | None = None
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._promised = self._member.points
        self._cut_at = 0.0
        self._shift = _SESSION
        self._code = ""

    @contextmanager
    def playing(self) -> Iterator[None]:
        """From the first start to the last end."""
        try:
            yield
        finally:
            self._opened.close()

    def cut(self) -> OutageCheck:
        """Open till and shift, let it hear of its member and of what is set aside, and pull the cable: it has to notice."""
        till = self._open()
        self._until(lambda: till.counter.is_ready and self._shown() == self._member.points, "no-member")
        self._until(lambda: till.counter.is_online, "no-member")  # else nobody could see that it ends
        self._shift = till.counter.open_shift(_SESSION)
        if till.counter.store.settings.allowance.per_member:
            self._until(lambda: self._known().balances[0].set_aside > 0, "not-set-aside")
            with LedgerClient(self._begun.identity, load_key(self._begun.folder), machine=self._machine) as client:
                self._code = client.training_code(self._member.member)
        self.cable.cut()
        self._cut_at = time.monotonic()
        till.agent.poll_now()
        self._until(lambda: till.counter.link.condition == "offline", "not-seen")
        return check(f"{NAME}-cut", "pass")

    def sell(self) -> OutageCheck:
        """Sales, each of them in the journal when its receipt is here."""
        self._sell(SALES_BEFORE)
        return self._stored("sell", SALES_BEFORE)

    def redeem(self) -> OutageCheck:
        """Points that were set aside before the cable was pulled, by the code that the member's phone showed then."""
        counter = self._now.counter
        if not self._code:
            return check(f"{NAME}-redeem", "skipped", "off")
        found = counter.scan(self._code, SaleDraft())
        if not isinstance(found, MemberIdentified):
            raise _FailedError("no-member")
        draft = SaleDraft().with_member(found.member, found.proof).with_amount(AMOUNT_FEN)
        choice = self._choice(draft, found.member.balances[0].set_aside)
        if choice is None:
            return check(f"{NAME}-redeem", "skipped", "nothing")
        receipt = counter.redeem(self._shift, draft.with_choice(choice))
        if any(taken.authority != "allowance" for taken in receipt.redemptions):
            raise _FailedError("authority", why=receipt.redemptions[0].authority)
        self._promised -= choice.points
        self._count(receipt)
        self._stored("redeem", SALES_BEFORE + 1)
        return check(f"{NAME}-redeem", "pass", points=choice.points)

    def _choice(self, draft: SaleDraft, set_aside: int) -> Choice | None:
        """A reward that what is set aside pays, and that is given at once."""
        quoted = self._now.counter.quote(draft)
        for offer in quoted.offers if quoted else ():
            fits = offer.is_possible and offer.kind == self._begun.kind and 0 < offer.points <= set_aside
            if not fits or offer.form in ("issue", "issue-ladder"):
                continue
            if self._now.counter.standing(draft, offer, offer.points).authority == "allowance":
                return Choice(offer.reward_id, offer.points)
        return None

    def restart(self) -> OutageCheck:
        """The program ends and starts without a network, as after a power cut; it sells on in the same shift."""
        self._opened.close()
        till = self._open()
        self._until(lambda: till.counter.is_ready, "not-ready")
        before = self._took.sales
        shift = till.counter.open_shift(_SESSION)
        if shift.shift != self._shift.shift:
            raise _FailedError("shift")
        self._sell(SALES_AFTER)
        return self._stored("restart", before + SALES_AFTER)

    def push(self) -> OutageCheck:
        """The cable is put back; everything is sent and booked, once."""
        till = self._now
        self.cable.mend()
        self._took.offline_s = round(time.monotonic() - self._cut_at)
        began = time.monotonic()
        till.agent.poll_now()
        self._until(lambda: till.counter.link.waiting == 0, "not-sent")
        self._took.push_ms = round((time.monotonic() - began) * 1_000)
        if refused := till.counter.quarantined():
            raise _FailedError("refused-entry", why=refused[0].reason, n=len(refused))
        return check(f"{NAME}-push", "pass", n=self._took.sales, ms=self._took.push_ms)

    def compare(self) -> OutageCheck:
        """What the book holds, what this till shows, and what the receipts promised."""
        with LedgerClient(self._begun.identity, load_key(self._begun.folder), machine=self._machine) as client:
            row = client.look_up(LookUpRequest(by="member", value=self._member.member))
        balance = row.balances.get(self._begun.kind) if row else None
        # The open shift has asked for points to set aside by now: they are his too.
        held = balance.available + balance.reserved if balance else 0
        if held != self._promised:
            raise _FailedError("differs", booked=held, promised=self._promised)
        self._until(lambda: self._shown() == held, "shown-differs")
        return check(f"{NAME}-compare", "pass", points=f"{held:,}")

    @property
    def _now(self) -> Till:
        assert self._till is not None
        return self._till

    def _open(self) -> Till:
        self._opened = ExitStack()
        till = self._opened.enter_context(open_till(self._begun.folder, self._settings, machine=self._machine))
        self._till, self._events = till, queue.SimpleQueue()
        till.counter.subscribe(self._events.put)
        return till

    def _sell(self, count: int) -> None:
        for _turn in range(count):
            draft = SaleDraft().with_member(self._known(), MemberProof("static")).with_amount(AMOUNT_FEN)
            receipt = self._now.counter.commit(self._shift, draft)
            self._count(receipt)

    def _count(self, receipt: Receipt) -> None:
        given = receipt.awarded.get(self._begun.kind, 0)
        self._promised += given
        self._took.points += given
        self._took.sales += 1

    def _stored(self, step: str, sales: int) -> OutageCheck:
        """Read by another connection, as it would be after a power cut; and shown with all of it counted."""
        link, found = self._now.counter.link, training.sales_in(self._begun.folder)
        if found != sales or link.condition != "offline" or self._shown() != self._promised:
            raise _FailedError("not-stored", n=found, wanted=sales)
        return check(f"{NAME}-{step}", "pass", n=sales)

    def _known(self) -> MemberView:
        """Raises `RefusedError` while he cannot be read, `_FailedError` where his code is taken for something else."""
        found = self._now.counter.scan(member_code(self._member.member), SaleDraft())
        if not isinstance(found, MemberIdentified):
            raise _FailedError("no-member")
        return found.member

    def _shown(self) -> int:
        with suppress(RefusedError):
            if (known := self._known()).is_known:
                return known.spendable(self._begun.kind)
        return -1

    def _until(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Look again at every event. Raises `_FailedError(otherwise)`."""
        until = time.monotonic() + WITHIN_S
        while not holds():
            if time.monotonic() > until:
                raise _FailedError(otherwise, seconds=round(WITHIN_S))
            with suppress(queue.Empty):
                self._events.get(timeout=_LOOK_S)
