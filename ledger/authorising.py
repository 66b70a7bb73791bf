"""A member allows a redemption from his phone, at a till that cannot reach the ledger itself (DESIGN 4: `authorised`).

What the till's challenge asks for is reserved under the id that its sale will carry, exactly as the till would have asked
online; the signed answer travels back to the till as a picture on the phone.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.database import Database
from ledger.keys import Keys
from ledger.reserving import reserve
from protocol import authorisations
from protocol.authorisations import Authorisation, Challenge, kind_tag
from protocol.errors import ChallengeError
from protocol.ids import bucket_in, bucket_of
from protocol.reservations import Refused, ReserveRequest


class Asked(NamedTuple):
    """What a till asks a member for, in the names that people use."""

    challenge: Challenge
    terminal: str
    till: str
    store: str
    merchant: str
    kind: str

    @property
    def points(self) -> int:
        """How many."""
        return self.challenge.points


def who_asks(database: Database, member: str, text: str) -> Asked:
    """What the challenge in `text` asks `member` for; nothing changes.

    Raises `ChallengeError`: `challenge-unreadable`, `challenge-of-another` (the till is serving somebody else),
    `challenge-unknown` (no till or no points of this coalition).
    """
    challenge = authorisations.read_challenge(text)
    if bucket_in(challenge.id) != bucket_of(member):
        raise ChallengeError("challenge-of-another", "the till is serving another member")
    with database.read() as connection:
        found = _tills(connection, challenge.terminal)
        kinds = [
            kind for kind in sorted(database.terms.refreshed(connection).kinds) if kind_tag(kind) == challenge.kind
        ]
    if len(found) != 1 or len(kinds) != 1:
        raise ChallengeError("challenge-unknown", "no till or no points of this coalition")
    return Asked(challenge, *found[0], kinds[0])


def authorise(database: Database, keys: Keys, member: str, text: str, now_us: int) -> str | Refused:
    """Reserve what the challenge asks for, and sign that it was: the text of a QR code for the till. Again: the same points.

    `member` has proved himself to the caller. Raises `ChallengeError` as `who_asks` does.
    """
    asked = who_asks(database, member, text)
    request = ReserveRequest(
        id=asked.challenge.id, member=member, kind=asked.kind, points=asked.points, proof="authorisation"
    )
    text = signed(keys, member, asked, now_us)  # before anything is reserved: what cannot be said is not done
    verdict = reserve(database, asked.terminal, request, now_us, authority="authorised")
    return verdict if isinstance(verdict, Refused) else text


def signed(keys: Keys, member: str, asked: Asked, now_us: int) -> str:
    """The ledger's word that it has reserved what is asked for. Raises `ChallengeError` for names that no QR has room for."""
    given = Authorisation(asked.challenge.id, asked.terminal, member, asked.kind, asked.points, asked.challenge.quote)
    try:
        return authorisations.make(given, now_us // 1_000_000, keys.current(now_us).private)
    except ValueError as error:
        raise ChallengeError("challenge-unknown", "names too long for an authorisation") from error


def _tills(connection: Connection, tag: bytes) -> list[tuple[str, str, str, str]]:
    """(terminal, its name, its store's name, the merchant's name) of those that a tag can mean: one, but for a wild chance."""
    found = rows.fetch(
        connection,
        "SELECT t.terminal, t.name, s.name, m.name FROM terminal t JOIN store s ON s.store = t.store"
        " JOIN merchant m ON m.merchant = s.merchant WHERE t.tag = ?",
        tag,
    )
    return [(terminal, till, store, merchant) for terminal, till, store, merchant in found]
