"""Accounts of sales that had no member: opened when the sale arrives, closed when nobody came for it (`ledger.claiming`)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ledger import rows
from ledger.schema import Member
from ledger.schema_people import Unclaimed
from protocol.entries import Sale
from protocol.ids import bucket_of

Key = tuple[int, str]
"""(bucket, member) of an account."""


def open_accounts(connection: Connection, sales: Iterable[Sale]) -> None:
    """Those that are not there yet, or whose points come after their end. The caller has locked their buckets."""
    until = {(bucket_of(sale.member), sale.member): sale.claim_until for sale in sales}
    if not until:
        return
    found = rows.find(connection, Member, ("bucket", "member"), list(until), "bucket, member, status")
    known = {(bucket, member): status for bucket, member, status in found}
    add_accounts(connection, [key for key in until if key not in known], "unclaimed")
    open_ones = [(*key, day) for key, day in until.items() if known.get(key, "unclaimed") == "unclaimed"]
    rows.insert_missing(connection, Unclaimed, open_ones)


def add_accounts(connection: Connection, keys: Iterable[Key], status: str, into: str = "") -> None:
    """Rows of accounts that nobody has seen. They are in no feed, so they take no place in one."""
    defaults = {name: field.default for name, field in Member.model_fields.items()}
    own = ({"bucket": bucket, "member": member, "status": status, "merged_into": into} for bucket, member in keys)
    rows.insert(connection, Member, [tuple((defaults | row).values()) for row in own])
