"""An httpx transport on which a deadline is a deadline.

httpx bounds each read and each write; a peer that sends a byte now and then keeps a call alive for ever, and a name server
that is silent holds `getaddrinfo` for ten seconds. Here every step of a call, from the name to the last byte, gets what is
left of one total. `abort()` ends the calls that are under way in other threads.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import httpcore
import httpx

_WRITE_BYTES = 64 * 1024
_NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
"""Forgetting it cost 45 ms a request (Nagle against delayed acknowledgements). httpcore sets it too; here it is a promise."""

_given_s: ContextVar[float] = ContextVar("_given_s")
_ends_at: ContextVar[float] = ContextVar("_ends_at")
"""When the call of this thread ends, on the monotonic clock."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """All calls in the block end within `seconds` altogether."""
    token, given = _ends_at.set(time.monotonic() + seconds), _given_s.set(seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)
        _given_s.reset(given)


def given_s() -> float:
    """What the calls of this thread were given, for a transport that keeps another time than this machine's."""
    return _given_s.get()


class DeadlineTransport(httpx.HTTPTransport):
    """HTTP/1.1 with keep-alive, no proxy from the environment, and the total of `deadline()`."""

    def __init__(self, *, tls: bool) -> None:
        # Where the address is http:// no certificate is ever looked at, and reading the bundle takes 20 ms.
        super().__init__(verify=tls, trust_env=False)
        self._network = _Network()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False) if tls else None,
            network_backend=self._network,
            keepalive_expiry=60,
            max_connections=4,
            socket_options=[_NODELAY],
        )

    def abort(self) -> None:
        """End the calls under way: they fail as if the network had gone."""
        self._network.abort()


class _Network(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()
        self._streams: WeakSet[_Stream] = WeakSet()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = addresses_of(host, port, _left(timeout, httpcore.ConnectTimeout))
        last: Exception = httpcore.ConnectError(f"no address for {host}")
        for place, address in enumerate(addresses):
            share = _left(timeout, httpcore.ConnectTimeout) / (len(addresses) - place)
            try:
                inner = self._backend.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
                continue
            stream = _Stream(inner)
            self._streams.add(stream)
            return stream
        raise last

    def abort(self) -> None:
        for stream in list(self._streams):
            stream.shut_down()


class _Stream(httpcore.NetworkStream):
    """A connection whose every step is bounded by what is left of the call."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITE_BYTES):
            self._inner.write(buffer[start : start + _WRITE_BYTES], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._inner = self._inner.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout))
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def shut_down(self) -> None:
        """Wake whoever reads or writes here. Not `SSLSocket.shutdown`, which pulls the rug from under that thread."""
        with suppress(OSError):
            socket.socket.shutdown(self._inner.get_extra_info("socket"), socket.SHUT_RDWR)


def _left(timeout: float | None, over: type[httpcore.TimeoutException]) -> float:
    """Seconds for the next step. Raises `over` when none are left."""
    left = _ends_at.get() - time.monotonic()
    if left <= 0:
        raise over("the deadline has passed")
    return left if timeout is None else min(left, timeout)


def addresses_of(host: str, port: int, timeout_s: float) -> list[str]:
    """The addresses of a name, within a time that `getaddrinfo` itself does not know."""
    with suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()
    threading.Thread(target=_resolve, args=(host, port, answers), name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        answer = socket.gaierror(socket.EAI_AGAIN, "the name server is silent")
    if isinstance(answer, OSError):
        try:
            raise answer
        except (
            OSError
        ) as error:  # as its context: httpcore's pool raises again `from None`, which forgets a mere cause
            raise httpcore.ConnectError(str(error)) from error
    return answer


def _resolve(host: str, port: int, answers: queue.SimpleQueue[list[str] | OSError]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        answers.put(error)
    else:
        answers.put(list(dict.fromkeys(str(address[4][0]) for address in found)))
