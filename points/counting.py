"""So many of a kind, in words: ``1,000 消费积分``, ``洗车券 1张``. Never one currency for all that is in the books."""

from __future__ import annotations

from typing import Protocol

from points.fields import Text


class Words(Protocol):
    """A text in both languages."""

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


class Countable(Protocol):
    """A kind of points, of a programme or as a receipt kept it. With a `unit` it is counted in pieces."""

    @property
    def name(self) -> Words: ...

    @property
    def unit(self) -> Words | None: ...


def counted(kind: Countable, points: int, *, is_signed: bool = False) -> Text:
    """`is_signed`: with a plus or a minus before the number."""
    number = f"{points:+,}" if is_signed else f"{points:,}"
    if kind.unit is None:
        return Text.computed(zh=f"{number} {kind.name.zh}", en=f"{number} {kind.name.en}")
    return Text.computed(zh=f"{kind.name.zh} {number}{kind.unit.zh}", en=f"{kind.name.en} {number} {kind.unit.en}")
