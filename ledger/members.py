"""Members: join, block, a new PIN, another tier. Each change takes the bucket's next feed number under the bucket's lock.

Of a person the books hold a masked name, the last four digits and a slow hash of the phone; the number itself is kept only
to find him by (`Phone`), beside the plate of his car where there is one.
"""

from __future__ import annotations

import base64
import secrets
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update
from sqlmodel import col

from ledger import rows
from ledger.clock import day_of, wall_clock_us
from ledger.database import Database
from ledger.feed import advance
from ledger.horizon import ENDS, note
from ledger.households import leave_if_in_one
from ledger.opening import Opening, book_openings
from ledger.problems import BadRequestError, MergeRefusedError, NotKnownError, TakenError
from ledger.schema import Member, Setting
from ledger.schema_joining import NumberGiven
from ledger.schema_people import Phone
from ledger.schema_standing import TierGiven
from ledger.sessions import accounts_of, end_all_sessions
from ledger.usual import forget_personal
from ledger.visits import remember, scope_of
from protocol.feed import MemberStatus
from protocol.ids import bucket_of
from protocol.joining import MEMBER_DIGITS
from protocol.look_up import LookUpKey, normal_phone, normal_plate
from protocol.names import clean, mask
from protocol.phone_keys import phone_key
from protocol.pins import hash_pin
from protocol.training import MEMBER_PREFIX, is_training_member

PLATE_KEY = "plate:"
"""Phones are digits, so a plate beside them cannot meet one."""

_SALT = "phone-salt"


class Person(NamedTuple):
    """Who joins. `member`: 10 digits, or empty for new ones; `phone` and `pin` as typed; `plate` of his car."""

    name: str
    phone: str = ""
    pin: str = ""
    tier: str = ""
    plate: str = ""
    member: str = ""
    opening: tuple[Opening, ...] = ()
    """Points that he brings along, booked together with him."""
    stores: tuple[str, ...] = ()
    """Where he joined, or is known: the tills of these stores' merchants know his name from the first day."""


def make_salt(connection: Connection) -> None:
    """The coalition's salt for phones, made once."""
    if connection.execute(select(col(Setting.value)).where(col(Setting.key) == _SALT)).first() is None:
        salt = base64.b64encode(secrets.token_bytes(16)).decode()
        connection.execute(insert(Setting).values(key=_SALT, value=salt))


def join(database: Database, person: Person, now_us: int, *, is_training: bool = False) -> str:
    """Open an account; the `member_no`. `is_training`: in a training book, whose members have numbers of their own.

    Raises `BadRequestError` and `TakenError` and then leaves nothing behind."""
    name, phone, plate = mask(person.name), normal_phone(person.phone), normal_plate(person.plate)
    _check(person, name, phone)
    if is_training_member(person.member) != is_training:
        raise BadRequestError(f"numbers from {MEMBER_PREFIX} on are of members to practise with")
    hashed_pin = hash_pin(person.pin) if person.pin else ""
    hashed_phone = phone_key(phone, phone_salt(database)) if phone else ""
    with database.write(urgent=True) as connection:
        member = person.member or free_number(connection)
        bucket = bucket_of(member)
        if is_member(connection, member) or given_to(connection, member):
            raise TakenError("member", member)
        for key in filter(None, (phone, plate and PLATE_KEY + plate)):
            _claim(connection, key, member)
        position = advance(connection, bucket)
        values = member_row_of(member, position, now_us, name=name, last4=phone[-4:])
        values |= {"tier": clean(person.tier), "phone_key": hashed_phone, "pin_hash": hashed_pin}
        connection.execute(insert(Member).values(**values))
        if person.opening:
            book_openings(connection, {member: person.opening}, now_us)
        known = {
            (bucket, member, scope_of(connection, store, now_us).merchant): day_of(now_us) for store in person.stores
        }
        remember(connection, known)
    return member


def member_row_of(member: str, position: int, joined_at: int, *, name: str, last4: str) -> dict[str, object]:
    """A new member's row in the books, by column."""
    return {
        "bucket": bucket_of(member), "member": member, "position": position, "name": name, "last4": last4, "tier": "",
        "status": "active", "merged_into": "", "phone_key": "", "pin_hash": "", "pin_failures": 0, "joined_at": joined_at,
    }  # fmt: skip


def set_pin(database: Database, member: str, pin: str) -> None:
    """A new PIN, and three new tries."""
    _check_pin(pin)
    _change(database, member, pin_hash=hash_pin(pin), pin_failures=0)


