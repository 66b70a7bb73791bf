"""The member allows a redemption with his phone while the till has no network (DESIGN, section 4: `authorised`).

The till shows a *challenge*: the address of the ledger's page with 34 bytes behind it, inside QR version 4. The ledger reserves
the points under the challenge's id, which the sale will carry, and signs an *authorisation*, inside QR version 10 level M. The
till scans that and checks it offline. The id is the nonce: an authorisation serves one sale, and ends by no clock.
"""

from __future__ import annotations

import base64
import hashlib
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import canonical, tokens
from protocol.errors import ChallengeError
from protocol.ids import is_entry_id
from protocol.prefixes import AUTHORISATION_PREFIX
from protocol.signing import KeyRing
from protocol.tokens import Claim

MAX_QR_CHARACTERS = 311
MAX_CHALLENGE_CHARACTERS = 114
"""Of QR version 4: level L holds 114 alphanumerics, M 90."""

CHALLENGE_CHARACTERS = 55
"""Of them the challenge itself, behind the page's address and `PAGE`."""

PAGE = "/A/"
"""Where the ledger's page takes a challenge; upper case, because QR alphanumerics have no other."""

_FORM = tokens.Form("authorisation", AUTHORISATION_PREFIX, MAX_QR_CHARACTERS)
_VERSION = 1
_BYTES = 34


class Challenge(NamedTuple):
    """What the till asks for. `terminal` and `kind` are tags of names that the ledger knows; `quote` binds it to one sale."""

    id: UUID
    points: int
    terminal: bytes
    kind: bytes
    quote: bytes


class Authorisation(NamedTuple):
    """What the ledger reserved for `terminal`, under the id that the sale will carry. `quote` as in the challenge."""

    id: UUID
    terminal: str
    member: str
    kind: str
    points: int
    quote: bytes


def terminal_tag(terminal: str) -> bytes:
    """Five bytes that stand for a terminal's id: a ledger pairs no two terminals with the same."""
    return hashlib.sha256(b"till-terminal-tag-1\0" + terminal.encode()).digest()[:5]


def kind_tag(kind: str) -> bytes:
    """Two bytes that stand for a kind of points: a coalition has a handful of kinds."""
    return hashlib.sha256(b"till-kind-tag-1\0" + kind.encode()).digest()[:2]


def quote_tag(entry_id: UUID, reward: str, kind: str, points: int, due_fen: int) -> bytes:
    """Six bytes over what the cashier and the member agreed on, as the till's screen shows it."""
    said = {"due_fen": due_fen, "id": str(entry_id), "kind": kind, "points": points, "reward": reward}
    return hashlib.sha256(b"till-quote-tag-1\0" + canonical.encode(said)).digest()[:6]


def challenge_text(page: str, challenge: Challenge) -> str:
    """The text of the QR that the till shows. `page`: the ledger's address as a member's phone reaches it.

    Raises `ValueError` for points below 1 or above 2^32 - 1, and for an address so long that the QR would outgrow 80 x 24.
    """
    if not 0 < challenge.points < 1 << 32:
        raise ValueError(challenge.points)
    packed = bytes([_VERSION]) + challenge.id.bytes + challenge.points.to_bytes(4, "big")
    packed += challenge.terminal + challenge.kind + challenge.quote
    if len(packed) != _BYTES:
        raise ValueError(f"{len(packed)} bytes, not {_BYTES}")
    text = page.rstrip("/").upper() + PAGE + base64.b32encode(packed).decode().rstrip("=")
    if len(text) > MAX_CHALLENGE_CHARACTERS:
        raise ValueError(f"{len(text)} characters, at most {MAX_CHALLENGE_CHARACTERS}")
    return text


def read_challenge(text: str) -> Challenge:
    """Take apart what a phone scanned: the whole address, or what stands behind the page's.

    Raises `ChallengeError("challenge-unreadable")`. Nobody signed it: what it asks for is decided by the member and the ledger.
    """
    packed_text = text.strip().upper().rpartition("/")[2]
    try:
        packed = base64.b32decode(packed_text + "=" * (-len(packed_text) % 8))
    except ValueError:
        packed = b""
    if len(packed) != _BYTES or packed[0] != _VERSION:
        raise ChallengeError("challenge-unreadable", "not a challenge of a till")
    challenge = Challenge(
        UUID(bytes=packed[1:17]), int.from_bytes(packed[17:21], "big"), packed[21:26], packed[26:28], packed[28:]
    )
    if not challenge.points or not is_entry_id(challenge.id):
        raise ChallengeError("challenge-unreadable", "a challenge for nothing")
    return challenge


def make(authorisation: Authorisation, issued_s: int, key: Ed25519PrivateKey) -> str:
    """The text of the QR that the member's phone shows. Raises `ValueError` for names so long that it would outgrow it."""
    claims = {
        Claim.SUBJECT: authorisation.member, Claim.AUDIENCE: authorisation.terminal, Claim.ISSUED: issued_s,
        Claim.IDENTITY: authorisation.id.bytes, Claim.POINTS: authorisation.points, Claim.KIND: authorisation.kind,
        Claim.QUOTE: authorisation.quote,
    }  # fmt: skip
    return tokens.make(_FORM, claims, key)


def read(text: str, keys: KeyRing) -> Authorisation:
    """Check a scanned authorisation against the ledger's keys. No clock: a reservation ends by none.

    Raises `CodeError` with code `authorisation-unreadable` or `authorisation-forged`.
    """
    match tokens.read(_FORM, text, keys, None):
        case {
            Claim.SUBJECT: str(member), Claim.AUDIENCE: str(terminal), Claim.IDENTITY: bytes(identity),
            Claim.POINTS: int(points), Claim.KIND: str(kind), Claim.QUOTE: bytes(quote),
        } if len(identity) == 16 and points > 0:  # fmt: skip
            return Authorisation(UUID(bytes=identity), terminal, member, kind, points, quote)
    raise tokens.unreadable(_FORM, "an authorisation that does not say what for")
