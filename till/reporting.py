"""What the counter is asked about shifts and days, as one property of it: `counter.reports`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from local_db.errors import LocalDbError
from points import RedemptionError
from till.desk import Desk
from till.errors import RefusedError
from till.papers import Papers
from till.refused import count_refused
from till.report_figures import OpenEnds, Part, ShiftReport
from till.shift_report import day_report, part_since
from till.shifts import Session
from till.store_report import StoreReports

_NO_REFUSAL = "approval-needed"
"""A question, and no answer: somebody may allow it on the spot."""


class Reports:
    """Of one till, from its journal."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def papers(self) -> Papers:
        """What can be printed from the journal."""
        return Papers(self._desk)

    @property
    def store(self) -> StoreReports:
        """全店: what the ledger is asked about the store as a whole."""
        return StoreReports(self._desk)

    def own_part(self, session: Session) -> tuple[Part, OpenEnds]:
        """What who is signed in did in the shift since he came."""
        return part_since(self._desk.journal, session.shift, session.staff)

    def day(self, day: str = "") -> ShiftReport:
        """All shifts of a business day, by default of today. Raises `RefusedError("no-such-day")`."""
        return day_report(self._desk.journal, day or self._desk.business_day)

    @contextmanager
    def counting(self, session: Session) -> Iterator[None]:
        """Count what is refused inside, and hand it on."""
        try:
            yield
        except (RefusedError, RedemptionError) as error:
            self.refused(session, error.code)
            raise

    def refused(self, session: Session, code: str) -> None:
        """Somebody wanted to redeem and was refused. A count that cannot be kept stops nobody."""
        if session.shift and code and code != _NO_REFUSAL:
            try:
                count_refused(self._desk, session.shift, code)
            except LocalDbError:
                return
