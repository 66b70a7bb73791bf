"""The operators of a coalition: named persons, each with a PIN of his own, so that two publish what one proposes.

What this is worth: it binds who uses the console. Whoever has the machine has its keys and its books, and needs no PIN
(docs/threats.md). What was done stands in the acts (`ledger.acts`).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, insert, select, update
from sqlmodel import col

from ledger.acts import record
from ledger.database import Database
from ledger.problems import BadRequestError, NotKnownError, OperatorError, TakenError
from ledger.schema_console import Operator
from protocol.names import clean
from protocol.pins import hash_pin, pin_fits

NEEDED: Final = 2
"""So many are added by nobody: somebody must be the first, and he must have somebody beside him."""
TRIES: Final = 5
LOCKED_US: Final = 5 * 60 * 1_000_000
"""As at a till: five wrong PINs lock a name for five minutes."""


def add_operator(connection: Connection, name: str, pin: str, by: str, now_us: int) -> None:
    """`by` has proved himself, or is empty while there are fewer than two. Raises `OperatorError`, `TakenError`."""
    if not by and how_many(connection) >= NEEDED:
        raise OperatorError("needed", "there are two operators: one of them adds the next (--by)")
    name = clean(name)
    if not name:
        raise BadRequestError("an operator has a name")
    if connection.execute(select(col(Operator.name)).where(col(Operator.name) == name)).first():
        raise TakenError("operator", name)
    connection.execute(insert(Operator).values(name=name, pin_hash=_hash(pin), failures=0, locked_until=0, left_at=0))
    record(connection, by, "operator-added", now_us, name=name)


def set_pin(connection: Connection, name: str, pin: str, by: str, now_us: int) -> None:
    """A new PIN, of oneself or of another; it ends a lock."""
    _change(connection, name, pin_hash=_hash(pin), failures=0, locked_until=0)
    record(connection, by, "operator-pin", now_us, name=name)


def remove_operator(connection: Connection, name: str, by: str, now_us: int) -> None:
    """He does nothing any more; what he did stays. Raises `OperatorError` where fewer than two would be left."""
    if how_many(connection) <= NEEDED:
        raise OperatorError("needed", "two operators are needed; add another one first")
    _change(connection, name, left_at=now_us)
    record(connection, by, "operator-left", now_us, name=name)


def how_many(connection: Connection) -> int:
    """Who have not left."""
    return int(connection.execute(select(func.count()).where(col(Operator.left_at) == 0)).scalar_one())


def names(connection: Connection) -> list[str]:
    """Of those who have not left."""
    found = select(col(Operator.name)).where(col(Operator.left_at) == 0).order_by(col(Operator.name))
    return list(connection.execute(found).scalars())


def prove(database: Database, name: str, pin: str, now_us: int) -> str:
    """The name, if `pin` is his. Raises `OperatorError`; each wrong try is counted before it is answered."""
    problem = database.transact(lambda connection: _try(connection, name, pin, now_us))
    if problem is not None:
        raise problem
    return name


def _try(connection: Connection, name: str, pin: str, now_us: int) -> OperatorError | None:
    his = col(Operator.name) == name
    found = connection.execute(select(Operator.__table__).where(his).with_for_update()).first()  # type: ignore[attr-defined]
    if found is not None and now_us < found.locked_until:
        seconds = -(-(found.locked_until - now_us) // 1_000_000)
        return OperatorError("locked", f"five wrong PINs: {name} is locked for {seconds} s")
    fits = pin_fits("" if found is None or found.left_at else found.pin_hash, pin)
    if fits:
        connection.execute(update(Operator).where(his).values(failures=0, locked_until=0))
        return None
    if found is not None:
        failures = found.failures + 1
        locked = now_us + LOCKED_US if failures >= TRIES else 0
        connection.execute(
            update(Operator).where(his).values(failures=0 if locked else failures, locked_until=locked)
        )
    return OperatorError("wrong", "no operator of this name has this PIN")


def _change(connection: Connection, name: str, **values: object) -> None:
    his = (col(Operator.name) == name, col(Operator.left_at) == 0)
    if connection.execute(update(Operator).where(*his).values(**values)).rowcount != 1:
        raise NotKnownError("operator", name)


def _hash(pin: str) -> str:
    try:
        return hash_pin(pin)
    except ValueError as error:
        raise BadRequestError(str(error)) from None
