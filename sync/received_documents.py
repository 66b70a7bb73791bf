"""Documents on their way into the cache: whose they are, that they rise, that this version can use them."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import msgspec

from local_db.cache import CacheWriter
from points.programme import KNOWN_ENGINES
from protocol.documents import Document, DocumentsAnswer, Product, Products, ProgrammeText
from protocol.errors import SignatureError
from protocol.signing import KeyRing, Signed
from sync.errors import FinalSyncError

PURPOSE = "document"

NOT_YET = "documents_not_yet"
"""The cache's fact: the first document that needs a newer version of this software."""

_T = TypeVar("_T")


class Received(NamedTuple):
    """`products` is None where no price list came; `not_yet` the lowest number left out for want of an engine, or 0."""

    documents: list[tuple[Document, Signed]]
    products: list[Product] | None
    newest: int
    not_yet: int


def check_documents(answer: DocumentsAnswer, after: int, ring: KeyRing) -> Received:
    """Raises `FinalSyncError`: an answer that the ledger signed around documents that it did not is a fault, not an attack."""
    documents: list[tuple[Document, Signed]] = []
    products: list[Product] | None = None
    number, not_yet = after, 0
    for signed in answer.documents:
        document = _open(signed, ring)
        if not number < document.number <= answer.newest:
            raise FinalSyncError(
                "bad-answer", f"document {document.number} after {number}, the newest {answer.newest}"
            )
        number = document.number
        if document.kind == "programme" and _content(document, ProgrammeText).engine not in KNOWN_ENGINES:
            # DESIGN 1: the till keeps the former programme, and asks for this one again when it was updated.
            not_yet = not_yet or number
            continue
        if document.kind == "products":
            products = list(_content(document, Products).products)
        documents.append((document, signed))
    return Received(documents, products, max(answer.newest, after), not_yet)


def put_documents(cache: CacheWriter, answer: DocumentsAnswer, after: int, ring: KeyRing) -> bool:
    """Check documents above a number and put them into a cache; whether any came.

    Raises `FinalSyncError`, and errors of `local_db`.
    """
    received = check_documents(answer, after, ring)
    cache.put_documents(received.documents, received.products, received.newest)
    cache.put_fact(NOT_YET, str(received.not_yet))
    return bool(received.documents)


def _open(signed: Signed, ring: KeyRing) -> Document:
    try:
        return ring.open(signed, PURPOSE, Document)
    except SignatureError as error:
        raise FinalSyncError("bad-answer", str(error)) from None


def _content(document: Document, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(document.content, type=kind)
    except msgspec.MsgspecError as error:
        raise FinalSyncError("version", f"document {document.number}: {error}") from None
