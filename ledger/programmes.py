"""The programmes as they stand now, parsed once each: what the member's page tells of rewards, and what kinds are called."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from ledger import rows
from points.fields import Text
from points.programme import Programme
from points.rules import PointsKind
from protocol import canonical
from protocol.documents import Document, ProgrammeText
from protocol.signing import Signed


class Programmes:
    """Of one ledger."""

    def __init__(self) -> None:
        self._parsed: dict[int, Programme] = {}

    def current(self, connection: Connection) -> list[Programme]:
        """The newest of each id. One cheap query where nothing was published since."""
        newest = rows.fetch(
            connection, "SELECT id, max(number) FROM document WHERE kind = 'programme' GROUP BY id ORDER BY id"
        )
        numbers = [number for _id, number in newest]
        known = self._parsed
        parsed = {number: known.get(number) or _parse(connection, number) for number in numbers}
        self._parsed = parsed
        return list(parsed.values())


class _Kind(msgspec.Struct):
    code: str
    unit: object = None


class _Kinds(msgspec.Struct):
    kind: list[_Kind] = []


def is_in_pieces(text: ProgrammeText, kind: str) -> bool:
    """Whether a kind of the programme is counted in pieces: vouchers, tickets, stamps. Its rules are not parsed for it."""
    return any(
        one.code == kind and one.unit is not None for one in msgspec.json.decode(text.document, type=_Kinds).kind
    )


def kind_names(programmes: list[Programme]) -> dict[str, Text]:
    """What stands behind a number of each kind: its name, and before it the unit of what is counted in pieces (1 张 洗车券)."""
    return {kind.code: _behind_a_number(kind) for programme in programmes for kind in programme.kinds}


def _behind_a_number(kind: PointsKind) -> Text:
    if kind.unit is None:
        return kind.name
    return Text.computed(zh=f"{kind.unit.zh} {kind.name.zh}", en=f"{kind.unit.en} {kind.name.en}")


def _parse(connection: Connection, number: int) -> Programme:
    """Our own signature, in our own database: not checked again."""
    signed = rows.fetch(connection, "SELECT signed FROM document WHERE number = ?", number)[0][0]
    document = msgspec.json.decode(msgspec.json.decode(signed, type=Signed).body, type=Document)
    text = canonical.decode(bytes(document.content), ProgrammeText)
    return Programme.from_document(msgspec.json.decode(text.document), text.programme)
