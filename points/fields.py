"""The field types of a programme document: every border check of a value stands here once.

A document is read from TOML by people and from canonical JSON by tills. Canonical JSON knows integers and strings only, so a
date is written as ISO text, a factor as a decimal string, a yes or no as ``yes`` or ``no``.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime, time
from fractions import Fraction
from typing import Annotated, Final, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from points.amounts import MAX_AMOUNT_FEN, MAX_POINTS, format_exact
from points.sentences import Wrong

LONGEST_TEXT: Final = 400
_FACTOR: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
_HOURS: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")


class Document(BaseModel):
    """The base of everything in a programme: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _printable(text: str) -> str:
    """Words from outside end up on screens and receipts: no control, format or bidirectional characters."""
    for char in text:
        if unicodedata.category(char).startswith("C"):
            raise Wrong("contains the invisible character {character}", character=f"U+{ord(char):04X}")
    return text


def _factor(value: object) -> Fraction:
    if not isinstance(value, str) or _FACTOR.fullmatch(value) is None:
        raise Wrong('a factor is a decimal in quotes, such as "1.2"')
    if (factor := Fraction(value)) > 0:
        return factor
    raise Wrong("a factor is more than zero")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("yes", "no"):
        return value == "yes"
    raise Wrong("true or false is expected")


def _day(value: object) -> date:
    if isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise Wrong("a date is expected, such as 2026-11-15")


class Hours(NamedTuple):
    """From one time of the day up to another; past midnight where the second is the earlier one."""

    begin: time
    end: time

    def has(self, at: time) -> bool:
        """Whether a time is within them; `end` is not."""
        if self.begin < self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end

    def meet(self, other: Hours) -> bool:
        """Whether some time is within both."""
        return self.has(other.begin) or other.has(self.begin)

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"


def _hours(value: object) -> Hours:
    if not isinstance(value, str) or _HOURS.fullmatch(value) is None:
        raise Wrong('hours are expected as "14:00-17:00"')
    begin, end = (time.fromisoformat(part) for part in value.split("-"))
    if begin == end:
        raise Wrong("the hours end when they begin; leave them out for the whole day")
    return Hours(begin, end)


def _civil_time(value: object) -> datetime:
    time = value
    if isinstance(value, str):
        with suppress(ValueError):
            time = datetime.fromisoformat(value)
    if not isinstance(time, datetime) or time.tzinfo is not None:
        raise Wrong("a civil time is expected, such as 2026-11-21T14:32:00")
    return time


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S"), AfterValidator(_printable)
]
ProductCode = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^\S+$"), AfterValidator(_printable)
]
"""As the price list has it, mostly the digits of a barcode."""
Fen = Annotated[int, Field(strict=True, gt=0, le=MAX_AMOUNT_FEN)]
FenOrZero = Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT_FEN)]
Points = Annotated[int, Field(strict=True, gt=0, le=MAX_POINTS)]
PointsOrZero = Annotated[int, Field(strict=True, ge=0, le=MAX_POINTS)]
Percent = Annotated[int, Field(strict=True, ge=1, le=100)]
Day = Annotated[date, BeforeValidator(_day)]
CivilTime = Annotated[datetime, BeforeValidator(_civil_time)]
Flag = Annotated[bool, BeforeValidator(_flag), PlainSerializer(lambda on: "yes" if on else "no", return_type=str)]
OfTheDay = Annotated[
    Hours,
    PlainValidator(_hours),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_HOURS.pattern}$"}),
]
Factor = Annotated[
    Fraction,
    PlainValidator(_factor),
    PlainSerializer(format_exact, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_FACTOR.pattern}$"}),
]


class Text(Document):
    """Words for people in the two languages of the counter."""

    zh: Words
    en: Words

    @classmethod
    def computed(cls, zh: str, en: str) -> Self:
        """Words put together from such that were checked: they may be longer than what a person may write."""
        return cls.model_construct(zh=zh, en=en)

    def in_language(self, language: str) -> str:
        """The words for a language tag: English for ``en…``, else Chinese, which is the counter's own."""
        return self.en if language.startswith("en") else self.zh
