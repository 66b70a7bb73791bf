"""What this till knows of its store: the documents that the ledger signed.

A document is believed when a working key of the pinned root signed it, whatever file it lies in. A programme that needs an
engine this version lacks leaves the former one in force.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import msgspec

from local_db.cache import CachedDocument
from points import ENGINE, Programme
from protocol.documents import Document, HotList, ProgrammeText, Staff, StaffMember, StoreSettings, Suspension
from protocol.signing import KeyRing

_T = TypeVar("_T")


@dataclass(frozen=True)
class Store:
    """The store as the newest documents say. Without them a till neither earns nor redeems."""

    settings: StoreSettings
    programme: Programme
    staff: dict[str, StaffMember] = field(default_factory=dict)
    hot: frozenset[str] = frozenset()
    redeems_until_us: int = 0
    """The earliest `valid_until` of settings, programme and hot list: past it the till earns and does not redeem.

    Not that of the staff's list: a till where nobody can sign in would not earn either.
    """
    suspended: Literal["", "merchant", "programme"] = ""
    """What the operator stopped: it neither earns nor redeems until it goes on. Looking up and voiding go on."""
    newer_programme_engine: int = 0
    """An engine that a newer programme needs and this software lacks; 0 when there is none."""

    @property
    def points_kind(self) -> str:
        """The kind of points that the counter shows first: the programme's first."""
        return self.programme.kinds[0].code


def read_store(
    documents: Iterable[CachedDocument], keys: KeyRing, store: str, former: Store | None = None
) -> Store | None:
    """The store from its documents, or `None` while settings or programme are missing.

    Raises `SignatureError` when a document is not the ledger's: a cache that someone wrote into is not read further.
    """
    opened = [keys.open(cached.signed, "document", Document) for cached in documents]
    settings = _content(opened, "store", StoreSettings, store)
    if settings is None:
        return None
    text = _content(opened, "programme", ProgrammeText, settings.programme)
    programme, newer_engine = _programme(text, former)
    if programme is None:
        return None
    staff = _content(opened, "staff", Staff, store)
    in_force = {("store", store), ("programme", settings.programme)}
    hot_lists = [document for document in opened if document.kind == "hot-list"]
    relied_on = [document for document in opened if (document.kind, document.id) in in_force] + hot_lists
    return Store(
        settings=settings,
        programme=programme,
        staff={person.staff: person for person in staff.staff} if staff else {},
        hot=frozenset(member for document in hot_lists for member in _decode(document, HotList).members),
        suspended=_suspended(opened, settings),
        redeems_until_us=min(document.valid_until for document in relied_on),
        newer_programme_engine=newer_engine,
    )


def _suspended(documents: list[Document], settings: StoreSettings) -> Literal["", "merchant", "programme"]:
    told = [_decode(document, Suspension) for document in documents if document.kind == "suspension"]
    stopped = {(one.what, one.id): one.suspended_at > 0 for one in told}
    if stopped.get(("merchant", settings.merchant)):
        return "merchant"
    return "programme" if stopped.get(("programme", settings.programme)) else ""


def _programme(text: ProgrammeText | None, former: Store | None) -> tuple[Programme | None, int]:
    if text is None:
        return None, 0
    if text.engine > ENGINE:
        return (former.programme if former else None), text.engine
    return Programme.from_document(msgspec.json.decode(text.document), f"programme {text.programme}"), 0


def _content(documents: list[Document], kind: str, model: type[_T], document_id: str) -> _T | None:
    found = [document for document in documents if (document.kind, document.id) == (kind, document_id)]
    return _decode(found[-1], model) if found else None


def _decode(document: Document, model: type[_T]) -> _T:
    return msgspec.json.decode(document.content, type=model)
