"""What is made in training says so, in the entry and on its receipt."""

from __future__ import annotations

import msgspec

from local_db.journal import Draft
from protocol import canonical
from protocol.entries import decode_entry, encode_entry
from till.receipts import Receipt


def marked(draft: Draft) -> Draft:
    """The same with the mark in the payload, so under its hash, and in its receipt."""
    entry = msgspec.structs.replace(decode_entry(draft.payload), training=True)
    if not draft.receipt:
        return draft._replace(payload=encode_entry(entry))
    receipt = msgspec.structs.replace(canonical.decode(draft.receipt, Receipt), training=True)
    return draft._replace(payload=encode_entry(entry), receipt=canonical.encode(receipt))
