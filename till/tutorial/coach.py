"""The coach: which task is at hand, how often it was tried, when all are done. No screen and no thread of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from protocol.tutorials import TutorialPassed
from till.receipts import Receipt
from till.tutorial.lesson import Lesson, Seen, Verdict
from till.tutorial.props import Props
from till.tutorial.selling import Earn, Goods, NoCode, Redeem, RedeemOffline, Refused
from till.tutorial.working import EndOfShift, LockIt, PrintAgain, PutAside, Returned, TakeBack

if TYPE_CHECKING:
    from till.counter import Counter
    from till.shifts import Session

LESSONS: Final[tuple[type[Lesson], ...]] = (
    Earn, NoCode, Goods, Redeem, RedeemOffline, Refused, TakeBack, Returned, PutAside, PrintAgain, LockIt, EndOfShift,
)  # fmt: skip


class Coach:
    """Of one training. `keep` is told who passed, once; it may wait for nobody."""

    def __init__(
        self, props: Props, keep: Callable[[TutorialPassed], object], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._props, self._keep, self._monotonic = props, keep, monotonic
        self.staff = ""
        self._begin()

    def _begin(self) -> None:
        self._lessons = [lesson(self._props) for lesson in LESSONS]
        self.place = self.attempts = 0
        self.passed: TutorialPassed | None = None
        self.is_judging = False
        self._began_s = self._monotonic()

    @property
    def lesson(self) -> Lesson:
        """The task at hand; the last one when all are done."""
        return self._lessons[min(self.place, len(self._lessons) - 1)]

    @property
    def count(self) -> int:
        """How many tasks there are."""
        return len(self._lessons)

    def join(self, staff: str) -> bool:
        """Somebody signed in; whether he is new here: then it begins with the first task."""
        if staff == self.staff:
            return False
        self.staff = staff
        self._begin()
        return True

    def open_shift(self, counter: Counter, session: Session) -> Session:
        """The shift of the training, which a cashier may open here as well: he is alone with it."""
        opened = counter.open_shift(replace(session, roles=("supervisor",)))
        return replace(opened, roles=session.roles)

    def heard(self, receipt: Receipt) -> Verdict | None:
        """A sale was booked."""
        return self._judged(self.lesson.heard(receipt)) if self.is_judging else None

    def seen(self, now: Seen) -> Verdict | None:
        """What there is to see now; a stranger's counter is not judged."""
        if not self.is_judging or now.staff not in ("", self.staff):
            return None
        return self._judged(self.lesson.seen(now))

    def answered(self, choice: int) -> Verdict:
        """The question of the task at hand was answered."""
        self.is_judging = True
        verdict = self._judged(self.lesson.answered(choice))
        assert verdict is not None
        return verdict

    def next(self, now_us: int) -> None:
        """On to the next task; behind the last one, passed."""
        self.place += 1
        if self.place == self.count and self.passed is None:
            seconds = int(self._monotonic() - self._began_s)
            self.passed = TutorialPassed(
                staff=self.staff, passed_at=now_us, tasks=self.count, attempts=self.attempts, seconds=seconds
            )
            self._keep(self.passed)

    def _judged(self, verdict: Verdict | None) -> Verdict | None:
        """Each verdict is told once: until the next situation nothing is judged."""
        if verdict is not None:
            self.is_judging = False
            self.attempts += verdict.kind != "ask"
        return verdict
