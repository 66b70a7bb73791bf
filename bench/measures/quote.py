"""What a quote costs: processor time, beside the same basket under the same rules without campaigns, and by their number.

The sample supermarket with rules for pieces, attributes and visits, and campaigns that all run on the day: for categories,
product groups, ranks and personal offers in turn, so that no basket finds its best one at once. Processor time of the thread:
what others do on the machine is not in it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bench.figures import Figure, Spread, at_most, ms, ratios
from bench.workshop import Workshop
from config import data
from points import Basket, BasketLine, MemberFacts, Programme, parse_programme, quote

_ROUNDS = 9
_QUOTES = 200
_READINGS = 10
_AT = datetime.fromisoformat("2026-06-05T18:20")
_CATEGORIES = ("general", "fresh", "grocery", "drinks", "household", "general", "drinks", "tobacco")
_TEXT = {"zh": "测量", "en": "measured"}
_PARTS: tuple[dict[str, Any], ...] = (
    {"categories": ["fresh"]}, {"groups": ["new"]}, {"tiers": ["gold"]}, {"offer": True}, {"categories": ["drinks"]}, {},
)  # fmt: skip
_RULES: tuple[dict[str, Any], ...] = (
    {"kind": "points", "by": "quantity", "points": 1, "categories": ["drinks"], "name": _TEXT},
    {"kind": "points", "by": "attribute", "attribute": "kwh-year", "points": 1, "per": 10, "multiplied": True, "name": _TEXT},
    {"kind": "points", "by": "visit", "points": 1, "minimum_fen": 10_00, "name": _TEXT},
)  # fmt: skip


def measure(workshop: Workshop) -> Iterator[Figure]:  # noqa: ARG001  # needs no shop
    """A short and a long basket; more campaigns; reading the rules."""
    by_count = {count: Programme.from_document(_document(count)) for count in (0, 20, 200, 2_000)}
    for lines, limit in ((8, 1), (60, 5)):
        basket, times = _basket(lines), _quotes(by_count, _basket(lines))
        value = Spread(*(part * 1_000 for part in Spread.of(times[200])))
        yield Figure(
            "quote", f"{lines} lines, 200 campaigns that day, p50", value, "ms", at_most(limit),
            ms(times[200]), f"{ms(times[0])} without campaigns", f"{len(basket.by_category())} categories",
        )  # fmt: skip
        yield Figure(
            "quote", f"{lines} lines, 2,000 campaigns against 20", ratios(times[2_000], times[20]), "x", at_most(1.3),
            ms(times[2_000]), ms(times[20]),
        )  # fmt: skip
    many, few = _reading(200), _reading(20)
    yield Figure(
        "quote", "reading a programme, a campaign of 200 against one of 20", ratios(many, few), "x", at_most(1.3),
        ms(many), ms(few), "of each campaign, what it adds",
    )  # fmt: skip


def _quotes(by_count: dict[int, Programme], basket: Basket) -> dict[int, list[float]]:
    """The median of each round, in seconds, by how many campaigns there are; the rounds are interleaved."""
    times: dict[int, list[float]] = {count: [] for count in by_count}
    for _ in range(_ROUNDS):
        for count, programme in by_count.items():
            times[count].append(statistics.median(_quote(programme, basket) for _ in range(_QUOTES)))
    return times


def _quote(programme: Programme, basket: Basket) -> float:
    started = time.thread_time()
    quote(programme, basket, MemberFacts("silver"), _AT)
    return time.thread_time() - started


def _reading(count: int) -> list[float]:
    """What each of so many campaigns adds to reading the rules, in seconds."""
    with_them, without = _document(count), _document(0)
    return [(_read(with_them) - _read(without)) / count for _ in range(_ROUNDS)]


def _read(document: dict[str, Any]) -> float:
    started = time.thread_time()
    for _ in range(_READINGS):
        Programme.from_document(document)
    return (time.thread_time() - started) / _READINGS


def _document(campaigns: int) -> dict[str, Any]:
    text = (data("programmes") / "supermarket.toml").read_bytes()
    document = parse_programme(text, "supermarket.toml").to_document()
    first = document["earn"]
    assert isinstance(first, list)
    return {
        **document,
        "example": [],
        "earn": [*first, *_RULES],
        "group": [{"code": "new", "name": _TEXT, "products": [_product(3), _product(9)]}],
        "campaign": [
            {"id": f"c{number}", "name": _TEXT, "from": "2026-06-01", "until": "2026-06-30", "conditions": _TEXT,
             "overlap": "best", "earn": f"{1 + number // 1_000}.{number % 1_000 + 1:04d}", **_PARTS[number % len(_PARTS)]}
            for number in range(campaigns)
        ],
    }  # fmt: skip


def _basket(lines: int) -> Basket:
    return Basket(tuple(_line(number) for number in range(lines)))


def _line(number: int) -> BasketLine:
    attributes = {"kwh-year": number}
    return BasketLine(
        _CATEGORIES[number % 8], 9_90 + number, _product(number), "测量商品", 1 + number % 3, attributes
    )


def _product(number: int) -> str:
    return str(6_900_000_000_000 + number)
