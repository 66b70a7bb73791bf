"""Goods that hide in a category what they are before the law: what is asked of the names of categories, asked of products.

A carton of cigarettes filed under groceries would earn points. Only names are looked at: who lists it as 中华 is not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from points.errors import ProgrammeError
from points.natures import RULES, natures_named
from points.programme import Programme
from points.sentences import Sentence
from points.sheets import rows_of


class Goods(NamedTuple):
    """A product of a price list, as far as it matters here; `line` of the file, 0 where there is none."""

    code: str
    name: str
    category: str
    line: int = 0


def read_goods(data: bytes, source: str) -> tuple[Goods, ...]:
    """From CSV with the columns `code,name,category`, and any others. Raises `ProgrammeError`."""
    rows = rows_of(data, source, ("code", "name", "category"))
    return tuple(Goods(row["code"], " ".join(row["name"].split()), row["category"], line) for line, row in rows)


def hidden_goods(programme: Programme, goods: Iterable[Goods], source: str) -> Iterator[ProgrammeError]:
    """Each product whose name says what its category does not."""
    for place, one in enumerate(goods):
        named = natures_named(one.name)
        category = programme.category_by_code.get(one.category)
        if named and (category is None or category.nature not in named):
            hidden = Sentence(
                '{code} {name} says that it is {nature}: file it under a category with nature = "{nature}", not under'
                " {category} ({why})",
                code=one.code, name=one.name, nature=named[0], category=one.category, why=RULES[named[0]],
            )  # fmt: skip
            yield ProgrammeError(source, f"products[{place}]", hidden, one.line)
