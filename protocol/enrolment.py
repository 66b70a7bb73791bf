"""Pairing a till with the ledger: a one-time code, shown as text and as QR, says where and whom to trust.

`E1 <url> <code> <root fingerprint>` stays inside 62 bytes for a short url: QR version 4, which fits 80×24.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from protocol.canonical import Count, Micros, Model, Name
from protocol.errors import CodeError
from protocol.prefixes import ENROLMENT_PREFIX
from protocol.signing import Signed

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ3789"
"""Without letters and digits that are read for one another (pretix's gift cards use the same)."""
CODE_LENGTH = 10

_ROOT = re.compile("[0-9a-f]{16}")
_MAX_PORT = 65_535
_CODE = re.compile(f"[{CODE_ALPHABET}]{{{CODE_LENGTH}}}")
_ADDRESS = re.compile(
    r"[Hh][Tt]{2}[Pp][Ss]?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?(?:/[\w./~%-]*)?",
    re.ASCII,
)
"""No user, no query, nothing that a screen or a log would have to escape."""


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
    if len(parts) != 4 or parts[0].upper() != ENROLMENT_PREFIX:
        raise CodeError("enrolment-unreadable", "not an enrolment code")
    address, code, root = _ADDRESS.fullmatch(parts[1]), parts[2].upper(), parts[3].lower()
    if address is None or int(address["port"] or 0) > _MAX_PORT:
        raise CodeError("enrolment-unreadable", "an enrolment code without the ledger's address")
    if not (_CODE.fullmatch(code) and _ROOT.fullmatch(root)):
        raise CodeError("enrolment-unreadable", "an enrolment code with a part that was misread")
    return Invitation(parts[1].rstrip("/"), code, root)


class EnrolRequest(Model, kw_only=True):
    """`public`: the terminal's Ed25519 key, made at the till, whose other half never leaves it. `name`: 02号机."""

    code: Name
    public: bytes
    name: Name


class EnrolAnswer(Model, kw_only=True):
    """Who the till is from now on. Signed over HTTP by a working key whose certificate is in here, under the pinned root.

    `replaces`: the till whose place it takes, which is retired by that; `left_behind` entries it still had by its last word.
    """

    terminal: Name
    store: Name
    name: Name
    root_public: bytes
    certificates: tuple[Signed, ...]
    now: Micros
    replaces: str = ""
    left_behind: Count = 0
