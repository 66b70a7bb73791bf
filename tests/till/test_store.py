"""What a till believes of its store's documents."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db.cache import CachedDocument
from protocol import canonical
from protocol.documents import Document, HotList
from protocol.signing import KeyCertificate, KeyRing, key_id, public_bytes, sign
from tests.desks import FAR_FUTURE_US, MEMBER, STORE, documents_of
from till.store import Store, read_store


def read(documents: list[Document], working: Ed25519PrivateKey, root: Ed25519PrivateKey) -> Store:
    """As a till reads what its cache has, under the pinned root."""
    public = public_bytes(working)
    certificate = KeyCertificate(key=key_id(public), public=public, valid_from=0, valid_until=FAR_FUTURE_US)
    ring = KeyRing(public_bytes(root), (sign("key", certificate, root),))
    cached = [CachedDocument(one.kind, one.id, one.number, sign("document", one, working)) for one in documents]
    store = read_store(cached, ring, STORE)
    assert store is not None
    return store


def test_a_programme_that_is_not_in_force_ends_nothing_with_its_time() -> None:
    """The store has changed to another programme; the one before it runs out, and points are redeemed as before."""
    root, working = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    documents = [document for document, _ in documents_of(working)]
    former = next(document for document in documents if document.kind == "programme")
    documents.insert(0, msgspec.structs.replace(former, id="former", valid_until=1))
    assert read(documents, working, root).redeems_until_us == FAR_FUTURE_US


@pytest.mark.parametrize(
    ("kind", "ends"), [("store", 7), ("programme", 7), ("hot-list", 7), ("staff", FAR_FUTURE_US)]
)
def test_redeeming_ends_with_the_oldest_that_it_stands_on(kind: str, ends: int) -> None:
    """The hot list too: it is for tills that are offline. Not the staff's: somebody has to sign in for the shop to earn."""
    root, working = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    documents = [document for document, _ in documents_of(working)]
    hot = msgspec.Raw(canonical.encode(HotList(members=(MEMBER,))))
    documents.append(Document(kind="hot-list", id="all", number=9, valid_until=FAR_FUTURE_US, content=hot))
    aged = [msgspec.structs.replace(one, valid_until=7) if one.kind == kind else one for one in documents]
    store = read(aged, working, root)
    assert (store.redeems_until_us, store.hot) == (ends, frozenset({MEMBER}))
    assert store.staff
