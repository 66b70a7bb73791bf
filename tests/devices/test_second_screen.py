"""The second screen's server: for a browser of this machine alone, and never in anybody's way."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from devices.errors import PortTakenError
from devices.second_screen import HOST, MAX_STREAMS, PageFile, SecondScreen
from tests.devices.harness import PATIENCE_S

FILES = {"/": PageFile("text/html", b"<p>page")}


@pytest.fixture
def screen() -> Iterator[SecondScreen]:
    """One that serves, on a free port."""
    made = SecondScreen(0, FILES)
    made.start()
    yield made
    made.stop()


def port_of(screen: SecondScreen) -> int:
    return int(screen.address.rstrip("/").rpartition(":")[2])


def asked(screen: SecondScreen, path: str, host: str = "", method: str = "GET") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(HOST, port_of(screen), timeout=PATIENCE_S)
    connection.request(method, path, headers={"Host": host or f"{HOST}:{port_of(screen)}"})
    return connection.getresponse()


class Watcher:
    """A browser that listens."""

    def __init__(self, screen: SecondScreen) -> None:
        self.answer = asked(screen, "/view")

    def next(self) -> str:
        """What it is told next; empty when it was hung up."""
        line = self.answer.readline().decode()
        self.answer.readline()
        return line.removeprefix("data: ").strip()


def test_a_page_and_what_is_shown(screen: SecondScreen) -> None:
    """At once what is shown now, then every change, in order; in between the same again, so that silence means something."""
    page = asked(screen, "/")
    assert (page.status, page.read()) == (200, b"<p>page")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    screen.show('{"n":1}')
    watcher = Watcher(screen)
    assert watcher.next() == '{"n":1}'
    screen.show('{"n":2}')
    assert watcher.next() == '{"n":2}'


def test_it_listens_on_loopback_alone(screen: SecondScreen) -> None:
    """Whatever addresses this machine has."""
    assert screen._server is not None
    assert screen._server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "localhost:1"])
def test_a_page_of_the_internet_does_not_read_it(screen: SecondScreen, host: str) -> None:
    """A name that was bent to this machine is not its own, and nobody is told that others may read."""
    assert asked(screen, "/view", host).status == 403
    assert "Access-Control-Allow-Origin" not in asked(screen, "/").headers


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/../secret", "GET", 404), ("//etc/passwd", "GET", 404), ("/view", "POST", 501), ("/", "PUT", 501)],
)
def test_nothing_else_is_served(screen: SecondScreen, path: str, method: str, status: int) -> None:
    """No file that is not the page's, nothing that changes anything."""
    assert asked(screen, path, method=method).status == status


def test_a_closed_or_frozen_browser_disturbs_nobody(screen: SecondScreen) -> None:
    """One hangs up, one never reads: whoever shows goes on at once, and the others see it."""
    closed, frozen, watcher = Watcher(screen), Watcher(screen), Watcher(screen)
    for one in (closed, frozen, watcher):
        one.next()
    closed.answer.close()
    began = time.monotonic()
    for number in range(200):
        screen.show(f'{{"n":{number},"text":"{"x" * 20_000}"}}')
    assert time.monotonic() - began < 0.5
    screen.show('{"n":"last"}')
    while watcher.next() != '{"n":"last"}':
        pass
    frozen.answer.close()
    assert asked(screen, "/").status == 200


def test_a_browser_that_is_opened_again_gets_in(screen: SecondScreen) -> None:
    """However often: the one that came first is hung up, and the newest ones are told."""
    watchers = [Watcher(screen) for _ in range(MAX_STREAMS + 1)]
    assert [watcher.next() for watcher in watchers[1:]] == ["{}"] * MAX_STREAMS
    assert screen.watchers == MAX_STREAMS
    while watchers[0].next():
        pass


def test_the_end_hangs_up(screen: SecondScreen) -> None:
    """The page hears it and takes down what it shows; a name that still asks is refused."""
    watcher = Watcher(screen)
    watcher.next()
    port = port_of(screen)
    screen.stop()
    assert watcher.next() == ""
    with pytest.raises(ConnectionRefusedError), socket.create_connection((HOST, port), timeout=1):
        pass


def test_a_number_that_is_taken(screen: SecondScreen) -> None:
    """Another program has it."""
    with pytest.raises(PortTakenError):
        SecondScreen(port_of(screen), FILES).start()
