"""What is believed, what is not, and what each silence is called."""

from __future__ import annotations

import errno
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from protocol.feed import Vector
from protocol.ids import bucket_of, new_id
from protocol.reservations import Granted, ReserveRequest
from sync.client import LedgerClient
from sync.errors import Cause, FinalSyncError, NotTheLedgerError, SyncError, TransientSyncError
from tests.sync import faults
from tests.sync.books import KIND, AsgiTransport, Books
from tests.sync.faults import FaultyTransport
from tests.sync.tills import Till


@contextmanager
def meeting(till: Till, asgi: httpx.BaseTransport, *plan: faults.Fault) -> Iterator[LedgerClient]:
    """A client whose next calls meet these faults."""
    with till.client(FaultyTransport(asgi, *plan)) as client:
        yield client


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (faults.portal, "portal"),
        (faults.redirected, "portal"),
        (faults.proxy_broken, "server-error"),
        (faults.body_changed, "not-the-ledger"),
        (faults.body_truncated, "not-the-ledger"),
    ],
)
def test_answers_that_the_ledger_did_not_sign(
    till: Till, asgi: AsgiTransport, books: Books, fault: faults.Fault, cause: Cause
) -> None:
    """A page, a proxy or a changed body decides nothing, and is called what it probably is."""
    books.join()
    with meeting(till, asgi, fault) as client, pytest.raises(NotTheLedgerError) as caught:
        client.changes(Vector())
    assert caught.value.cause == cause
    assert client.contact is None


def test_a_proxy_may_ask_for_patience(till: Till, asgi: AsgiTransport) -> None:
    """`Retry-After` is obeyed whoever says it: waiting harms nobody."""
    with meeting(till, asgi, faults.proxy_broken) as client, pytest.raises(NotTheLedgerError) as caught:
        client.changes(Vector())
    assert caught.value.retry_after_s == 7


def test_an_old_yes_is_no_yes(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """The signed answer to one request is a stranger's to the next, though both ask for the same."""
    member = books.join()
    request = ReserveRequest(
        id=new_id(time.time_ns() // 1_000_000, bucket_of(member), secrets.randbits(64)),
        member=member, kind=KIND, points=1, proof="static",
    )  # fmt: skip
    replay = faults.Replay()
    with meeting(till, asgi, replay, replay) as client:
        assert not isinstance(client.reserve(request), Granted)
        with pytest.raises(NotTheLedgerError):
            client.reserve(request)


@pytest.mark.parametrize(("status", "cause"), [(429, "too-many"), (500, "server-error"), (503, "server-error")])
def test_a_ledger_under_load(till: Till, asgi: AsgiTransport, books: Books, status: int, cause: Cause) -> None:
    """What the ledger signs with 429 or 5xx is transient, with the pause it asks for."""
    fault = faults.signed_problem(books, status, "busy", {"retry-after": "3"})
    with meeting(till, asgi, fault) as client, pytest.raises(TransientSyncError) as caught:
        client.changes(Vector())
    assert not isinstance(caught.value, NotTheLedgerError)
    assert (caught.value.cause, caught.value.retry_after_s) == (cause, 3)


def test_only_a_signed_revocation_counts(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """403 `terminal-revoked` wipes a key, so a stranger who says it is not believed, and the ledger is."""
    unsigned = faults.answer(403, b'{"code":"terminal-revoked"}', {"content-type": "application/problem+json"})
    books.end(till.identity.terminal, "revoked")
    with meeting(till, asgi, lambda _request, _inner: unsigned) as client:
        with pytest.raises(NotTheLedgerError):
            client.changes(Vector())
        with pytest.raises(FinalSyncError) as caught:
            client.changes(Vector())
    assert (caught.value.code, caught.value.cause) == ("terminal-revoked", "revoked")


def test_a_ledger_that_does_not_know_this_till(till: Till, asgi: AsgiTransport) -> None:
    """A till that the ledger cannot identify is told so by a word of its own: it is no log-in page."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    with (
        LedgerClient(till.identity, Ed25519PrivateKey.generate(), transport=asgi) as client,
        pytest.raises(NotTheLedgerError) as caught,
    ):
        client.changes(Vector())
    assert caught.value.cause == "not-recognised"


@pytest.mark.parametrize("fault", [faults.body_truncated, faults.body_changed, faults.portal])
def test_a_snapshot_that_did_not_come_whole(
    till: Till, asgi: AsgiTransport, books: Books, fault: faults.Fault
) -> None:
    """A snapshot that was cut or changed ends with an error, never with fewer members."""
    for _ in range(20):
        books.join()
    with meeting(till, asgi, fault) as client, pytest.raises(NotTheLedgerError):
        list(client.snapshot())


def test_an_endless_answer(till: Till, asgi: AsgiTransport) -> None:
    """A stranger's stream is cut off at the limit, not held in memory."""
    sent = 0

    class Endless(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            nonlocal sent
            while True:
                sent += 1
                yield bytes(1024 * 1024)

    with (
        meeting(till, asgi, lambda _request, _inner: httpx.Response(200, stream=Endless())) as client,
        pytest.raises(SyncError),
    ):
        client.changes(Vector())
    assert sent < 40


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (OSError(errno.ENETUNREACH, "no route"), "unplugged"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "no-answer"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "no-answer"),
        (TimeoutError("timed out"), "no-answer"),
    ],
)
def test_the_words_for_a_silence(till: Till, reason: OSError, cause: Cause) -> None:
    """What the operating system says becomes the one word that the status line has a sentence for."""
    assert _cause_of(till, reason) == cause


@pytest.mark.parametrize(
    ("verify_code", "cause"), [(9, "certificate-time"), (10, "certificate-time"), (62, "certificate")]
)
def test_a_certificate_that_does_not_fit(till: Till, verify_code: int, cause: Cause) -> None:
    """Not yet valid and expired nearly always mean a wrong clock at the till; another name means somebody else."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = verify_code
    assert _cause_of(till, error) == cause


def test_a_name_that_does_not_resolve(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a route a failing name means a pulled cable; with one, the name server."""
    error = socket.gaierror(socket.EAI_AGAIN, "try again")
    monkeypatch.setattr("sync.border.has_route", lambda: True)
    assert _cause_of(till, error) == "dns"
    monkeypatch.setattr("sync.border.has_route", lambda: False)
    assert _cause_of(till, error) == "unplugged"


def _cause_of(till: Till, reason: OSError) -> Cause:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("failed", request=request) from reason

    with till.client(httpx.MockTransport(fail)) as client, pytest.raises(TransientSyncError) as caught:
        client.changes(Vector())
    return caught.value.cause
