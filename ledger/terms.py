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

    def refreshed(self, connection: Connection) -> Terms:
        """These, and what was published since. One cheap query where nothing was."""
        newest = rows.fetch(connection, "SELECT coalesce(max(number), 0) FROM document")[0][0]
        if newest == self.newest:
            return self
        published = rows.fetch(
            connection,
            "SELECT signed FROM document WHERE kind = 'programme' AND number > ? ORDER BY number",
            self.newest,
        )
        kinds_of = {**self.kinds_of, **dict(_read(signed) for (signed,) in published)}
        return Terms(newest, frozenset().union(*kinds_of.values()), kinds_of)


class _Kind(msgspec.Struct):
    code: str


class _KindsOnly(msgspec.Struct):
    kind: list[_Kind] = []


def _read(signed: str) -> tuple[tuple[str, int, int], frozenset[str]]:
    """Our own signature, in our own database: not checked again."""
    document = msgspec.json.decode(msgspec.json.decode(signed, type=Signed).body, type=Document)
    text = canonical.decode(bytes(document.content), ProgrammeText)
    kinds = msgspec.json.decode(text.document, type=_KindsOnly).kind
    return (text.programme, text.version, text.engine), frozenset(kind.code for kind in kinds)
