"""Which programmes and kinds of points the coalition knows: read from the documents it published.

An entry may name any version that was ever published: a till offline for a month stands on an old one.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import rows
from protocol import canonical
from protocol.documents import Document, ProgrammeText
from protocol.signing import Signed


class Terms(NamedTuple):
    """What the newest document with number `newest` and all before it allow an entry to name."""

    newest: int = 0
    kinds: frozenset[str] = frozenset()
    kinds_of: dict[tuple[str, int, int], frozenset[str]] = {}
    """(programme, version, engine) → the kinds of points in it."""


class _Kind(msgspec.Struct):
    code: str


class _KindsOnly(msgspec.Struct):
    kind: list[_Kind] = []


def refreshed(connection: Connection, known: Terms) -> Terms:
    """`known`, and what was published since. One cheap query where nothing was."""
    newest = rows.fetch(connection, "SELECT coalesce(max(number), 0) FROM document")[0][0]
    if newest == known.newest:
        return known
    published = rows.fetch(
        connection,
        "SELECT signed FROM document WHERE kind = 'programme' AND number > ? ORDER BY number",
        known.newest,
    )
    kinds_of = dict(known.kinds_of)
    for (signed,) in published:
        programme, kinds = _read(signed)
        kinds_of[programme] = kinds
    return Terms(newest, known.kinds.union(*kinds_of.values()), kinds_of)


def _read(signed: str) -> tuple[tuple[str, int, int], frozenset[str]]:
    """Our own signature, in our own database: not checked again."""
    document = msgspec.json.decode(msgspec.json.decode(signed, type=Signed).body, type=Document)
    text = canonical.decode(bytes(document.content), ProgrammeText)
    kinds = msgspec.json.decode(text.document, type=_KindsOnly).kind
    return (text.programme, text.version, text.engine), frozenset(kind.code for kind in kinds)
