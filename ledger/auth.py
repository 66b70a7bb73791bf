"""Who is asking: every request is signed by a terminal's key, an enrolment by the key that it brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request

from ledger import rows
from ledger.database import Database
from ledger.problems import NotSignedError, VersionError
from protocol import PROTOCOL_VERSION
from protocol.enrolment import EnrolRequest
from protocol.errors import SignatureError
from protocol.http_signing import VERSION_HEADER, verify_request
from protocol.signing import key_id


@dataclass(frozen=True)
class Seen:
    """A request as it was signed; what `protocol.http_signing` wants to see of one."""

    method: str
    url: str
    headers: Headers

    @classmethod
    def of(cls, request: Request) -> Seen:
        """From the raw target: a decoded path would not be what the terminal signed."""
        raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        query: bytes = request.scope.get("query_string", b"")
        target = raw.split(b"?")[0] + (b"?" + query if query else b"")
        return cls(request.method, f"http://ledger{target.decode('latin-1')}", request.headers)


@dataclass(frozen=True)
class Caller:
    """The terminal that signed a request. `status`: active, revoked, retired, lost."""

    terminal: str
    store: str
    status: str


def identify(database: Database, seen: Seen, body: bytes) -> Caller:
    """Raises `NotSignedError` unless a terminal that we know signed exactly this request."""
    found: dict[str, Caller] = {}

    def public_of(terminal: str) -> bytes:
        with database.read() as connection:
            known = rows.fetch(connection, "SELECT store, status, public FROM terminal WHERE terminal = ?", terminal)
        if not known:
            raise SignatureError("by no terminal of this ledger")
        store, status, public = known[0]
        found[terminal] = Caller(terminal, store, status)
        return bytes(public)

    return found[_signer(seen, body, public_of)]


def check_new_key(seen: Seen, body: bytes, request: EnrolRequest) -> None:
    """An enrolment is signed by the key in it, named by its `key_id`: whoever asks holds the other half."""

    def public_of(key: str) -> bytes:
        if key != key_id(request.public):
            raise SignatureError("not by the key that is to be enrolled")
        return request.public

    _signer(seen, body, public_of)


def _signer(seen: Seen, body: bytes, public_of: Callable[[str], bytes]) -> str:
    try:
        return verify_request(seen, body, public_of)
    except SignatureError as error:
        raise NotSignedError(str(error)) from None


def check_version(seen: Seen) -> None:
    """Who states a version states one that we read: the same major one. Raises `VersionError`."""
    stated = seen.headers.get(VERSION_HEADER, PROTOCOL_VERSION)
    if stated.split(".")[0] != PROTOCOL_VERSION.split(".")[0]:
        raise VersionError(stated, PROTOCOL_VERSION)
