"""Stop and go on (A9): a merchant or a programme is suspended, and its tills neither earn nor redeem until it goes on.

Tills are told by a signed document with their next poll; who is offline goes on until then, at most until the `valid_until` of
his rules, and what he books is booked as always. Points stay, and are spent elsewhere. Nothing is reserved meanwhile for a till
of who is suspended, whether it has heard of it or not. A merchant who leaves is one who is suspended and does not come back.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection

from ledger import rows
from ledger.acts import record
from ledger.documents import merchant_of_programme, newest, publish_suspension
from ledger.keys import Keys
from ledger.problems import BadRequestError, SuspensionError
from ledger.receiving import Till
from ledger.schema_console import Suspended
from protocol.documents import StoreSettings, Suspension

What = Literal["merchant", "programme"]


def suspend(connection: Connection, keys: Keys, what: What, name: str, reason: str, by: str, now_us: int) -> None:
    """Raises `NotKnownError`, `SuspensionError` where it is suspended already, `BadRequestError` without a reason."""
    if not reason.strip():
        raise BadRequestError("say why: --reason")
    merchant = name if what == "merchant" else merchant_of_programme(connection, name)
    publish_suspension(connection, keys, Suspension(what=what, id=name, suspended_at=now_us), merchant, now_us)
    if rows.insert_missing(connection, Suspended, [(what, name, now_us, reason)]) == 0:
        raise SuspensionError(f"{what} {name} is suspended already")
    record(connection, by, f"{what}-suspended", now_us, name=name, reason=reason)


def resume(connection: Connection, keys: Keys, what: What, name: str, reason: str, by: str, now_us: int) -> None:
    """Raises `NotKnownError`, and `SuspensionError` where it is not suspended."""
    merchant = name if what == "merchant" else merchant_of_programme(connection, name)
    if (what, name) not in suspended(connection):
        raise SuspensionError(f"{what} {name} is not suspended")
    publish_suspension(connection, keys, Suspension(what=what, id=name), merchant, now_us)
    rows.delete(connection, Suspended, [(what, name)])
    record(connection, by, f"{what}-resumed", now_us, name=name, reason=reason)


def suspended(connection: Connection) -> set[tuple[str, str]]:
    """(what, id) of all that is stopped now; nearly always nothing."""
    return set(rows.fetch(connection, "SELECT what, id FROM suspended"))


def suspension_of(connection: Connection, till: Till) -> What | None:
    """What is stopped of a till's own: its merchant, else the programme of its store."""
    stopped = suspended(connection)
    if not stopped:
        return None
    if ("merchant", till.merchant) in stopped:
        return "merchant"
    settings = newest(connection, "store", till.store, StoreSettings)
    return "programme" if settings and ("programme", settings.programme) in stopped else None
