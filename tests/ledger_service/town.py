"""A small coalition behind the real service, and tills that sign what they ask."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import msgspec
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from config import data
from ledger.app import create_app
from ledger.coalition import load_coalition
from ledger.database import Database
from ledger.enrolment import enrol, invite
from ledger.keys import Keys, new_keys
from ledger.migrating import upgrade
from protocol import canonical, chain
from protocol.canonical import Model
from protocol.enrolment import EnrolRequest
from protocol.entries import Award, Clock, Entry, Sale, encode_entry
from protocol.http_signing import sign_request, verify_answer
from protocol.ids import bucket_of, new_id
from protocol.push import PushBatch, SentEntry
from protocol.signing import public_bytes

T = TypeVar("T")

NOW_US = 1_795_290_000_000_000
STORE, OTHER_STORE = "zhongshan", "binhe"
MEMBER, OTHER_MEMBER = "1000000001", "1000000002"
PHONE, PLATE, PIN = "13900001234", "测A10001", "1234"

COALITION = """
name = "镇上"
[[merchant]]
id = "qingsui"
name = "青穗超市"
programme = "supermarket.toml"
[[merchant]]
id = "banshao"
name = "半勺小馆"
programme = "restaurant.toml"
[[store]]
id = "zhongshan"
merchant = "qingsui"
name = "中山路店"
member_page = "https://p.example.com"
industry = "supermarket"
staff = [{ staff = "1023", name = "王芳", roles = ["cashier"], pin = "1023" }]
[[store]]
id = "binhe"
merchant = "banshao"
name = "滨河店"
industry = "restaurant"
static_daily_points = 100
[[product]]
merchant = "qingsui"
code = "6900001000013"
name = "大米"
category = "grocery"
price_fen = 39_90
attributes = { kwh-year = 12 }
[[member]]
member = "1000000001"
name = "张三丰"
phone = "139 0000 1234"
plate = "测A·10001"
pin = "1234"
tier = "gold"
opening = [{ points = 1_000, issuer = "qingsui", ends_in_days = 400 }]
[[member]]
member = "1000000002"
name = "李四"
"""


@dataclass
class TownClock:
    """µs UTC, in the hands of a test."""

    now_us: int = NOW_US

    def __call__(self) -> int:
        return self.now_us


@dataclass
class Town:
    """Books with a coalition in them, and the service over them."""

    database: Database
    keys: Keys
    clock: TownClock
    app: FastAPI

    def till(self, store: str = STORE) -> SigningTill:
        """A till that is enrolled."""
        key = Ed25519PrivateKey.generate()
        with self.database.write() as connection:
            code = invite(connection, self.keys, store, "http://ledger", self.clock()).code
            request = EnrolRequest(code=code, public=public_bytes(key), name="02号机")
            answer = enrol(connection, self.keys, request, self.clock())
        return SigningTill(self, answer.terminal, store, key)

    def client(self) -> httpx.AsyncClient:
        """A client of the service, without a socket."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://ledger")


def build_town(url: str) -> Town:
    """Through the same steps as `till-ledger init` and `coalition load`."""
    database, keys = Database(url), new_keys(NOW_US)
    upgrade(database)
    programmes = {name: (data("programmes") / name).read_bytes() for name in ("supermarket.toml", "restaurant.toml")}
    load_coalition(database, keys, COALITION.encode(), programmes, NOW_US)
    database.close()
    return open_town(url, keys)


def open_town(url: str, keys: Keys) -> Town:
    """One that was built, or a copy of it."""
    database, clock = Database(url), TownClock()
    return Town(database, keys, clock, create_app(database, keys, clock))


@dataclass
class Heard:
    """An answer that was verified: status, headers, the body unpacked."""

    status: int
    headers: httpx.Headers
    body: bytes
    wire_bytes: int

    def read(self, kind: type[T]) -> T:
        """The model in the body."""
        return canonical.decode(self.body, kind)

    @property
    def code(self) -> str:
        """Of a problem."""
        return str(msgspec.json.decode(self.body)["code"])


@dataclass
class SigningTill:
    """A till with a key and a journal."""

    town: Town
    terminal: str
    store: str
    key: Ed25519PrivateKey
    payloads: list[bytes] = field(default_factory=list)

    async def ask(self, method: str, target: str, body: Model | None = None, **headers: str) -> Heard:
        """Sign, send, verify the answer, unpack it."""
        content = b"" if body is None else canonical.encode(body)
        async with self.town.client() as client:
            request = self.request(client, method, target, content, **headers)
            response = await client.send(request, stream=True)
            raw = b"".join([piece async for piece in response.aiter_raw()])
        streams = target.startswith("/v1/snapshot") and response.status_code == 200
        verify_answer(response, b"" if streams else raw, self.town.keys.ring.public)
        return Heard(response.status_code, response.headers, unpacked(response, raw), len(raw))

    def request(self, client: Any, method: str, target: str, content: bytes, **headers: str) -> httpx.Request:
        """A signed request, not sent yet."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request: httpx.Request = client.build_request(method, target, content=content or None, headers=named)
        sign_request(request, content, terminal=self.terminal, key=self.key, nonce=secrets.token_urlsafe(8))
        return request

    def sell(self, member: str = MEMBER, award: int = 10, **changes: Any) -> Sale:
        """A sale in the journal."""
        now = self.town.clock()
        sale = Sale(
            id=new_id(now // 1_000, bucket_of(member), secrets.randbits(64)), store=self.store, occurred_at=now,
            business_day="2026-11-21", clock=Clock(wall=now, boot="b", mono_us=0), member=member, gross_fen=1_000,
            due_fen=1_000, programme="qingsui-market", programme_version=1, engine=1,
            awards=(Award(kind="points", points=award, expires_on="2028-11-30"),),
        )  # fmt: skip
        sale = msgspec.structs.replace(sale, **changes)
        self.append(sale)
        return sale

    def append(self, entry: Entry) -> None:
        """Write into the journal."""
        self.payloads.append(encode_entry(entry))

    def batch(self, first: int = 1) -> PushBatch:
        """The journal from an entry on, chained and signed."""
        hashes = [chain.genesis(self.terminal, public_bytes(self.key))]
        for seq, payload in enumerate(self.payloads, 1):
            hashes.append(chain.link(hashes[-1], self.terminal, seq, chain.payload_hash(payload)))
        head = chain.Head(terminal=self.terminal, seq=len(self.payloads), hash=hashes[-1].hex())
        return PushBatch(
            terminal=self.terminal,
            first_seq=first,
            previous=hashes[first - 1].hex(),
            entries=tuple(SentEntry(payload=payload.decode()) for payload in self.payloads[first - 1 :]),
            head=head.hash,
            head_signature=self.key.sign(head.signed_bytes()),
        )


def unpacked(response: httpx.Response, raw: bytes) -> bytes:
    """The body without its content encoding."""
    if response.headers.get("content-encoding") != "zstd":
        return raw
    return zstandard.ZstdDecompressor().decompressobj().decompress(raw)
