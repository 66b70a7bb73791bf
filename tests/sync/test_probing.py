"""The way to the ledger, tried step by step: each fault is named, and what lies behind it is not judged."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sync import probing
from sync.enrolment import enrol
from sync.identity import Identity, load_key
from sync.probing import probe
from tests.sync.books import Books, on_socket


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A stranger who answers every request alike."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    caller, _address = server.accept()
                except OSError:
                    return
                with caller:
                    caller.settimeout(1)
                    if caller.recv(65_536):
                        caller.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def paired(tmp_path: Path) -> Iterator[tuple[Identity, Path]]:
    """A till of a ledger that serves."""
    books = Books(tmp_path / "ledger")
    with on_socket(books) as port:
        yield enrol(books.invite(f"http://127.0.0.1:{port}"), tmp_path / "till", "02号机"), tmp_path / "till"
    books.close()


def steps(found: probing.Probed) -> dict[str, bool | None]:
    return {tried.step: tried.is_ok for tried in found.steps}


def test_a_good_way_is_measured(paired: tuple[Identity, Path]) -> None:
    """Every step was made, nothing was lost, and the ledger has said what time it is."""
    identity, folder = paired
    found = probe(identity, load_key(folder))
    assert (found.verdict, found.sent, found.lost) == ("fine", probing.CONNECTS, 0)
    assert steps(found) == {"cable": True, "name": True, "connect": True, "ledger": True}
    assert found.contact is not None
    assert abs(found.contact.offset_us) < 5_000_000


def test_nobody_at_that_address(paired: tuple[Identity, Path]) -> None:
    """The connection fails; the ledger is not judged."""
    identity, folder = paired
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = probe(msgspec.structs.replace(identity, url=f"http://127.0.0.1:{port}"), load_key(folder))
    assert found.verdict == "no-answer"
    assert steps(found) == {"cable": True, "name": True, "connect": False, "ledger": None}


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>", "portal"),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", "server-error"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "not-the-ledger"),
    ],
)
def test_somebody_else_answers(paired: tuple[Identity, Path], answer: bytes, verdict: str) -> None:
    """The connection is good, and it is not the ledger."""
    identity, folder = paired
    with answering(answer) as port:
        found = probe(msgspec.structs.replace(identity, url=f"http://127.0.0.1:{port}"), load_key(folder))
    assert found.verdict == verdict
    assert steps(found) == {"cable": True, "name": True, "connect": True, "ledger": False}


def test_a_certificate_that_nobody_vouches_for(paired: tuple[Identity, Path], tmp_path: Path) -> None:
    """Somebody stands between: the connection is good, the handshake is not, and the ledger is not judged."""
    identity, folder = paired
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve_tls, args=(server, _own_certificate(tmp_path)), daemon=True).start()
        port = server.getsockname()[1]
        found = probe(msgspec.structs.replace(identity, url=f"https://127.0.0.1:{port}"), load_key(folder))
        server.shutdown(socket.SHUT_RDWR)
    assert found.verdict == "certificate"
    assert steps(found) == {"cable": True, "name": True, "connect": True, "tls": False, "ledger": None}


def _own_certificate(folder: Path) -> ssl.SSLContext:
    """Signed by itself, for this address."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ledger.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, None)
    )
    pem = folder / "own.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def _serve_tls(server: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            caller, _address = server.accept()
        except OSError:
            return
        with suppress(OSError), context.wrap_socket(caller, server_side=True) as secured:
            secured.recv(1)


def test_a_name_that_is_not_found(paired: tuple[Identity, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a route, and no address."""

    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    identity, folder = paired
    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    for has_route, verdict, tried in (
        (True, "dns", {"cable": True, "name": False}),
        (False, "unplugged", {"cable": False}),
    ):
        monkeypatch.setattr("sync.border.has_route", lambda has=has_route: has)
        found = probe(msgspec.structs.replace(identity, url="https://ledger.example"), load_key(folder))
        assert found.verdict == verdict
        assert steps(found) == dict.fromkeys(("cable", "name", "connect", "tls", "ledger")) | tried


@pytest.mark.parametrize(("lost", "verdict"), [(1, "fine"), (3, "lossy")])
def test_connections_that_get_lost_are_counted(
    paired: tuple[Identity, Path], monkeypatch: pytest.MonkeyPatch, lost: int, verdict: str
) -> None:
    """One may be bad luck."""
    identity, folder = paired
    connect, tries = socket.create_connection, iter(range(100))

    def sometimes(*arguments: Any, **options: Any) -> socket.socket:
        if 2 <= next(tries) < 2 + lost:
            raise TimeoutError
        return connect(*arguments, **options)

    key = load_key(folder)
    monkeypatch.setattr(socket, "create_connection", sometimes)
    monkeypatch.setattr(probing, "LedgerClient", _Quiet)
    found = probe(identity, key)
    assert (found.sent, found.lost, found.verdict) == (probing.CONNECTS, lost, verdict)


class _Quiet:
    """A ledger that answers by other sockets than those that are counted."""

    contact = None

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def outcomes(self, _first: int) -> None: ...
