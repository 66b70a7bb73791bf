"""Who signs in to the store's pages: by store, 工号 and PIN, against the staff document that tills have too.

A session ends by its time, by idleness, and with the next request after somebody has no longer the role, the number or the PIN
that he signed in with.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Final, NamedTuple

from sqlalchemy import Connection, select
from sqlmodel import col

from ledger import rows
from ledger.acts import record
from ledger.database import Database
from ledger.documents import newest
from ledger.operators import LOCKED_US, TRIES
from ledger.problems import ProblemError
from ledger.schema_staff import StaffSession, StaffTries
from protocol.documents import Role, Staff, StaffMember, StoreSettings
from protocol.pins import pin_fits

SESSION_US: Final = 12 * 3_600 * 1_000_000
IDLE_US: Final = 30 * 60 * 1_000_000
_NOTED_EVERY_US = 60 * 1_000_000
_FORGOTTEN_AFTER_US = 86_400 * 1_000_000
ROLES: Final[frozenset[Role]] = frozenset({"supervisor", "manager", "operator"})
"""Who has something to see there."""
_SECRET_BYTES = 16


class StaffSignInError(ProblemError):
    """`code`: wrong, locked, role."""

    status = 403


class Who(NamedTuple):
    """Somebody who is signed in. `home`: the store whose staff list he is on; `store`: the one that he looks at."""

    hash: bytes
    home: str
    staff: str
    name: str
    roles: frozenset[Role]
    store: str
    store_name: str
    merchant: str
    token: str
    """In every form of his pages."""

    @property
    def by(self) -> str:
        """As acts name him."""
        return f"{self.staff}@{self.home}"

    def may(self, *roles: Role) -> bool:
        """Whether he has one of them."""
        return not self.roles.isdisjoint(roles)


def sign_in(database: Database, store: str, staff: str, pin: str, now_us: int) -> str:
    """The secret of a new session. Raises `StaffSignInError`.

    A try is counted before the PIN is looked at, and taken back where it fits: guesses at the same moment count all. A wrong
    PIN, somebody unknown and an unknown store are told apart by nobody: neither by the answer nor by its time.
    """
    if database.transact(lambda connection: _count(connection, store, staff, now_us)):
        raise StaffSignInError("locked", "too many wrong PINs")
    with database.read() as connection:
        person = _person(connection, store, staff)
    fits = pin_fits(person.pin_hash if person else "", pin)
    if person is None or not fits:
        raise StaffSignInError("wrong", "store, number or PIN is wrong")
    secret = secrets.token_bytes(_SECRET_BYTES)
    with database.write() as connection:
        rows.delete(connection, StaffTries, [(store, staff)])
        if ROLES.isdisjoint(person.roles):
            raise StaffSignInError("role", f"{staff} has no role for it")
        row = (_hash(secret), store, staff, store, _pin_tag(person), now_us, now_us)
        rows.insert(connection, StaffSession, [row])
        record(connection, f"{staff}@{store}", "store-page-sign-in", now_us)
    return base64.b32encode(secret).decode().rstrip("=")


def find(database: Database, text: str, now_us: int) -> Who | None:
    """Who has this secret; None where his session is over."""
    secret = _read(text)
    if secret is None:
        return None
    with database.read() as connection:
        found = rows.fetch(
            connection, "SELECT store, staff, shows, pin_tag, begun_at, seen_at FROM staff_session WHERE hash = ?",
            _hash(secret),
        )  # fmt: skip
        if not found:
            return None
        home, staff, shows, pin_tag, begun_at, seen_at = found[0]
        person, settings = _person(connection, home, staff), newest(connection, "store", shows, StoreSettings)
    if now_us >= min(begun_at + SESSION_US, seen_at + IDLE_US) or settings is None:
        return None
    if person is None or bytes(pin_tag) != _pin_tag(person) or ROLES.isdisjoint(person.roles):
        return None
    if now_us - seen_at >= _NOTED_EVERY_US:
        with database.write() as connection:
            rows.execute(connection, "UPDATE staff_session SET seen_at = ? WHERE hash = ?", now_us, _hash(secret))
    return Who(
        _hash(secret), home, staff, person.name, frozenset(person.roles), shows, settings.name, settings.merchant,
        hashlib.sha256(b"till-staff-form-1\0" + secret).hexdigest(),
    )  # fmt: skip


def stores_for(connection: Connection, who: Who) -> list[tuple[str, str]]:
    """(store, name) of those that he may look at: his own; an operator's those of its merchant."""
    found = rows.fetch(connection, "SELECT store, name FROM store WHERE merchant = ? ORDER BY store", who.merchant)
    return [(store, name) for store, name in found if store == who.home or who.may("operator")]


def show(connection: Connection, who: Who, store: str) -> bool:
    """From now on he looks at this one; False where it is none of his."""
    if store not in dict(stores_for(connection, who)):
        return False
    rows.execute(connection, "UPDATE staff_session SET shows = ? WHERE hash = ?", store, who.hash)
    return True


def sign_out(connection: Connection, who: Who) -> None:
    """This browser."""
    rows.execute(connection, "DELETE FROM staff_session WHERE hash = ?", who.hash)


def forget_staff_sessions(database: Database, now_us: int) -> None:
    """What is over is not kept; nor is a wrong PIN of yesterday."""
    with database.write() as connection:
        rows.execute(
            connection, "DELETE FROM staff_session WHERE begun_at <= ? OR seen_at <= ?",
            now_us - SESSION_US, now_us - IDLE_US,
        )  # fmt: skip
        rows.execute(connection, "DELETE FROM staff_tries WHERE tried_at <= ?", now_us - _FORGOTTEN_AFTER_US)


def _count(connection: Connection, store: str, staff: str, now_us: int) -> bool:
    """One more try; whether there were too many."""
    rows.insert_missing(connection, StaffTries, [(store, staff, 0, 0, now_us)])
    his = (col(StaffTries.store) == store, col(StaffTries.staff) == staff)
    known = select(col(StaffTries.failures), col(StaffTries.locked_until)).where(*his).with_for_update()
    failures, locked_until = connection.execute(known).one()
    if now_us < locked_until:
        return True
    failures = failures + 1
    locked = now_us + LOCKED_US if failures >= TRIES else 0
    rows.put(connection, StaffTries, [(store, staff, 0 if locked else failures, locked, now_us)])
    return False


def _person(connection: Connection, store: str, staff: str) -> StaffMember | None:
    known = newest(connection, "staff", store, Staff)
    return next((one for one in (known.staff if known else ()) if one.staff == staff), None)


def _pin_tag(person: StaffMember) -> bytes:
    return hashlib.sha256(b"till-staff-pin-1\0" + person.pin_hash.encode()).digest()


def _hash(secret: bytes) -> bytes:
    return hashlib.sha256(b"till-staff-secret-1\0" + secret).digest()


def _read(text: str) -> bytes | None:
    try:
        secret = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    return secret if len(secret) == _SECRET_BYTES else None
