"""Pairing a till with the ledger: a one-time code, shown as text and as QR, says where and whom to trust.

`E1 <url> <code> <root fingerprint>` stays inside 62 bytes for a short url: QR version 4, which fits 80×24.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from protocol.canonical import Micros, Model, Name
from protocol.codes import ENROLMENT_PREFIX
from protocol.errors import CodeError
from protocol.signing import Signed

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ3789"
"""Without letters and digits that are read for one another (pretix's gift cards use the same)."""
CODE_LENGTH = 10


class Invitation(NamedTuple):
    """What an enrolment code says. `root` is the fingerprint of the ledger's root key."""

    url: str
    code: str
    root: str

    def __str__(self) -> str:
        return f"{ENROLMENT_PREFIX} {self.url} {self.code} {self.root}"


def read_invitation(text: str) -> Invitation:
    """Raises `CodeError("enrolment-unreadable")`."""
    parts = text.split()
    if len(parts) != 4 or parts[0] != ENROLMENT_PREFIX or len(parts[3]) != 16:
        raise CodeError("enrolment-unreadable", "not an enrolment code")
    url = urlsplit(parts[1])
    if url.scheme not in ("http", "https") or not url.hostname:
        raise CodeError("enrolment-unreadable", "an enrolment code without the ledger's address")
    return Invitation(parts[1].rstrip("/"), parts[2].upper(), parts[3])


class EnrolRequest(Model, kw_only=True):
    """`public`: the terminal's Ed25519 key, made at the till, whose other half never leaves it. `name`: 02号机."""

    code: Name
    public: bytes
    name: Name


class EnrolAnswer(Model, kw_only=True):
    """Who the till is from now on. Signed over HTTP by a working key whose certificate is in here, under the pinned root."""

    terminal: Name
    store: Name
    name: Name
    root_public: bytes
    certificates: tuple[Signed, ...]
    now: Micros
