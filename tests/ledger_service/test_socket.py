"""The service on a real socket: what a poll costs, what a connection is set to, who waits for whom, how it starts and stops."""

from __future__ import annotations

import asyncio
import json
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol

from ledger.chores import do_chores
from ledger.feed import member_row, vector
from ledger.keys import with_new_key
from ledger.serving import Server, make_server
from protocol import canonical
from protocol.http_signing import sign_request, verify_answer
from protocol.ids import bucket_of, new_id
from protocol.push import PushAnswer
from protocol.reservations import ReserveRequest
from tests.ledger_service.town import MEMBER, PIN, SigningTill, Town

DEADLINE_S = 30


class Listening:
    """A server in a thread."""

    def __init__(self, town: Town) -> None:
        self._heard = threading.Event()
        self.port = 0
        self.server: Server = make_server(town.database, town.keys, "127.0.0.1", 0, self._listens)
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()
        assert self._heard.wait(DEADLINE_S)

    def _listens(self, _host: str, port: int) -> None:
        self.port = port
        self._heard.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()


@pytest.fixture
def listening(town: Town) -> Iterator[Listening]:
    """The town's service on a free port."""
    server = Listening(town)
    yield server
    server.stop()


def exchange(port: int, sent: bytes) -> bytes:
    """One request on a connection of its own; the answer as it travelled."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as connection:
        connection.sendall(sent)
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65_536)
        return received


def test_a_poll_with_nothing_to_say_costs_600_bytes(listening: Listening, town: Town) -> None:
    """Request and answer with every header, counted on the wire."""
    till = town.till()
    with town.database.read() as connection:
        digest = vector(connection).digest()
    request = httpx.Request("GET", f"http://ledger.example.cn/v1/changes?d={digest}")
    sign_request(request, b"", terminal=till.terminal, key=till.key, nonce=secrets.token_urlsafe(8))
    request.headers["Till-Version"] = "1.0"
    lines = [f"GET /v1/changes?d={digest} HTTP/1.1", *(f"{k.title()}: {v}" for k, v in request.headers.items())]
    sent = "\r\n".join([*lines, "", ""]).encode()
    received = exchange(listening.port, sent)
    assert received.startswith(b"HTTP/1.1 204 ")
    assert len(sent) + len(received) <= 600


def test_connections_do_not_wait_for_full_packets(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    """TCP_NODELAY is set on what the server accepts: without it a request took 45 ms."""
    seen: list[int] = []
    original = H11Protocol.connection_made

    def watched(self: H11Protocol, transport: asyncio.Transport) -> None:
        accepted = transport.get_extra_info("socket")
        seen.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        original(self, transport)

    monkeypatch.setattr(H11Protocol, "connection_made", watched)
    assert httpx.get(f"{listening.url}/v1/changes").status_code == 401
    assert seen
    assert all(seen)


def test_a_till_does_its_day_over_the_socket(listening: Listening, town: Town) -> None:
    """Push, and read back what became of it, over one kept connection."""
    till = town.till()
    with httpx.Client(base_url=listening.url) as client:
        till.sell(award=5)
        pushed = signed(client, till, "POST", "/v1/push", canonical.encode(till.batch()))
        again = signed(client, till, "GET", "/v1/outcomes?from=1", b"")
    first = canonical.decode(pushed.content, PushAnswer).outcomes
    assert first == canonical.decode(again.content, PushAnswer).outcomes
    assert "server" not in pushed.headers
    assert "date" not in pushed.headers


def test_a_verdict_overtakes_the_backlogs(listening: Listening, town: Town) -> None:
    """Six tills push 1,000 entries each at once; a reservation asked for then does not wait for the last of them."""
    backlogs = [town.till() for _ in range(6)]
    for till in backlogs:
        for _ in range(1_000):
            till.sell(award=1)
    answered: queue.Queue[int] = queue.Queue()
    bodies = [(till, canonical.encode(till.batch())) for till in backlogs]
    threads = [threading.Thread(target=push_all, args=(listening.url, *one, answered)) for one in bodies]
    counter = town.till()
    identity = new_id(town.clock() // 1_000, bucket_of(MEMBER), secrets.randbits(64))
    wanted = ReserveRequest(id=identity, member=MEMBER, kind="points", points=1, proof="pin", evidence=PIN)
    for thread in threads:
        thread.start()
    assert answered.get(timeout=DEADLINE_S) == 200
    with httpx.Client(base_url=listening.url, timeout=DEADLINE_S) as client:
        verdict = signed(client, counter, "POST", "/v1/reserve", canonical.encode(wanted))
    overtaken = len(threads) - 1 - answered.qsize()
    for thread in threads:
        thread.join()
    assert verdict.json()["verdict"] == "granted"
    assert overtaken >= 1
    assert [answered.get(timeout=DEADLINE_S) for _ in threads[1:]] == [200] * (len(threads) - 1)


def test_the_command_says_that_it_listens_and_ends_cleanly(tmp_path: Path) -> None:
    """`serve --port 0 --json` prints one line with its port, on loopback, and ends by the signal it is sent."""
    command = [sys.executable, "-m", "ledger", "--data-dir", str(tmp_path)]
    subprocess.run([*command, "init"], check=True, capture_output=True)
    with subprocess.Popen([*command, "serve", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["url"] == f"http://127.0.0.1:{told['port']}"
        assert httpx.get(f"{told['url']}/v1/changes").json()["code"] == "not-signed"
        process.terminate()
        assert process.wait(DEADLINE_S) == -signal.SIGTERM


def test_chores_book_expire_and_renew(town: Town) -> None:
    """Done once by hand, 500 days later: the points that ended are gone, the documents are good again."""
    later = town.clock() + 500 * 86_400_000_000
    do_chores(town.database, with_new_key(town.keys, later), later)
    with town.database.read() as connection:
        row = member_row(connection, MEMBER)
    assert row is not None
    assert row.balances["points"].available == 0


def signed(client: httpx.Client, till: SigningTill, method: str, target: str, body: bytes) -> httpx.Response:
    """Ask and verify."""
    response = client.send(till.request(client, method, target, body, accept_encoding="identity"))
    verify_answer(response, response.content, till.town.keys.ring.public)
    return response


def push_all(url: str, till: SigningTill, body: bytes, answered: queue.Queue[int]) -> None:
    with httpx.Client(base_url=url, timeout=DEADLINE_S) as client:
        answered.put(signed(client, till, "POST", "/v1/push", body).status_code)
