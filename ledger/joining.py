"""Members who join at a till: numbers given in advance, entries that make members of them, and who turns out to be one already.

A till without a network cannot know whether a phone has a member. So its entry always makes one, and what the member earns is
booked; where the phone is another's, the two numbers are merged a moment later (`ledger.merging`), and no point is lost.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection, insert, select
from sqlmodel import col

from ledger import rows
from ledger.accounts import Refusal
from ledger.auth import Caller
from ledger.database import Database
from ledger.documents import newest
from ledger.feed import advance
from ledger.keys import Keys
from ledger.members import free_number, given_to, is_member, member_row_of
from ledger.merging import merge
from ledger.problems import MergeRefusedError, NotKnownError
from ledger.receiving import Till
from ledger.schema import Member, Setting
from ledger.schema_joining import Newcomer, NumberGiven
from ledger.schema_people import Phone
from ledger.shelf import lock_buckets
from ledger.visits import latest_day, remember
from protocol import canonical
from protocol.documents import StoreSettings
from protocol.entries import Joined
from protocol.errors import NotCanonicalError, SealError
from protocol.joining import MEMBER_DIGITS, NewMember, NumberBlock, NumbersRequest, SealKey
from protocol.look_up import normal_phone
from protocol.names import mask
from protocol.push import Outcome
from protocol.sealing import unseal
from protocol.signing import key_id, sign
from protocol.training import is_training, is_training_member

if TYPE_CHECKING:
    from ledger.bookkeeping import Waiting

SEAL: Final = "seal-key"
_AT_ONCE = 200

_log = logging.getLogger("ledger")


def make_seal(connection: Connection) -> None:
    """The key that opens what tills seal, made once. It lies in the books, as the phones do that it protects on their way."""
    if connection.execute(select(col(Setting.value)).where(col(Setting.key) == SEAL)).first() is None:
        value = base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()).decode()
        connection.execute(insert(Setting).values(key=SEAL, value=value))


def give_numbers(database: Database, keys: Keys, caller: Caller, request: NumbersRequest, now_us: int) -> NumberBlock:
    """As many as are missing to what the store's settings say; none where its tills make no members."""
    with database.write() as connection:
        settings = newest(connection, "store", caller.store, StoreSettings)
        missing = max(0, (settings.joining if settings else 0) - request.have)
        numbers: list[str] = []
        for _ in range(missing):
            number = free_number(connection, is_training=is_training(caller.terminal))
            rows.insert(connection, NumberGiven, [(number, caller.terminal, now_us)])
            numbers.append(number)
        public = _private(connection).public_key().public_bytes_raw()
    seal = sign("seal", SealKey(key=key_id(public), public=public), keys.root)
    return NumberBlock(terminal=caller.terminal, numbers=tuple(numbers), seal=seal)


class Newcomers:
    """Those of a batch: made before its accounts are read, so that what they earn in it finds theirs."""

    def __init__(self, connection: Connection, till: Till, waiting: Sequence[Waiting], buckets: set[int]) -> None:
        """`buckets`: those that the batch locks in any case; theirs are locked with them, in rising order."""
        self._outcomes: dict[int, Outcome] = {}
        joined = [(one, one.screened.entry) for one in waiting if isinstance(one.screened.entry, Joined)]
        if not joined:
            return
        self._connection, self._till = connection, till
        self._key = _private(connection)
        lock_buckets(connection, buckets | {one.screened.bucket for one, _entry in joined})
        for one, entry in joined:
            self._outcomes[one.seq] = self._take_in(one, entry)

    def outcome(self, seq: int) -> Outcome | None:
        """Of the entry, where it is one of theirs."""
        return self._outcomes.get(seq)

    def _take_in(self, one: Waiting, entry: Joined) -> Outcome:
        connection, till, member, bucket = self._connection, self._till, entry.member, one.screened.bucket
        refusal, person = self._refusal(entry), None
        if refusal is None:
            person = self._open(entry)
        if person is None:
            refusal = refusal or Refusal("unreadable", "the personal data was not sealed for this ledger")
            return Outcome(
                seq=one.seq, id=entry.id, status="quarantined", reason=refusal.reason, detail=refusal.detail
            )
        phone = normal_phone(person.phone)[:15]
        position = advance(connection, bucket)
        joined_at = min(entry.occurred_at, one.received_at)
        values = member_row_of(member, position, joined_at, name=mask(person.name), last4=phone[-4:])
        connection.execute(insert(Member).values(**values))
        rows.insert_missing(connection, NumberGiven, [(member, till.terminal, one.received_at)])
        if phone and not rows.insert_missing(connection, Phone, [(phone, member)]):
            rows.insert(connection, Newcomer, [(bucket, member, phone)])
        day = min(entry.business_day, latest_day(one.received_at))
        remember(connection, {(bucket, member, till.merchant): day})
        return Outcome(seq=one.seq, id=entry.id, status="booked", position=position)

    def _refusal(self, entry: Joined) -> Refusal | None:
        """A number that nobody has given out is taken as it is: the books may have been restored, and have forgotten it."""
        member, terminal = entry.member, self._till.terminal
        is_number = member.isascii() and member.isdigit() and len(member) == MEMBER_DIGITS
        if not is_number or is_training_member(member) != is_training(terminal):
            return Refusal("number-taken", f"{member!r} is no number that a till is given")
        if is_member(self._connection, member):
            return Refusal("number-taken", f"{member} is a member already")
        if given_to(self._connection, member) not in ("", terminal):
            return Refusal("number-taken", f"{member} was given to another till")
        return None

    def _open(self, entry: Joined) -> NewMember | None:
        try:
            return canonical.decode(unseal(entry.sealed, self._key, entry.member.encode()), NewMember)
        except (SealError, msgspec.MsgspecError, NotCanonicalError):
            return None


def merge_newcomers(database: Database, now_us: int) -> int:
    """Merge those whose phone another member has; how many were looked at.

    Not in the booking, which has not locked the other's bucket.
    """
    with database.read() as connection:
        found = rows.fetch(
            connection,
            "SELECT n.bucket, n.member, p.member FROM newcomer n JOIN phone p ON p.phone = n.phone ORDER BY 1, 2 LIMIT ?",
            _AT_ONCE,
        )
    for bucket, member, owner in found:
        _merge(database, member, owner, now_us)
        with database.write() as connection:
            rows.delete(connection, Newcomer, [(bucket, member)])
    return len(found)


def _merge(database: Database, member: str, owner: str, now_us: int) -> None:
    """Into the one who had the phone before. Where that cannot be, both numbers stay, and the operator can look."""
    try:
        moved = merge(database, member, owner, now_us)
    except (MergeRefusedError, NotKnownError) as error:
        _log.warning("member %s joined at a till with the phone of %s, and is not merged: %s", member, owner, error)
    else:
        _log.info("member %s joined at a till and was %s already: %d points went over", member, owner, moved)


def _private(connection: Connection) -> X25519PrivateKey:
    value = connection.execute(select(col(Setting.value)).where(col(Setting.key) == SEAL)).scalar_one()
    return X25519PrivateKey.from_private_bytes(base64.b64decode(value))
