"""Price lists and staff lists as spreadsheets write them (`points.sheets`)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ledger.problems import DocumentError
from points.errors import ProgrammeError
from points.sheets import rows_of
from protocol.documents import Product, Products, Staff, StaffMember
from protocol.names import clean
from protocol.pins import hash_pin


def read_products(data: bytes, source: str, merchant: str) -> Products:
    """Columns `code,name,category,price_fen`, and `attributes` where there are some, with spaces between:
    `kwh-year=30 energy-grade=1`. Raises `DocumentError` naming the line and the column."""
    rows = []
    for line, row in _rows(data, source, ("code", "name", "category", "price_fen"), ("attributes",)):
        try:
            numbers = {"price_fen": int(row["price_fen"]), "attributes": dict(attributes_in(row["attributes"]))}
            rows.append(msgspec.convert(row | numbers, Product))
        except ValueError as error:
            raise DocumentError(source, f"line {line}", str(error)) from None
    return Products(merchant=merchant, products=tuple(rows))


def read_staff(data: bytes, source: str, store: str) -> Staff:
    """Columns `staff,name,roles,pin`, and `member` where it is known; roles with spaces between. Raises `DocumentError` naming
    the line."""
    people = []
    for line, row in _rows(data, source, ("staff", "name", "roles", "pin"), ("member",)):
        try:
            values = {one: row[one] for one in ("staff", "name", "member")} | {"roles": row["roles"].split()}
            people.append(msgspec.convert(values | {"pin_hash": hash_pin(row["pin"])}, StaffMember))
        except ValueError as error:
            raise DocumentError(source, f"line {line}", str(error)) from None
    return Staff(store=store, staff=tuple(people))


def attributes_in(text: str) -> Iterator[tuple[str, int]]:
    """Of `kwh-year=30 energy-grade=1`. Raises `ValueError`."""
    for one in text.split():
        name, _, value = one.partition("=")
        if not value.isdecimal():
            raise ValueError(f"an attribute is written as kwh-year=30, not {one}")
        yield name, int(value)


def _rows(
    data: bytes, source: str, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for line, row in rows_of(data, source, columns, optional):
            yield line, {column: clean(value) for column, value in row.items()}
    except ProgrammeError as error:
        raise DocumentError(source, f"line {error.line}" if error.line else "", str(error.why)) from None
