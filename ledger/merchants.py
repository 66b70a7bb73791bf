"""Merchants and their stores, as they join the coalition."""

from __future__ import annotations

import re

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from ledger.problems import BadRequestError, NotKnownError, TakenError
from ledger.schema import Merchant, SettlementPrice, Store
from protocol.names import clean
from protocol.training import may_be_store

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
"""As in programmes: it stands in file names, terminal ids and signatures."""


def add_merchant(connection: Connection, merchant: str, name: str) -> None:
    """Raises `TakenError`."""
    _check_id(merchant)
    if connection.execute(select(col(Merchant.merchant)).where(col(Merchant.merchant) == merchant)).first():
        raise TakenError("merchant", merchant)
    connection.execute(insert(Merchant).values(merchant=merchant, name=clean(name), status="active"))


def set_price(connection: Connection, kind: str, price_mfen: int) -> None:
    """What an accepting merchant is paid for a point of `kind` from now on, in 1/1000 fen; lots keep that of their day."""
    connection.execute(delete(SettlementPrice).where(col(SettlementPrice.kind) == kind))
    connection.execute(insert(SettlementPrice).values(kind=kind, price_mfen=price_mfen))


def add_store(connection: Connection, store: str, merchant: str, name: str) -> None:
    """Raises `NotKnownError` for the merchant and `TakenError` for the store. Its settings are published afterwards."""
    _check_id(store)
    if not may_be_store(store):
        raise BadRequestError(f"{store!r}: its terminals would be called as training terminals are")
    if connection.execute(select(col(Merchant.merchant)).where(col(Merchant.merchant) == merchant)).first() is None:
        raise NotKnownError("merchant", merchant)
    if connection.execute(select(col(Store.store)).where(col(Store.store) == store)).first():
        raise TakenError("store", store)
    connection.execute(insert(Store).values(store=store, merchant=merchant, name=clean(name)))


def _check_id(text: str) -> None:
    if not _ID.fullmatch(text):
        raise BadRequestError(f"{text[:64]!r} is no id: small letters, digits and hyphens, at most 48")
