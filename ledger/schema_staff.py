"""The tables of the store's pages: wrong PINs of those who sign in there, and their sessions. By store, not hot."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from ledger.schema import Books, blob, whole


class StaffTries(Books, table=True):
    """Wrong PINs in a row for a number of a store, whether somebody has it or not: an answer tells nobody who works there."""

    __tablename__: ClassVar[str] = "staff_tries"
    store: str = Field(primary_key=True)
    staff: str = Field(primary_key=True)
    failures: int
    locked_until: int = whole()
    tried_at: int = whole()


class StaffSession(Books, table=True):
    """A browser that is signed in, by its secret's hash. `shows`: which store; `pin_tag`: of the PIN it was opened with."""

    __tablename__: ClassVar[str] = "staff_session"
    hash: bytes = blob(primary_key=True)
    store: str
    staff: str
    shows: str
    pin_tag: bytes = blob()
    begun_at: int = whole()
    seen_at: int = whole()
