"""A page for a second screen, served by the till itself to a browser of this machine, and nobody else.

Bound to the loopback address; asked under another name than its own it refuses, so that no page of the internet reads it
through this machine's browser. One way only: the browser asks for files and hears what is shown now (server-sent events). What
is shown comes again every two seconds: a page that hears nothing takes its picture down by itself, so that nothing stays on
a screen whose till was killed.

Whoever shows hands over and goes on; a browser that is closed, frozen or slow costs its own thread and nobody's time.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple

from devices.errors import PortTakenError

HOST: Final = "127.0.0.1"
BEAT_S: Final = 2.0
MAX_STREAMS: Final = 4
"""A screen, and a technician who looks at the same."""
_WRITE_S: Final = 5.0
"""After which a browser that takes nothing is given up."""

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; frame-ancestors 'none'",
}

_log = logging.getLogger(__name__)


class PageFile(NamedTuple):
    """A file of the page, by what a browser calls its kind."""

    kind: str
    data: bytes


class SecondScreen:
    """Serves `files` by path, and what is shown under `/view`. Safe to call from any thread."""

    def __init__(self, port: int, files: Mapping[str, PageFile]) -> None:
        self._port, self.files = port, files
        self._changed = threading.Condition()
        self._shown, self._version, self._is_open = "{}", 0, False
        self._tickets: list[int] = []
        self._last_ticket = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        """What the browser opens."""
        return f"http://{HOST}:{self._port}/"

    @property
    def watchers(self) -> int:
        """How many browsers are there."""
        with self._changed:
            return len(self._tickets)

    def start(self) -> None:
        """Serve. `port` 0 takes a free one. Raises `PortTakenError`."""
        try:
            self._server = _Server((HOST, self._port), self)
        except OSError as error:
            raise PortTakenError(self.address, str(error)) from error
        self._port, self._is_open = self._server.server_port, True
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="second screen", daemon=True).start()

    def stop(self) -> None:
        """Hang up: the page takes down what it shows."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def show(self, document: str) -> None:
        """JSON on one line. Returns at once."""
        with self._changed:
            self._shown, self._version = document, self._version + 1
            self._changed.notify_all()

    def is_own_name(self, host: str) -> bool:
        """Whether a request that names `host` was meant for this page."""
        return host in (f"{HOST}:{self._port}", f"localhost:{self._port}")

    def enter(self) -> int:
        """One more watches: its ticket. Where there are too many the one that came first goes: it may be closed by now."""
        with self._changed:
            self._last_ticket += 1
            self._tickets = [*self._tickets, self._last_ticket][-MAX_STREAMS:]
            self._changed.notify_all()
            return self._last_ticket

    def leave(self, ticket: int) -> None:
        """One less."""
        with self._changed:
            self._tickets = [one for one in self._tickets if one != ticket]

    def next_view(self, ticket: int, seen: int) -> tuple[int, str] | None:
        """What is shown, as soon as it is not the version `seen`, or a beat later; None for who is to go."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != seen or not self._may(ticket), BEAT_S)
            return (self._version, self._shown) if self._may(ticket) else None

    def _may(self, ticket: int) -> bool:
        return self._is_open and ticket in self._tickets


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # On Windows it would let another program take the same port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, address: tuple[str, int], screen: SecondScreen) -> None:
        self.screen = screen
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # the base names them
        """A browser that hangs up in the middle is no news; of anything else the kind is enough."""
        error = sys.exception()
        if not isinstance(error, (ConnectionError, TimeoutError)):
            _log.warning("second screen: %s", type(error).__name__)


class _Handler(BaseHTTPRequestHandler):
    timeout = _WRITE_S
    server_version = "till"
    sys_version = ""

    @property
    def _screen(self) -> SecondScreen:
        assert isinstance(self.server, _Server)
        return self.server.screen

    def do_GET(self) -> None:
        """A file of the page, or what is shown for as long as the browser listens."""
        if not self._screen.is_own_name(self.headers.get("Host", "")):
            self.send_error(403)
        elif self.path == "/view":
            self._stream()
        elif (file := self._screen.files.get(self.path)) is not None:
            self._answer(file.kind, len(file.data))
            self.wfile.write(file.data)
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class calls it so
        """Nothing: what a screen asks for is not worth a line."""

    def _answer(self, kind: str, length: int | None = None) -> None:
        self.send_response(200)
        headers = {"Content-Type": kind, **_HEADERS} | ({} if length is None else {"Content-Length": str(length)})
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _stream(self) -> None:
        screen, seen = self._screen, -1
        ticket = screen.enter()
        try:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            self._answer("text/event-stream")
            with contextlib.suppress(ConnectionError, TimeoutError):
                while (view := screen.next_view(ticket, seen)) is not None:
                    seen = view[0]
                    self.wfile.write(f"data: {view[1]}\n\n".encode())
        finally:
            screen.leave(ticket)
