"""Canonical JSON: one value, one sequence of bytes.

Keys sorted by code point, no white space, UTF-8 without escapes beyond JSON's own, integers within ±(2^53 - 1), strings and
booleans only: no floats, no nulls; a field at its default is left out. The shape is that of RFC 8785 without its number
rules, which integers do not need.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Annotated, Any, TypeVar, cast, dataclass_transform

import msgspec

from protocol.errors import NotCanonicalError

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259, section 6)."""

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
Whole = Annotated[int, msgspec.Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=MAX_INTEGER)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Text = Annotated[str, msgspec.Meta(max_length=512)]
Micros = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
"""Microseconds since 1970 in UTC."""

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Model(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """What every message and document is made of: frozen, strict, smallest form, and built by keyword.

    msgspec does not inherit `kw_only`; each subclass says it again.
    """


class Settled(Model, kw_only=True):
    """A model with a default other than 0 and empty.

    msgspec leaves out what *is* the default, not what equals it; `"active"` from a database, or 86,400 from a file, would be
    a second spelling. Such values become the default itself when the model is made.
    """

    def __post_init__(self) -> None:
        for name, default in _defaults(type(self)):
            value = getattr(self, name)
            if value is not default and value == default:
                msgspec.structs.force_setattr(self, name, default)


@lru_cache
def _defaults(kind: type[Settled]) -> tuple[tuple[str, object], ...]:
    fields = msgspec.structs.fields(kind)
    return tuple(
        (field.name, field.default) for field in fields if field.default is not msgspec.NODEFAULT and field.default
    )


def encode(value: object) -> bytes:
    """The canonical bytes of a model, or of plain dicts, lists, integers and strings."""
    try:
        return msgspec.json.encode(value, order="sorted")
    except TypeError:  # a dict with integers for keys: msgspec sorts strings only
        return msgspec.json.encode(msgspec.to_builtins(value, str_keys=True), order="sorted")


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """Made once a kind: `msgspec.json.decode` makes one a call, which is half of the time to read an entry."""
    return msgspec.json.Decoder(kind)


def decode(data: bytes, kind: type[_T]) -> _T:
    """Read `data` as a `kind` and insist that no other bytes say the same.

    Raises `msgspec.DecodeError` for what is not a `kind`, `NotCanonicalError` for a second spelling (duplicate keys, `1.0`
    for 1, white space, escapes): a hash over the payload must be a hash over its meaning.
    """
    try:
        value: _T = _decoder(cast("Any", kind)).decode(data)
    except UnicodeDecodeError:
        raise msgspec.DecodeError("not UTF-8") from None
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None
    if encode(value) != data:
        raise NotCanonicalError
    return value
