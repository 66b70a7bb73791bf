"""The coalition of every seed: two merchants, three stores, a handful of members who meet all the time, tills that are paired.

Built once per process and number of tills, and copied for each seed. Nothing in it is random: keys come from their names.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import httpx
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import Connection

from ledger import documents
from ledger.chance import random_bits_from
from ledger.database import Database
from ledger.enrolment import invite
from ledger.habits import bring_habits
from ledger.keys import DAY_US, Keys, WorkingKey
from ledger.members import Person, join
from ledger.merchants import add_merchant, add_store, set_price
from ledger.migrating import upgrade
from ledger.opening import Opening
from protocol.business_days import MIDNIGHT
from protocol.documents import ApprovalPolicy, FloorPolicy, Staff, StaffMember, StoreSettings
from protocol.signing import KeyCertificate, key_id, public_bytes, sign
from simulation.ledger_host import BOOKS, LedgerHost, Request
from sync.enrolment import enrol
from sync.identity import KEY_FILE

START_US = int(datetime(2026, 11, 21, 1, tzinfo=UTC).timestamp()) * 1_000_000
"""Nine in the morning, where the stores are."""

MANAGER, PIN = "1001", "2468"
PAGE = "http://ledger"
KINDS = ("points", "stars")
MEMBERS = tuple(str(1_000_000_001 + place) for place in range(5))
NOBODY = "1999999999"
"""A number that looks like a member's, and nobody has."""

_MERCHANTS = ("qingsui", "banshao")
STORES = (("zhongshan", 0), ("binhe", 1), ("gaoxin", 0))
"""Store and merchant; tills are spread over them in this order."""

_PROGRAMME = """
id = "{merchant}-programme"
version = {version}
engine = 1
merchant = "{merchant}"
industry = "supermarket"
valid_from = 2025-01-01
valid_until = 2035-12-31
name = {{ zh = "积分", en = "points" }}
default_category = "general"
[[category]]
code = "general"
name = {{ zh = "商品", en = "goods" }}
[[kind]]
code = "points"
name = {{ zh = "积分", en = "points" }}
validity = {{ days = 2 }}
[[kind]]
code = "stars"
name = {{ zh = "星", en = "stars" }}
validity = "never"
[[earn]]
kind = "points"
name = {{ zh = "1元{version}分", en = "{version} for 1 yuan" }}
per_fen = 1_00
points = {version}
[[earn]]
kind = "stars"
name = {{ zh = "50元1星", en = "1 for 50 yuan" }}
per_fen = 50_00
points = 1
[[reward]]
form = "voucher"
id = "voucher"
name = {{ zh = "购物券", en = "voucher" }}
kinds = ["points"]
points = 50
value_fen = 1_00
minimum_points = 50
step_points = 50
floor_allowed = true
[[reward]]
form = "item"
id = "cup"
name = {{ zh = "杯子", en = "cup" }}
kinds = ["stars"]
points = 3
value_fen = 5_00
floor_allowed = true
[[reward]]
form = "item"
id = "kettle"
name = {{ zh = "水壶", en = "kettle" }}
kinds = ["points"]
points = 200
value_fen = 50_00
"""
_ALL_DAY = """conditions = { zh = "无", en = "none" }
validity = { zh = "长期", en = "always" }
refund = { zh = "无", en = "none" }
"""


class Template(NamedTuple):
    """What each seed begins with; `stores` of each till."""

    folder: Path
    keys: Keys
    tills: int


def merchant_of(store: str) -> str:
    """Whose store it is."""
    return _MERCHANTS[dict(STORES)[store]]


def store_of(till: int) -> str:
    """Where the till with this number (from 0) stands."""
    return STORES[till % len(STORES)][0]


def programme(merchant: str, version: int) -> bytes:
    """A programme of which every version gives other points."""
    text = _PROGRAMME.format(merchant=merchant, version=version)
    return text.replace("[[reward]]\n", "[[reward]]\n" + _ALL_DAY).encode()


_APPROVALS = ApprovalPolicy(late_credit_days=7, late_credit_points=5_000, manual_points=300, acts_per_shift=5)
"""So few acts that shifts reach the bound."""


