"""全店: the store's day. As the ledger says it, over all tills; while it does not answer, this till alone, and beside it what
the ledger said last, with its time. Never one sum of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from local_db.journal import JournalReader
from protocol import canonical
from protocol.errors import NotCanonicalError
from protocol.floor_table import FloorTable
from protocol.reports import STORE_REPORT_PATH, StoreReport
from sync.errors import SyncError
from sync.identity import load_key
from till.desk import Desk
from till.errors import RefusedError
from till.floor import cost_table
from till.report_figures import OpenEnds, Part
from till.shift_report import entries_of_day, open_ends, without_voided
from till.shifts import Session

FILE: Final = "store-report.json"
"""Beside the journal and no part of it."""


@dataclass(frozen=True)
class StoreDay:
    """A business day. `whole` is of all tills, `is_fresh`: said just now; else the last that is known, if any. `why`: what kept
    the ledger from answering. `own` and `ends` are this till's alone, at `own_at` (µs UTC).
    """

    day: str
    own: Part
    ends: OpenEnds
    own_at: int
    whole: StoreReport | None
    is_fresh: bool
    why: SyncError | None = None


class StoreReports:
    """Of the till at this desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def known(self, session: Session, day: str = "") -> StoreDay:
        """Without asking: this till, and what the ledger said last. Raises `RefusedError("role")`."""
        self._need_role(session)
        return store_day(
            self._desk.folder, self._desk.journal, day or self._desk.business_day, self._desk.clock.entry_us()
        )

    def ask(self, session: Session, day: str = "") -> StoreDay:
        """The ledger's answer, else as `known`. Waits for the network. Raises `RefusedError("role")`."""
        self._need_role(session)
        desk = self._desk
        return asked(desk.folder, desk.journal, day or desk.business_day, desk.clock.entry_us())

    def floor_table(self, session: Session) -> FloorTable:
        """What redeeming offline would cost. Waits for the network. Raises `RefusedError`: `role`, `floor-table-unanswered`."""
        return cost_table(self._desk, session)

    def _need_role(self, session: Session) -> None:
        if not session.may("manager", "supervisor"):
            raise RefusedError("role", roles=("manager", "supervisor"))


def asked(folder: Path, journal: JournalReader, day: str, now_us: int) -> StoreDay:
    """Of the till in a folder. Waits for the network."""
    try:
        report = _fetch(folder, day)
    except SyncError as error:
        return store_day(folder, journal, day, now_us, error)
    known = kept_in(folder)
    if known is None or report.day >= known.day:
        _keep(folder, report)
    return StoreDay(report.day, *own_day(journal, report.day), now_us, report, is_fresh=True)


def store_day(
    folder: Path, journal: JournalReader, day: str, now_us: int, why: SyncError | None = None
) -> StoreDay:  # fmt: skip
    """Without the network."""
    kept = kept_in(folder)
    whole = kept if kept is not None and kept.day == day else None
    return StoreDay(day, *own_day(journal, day), now_us, whole, is_fresh=False, why=why)


def own_day(journal: JournalReader, day: str) -> tuple[Part, OpenEnds]:
    """What this till did on a business day, and what of it is open."""
    found = entries_of_day(journal, day)
    part = Part()
    for _row, entry in without_voided(found):
        part.take(entry)
    return part, open_ends(journal, found)


def kept_in(folder: Path) -> StoreReport | None:
    """What the ledger said last; None where that is nothing, or damaged."""
    try:
        return canonical.decode((folder / FILE).read_bytes(), StoreReport)
    except (OSError, msgspec.MsgspecError, NotCanonicalError):
        return None


def _keep(folder: Path, report: StoreReport) -> None:
    beside = folder / f"{FILE}.new"
    beside.write_bytes(canonical.encode(report))
    beside.replace(folder / FILE)


def _fetch(folder: Path, day: str) -> StoreReport:
    from sync.client import LedgerClient
    from sync.training import own_identity

    identity = own_identity(folder)
    with LedgerClient(identity, load_key(folder, identity.public)) as client:
        return client.ask(f"{STORE_REPORT_PATH}?day={day}", None, StoreReport)
