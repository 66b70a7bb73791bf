"""Who has passed the tutorial: kept beside the books, told to the tills in the staff document of their store."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger import documents, rows
from ledger.auth import Caller
from ledger.keys import Keys
from ledger.problems import NotKnownError
from ledger.schema_tutorial import TutorialPass
from protocol.documents import Staff
from protocol.tutorials import TutorialKept, TutorialPassed

SELLING: Final = frozenset(("cashier", "supervisor", "manager"))


class Learner(NamedTuple):
    """Somebody of a store; `passed_at` 0: not yet. `attempts` for `tasks`, in so many `seconds`, at `terminal`."""

    staff: str
    name: str
    passed_at: int = 0
    tasks: int = 0
    attempts: int = 0
    seconds: int = 0
    terminal: str = ""


def keep(connection: Connection, keys: Keys, caller: Caller, told: TutorialPassed, now_us: int) -> TutorialKept:
    """Keep the first pass of somebody of the caller's store and tell its tills. Told again: the first one stands.

    Raises `NotKnownError` for who does not work there.
    """
    documents.take_lock(connection)
    staff = documents.newest(connection, "staff", caller.store, Staff)
    if staff is None or told.staff not in {person.staff for person in staff.staff}:
        raise NotKnownError("staff", told.staff)
    passed_at = min(told.passed_at, now_us)
    row = (caller.store, told.staff, passed_at, told.tasks, told.attempts, told.seconds, caller.terminal)
    if rows.insert_missing(connection, TutorialPass, [row]):
        documents.publish_staff(connection, keys, staff, now_us)
    return TutorialKept(staff=told.staff, passed_at=_passed(connection, caller.store)[told.staff].passed_at)


def of_store(connection: Connection, store: str) -> tuple[Learner, ...]:
    """Everybody who sells in a store, in the order of its staff list. Raises `NotKnownError` for no store with staff."""
    staff = documents.newest(connection, "staff", store, Staff)
    if staff is None:
        raise NotKnownError("store", store)
    passed = _passed(connection, store)
    return tuple(
        passed.get(person.staff, Learner(person.staff, ""))._replace(name=person.name)
        for person in staff.staff
        if SELLING.intersection(person.roles)
    )


def _passed(connection: Connection, store: str) -> dict[str, Learner]:
    found = rows.fetch(
        connection,
        "SELECT staff, passed_at, tasks, attempts, seconds, terminal FROM tutorial_pass WHERE store = ?",
        store,
    )
    return {staff: Learner(staff, "", *rest) for staff, *rest in found}
