"""Signing in by 工号 and PIN, offline too: the ledger's Argon2id hash is checked here, and tries are counted in the journal."""

from __future__ import annotations

import logging

from protocol.documents import StaffMember
from protocol.pins import pin_fits
from till.desk import Desk
from till.errors import RefusedError
from till.shifts import Session, open_shift_of

MAX_FAILURES = 5
LOCK_US = 5 * 60 * 1_000_000

_log = logging.getLogger(__name__)


def sign_in(desk: Desk, staff: str, pin: str) -> Session:
    """The session of a member of staff, in the shift that is open, if one is. Takes about 20 ms: not on the screen's thread.

    Raises `RefusedError` with `pin-locked` (`seconds`) or `pin-wrong` (`left`). Somebody unknown and a wrong PIN are told
    apart by nobody, by what is said or by how long it takes.
    """
    person = prove(desk, staff, pin)
    shift, number = open_shift_of(desk.journal)
    return Session(person.staff, person.name, person.roles, shift, number if shift else 0)


def prove(desk: Desk, staff: str, pin: str) -> StaffMember:
    """Whose PIN this is. Refuses, locks and takes as long as `sign_in`."""
    with desk.journal.alone():
        return _proven(desk, staff, pin)


class Pins:
    """Numbers whose PIN was wrong too often, and who lets them try again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def locked(self) -> list[StaffMember]:
        """Who works here and waits, by 工号."""
        desk, now_us = self._desk, self._desk.clock.now_us()
        return [
            desk.store.staff[staff] for staff in sorted(desk.store.staff) if desk.journal.pin_tries(staff)[1] > now_us
        ]

    def free(self, session: Session, staff: str) -> None:
        """He may try again now; durable on return. Raises `RefusedError("role")` unless a supervisor or manager does it."""
        if not session.may("supervisor", "manager"):
            raise RefusedError("role")
        self._desk.journal.set_pin_tries(staff, 0, 0)
        _log.warning("the PIN tries of %s were freed by %s", staff, session.staff)


def _proven(desk: Desk, staff: str, pin: str) -> StaffMember:
    failures, locked_until = desk.journal.pin_tries(staff)
    now_us = desk.clock.now_us()
    if now_us < locked_until:
        raise RefusedError("pin-locked", seconds=-(-(locked_until - now_us) // 1_000_000))
    person = desk.store.staff.get(staff)
    fits = pin_fits(person.pin_hash if person else "", pin)
    if person is None or not fits:
        failures = (0 if locked_until else failures) + 1
        locked = now_us + LOCK_US if failures >= MAX_FAILURES else 0
        desk.journal.set_pin_tries(staff, failures, locked)
        raise RefusedError("pin-wrong", left=MAX_FAILURES - failures)
    if failures:
        desk.journal.set_pin_tries(staff, 0, 0)
    return person
