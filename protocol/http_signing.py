"""Signatures on HTTP messages: RFC 9421 with the Content-Digest of RFC 9530.

A terminal signs method, target and body of each request with a nonce of its own. The ledger signs status and body of every
answer together with that request's signature, so that an old yes cannot be played again, and its own time (`Till-Time`, µs
UTC), from which a till keeps its offset. Signatures carry no `created`: a till's clock may lie, entries sent twice are booked
once, and two of them would take 38 of the 600 bytes that a poll may cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
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
    def __init__(self, private: Ed25519PrivateKey | None, public: Callable[[str], bytes] | None) -> None:
        self._private, self._public = private, public

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:  # noqa: ARG002  # the library's signature
        if self._private is None:
            raise SignatureError("no private key here")
        return self._private

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        if self._public is None:
            raise SignatureError("no public keys here")
        return Ed25519PublicKey.from_public_bytes(self._public(key_id))


class _Signer(HTTPMessageSigner):
    def _build_signature_base(self, message: Any, **parts: Any) -> Any:
        parts["signature_params"].pop("created", None)
        return super()._build_signature_base(message, **parts)


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Clocks may lie; what a signature protects here does not depend on its age."""


def sign_request(request: Request, body: bytes, *, terminal: str, key: Ed25519PrivateKey, nonce: str) -> None:
    """Add Signature, Signature-Input and, with a body, Content-Digest to the request's headers."""
    signer = _Signer(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(key, None))
    signer.sign(
        request, key_id=terminal, nonce=nonce, label="t", tag=REQUEST_TAG, include_alg=False,
        covered_component_ids=_REQUEST_PARTS, body=body or None,
    )  # fmt: skip


def verify_request(request: Request, body: bytes, public_of: Callable[[str], bytes]) -> str:
    """The terminal that signed the request. `public_of` gives its key, or raises `SignatureError`, as this does."""
    return _verify(request, body, public_of, REQUEST_TAG, _REQUEST_PARTS)


def sign_answer(answer: Answer, body: bytes, *, key_id: str, key: Ed25519PrivateKey, now_us: int) -> None:
    """Add the ledger's time and its signature to the answer's headers, bound to `answer.request`.

    `body` is as it travels (packed, where it is packed); empty for a stream, whose last line is signed instead.
    """
    answer.headers[TIME_HEADER] = str(now_us)
    signer = _Signer(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(key, None))
    signer.sign(
        answer, key_id=key_id, label="l", tag=ANSWER_TAG, include_alg=False,
        covered_component_ids=_ANSWER_PARTS, body=body or None,
    )  # fmt: skip


def verify_answer(answer: Answer, body: bytes, public_of: Callable[[str], bytes]) -> str:
    """The key that signed the answer to exactly `answer.request`. Raises `SignatureError` for anybody else's answer."""
    return _verify(answer, body, public_of, ANSWER_TAG, _ANSWER_PARTS)


def answered_at(answer: Answer) -> int:
    """The ledger's time (µs UTC) in an answer that was verified. Raises `SignatureError` for one that states none."""
    text = str(answer.headers.get(TIME_HEADER, ""))
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise SignatureError("an answer without a time")
    return int(text)


def _verify(
    message: Request | Answer, body: bytes, public_of: Callable[[str], bytes], tag: str, parts: tuple[str, ...]
) -> str:
    headers: Mapping[str, str] = message.headers
    if "signature" not in headers or "signature-input" not in headers:
        raise SignatureError("no signature")
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(None, public_of))
    try:
        results = verifier.verify(message, max_age=None, expect_tag=tag, require_components=parts, body=body)
    except HTTPMessageSignaturesException as error:
        raise SignatureError(str(error)) from None
    return str(results[0].parameters["keyid"])
