"""The room keeps its promises to the others: engines by number, no I/O, no float, no other room."""

from __future__ import annotations

import ast
from datetime import datetime
from pathlib import Path

import pytest

import points
from points import ENGINE, Basket, BasketLine, MemberFacts, Programme, UnknownEngineError, quote, quote_with

ROOM = sorted(Path(points.__file__).parent.glob("*.py"))
FOREIGN = {"time", "random", "os", "pathlib", "io", "socket", "subprocess", "secrets", "uuid", "decimal", "sqlite3"}
ROOMS = {"protocol", "ledger", "local_db", "devices", "config", "sync", "till", "terminal"}
NOON = datetime.fromisoformat("2026-11-21T12:00")


def test_an_engine_is_called_by_its_number(supermarket: Programme) -> None:
    """The newest is the one that `quote` is; an unknown one is refused."""
    basket = Basket.of_amount(128_50)
    assert quote_with(ENGINE, supermarket, basket, MemberFacts(), NOON) == quote(
        supermarket, basket, MemberFacts(), NOON
    )
    with pytest.raises(UnknownEngineError, match="engine 2"):
        quote_with(2, supermarket, basket, MemberFacts(), NOON)


def test_a_category_that_the_programme_does_not_name_earns_by_the_general_rule_alone(
    supermarket: Programme, workshop: Programme
) -> None:
    """A product list newer than the programme never stops a sale."""
    unheard = Basket((BasketLine("unheard-of", 100_00),))
    assert quote(supermarket, unheard, MemberFacts(), datetime.fromisoformat("2026-06-05")).awarded("points") == 100
    assert quote(workshop, unheard, MemberFacts(), NOON).awards == ()


@pytest.mark.parametrize("path", ROOM, ids=lambda path: path.stem)
def test_no_module_reaches_outside(path: Path) -> None:
    """Neither clock nor chance nor files nor another room, and not one float literal, division or open()."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            assert not {name.split(".")[0] for name in names} & (FOREIGN | ROOMS)
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float)
        if isinstance(node, ast.Name):
            assert node.id not in {"float", "open", "print", "input"}
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"now", "today", "utcnow"}
