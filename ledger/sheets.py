"""Price lists and staff lists as spreadsheets write them: CSV, UTF-8 with or without a byte order mark, or GB 18030."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import msgspec

from ledger.names import clean
from ledger.problems import DocumentError
from protocol.documents import Product, Products, Staff, StaffMember
from protocol.pins import hash_pin

MAX_BYTES = 32 * 1024 * 1024


def read_products(data: bytes, source: str, merchant: str) -> Products:
    """Columns `code,name,category,price_fen`, and `attributes` where there are some, with spaces between:
    `kwh-year=30 energy-grade=1`. Raises `DocumentError` naming the line and the column."""
    rows = []
    for line, row in _rows(data, source, ("code", "name", "category", "price_fen"), ("attributes",)):
        try:
            numbers = {"price_fen": int(row["price_fen"]), "attributes": dict(_attributes(row["attributes"]))}
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


def _attributes(text: str) -> Iterator[tuple[str, int]]:
    for one in text.split():
        name, _, value = one.partition("=")
        if not value.isdecimal():
            raise ValueError(f"an attribute is written as kwh-year=30, not {one}")
        yield name, int(value)


def _rows(
    data: bytes, source: str, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    if len(data) > MAX_BYTES:
        raise DocumentError(source, "", f"more than {MAX_BYTES} bytes")
    reader = csv.DictReader(io.StringIO(_text(data, source), newline=""))
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise DocumentError(source, "line 1", f"there is no column {missing[0]}")
    try:
        for row in reader:
            yield reader.line_num, {column: clean(row.get(column) or "") for column in (*columns, *optional)}
    except csv.Error as error:
        raise DocumentError(source, f"line {reader.line_num}", str(error)) from None


def _text(data: bytes, source: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DocumentError(source, "", "neither UTF-8 nor GB 18030")
