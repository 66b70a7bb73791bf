"""What a journal proves of itself: every contradiction in it, the signature of its head, the ledger's receipts."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from local_db.journal_reader import JournalReader, Row
from protocol.chain import Head
from protocol.chain_check import Witness, opened
from protocol.errors import SignatureError
from protocol.signing import Signed, verify_bytes
from sync.identity import Identity
from till.i18n import _


def findings_of(reader: JournalReader, identity: Identity, held: Iterable[Witness | Signed] = ()) -> list[str]:
    """A sentence for each contradiction: in the journal, with its receipts of the ledger, with the witnesses `held`."""
    receipts = (msgspec.json.decode(document, type=Signed) for document in reader.checkpoints())
    good, useless = opened([*held, *receipts], identity.ring())
    return [*reader.verify(identity.genesis(), identity.terminal, witnesses=good), *useless]


def is_signed(last: Row, identity: Identity) -> bool:
    """Whether this terminal's key signed the head that its last entry is."""
    head = Head(terminal=identity.terminal, seq=last.seq, hash=last.hash.hex())
    try:
        verify_bytes(identity.public, last.signature, head.signed_bytes())
    except SignatureError:
        return False
    return True


def unsigned_head(last: Row) -> str:
    """The sentence for a head whose signature does not fit."""
    return _("entry {seq}: the head's signature does not fit").format(seq=last.seq)
