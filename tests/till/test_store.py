"""What a till believes of its store's documents."""

from __future__ import annotations

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db.cache import CachedDocument
from protocol.signing import KeyCertificate, KeyRing, key_id, public_bytes, sign
from tests.desks import FAR_FUTURE_US, STORE, documents_of
from till.store import read_store


def test_a_programme_that_is_not_in_force_ends_nothing_with_its_time() -> None:
    """The store has changed to another programme; the one before it runs out, and points are redeemed as before."""
    root, working = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    certificate = KeyCertificate(
        key=key_id(public_bytes(working)), public=public_bytes(working), valid_from=0, valid_until=FAR_FUTURE_US
    )
    ring = KeyRing(public_bytes(root), (sign("key", certificate, root),))
    documents = [document for document, _ in documents_of(working)]
    former = next(document for document in documents if document.kind == "programme")
    documents.insert(0, msgspec.structs.replace(former, id="former", valid_until=1))
    cached = [CachedDocument(one.kind, one.id, one.number, sign("document", one, working)) for one in documents]
    store = read_store(cached, ring, STORE)
    assert store is not None
    assert store.redeems_until_us == FAR_FUTURE_US
