"""Engines by number: a change of any result gets a new one, and the old one stays callable (DESIGN 1).

An entry is explained by the engine of its day; a programme names the engine that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from points.basket import Basket, Choice, MemberFacts
from points.errors import UnknownEngineError
from points.programme import KNOWN_ENGINES, Programme
from points.quote import Quote, quote

ENGINE: Final = 1
"""The newest, for programmes that are written today."""

_ENGINES: Final[Mapping[int, Callable[[Programme, Basket, MemberFacts, datetime, Sequence[Choice]], Quote]]] = {
    1: quote
}
assert tuple(_ENGINES) == KNOWN_ENGINES


def quote_with(
    engine: int,
    programme: Programme,
    basket: Basket,
    member: MemberFacts,
    at: datetime,
    choices: Sequence[Choice] = (),
) -> Quote:
    """`quote()` as that engine computes it. Raises `UnknownEngineError`, and what `quote()` raises."""
    if (run := _ENGINES.get(engine)) is None:
        raise UnknownEngineError(engine)
    return run(programme, basket, member, at, choices)
