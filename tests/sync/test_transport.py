"""Deadlines over real sockets: whatever the other side does, a call ends when it was said to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from protocol.feed import Vector
from sync.client import LedgerClient
from sync.errors import TransientSyncError
from sync.transport import DeadlineTransport, deadline
from tests.sync.books import Books, on_socket
from tests.sync.tills import enrolled
from till.demo.plug import Plug

Behaviour = Callable[[socket.socket, threading.Event], None]
DEADLINE_S = 0.3
SLACK_S = 0.4
"""For a machine that is busy with other tests."""


def silent(_peer: socket.socket, ended: threading.Event) -> None:
    """Accepts, and says nothing."""
    ended.wait(10)


def drip_head(peer: socket.socket, ended: threading.Event) -> None:
    """A byte of the head now and then (slow loris): each read succeeds, and the answer never comes."""
    while not ended.wait(0.05):
        peer.sendall(b"H")


def drip_body(peer: socket.socket, ended: threading.Event) -> None:
    """The same with the body."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not ended.wait(0.05):
        peer.sendall(b"x")


def cut_in_the_middle(peer: socket.socket, _ended: threading.Event) -> None:
    """The connection goes while the body comes."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf")


@contextmanager
def peer(behaviour: Behaviour) -> Iterator[str]:
    """The address of somebody who behaves like this."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                connection, _address = listener.accept()
                with connection, suppress(OSError):
                    connection.recv(65_536)
                    behaviour(connection, ended)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        thread.join()


@pytest.mark.parametrize("behaviour", [silent, drip_head, drip_body])
def test_a_deadline_is_a_total(behaviour: Behaviour) -> None:
    """Silence, a drip of the head, a drip of the body: the call ends at its deadline."""
    with peer(behaviour) as url, httpx.Client(transport=DeadlineTransport(tls=False), timeout=10) as client:
        started = time.monotonic()
        with deadline(DEADLINE_S), pytest.raises(httpx.TimeoutException):
            client.get(url)
        assert DEADLINE_S * 0.9 < time.monotonic() - started < DEADLINE_S + SLACK_S


def test_a_connection_cut_in_the_middle() -> None:
    """Half a body is an error at once, never an answer."""
    with (
        peer(cut_in_the_middle) as url,
        httpx.Client(transport=DeadlineTransport(tls=False)) as client,
        deadline(5),
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.get(url)


def test_a_silent_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """`getaddrinfo` knows no timeout; the call has one all the same."""
    ended = threading.Event()

    def never(*_arguments: object, **_keywords: object) -> list[object]:
        ended.wait(10)
        return []

    monkeypatch.setattr("socket.getaddrinfo", never)
    with httpx.Client(transport=DeadlineTransport(tls=False), timeout=10) as client:
        started = time.monotonic()
        with deadline(DEADLINE_S), pytest.raises(httpx.ConnectError):
            client.get("http://ledger.example")
        assert time.monotonic() - started < DEADLINE_S + SLACK_S
    ended.set()


def test_abort_ends_a_call_of_another_thread() -> None:
    """A till that is switched off does not wait for the network."""
    caught: list[Exception] = []
    connected = threading.Event()

    def told(peer_socket: socket.socket, ended: threading.Event) -> None:
        connected.set()
        silent(peer_socket, ended)

    way = DeadlineTransport(tls=False)
    with peer(told) as url, httpx.Client(transport=way, timeout=10) as client:

        def call() -> None:
            with deadline(10):
                try:
                    client.get(url)
                except httpx.HTTPError as error:
                    caught.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        assert connected.wait(5)
        started = time.monotonic()
        way.abort()
        thread.join(5)
        assert time.monotonic() - started < 1
    assert len(caught) == 1


def test_nagle_is_off() -> None:
    """Forgetting TCP_NODELAY cost 45 ms a request."""

    def answer(peer_socket: socket.socket, _ended: threading.Event) -> None:
        peer_socket.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with (
        peer(answer) as url,
        httpx.Client(transport=DeadlineTransport(tls=False)) as client,
        deadline(5),
        client.stream("GET", url) as response,
    ):
        ours = response.extensions["network_stream"].get_extra_info("socket")
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_plug_is_pulled_and_put_back(books: Books, tmp_path: Path) -> None:
    """Through a cut plug nothing comes; mended, the same client goes on; an answer can be lost alone."""
    with on_socket(books) as port:
        plug = Plug("127.0.0.1", port)
        url = f"http://127.0.0.1:{plug.port}"
        with enrolled(books, tmp_path / "till", None, url) as till, LedgerClient(till.identity, till.key) as client:
            client.changes(Vector())
            plug.cut()
            with pytest.raises(TransientSyncError) as caught:
                client.changes(Vector())
            assert caught.value.cause == "no-answer"
            plug.mend()
            client.changes(Vector())
            lost = plug.lose_next_answer()
            with pytest.raises(TransientSyncError):
                client.changes(Vector())
            assert lost.is_set()
            client.changes(Vector())
        plug.close()
