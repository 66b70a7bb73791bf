"""Pairing: a technician makes a one-time code, a till answers it with a key of its own and gets an id for ever."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update
from sqlmodel import col

from ledger import rows
from ledger.epochs import epoch_number
from ledger.keys import DAY_US, Keys
from ledger.problems import BadRequestError, EnrolmentError, NotKnownError, TakenError
from ledger.schema import Enrolment, Store, Terminal
from protocol.authorisations import terminal_tag
from protocol.enrolment import CODE_ALPHABET, CODE_LENGTH, EnrolAnswer, EnrolRequest, Invitation
from protocol.names import clean

CODE_VALID_US = DAY_US
PUBLIC_BYTES = 32


def invite(
    connection: Connection, keys: Keys, store: str, url: str, now_us: int, valid_us: int = CODE_VALID_US,
    replaces: str = "",
) -> Invitation:  # fmt: skip
    """A code for one till of this store, good for a day unless told otherwise. Whoever uses it retires the till that it
    `replaces`. Raises `NotKnownError`.
    """
    if connection.execute(select(col(Store.store)).where(col(Store.store) == store)).first() is None:
        raise NotKnownError("store", store)
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    connection.execute(
        insert(Enrolment).values(code=code, store=store, expires_at=now_us + valid_us, terminal="", replaces=replaces)
    )
    return Invitation(url.rstrip("/"), code, keys.fingerprint)


def invite_instead(connection: Connection, keys: Keys, terminal: str, url: str, now_us: int) -> Invitation:
    """A code for the till that takes the place of `terminal`, in the same store. Raises `NotKnownError`."""
    found = connection.execute(select(col(Terminal.store)).where(col(Terminal.terminal) == terminal)).first()
    if found is None:
        raise NotKnownError("terminal", terminal)
    return invite(connection, keys, found.store, url, now_us, replaces=terminal)


def enrol(connection: Connection, keys: Keys, request: EnrolRequest, now_us: int) -> EnrolAnswer:
    """Use a code. The same key may ask again with it and gets the same answer: the first may have been lost on its way.

    Raises `EnrolmentError`, `BadRequestError`, and `TakenError` for a key that another terminal has.
    """
    check_public(request.public)
    found = connection.execute(
        select(Enrolment).where(col(Enrolment.code) == request.code.upper()).with_for_update()
    ).first()
    if found is None:
        raise EnrolmentError("enrolment-unknown")
    answer = enrolled(connection, keys, _terminal_of(connection, found, request, now_us).terminal, now_us)
    left = left_behind(connection, found.replaces) if found.replaces else 0
    return msgspec.structs.replace(answer, replaces=found.replaces, left_behind=left)


def left_behind(connection: Connection, terminal: str) -> int:
    """Entries that a till said it had, and that are not here."""
    told = rows.fetch(
        connection,
        "SELECT h.entries - t.head_seq FROM terminal t JOIN heartbeat h ON h.terminal = t.terminal WHERE t.terminal = ?",
        terminal,
    )
    return max(0, told[0][0]) if told else 0


def check_public(public: bytes) -> None:
    """Raises `BadRequestError` for what is no key of a terminal."""
    if len(public) != PUBLIC_BYTES:
        raise BadRequestError("a public key has 32 bytes")


def enrolled(connection: Connection, keys: Keys, terminal_id: str, now_us: int) -> EnrolAnswer:
    """Who a terminal is, and whom it trusts."""
    terminal = connection.execute(select(Terminal).where(col(Terminal.terminal) == terminal_id)).one()
    return EnrolAnswer(
        terminal=terminal.terminal,
        store=terminal.store,
        name=terminal.name,
        root_public=keys.root_public,
        certificates=keys.certificates,
        now=now_us,
    )


def end(connection: Connection, terminal: str, status: str) -> None:
    """`revoked` (stolen), `retired` or `lost`. Raises `NotKnownError`."""
    changed = connection.execute(update(Terminal).where(col(Terminal.terminal) == terminal).values(status=status))
    if changed.rowcount == 0:
        raise NotKnownError("terminal", terminal)


def _terminal_of(connection: Connection, code: Row[Any], request: EnrolRequest, now_us: int) -> Row[Any]:
    if code.terminal:
        terminal = connection.execute(select(Terminal).where(col(Terminal.terminal) == code.terminal)).one()
        if terminal.public != request.public:
            raise EnrolmentError("enrolment-used")
        return terminal
    if code.expires_at < now_us:
        raise EnrolmentError("enrolment-expired")
    if connection.execute(select(col(Terminal.terminal)).where(col(Terminal.public) == request.public)).first():
        raise TakenError("key", "of this till")
    return _new_terminal(connection, code, request, now_us)


def _life(connection: Connection) -> str:
    """Books that were restored do not know which ids they gave since: from then on ids say in which life they were given."""
    number = epoch_number(connection)
    return "" if number == 1 else f"r{number - 1}-"


def _new_terminal(connection: Connection, code: Row[Any], request: EnrolRequest, now_us: int) -> Row[Any]:
    """Ids of a store rise and rows are never deleted, so none comes back."""
    connection.execute(select(col(Store.store)).where(col(Store.store) == code.store).with_for_update())
    count = connection.execute(select(func.count()).where(col(Terminal.store) == code.store)).scalar_one()
    terminal = f"{code.store}-{_life(connection)}{count + 1:02d}"
    add_terminal(connection, terminal, code.store, request.name, request.public, now_us)
    connection.execute(update(Enrolment).where(col(Enrolment.code) == code.code).values(terminal=terminal))
    # One that was revoked or lost meanwhile stays that.
    replaced = (col(Terminal.terminal) == code.replaces, col(Terminal.status) == "active")
    connection.execute(update(Terminal).where(*replaced).values(status="retired"))
    return connection.execute(select(Terminal).where(col(Terminal.terminal) == terminal)).one()


def add_terminal(connection: Connection, terminal: str, store: str, name: str, public: bytes, now_us: int) -> None:
    """The row of a new terminal, whose chain begins at `chain.genesis`."""
    connection.execute(
        insert(Terminal).values(
            terminal=terminal,
            store=store,
            name=clean(name) or terminal,
            public=public,
            status="active",
            head_seq=0,
            head=b"",
            head_signature=b"",
            booked_seq=0,
            enrolled_at=now_us,
            seen_at=now_us,
            tag=terminal_tag(terminal),
        )
    )
