"""All that the books hold about one member, as rows, for him to take along. Secrets and their hashes are left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.consent import Key
from ledger.schema_household import Seat
from ledger.schema_page import Consent, PageSession
from ledger.schema_people import Habit, Merged, Visit
from ledger.schema_standing import Held, MemberCount, PersonalOffer, Standing, TierGiven, Usual
from ledger.sessions import accounts_of

_BY_MEMBER: tuple[rows.Model, ...] = (
    schema.Member, schema.Balance, schema.Lot, schema.Entry, schema.Reservation, Visit, Habit, Merged, Consent,
    PageSession, MemberCount, Standing, TierGiven, Usual, PersonalOffer, Held, Seat,
)  # fmt: skip
_LEFT_OUT = {"bucket", "position", "pin_hash", "phone_key", "hash"}


def data_of(connection: Connection, member: str) -> str:
    """JSON: a list of rows per table. Times are µs UTC, ids and hashes hex."""
    keys = accounts_of(connection, member)
    found = {_name(model): _rows(connection, model, ("bucket", "member"), keys) for model in _BY_MEMBER}
    entries = [(key[0], bytes(row[0])) for key in keys for row in _ids(connection, key)]
    for model in (schema.Posting, schema.LotUse):
        found[_name(model)] = _rows(connection, model, ("bucket", "entry"), entries)
    found["phone"] = [
        {"phone": phone}
        for _bucket, one in keys
        for (phone,) in rows.fetch(connection, "SELECT phone FROM phone WHERE member = ?", one)
    ]
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)


def _rows(
    connection: Connection, model: rows.Model, by: Sequence[str], keys: Sequence[rows.Values]
) -> list[dict[str, Any]]:
    columns = [name for name in model.model_fields if name not in _LEFT_OUT]
    found = rows.find(connection, model, by, keys, ", ".join(columns)) if keys else []
    return [{name: _plain(value) for name, value in zip(columns, row, strict=True)} for row in found]


def _ids(connection: Connection, key: Key) -> list[rows.Values]:
    return rows.fetch(connection, "SELECT id FROM entry WHERE bucket = ? AND member = ?", *key)


def _plain(value: object) -> object:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def _name(model: rows.Model) -> str:
    return str(model.__tablename__)
