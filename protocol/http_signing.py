"""Signatures on HTTP messages: RFC 9421 with the Content-Digest of RFC 9530.

A terminal signs method, target and body of each request with a nonce of its own. The ledger signs status and body of every
answer together with that request's signature, so that an old yes cannot be played again, and its own time (`Till-Time`, µs
UTC), from which a till keeps its offset. Signatures carry no `created`: a till's clock may lie, entries sent twice are booked
once, and two of them would take 38 of the 600 bytes that a poll may cost.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from protocol.errors import SignatureError

REQUEST_TAG = "till-request"
ANSWER_TAG = "till-answer"
_REQUEST_PARTS = ("@method", "@path", "@query")
VERSION_HEADER = "Till-Version"
TIME_HEADER = "Till-Time"
_ANSWER_PARTS = ("@status", TIME_HEADER.lower(), '"signature";req')


class Request(Protocol):
    """What the library asks of a request; `httpx.Request` is one as it stands."""

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> Any: ...
    @property
    def headers(self) -> Any: ...


class Answer(Protocol):
    """What the library asks of an answer; `httpx.Response` is one as it stands."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Any: ...
    @property
    def request(self) -> Any: ...


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, public: Callable[[str], bytes]) -> None:
        self._public = public

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self._public(key_id))


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Clocks may lie; what a signature protects here does not depend on its age."""


def sign_request(request: Request, body: bytes, *, terminal: str, key: Ed25519PrivateKey, nonce: str) -> None:
    """Add Signature, Signature-Input and, with a body, Content-Digest to the request's headers."""
    url = urlsplit(str(request.url))
    values = (request.method, url.path or "/", f"?{url.query}")
    described = {"keyid": terminal, "nonce": nonce, "tag": REQUEST_TAG}
    _sign(request.headers, body, "t", zip(_REQUEST_PARTS, values, strict=True), described, key)


def verify_request(request: Request, body: bytes, public_of: Callable[[str], bytes]) -> str:
    """The terminal that signed the request. `public_of` gives its key, or raises `SignatureError`, as this does."""
    return _verify(request, body, public_of, REQUEST_TAG, _REQUEST_PARTS)


def sign_answer(answer: Answer, body: bytes, *, key_id: str, key: Ed25519PrivateKey, now_us: int) -> None:
    """Add the ledger's time and its signature to the answer's headers, bound to `answer.request`.

    `body` is as it travels (packed, where it is packed); empty for a stream, whose last line is signed instead.
    """
    answer.headers[TIME_HEADER] = str(now_us)
    values = (str(answer.status_code), str(now_us), answer.request.headers["signature"])
    described = {"keyid": key_id, "tag": ANSWER_TAG}
    _sign(answer.headers, body, "l", zip(_ANSWER_PARTS, values, strict=True), described, key)


def verify_answer(answer: Answer, body: bytes, public_of: Callable[[str], bytes]) -> str:
    """The key that signed the answer to exactly `answer.request`. Raises `SignatureError` for anybody else's answer."""
    return _verify(answer, body, public_of, ANSWER_TAG, _ANSWER_PARTS)


def answered_at(answer: Answer) -> int:
    """The ledger's time (µs UTC) in an answer that was verified. Raises `SignatureError` for one that states none."""
    text = str(answer.headers.get(TIME_HEADER, ""))
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise SignatureError("an answer without a time")
    return int(text)


def _sign(
    headers: Any, body: bytes, label: str, parts: Iterable[tuple[str, str]], described: Mapping[str, str],
    key: Ed25519PrivateKey,
) -> None:  # fmt: skip
    """As the library signs, in a tenth of its time: every request and every answer is signed by this.

    Names and values here are a few fixed ones and need no general form; what comes from others is read by the library.
    """
    covered = {_name(part): value for part, value in parts}
    if body:
        headers["Content-Digest"] = digest = f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
        covered[_name("content-digest")] = digest
    stated = "".join(f';{name}="{_plain(value)}"' for name, value in described.items())
    params = f"({' '.join(covered)}){stated}"
    base = "".join(f"{name}: {value}\n" for name, value in covered.items()) + f'"@signature-params": {params}'
    headers["Signature-Input"] = f"{label}={params}"
    headers["Signature"] = f"{label}=:{b64encode(key.sign(base.encode())).decode()}:"


def _name(part: str) -> str:
    return part if part.startswith('"') else f'"{part}"'


def _plain(value: str) -> str:
    """An id, a nonce: what a Structured Field String says without escapes. Raises `SignatureError` for anything else."""
    if not (value.isascii() and value.isprintable()) or '"' in value or "\\" in value:
        raise SignatureError("a name that cannot be signed")
    return value


def _verify(
    message: Request | Answer, body: bytes, public_of: Callable[[str], bytes], tag: str, parts: tuple[str, ...]
) -> str:
    headers: Mapping[str, str] = message.headers
    if "signature" not in headers or "signature-input" not in headers:
        raise SignatureError("no signature")
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(public_of))
    try:
        results = verifier.verify(message, max_age=None, expect_tag=tag, require_components=parts, body=body)
    except HTTPMessageSignaturesException as error:
        raise SignatureError(str(error)) from None
    return str(results[0].parameters["keyid"])
