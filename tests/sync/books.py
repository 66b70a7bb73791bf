"""A real ledger for the tests: its books in SQLite, its keys, its service over ASGI or on a socket."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from config import data
from ledger.app import create_app
from ledger.clock import wall_clock_us
from ledger.coalition import load_coalition
from ledger.database import Database
from ledger.documents import publish_store
from ledger.enrolment import end, invite
from ledger.feed import member_row
from ledger.keys import Keys, new_keys
from ledger.members import Person, join
from ledger.migrating import upgrade
from ledger.opening import Opening
from ledger.serving import make_server
from protocol.documents import AllowancePolicy, FloorPolicy, StoreSettings
from protocol.dynamic_codes import make
from protocol.enrolment import Invitation
from protocol.feed import MemberRow

STORE, MERCHANT, KIND = "zhongshan", "qingsui", "points"
URL = "http://ledger.example"
FLOOR = FloorPolicy(per_redemption=2_000, per_member=4_000, per_terminal=20_000)

_COALITION = """
name = "青穗生活联盟"

[[merchant]]
id = "qingsui"
name = "青穗超市"
programme = "supermarket.toml"

[[store]]
id = "zhongshan"
merchant = "qingsui"
name = "中山路店"
industry = "supermarket"
static_daily_points = 1_000_000

[[product]]
merchant = "qingsui"
code = "6901234567892"
name = "牛奶"
category = "general"
price_fen = 12_50
"""


class Books:
    """One ledger, in a file of SQLite or at `url`. `join` makes members, `row` says what the books hold."""

    def __init__(self, folder: Path, url: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "books.db"
        self.database = Database(url or f"sqlite:///{self.file}")
        upgrade(self.database)
        self.keys = new_keys(wall_clock_us())
        programme = (data("programmes") / "supermarket.toml").read_bytes()
        load_coalition(
            self.database, self.keys, _COALITION.encode(), {"supermarket.toml": programme}, wall_clock_us()
        )
        self.app = create_app(self.database, self.keys)

    @classmethod
    def restored(cls, file: Path, keys: Keys) -> Books:
        """The same ledger from a copy of its books."""
        books = cls.__new__(cls)
        books.file, books.keys = file, keys
        books.database = Database(f"sqlite:///{file}")
        books.app = create_app(books.database, keys)
        return books

    def beside(self) -> Books:
        """Another process of the same ledger: connections of its own, and only the database's locks between the two."""
        books = type(self).__new__(type(self))
        books.file, books.keys = self.file, self.keys
        books.database = Database(self.database.url.render_as_string(hide_password=False))
        books.app = create_app(books.database, books.keys)
        return books

    def join(self, name: str = "张三丰", phone: str = "", pin: str = "", points: int = 0) -> str:
        """A new member's number."""
        opening = (Opening(KIND, points, MERCHANT, "2035-12-31"),) if points else ()
        person = Person(name=name, phone=phone, pin=pin, stores=(STORE,), opening=opening)
        return join(self.database, person, wall_clock_us())

    def publish(
        self, floor: FloorPolicy = FLOOR, static_daily_points: int = 0, allowance: AllowancePolicy | None = None,
        member_page: str = "",
    ) -> None:  # fmt: skip
        """The store's settings, with a floor and nothing for plain cards unless told otherwise."""
        settings = StoreSettings(
            store=STORE, name="中山路店", merchant=MERCHANT, merchant_name="青穗超市", industry="supermarket",
            programme="qingsui-market", floor=floor, static_daily_points=static_daily_points,
            allowance=allowance or AllowancePolicy(), member_page=member_page,
        )  # fmt: skip
        with self.database.write() as connection:
            publish_store(connection, self.keys, settings, wall_clock_us())

    def phone(self, member: str) -> str:
        """What the member's phone shows at this moment."""
        now_us = wall_clock_us()
        return make(member, now_us // 1_000_000, secrets.token_bytes(8), self.keys.current(now_us).private)

    def row(self, member: str) -> MemberRow:
        """A member as the books have him now."""
        with self.database.read() as connection:
            row = member_row(connection, member)
        assert row is not None
        return row

    def available(self, member: str) -> int:
        """What he can spend."""
        balance = self.row(member).balances.get(KIND)
        return balance.available if balance else 0

    def invite(self, url: str = URL) -> Invitation:
        """A code for one more till."""
        with self.database.write() as connection:
            return invite(connection, self.keys, STORE, url, wall_clock_us())

    def end(self, terminal: str, status: str) -> None:
        """Revoked, retired or lost."""
        with self.database.write() as connection:
            end(connection, terminal, status)

    def close(self) -> None:
        """Give the files back."""
        self.database.close()


class AsgiTransport(httpx.BaseTransport):
    """The real application, called without a network. Bodies are handed over as they would travel."""

    def __init__(self, books: Books, portal: BlockingPortal) -> None:
        self._inner, self._portal = httpx.ASGITransport(app=books.app, raise_app_exceptions=False), portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._ask, request.method, request.url, request.headers, request.read())

    async def _ask(self, method: str, url: httpx.URL, headers: httpx.Headers, body: bytes) -> httpx.Response:
        asked = httpx.Request(method, url, headers=headers, content=body)
        answer = await self._inner.handle_async_request(asked)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        pieces = [piece async for piece in answer.stream]
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(b"".join(pieces)))


@contextmanager
def over_asgi(books: Books) -> Iterator[AsgiTransport]:
    """The application in an event loop of its own thread."""
    with start_blocking_portal() as portal:
        yield AsgiTransport(books, portal)


@contextmanager
def on_socket(books: Books) -> Iterator[int]:
    """The application served by uvicorn on a loopback port."""
    ports: list[int] = []
    listens = threading.Event()

    def listening(_host: str, port: int) -> None:
        ports.append(port)
        listens.set()

    server = make_server(
        books.database, books.keys, "127.0.0.1", 0, listening, training=books.file.parent / "training"
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # older uvicorns ask for it
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert listens.wait(10)
    try:
        yield ports[0]
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
