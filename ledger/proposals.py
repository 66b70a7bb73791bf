"""Publishing a programme takes two: one proposes it, another one approves it, and only then it is signed.

What is approved is what was proposed, byte by byte. It is checked when it is proposed and again when it is published: a rule or
another version may have come between. Where it names a time to come, the service publishes it then.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from sqlmodel import col

from ledger.acts import record
from ledger.database import Database
from ledger.documents import check_programme, is_published, publish_programme, read_programme, take_lock
from ledger.keys import Keys
from ledger.problems import DocumentError, NotKnownError, ProposalError
from ledger.schema_console import Proposal
from points.programme import Programme

State = Literal["open", "approved", "published", "withdrawn", "failed"]


class Proposed(NamedTuple):
    """A proposal, without its text."""

    number: int
    programme: str
    version: int
    source: str
    sha256: str
    proposed_by: str
    proposed_at: int
    in_force_from: int
    state: State
    decided_by: str
    why: str


def propose(
    connection: Connection, data: bytes, source: str, by: str, now_us: int, in_force_from: int = 0
) -> tuple[Proposed, Programme]:
    """Keep a programme as a proposal of `by`. Raises `DocumentError` for one that could not be published now."""
    take_lock(connection)
    programme = read_programme(data, source)
    if is_published(connection, programme):
        raise DocumentError(source, "version", f"version {programme.version} is published, word by word")
    check_programme(connection, programme, data, source)
    number = 1 + (connection.execute(select(func.max(col(Proposal.number)))).scalar_one() or 0)
    digest = hashlib.sha256(data).hexdigest()
    connection.execute(
        insert(Proposal).values(
            number=number, programme=programme.id, version=programme.version, source=source, content=data,
            sha256=digest, proposed_by=by, proposed_at=now_us, in_force_from=in_force_from, state="open",
            decided_by="", decided_at=0, why="",
        )
    )  # fmt: skip
    _record(connection, by, "programme-proposed", find(connection, number), now_us)
    return find(connection, number), programme


def approve(connection: Connection, keys: Keys, number: int, by: str, now_us: int) -> Proposed:
    """Publish it, or let it wait for its time.

    Raises `ProposalError` for who proposed it himself, or one that is not open; `DocumentError` for one that cannot be
    published any more: it stays open then.
    """
    take_lock(connection)
    found = find(connection, number)
    _need(found, ("open",))
    if found.proposed_by == by:
        raise ProposalError("two", f"{by} proposed it: another operator approves")
    data = _proposed_bytes(connection, found)
    check_programme(connection, read_programme(data, found.source), data, found.source)
    _decide(connection, number, "approved", by, now_us)
    _record(connection, by, "programme-approved", found, now_us)
    if found.in_force_from <= now_us:
        _publish(connection, keys, found, now_us)
    return find(connection, number)


def withdraw(connection: Connection, number: int, by: str, now_us: int, why: str = "") -> Proposed:
    """Nobody publishes it any more, approved or not. Raises `ProposalError` for one that was published."""
    take_lock(connection)
    found = find(connection, number)
    _need(found, ("open", "approved"))
    _decide(connection, number, "withdrawn", by, now_us, why)
    _record(connection, by, "programme-withdrawn", found, now_us, why=why)
    return find(connection, number)


def publish_due(database: Database, keys: Keys, now_us: int) -> int:
    """Publish what was approved for a time that has come, each in a transaction of its own: how many.

    What cannot be published any more is marked so, with the reason.
    """
    is_due = (col(Proposal.state) == "approved", col(Proposal.in_force_from) <= now_us)
    due = select(col(Proposal.number)).where(*is_due).order_by(col(Proposal.in_force_from), col(Proposal.number))
    with database.read() as connection:
        numbers = connection.execute(due).scalars().all()
    for number in numbers:
        with database.write() as connection:
            take_lock(connection)
            found = find(connection, number)
            if found.state == "approved":  # nobody has published it or taken it back meanwhile
                _publish(connection, keys, found, now_us)
    return len(numbers)


def proposals(connection: Connection, *, is_all: bool = False) -> list[Proposed]:
    """Those that wait for somebody or for their time, or all."""
    wanted = select(Proposal.__table__).order_by(col(Proposal.number))  # type: ignore[attr-defined]
    if not is_all:
        wanted = wanted.where(col(Proposal.state).in_(("open", "approved")))
    return [_of(row) for row in connection.execute(wanted).mappings()]


def find(connection: Connection, number: int) -> Proposed:
    """Raises `NotKnownError`."""
    wanted = select(Proposal.__table__).where(_is(number))  # type: ignore[attr-defined]
    row = connection.execute(wanted).mappings().first()
    if row is None:
        raise NotKnownError("proposal", str(number))
    return _of(row)


def text_of(connection: Connection, number: int) -> str:
    """What was proposed, as it was written. Raises `NotKnownError`."""
    find(connection, number)
    return _content(connection, number).decode("utf-8-sig")


def _publish(connection: Connection, keys: Keys, found: Proposed, now_us: int) -> None:
    try:
        # Before anything is written: a refusal leaves the transaction whole.
        data = _proposed_bytes(connection, found)
        publish_programme(connection, keys, data, found.source, now_us)
    except (DocumentError, ProposalError) as error:
        connection.execute(update(Proposal).where(_is(found.number)).values(state="failed", why=str(error)))
        _record(connection, "", "programme-failed", found, now_us, why=str(error))
        return
    connection.execute(update(Proposal).where(_is(found.number)).values(state="published"))
    _record(connection, "", "programme-published", found, now_us)


def _need(found: Proposed, states: tuple[State, ...]) -> None:
    if found.state not in states:
        raise ProposalError("state", f"proposal {found.number} is {found.state}")


def _decide(connection: Connection, number: int, state: State, by: str, now_us: int, why: str = "") -> None:
    changed = update(Proposal).where(_is(number))
    connection.execute(changed.values(state=state, decided_by=by, decided_at=now_us, why=why))


def _record(connection: Connection, by: str, what: str, found: Proposed, now_us: int, **more: str) -> None:
    record(
        connection, by, what, now_us, proposal=found.number, programme=found.programme, version=found.version,
        sha256=found.sha256, **{key: value for key, value in more.items() if value},
    )  # fmt: skip


def _proposed_bytes(connection: Connection, found: Proposed) -> bytes:
    """Raises `ProposalError` where they are not what was proposed."""
    data = _content(connection, found.number)
    if hashlib.sha256(data).hexdigest() != found.sha256:
        raise ProposalError("changed", f"proposal {found.number} is not what was proposed")
    return data


def _content(connection: Connection, number: int) -> bytes:
    return bytes(connection.execute(select(col(Proposal.content)).where(_is(number))).scalar_one())


def _is(number: int) -> Any:
    return col(Proposal.number) == number


def _of(row: RowMapping) -> Proposed:
    return Proposed(*(row[field] for field in Proposed._fields))
