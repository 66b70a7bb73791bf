"""How a member's phone is signed in to his page: a link that works once, and the session that it opens.

Both are secrets of 16 random bytes that the books know by their hash alone, with the bucket of the account before them, so that
they are found in its shard. A session ends by its time, with the account (blocked, revoked), or by the member himself.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.consent import Key
from ledger.database import Database
from ledger.problems import NotKnownError
from ledger.schema import Member
from ledger.schema_page import PageLink, PageSession
from ledger.schema_people import Merged
from protocol.ids import BUCKETS, bucket_of
from protocol.member_links import LINK_LIVES_US, LINK_PAGE, MemberLink, MemberLinkVerdict
from protocol.reservations import Refused

SESSION_DAYS = 180
_DAY_US = 86_400 * 1_000_000
SECRET_BYTES = 16


class Session(NamedTuple):
    """A phone. `member` is who he is today: whoever was merged is the one he was merged into.

    `ended`: why it is signed in no more (`blocked`, `revoked`, `left`, `signed-out`), else empty.
    """

    bucket: int
    hash: bytes
    member: str
    ended: str


def accounts_of(connection: Connection, member: str) -> list[Key]:
    """His account, and those of numbers that were merged into him."""
    own = bucket_of(member), member
    merged = rows.find(connection, Merged, ("bucket", "member"), [own], "source_bucket, source")
    return [own, *((bucket, source) for bucket, source in sorted(merged))]


def standing(connection: Connection, member: str) -> tuple[str, str]:
    """(who he is today, status of that account). Raises `NotKnownError`."""
    key = bucket_of(member), member
    found = rows.find(connection, Member, ("bucket", "member"), [key], "status, merged_into")
    if not found:
        raise NotKnownError("member", member)
    status, into = found[0]
    return standing(connection, into) if into else (member, status)


def make_link(database: Database, page: str, member: str, now_us: int) -> MemberLinkVerdict:
    """A link to the page at the address `page`, instead of one that is still open. `member` has proved himself."""
    ends_at = now_us + LINK_LIVES_US
    secret = secrets.token_bytes(SECRET_BYTES)
    with database.write() as connection:
        try:
            today, status = standing(connection, member)
        except NotKnownError:
            return Refused(reason="unknown-member")
        if status != "active":
            return Refused(reason="member-blocked")
        key = bucket_of(today), today
        rows.execute(connection, "DELETE FROM page_link WHERE bucket = ? AND member = ?", *key)
        rows.insert(connection, PageLink, [(key[0], hash_secret(secret), today, ends_at)])
    return MemberLink(address=page.rstrip("/").upper() + LINK_PAGE + write_secret(key[0], secret), ends_at=ends_at)


def use_link(database: Database, text: str, now_us: int, days: int = SESSION_DAYS) -> str | None:
    """The secret of a new session for a link that was good; it is gone then. None for any other."""
    place = read_secret(text)
    if place is None:
        return None
    with database.write() as connection:
        found = rows.fetch(
            connection, "DELETE FROM page_link WHERE bucket = ? AND hash = ? RETURNING member, ends_at", *place
        )
        if not found or found[0][1] <= now_us:
            return None
        member, status = standing(connection, found[0][0])
        if status != "active":
            return None
        bucket, secret = bucket_of(member), secrets.token_bytes(SECRET_BYTES)
        row = (bucket, hash_secret(secret), member, now_us, now_us + days * _DAY_US, "")
        rows.insert(connection, PageSession, [row])
    return write_secret(bucket, secret)


def find_session(connection: Connection, text: str, now_us: int) -> Session | None:
    """The session of a secret; None where there is none, or its time is over."""
    place = read_secret(text)
    found = rows.find(connection, PageSession, ("bucket", "hash"), [place]) if place else []
    if not found or found[0][4] <= now_us:
        return None
    bucket, hashed, member, _begun_at, _ends_at, ended = found[0]
    member, status = standing(connection, member)
    return Session(bucket, hashed, member, ended or ("" if status == "active" else status))


def count_sessions(connection: Connection, member: str, now_us: int) -> int:
    """On how many phones he is signed in."""
    keys = accounts_of(connection, member)
    found = rows.find(connection, PageSession, ("bucket", "member"), keys, "ends_at", "t.ended = ''")
    return sum(ends_at > now_us for (ends_at,) in found)


def end_session(connection: Connection, session: Session) -> None:
    """This phone."""
    rows.update(connection, PageSession, ("ended",), [(session.bucket, session.hash, "signed-out")])


def end_all_sessions(connection: Connection, member: str, why: str = "signed-out") -> None:
    """All phones, and a link that is still open."""
    for key in accounts_of(connection, member):
        rows.execute(
            connection,
            "UPDATE page_session SET ended = ? WHERE bucket = ? AND member = ? AND ended = ''",
            why,
            *key,
        )
        rows.execute(connection, "DELETE FROM page_link WHERE bucket = ? AND member = ?", *key)


def forget_sessions(database: Database, now_us: int) -> None:
    """What has ended by its time is not kept."""
    with database.write() as connection:
        for table in ("page_link", "page_session"):
            rows.execute(connection, f"DELETE FROM {table} WHERE ends_at <= ?", now_us)


def hash_secret(secret: bytes) -> bytes:
    """What the books know of it."""
    return hashlib.sha256(b"till-page-secret-1\0" + secret).digest()


def write_secret(bucket: int, secret: bytes) -> str:
    """29 characters that a QR holds as alphanumerics."""
    return base64.b32encode(bucket.to_bytes(2, "big") + secret).decode().rstrip("=")


def read_secret(text: str) -> tuple[int, bytes] | None:
    """(bucket, hash) of a secret as it came from outside; None for what is none."""
    try:
        packed = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    bucket = int.from_bytes(packed[:2], "big")
    if len(packed) != 2 + SECRET_BYTES or bucket >= BUCKETS:
        return None
    return bucket, hash_secret(packed[2:])
