"""A correction in a manager's words: points of a kind for a member, given or taken, within bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import rows, schema
from ledger.clock import day_of
from ledger.problems import CaseError
from ledger.receiving import Till
from ledger.terms import Terms
from points.expiry import Validity, expires_on
from protocol import canonical
from protocol.cases import Correction
from protocol.documents import Document, ProgrammeText
from protocol.entries import Award, Entry, Sale
from protocol.ids import bucket_of
from protocol.signing import Signed


class Corrected(NamedTuple):
    """A correction that can be booked: its member is the one who has the account now."""

    member: str
    kind: str
    given: int
    taken: int
    validity: Validity

    def booked(self, entry: Entry | None, now_us: int) -> tuple[Sequence[Award], Mapping[str, int]]:
        """What is given and what is taken. Points live as long as the entry says that it stands for, else from today."""
        if self.taken:
            return (), {self.kind: self.taken}
        awards = entry.awards if isinstance(entry, Sale) else ()
        for award in awards:
            if award.kind == self.kind:
                return (Award(kind=self.kind, points=self.given, expires_on=award.expires_on),), {}
        last = expires_on(self.validity, date.fromisoformat(day_of(now_us)))
        return (Award(kind=self.kind, points=self.given, expires_on=last.isoformat() if last else ""),), {}


def correction_of(
    connection: Connection, till: Till, words: Correction | None, terms: Terms, most: int
) -> Corrected:  # fmt: skip
    """Raises `CaseError` for what cannot be booked: nobody's number, no such points, too many, or none."""
    if words is None or bool(words.given) == bool(words.taken) or words.given + words.taken > most:
        raise CaseError("correction", f"it gives or takes points, at most {most} at once")
    if words.kind not in terms.kinds:
        raise CaseError("correction", f"nobody has points of kind {words.kind!r}")
    key = [(bucket_of(words.member), words.member)]
    found = rows.find(connection, schema.Member, ("bucket", "member"), key, "merged_into", schema.PEOPLE)
    if not found:
        raise CaseError("correction", "nobody has this member number")
    validity = _validity(connection, till.store, words.kind)
    return Corrected(found[0][0] or words.member, words.kind, words.given, words.taken, validity)


class _Kind(msgspec.Struct):
    code: str
    validity: Any = "never"


class _KindsOnly(msgspec.Struct):
    kind: list[_Kind] = []


def _validity(connection: Connection, store: str, kind: str) -> Validity:
    """As the newest programme of the store says that has this kind of points; for ever where none has."""
    published = rows.fetch(
        connection,
        "SELECT signed FROM document WHERE kind = 'programme' AND store IN (?, '') ORDER BY number DESC",
        store,
    )
    for (signed,) in published:
        document = msgspec.json.decode(msgspec.json.decode(signed, type=Signed).body, type=Document)
        text = canonical.decode(bytes(document.content), ProgrammeText)
        for known in msgspec.json.decode(text.document, type=_KindsOnly).kind:
            if known.code == kind:
                return Validity.model_validate(known.validity)
    return Validity()