def set_status(database: Database, member: str, status: MemberStatus, now_us: int | None = None) -> None:
    """`blocked` neither earns nor redeems at a counter, until he is `active` again; `revoked` and `left` are the end,
    and nothing stays of what was kept for him alone. None of these goes with a phone that is signed in.

    Whoever goes leaves his household first. `now_us`: this moment, unless told otherwise.
    """
    now_us = wall_clock_us() if now_us is None else now_us
    if status in ENDS:
        leave_if_in_one(database, member, now_us)
    with database.write(urgent=True) as connection:
        _change_row(connection, member, status=status)
        if status != "active":
            end_all_sessions(connection, member, status)
        if status in ENDS:
            forget_personal(connection, accounts_of(connection, member))
        note(connection, bucket_of(member), member, status, now_us)


def set_tier(database: Database, member: str, tier: str, reason: str = "", now_us: int | None = None) -> None:
    """Another rank by hand, at every merchant who knows it; what it multiplies stands in each programme. Empty: none any more.

    `now_us`: this moment, unless told otherwise.
    """
    with database.write(urgent=True) as connection:
        _change_row(connection, member, tier=clean(tier))
        given_at = wall_clock_us() if now_us is None else now_us
        rows.put(connection, TierGiven, [(bucket_of(member), member, given_at, clean(tier), clean(reason))])


def find(connection: Connection, by: LookUpKey, value: str) -> str | None:
    """The `member_no` of a phone, a plate or a number; None where there is none."""
    if by == "member":
        return value if is_member(connection, value) else None
    key = normal_phone(value) if by == "phone" else PLATE_KEY + normal_plate(value)
    return connection.execute(select(col(Phone.member)).where(col(Phone.phone) == key)).scalar_one_or_none()


def _change(database: Database, member: str, **values: object) -> None:
    with database.write(urgent=True) as connection:
        _change_row(connection, member, **values)


def _change_row(connection: Connection, member: str, **values: object) -> None:
    bucket = bucket_of(member)
    into = connection.execute(
        select(col(Member.merged_into)).where(
            col(Member.bucket) == bucket, col(Member.member) == member, col(Member.status) != "household"
        )
    ).scalar_one_or_none()
    if into is None:
        raise NotKnownError("member", member)
    if into:
        raise MergeRefusedError(f"{member} was merged into {into}")
    changed = update(Member).where(col(Member.bucket) == bucket, col(Member.member) == member)
    connection.execute(changed.values(**values, position=advance(connection, bucket)))


def _check(person: Person, name: str, phone: str) -> None:
    if not name:
        raise BadRequestError("a member has a name")
    number = person.member
    if number and not (number.isascii() and number.isdigit() and len(number) == MEMBER_DIGITS):
        raise BadRequestError(f"a member_no has {MEMBER_DIGITS} digits")
    if person.phone and not 5 <= len(phone) <= 15:
        raise BadRequestError("that is not a phone number")
    if person.pin:
        _check_pin(person.pin)


def _check_pin(pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise BadRequestError("a PIN has 4 to 8 digits")


def free_number(connection: Connection, *, is_training: bool = False) -> str:
    """Random, so that nobody counts the members or guesses a neighbour's card; without a leading zero, unless to practise with.

    Nobody has it, and no till was given it.
    """
    while True:
        number = 10 ** (MEMBER_DIGITS - 1) + secrets.randbelow(9 * 10 ** (MEMBER_DIGITS - 1))
        member = MEMBER_PREFIX + str(number)[len(MEMBER_PREFIX) :] if is_training else str(number)
        if not is_member(connection, member) and not given_to(connection, member):
            return member


def given_to(connection: Connection, number: str) -> str:
    """The till that was given a number to make a member under; empty where none was."""
    found = select(col(NumberGiven.terminal)).where(col(NumberGiven.number) == number)
    return connection.execute(found).scalar_one_or_none() or ""


def is_member(connection: Connection, member: str) -> bool:
    """Whether an account has this number."""
    found = select(col(Member.member)).where(col(Member.bucket) == bucket_of(member), col(Member.member) == member)
    return connection.execute(found).first() is not None


def _claim(connection: Connection, key: str, member: str) -> None:
    if connection.execute(select(col(Phone.member)).where(col(Phone.phone) == key)).first() is not None:
        raise TakenError("plate" if key.startswith(PLATE_KEY) else "phone", f"...{key[-4:]}")
    connection.execute(insert(Phone).values(phone=key, member=member))


def phone_salt(database: Database) -> bytes:
    """With which all phones of the coalition are hashed."""
    with database.read() as connection:
        found = connection.execute(select(col(Setting.value)).where(col(Setting.key) == _SALT)).scalar_one()
    return base64.b64decode(found)
