"""Price lists of the system before: joined to those that merchants have already, by the product's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import documents, rows
from ledger.database import Database
from ledger.importing.table import Column, Lines, Report, Row, RowError, carry_out, code, parsed, text
from ledger.keys import Keys
from ledger.pages.words import msg
from ledger.sheets import attributes_in
from points import AmountError, parse_amount
from protocol.check_digits import gtin_ok
from protocol.documents import Product, Products
from protocol.names import clean

COLUMNS: Final = (
    Column("merchant", ("商户", "商户编号"), msg("whose price list; that of the command where it is empty")),
    Column("code", ("条码", "商品条码", "商品编码", "编码"), msg("as the scanner reads it"), is_needed=True),
    Column("name", ("品名", "商品名称", "名称"), msg("as it stands on screens and receipts"), is_needed=True),
    Column("category", ("类别", "品类", "分类"), msg("by which the programme's rules go"), is_needed=True),
    Column("price", ("售价", "零售价", "价格", "单价"), msg("in yuan"), is_needed=True),
    Column("attributes", ("属性",), msg("what rules go by, of one piece: kwh-year=30 energy-grade=1")),
)


class _Listed(NamedTuple):
    line: int
    merchant: str
    product: Product


def import_products(
    database: Database, keys: Keys, table: Iterator[Row], now_us: int, *, merchant: str, is_rehearsal: bool = False
) -> Report:
    """Each merchant's list is published once. Nothing is taken off a list."""
    report = Report()
    listed = list(parsed(table, partial(_listed, merchant, Lines()), report))
    report.add(carry_out(database, partial(_take, keys, listed, now_us), is_rehearsal=is_rehearsal))
    return report


def _listed(merchant: str, lines: Lines, row: Row) -> _Listed:
    found = _Listed(row.line, text(row, "merchant") or merchant, _product(row))
    lines.first(row.line, (found.merchant, found.product.code))
    return found


def _product(row: Row) -> Product:
    number, price = code(row, "code"), clean(row.cells["price"]).strip("¥￥元").replace(",", "")
    if len(number) in (8, 12, 13, 14) and number.isdecimal() and not gtin_ok(number):
        raise RowError(msg("{cell} has a wrong check digit"), cell=number)
    try:
        values = {
            "code": number, "name": clean(row.cells["name"]), "category": text(row, "category"),
            "price_fen": 0 if price in ("0", "0.00") else parse_amount(price),
            "attributes": dict(attributes_in(row.cells["attributes"])),
        }  # fmt: skip
        return msgspec.convert(values, Product)
    except AmountError:
        raise RowError(msg("{cell} is no price in yuan and fen"), cell=price or "-") from None
    except ValueError as error:
        raise RowError(msg("not a product as the price list has them: {why}"), why=str(error)) from None


def _take(keys: Keys, listed: Sequence[_Listed], now_us: int, connection: Connection) -> Report:
    report, merchants = Report(), {found[0] for found in rows.fetch(connection, "SELECT merchant FROM merchant")}
    by_merchant = defaultdict[str, list[Product]](list)
    for one in listed:
        if one.merchant in merchants:
            by_merchant[one.merchant].append(one.product)
        else:
            report.refuse(one.line, RowError(msg("there is no merchant {cell}"), cell=one.merchant or "-"))
    for merchant, products in by_merchant.items():
        known = documents.newest(connection, "products", merchant, Products) or Products(
            merchant=merchant, products=()
        )
        by_code = {product.code: product for product in known.products}
        for product in products:
            report.new += product.code not in by_code
            report.changed += product.code in by_code and by_code[product.code] != product
            report.same += by_code.get(product.code) == product
            by_code[product.code] = product
        if (new := tuple(by_code.values())) != known.products:
            documents.publish_products(connection, keys, Products(merchant=merchant, products=new), now_us)
    return report
