"""Pairing this till with the ledger that a technician points it to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx

from local_db.journal import Journal
from protocol.enrolment import EnrolAnswer, EnrolRequest, Invitation
from protocol.errors import SignatureError
from protocol.signing import KeyRing, key_id, public_bytes
from sync.client import LedgerClient
from sync.errors import FinalSyncError, UnknownKeyError
from sync.identity import Identity, make_key, save_identity
from sync.leaving import Left, leave


def enrol(
    invitation: Invitation,
    folder: Path,
    name: str,
    *,
    transport: httpx.BaseTransport | None = None,
    told: Callable[[Left], None] = lambda _left: None,
    replaced: Callable[[str, int], None] = lambda _terminal, _left: None,
) -> Identity:
    """Use an invitation: make a key, ask, check the ledger's root against the invitation, and only then keep the answer.

    A terminal that has ended leaves the folder first (`sync.leaving`), and is `told`. Where this till takes the place of
    another machine's, that one is `replaced`, and how many entries it still had by its last word. The caller holds `till.lock`.
    Where the answer was lost the same code may be used again from the same folder. Raises `FinalSyncError`
    (`enrolment-unknown`, `enrolment-used`, `enrolment-expired`, `already-enrolled`), `TransientSyncError`, and `local_db`
    errors.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (left := leave(folder, transport)) is not None:
        told(left)
    with closing(Journal.open(folder)) as journal:
        identity, answer = _ask(invitation, folder, name, transport)
        save_identity(journal, identity)
    if answer.replaces:
        replaced(answer.replaces, answer.left_behind)
    return identity


def _ask(
    invitation: Invitation, folder: Path, name: str, transport: httpx.BaseTransport | None
) -> tuple[Identity, EnrolAnswer]:
    key = make_key(folder)
    request = EnrolRequest(code=invitation.code, public=public_bytes(key), name=name)

    def learn(answer: EnrolAnswer) -> KeyRing:
        if key_id(answer.root_public) != invitation.root:
            raise SignatureError("not by the ledger that the enrolment code names")
        return KeyRing(answer.root_public, answer.certificates)

    stranger = Identity(
        terminal=key_id(request.public), store="-", name=name, url=invitation.url, public=request.public,
        root_public=b"", certificates=(),
    )  # fmt: skip
    try:
        with LedgerClient(stranger, key, transport=transport) as client:
            answer = client.enrol(request, EnrolAnswer, learn)
    except UnknownKeyError as error:
        if not error.claim.startswith("enrolment-"):
            raise
        # A refusal brings no certificates. Nothing is kept of it, so its word may go to the technician unproved.
        raise FinalSyncError(error.claim, "the ledger refuses this enrolment code") from None
    return identity_from(invitation, answer, request.public), answer


def identity_from(invitation: Invitation, answer: EnrolAnswer, public: bytes) -> Identity:
    """Who the till with the key `public` is from now on, by an answer that was checked against its invitation."""
    return Identity(
        terminal=answer.terminal,
        store=answer.store,
        name=answer.name,
        url=invitation.url,
        public=public,
        root_public=answer.root_public,
        certificates=answer.certificates,
    )