def settings_of(store: str, floor: FloorPolicy, static_daily_points: int) -> StoreSettings:
    """A store's settings."""
    merchant = merchant_of(store)
    return StoreSettings(
        store=store, name=store, merchant=merchant, merchant_name=merchant, industry="supermarket",
        programme=f"{merchant}-programme", floor=floor, static_daily_points=static_daily_points,
        day_ends="05:00" if store == STORES[0][0] else MIDNIGHT, approvals=_APPROVALS,
    )  # fmt: skip


def build(folder: Path, tills: int) -> Template:
    """In an empty folder."""
    keys = keys_of_the_coalition()
    database = Database(f"sqlite:///{folder / BOOKS}")
    with random_bits_from(Random("coalition").getrandbits):  # noqa: S311  # the same in every run
        upgrade(database)
        with database.write() as connection:
            _publish(connection, keys)
        for place, member in enumerate(MEMBERS):
            join(database, Person(name="赵钱孙", member=member, opening=_opening(place)), START_US)
            with database.write() as connection:
                bring_habits(connection, member, _usual(place), START_US)
        with database.write() as connection:
            invitations = [
                invite(connection, keys, store_of(till), "http://ledger", START_US) for till in range(tills)
            ]
    database.close()
    host = LedgerHost(folder, keys, lambda: START_US, Random(0))  # noqa: S311
    for till, invitation in enumerate(invitations):
        home = folder / till_name(till)
        home.mkdir()
        _write_key(home / KEY_FILE, _key(till_name(till)))
        enrol(invitation, home, till_name(till), transport=_AtOnce(host))
    host.close()
    return Template(folder, keys, tills)


def copy(template: Template, folder: Path) -> None:
    """What a seed begins with."""
    shutil.copytree(template.folder, folder, dirs_exist_ok=True)


def till_name(till: int) -> str:
    """Of the till with this number, from 0."""
    return f"till-{till + 1}"


def _publish(connection: Connection, keys: Keys) -> None:
    for kind in KINDS:
        set_price(connection, kind, 2_000)
    for merchant in _MERCHANTS:
        add_merchant(connection, merchant, merchant)
    pin_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN, salt=b"simulation")
    person = StaffMember(staff=MANAGER, name="赵敏", roles=("manager", "supervisor", "cashier"), pin_hash=pin_hash)
    for store, place in STORES:
        add_store(connection, store, _MERCHANTS[place], store)
        documents.publish_store(connection, keys, settings_of(store, FloorPolicy(), 0), START_US)
        documents.publish_staff(connection, keys, Staff(store=store, staff=(person,)), START_US)
    for merchant in _MERCHANTS:
        documents.publish_programme(connection, keys, programme(merchant, 1), merchant, START_US)


def _opening(place: int) -> tuple[Opening, ...]:
    """The first member has nothing; some points end tomorrow."""
    if place == 0:
        return ()
    tomorrow = (datetime.fromtimestamp(START_US / 1_000_000, UTC) + timedelta(days=1)).date().isoformat()
    return (
        Opening("points", 150 * place, _MERCHANTS[place % 2]),
        Opening("points", 100, _MERCHANTS[0], tomorrow),
        Opening("stars", 2 + place, _MERCHANTS[1]),
    )


def _usual(place: int) -> list[tuple[str, str, int]]:
    """What he takes where, as a store's allowances go by it."""
    stores = [store for number, (store, _merchant) in enumerate(STORES) if (number + place) % 2 == 0]
    return [
        (store, kind, points) for store in stores for kind, points in (("points", 50 * place), ("stars", 3)) if points
    ]


def _key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"simulation {name}".encode()).digest())


def keys_of_the_coalition() -> Keys:
    """The same ones always."""
    root, working = _key("root"), _key("working")
    public = public_bytes(working)
    certificate = KeyCertificate(
        key=key_id(public), public=public, valid_from=START_US - DAY_US, valid_until=START_US + 400 * DAY_US
    )
    return Keys(root, (WorkingKey(working, certificate),), (sign("key", certificate, root),))


def _write_key(path: Path, key: Ed25519PrivateKey) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


class _AtOnce(httpx.BaseTransport):
    """For pairing: a good network."""

    def __init__(self, host: LedgerHost) -> None:
        self._host = host

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._host.serve(Request.of(request))
        assert answer is not None
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(answer.body))
