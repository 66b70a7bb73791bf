"""Signatures on HTTP messages, each made and checked once: what a seed says twice, byte for byte, is signed and verified once.

Ed25519 and RFC 9421 are functions of bytes. Who signs the same message with the same key gets the same signature; what arrives
as it was signed, with the key that it was signed with, is genuine. Anything else goes to `protocol.http_signing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import http_signing
from protocol.http_signing import TIME_HEADER
from protocol.signing import public_bytes
from protocol.signing import verify_bytes as _verify_bytes

_SIGNED = ("Content-Digest", "Signature-Input", "Signature")
"""In the order in which they are set, and spelt so: two runs differ in no byte."""

PublicOf = Callable[[str], bytes]


@contextmanager
def patched(functions: Mapping[str, object]) -> Iterator[None]:
    """These instead of those of the product, by name, meanwhile."""
    with ExitStack() as stack:
        for name, function in functions.items():
            stack.enter_context(patch(name, function))
        yield


class Signatures:
    """Of one seed, over all of its runs."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], tuple[tuple[str, str], ...]] = {}
        self._genuine: dict[tuple[object, ...], tuple[str, bytes]] = {}
        """What was signed → by whom, and the key."""
        self._public: dict[bytes, bytes] = {}
        self._fitting: set[tuple[bytes, bytes, bytes]] = set()

    def sign_request(self, request: Any, body: bytes, *, terminal: str, key: Ed25519PrivateKey, nonce: str) -> None:
        """As `http_signing.sign_request`."""
        secret = key.private_bytes_raw()
        made = self._made.get(what := ("till", secret, terminal, nonce, request.method, str(request.url), body))
        if made is None:
            http_signing.sign_request(request, body, terminal=terminal, key=key, nonce=nonce)
            self._made[what] = tuple((name, request.headers[name]) for name in _SIGNED if name in request.headers)
            self._genuine[_asked(request, body)] = terminal, self._public_of(key, secret)
        else:
            for name, value in made:
                request.headers[name] = value

    def verify_request(self, request: Any, body: bytes, public_of: PublicOf) -> str:
        """As `http_signing.verify_request`."""
        signer, key = self._genuine.get(_asked(request, body), ("", b""))
        if signer and public_of(signer) == key:
            return signer
        return http_signing.verify_request(request, body, public_of)

    def sign_answer(self, answer: Any, body: bytes, *, key_id: str, key: Ed25519PrivateKey, now_us: int) -> None:
        """As `http_signing.sign_answer`."""
        secret = key.private_bytes_raw()
        bound = answer.request.headers.get("signature", "")
        made = self._made.get(what := ("ledger", secret, key_id, now_us, answer.status_code, bound, body))
        if made is None:
            http_signing.sign_answer(answer, body, key_id=key_id, key=key, now_us=now_us)
            names = (TIME_HEADER, *(name for name in _SIGNED if name in answer.headers))
            self._made[what] = tuple((name, answer.headers[name]) for name in names)
            self._genuine[_answered(answer, body)] = key_id, self._public_of(key, secret)
        else:
            for name, value in made:
                answer.headers[name] = value

    def verify_answer(self, answer: Any, body: bytes, public_of: PublicOf) -> str:
        """As `http_signing.verify_answer`."""
        signer, key = self._genuine.get(_answered(answer, body), ("", b""))
        if signer and public_of(signer) == key:
            return signer
        return http_signing.verify_answer(answer, body, public_of)

    def verify_bytes(self, public: bytes, signature: bytes, data: bytes) -> None:
        """As `signing.verify_bytes`, for documents and heads."""
        if (public, signature, data) not in self._fitting:
            _verify_bytes(public, signature, data)
            self._fitting.add((public, signature, data))

    @contextmanager
    def used(self) -> Iterator[None]:
        """By the real client and the real ledger, meanwhile."""
        own = {
            "sync.client.sign_request": self.sign_request, "sync.client.verify_answer": self.verify_answer,
            "ledger.auth.verify_request": self.verify_request, "ledger.answers.sign_answer": self.sign_answer,
            "protocol.signing.verify_bytes": self.verify_bytes, "ledger.receiving.verify_bytes": self.verify_bytes,
            "protocol.chain_check.verify_bytes": self.verify_bytes,
        }  # fmt: skip
        with patched(own):
            yield

    def _public_of(self, key: Ed25519PrivateKey, secret: bytes) -> bytes:
        if secret not in self._public:
            self._public[secret] = public_bytes(key)
        return self._public[secret]


def _asked(request: Any, body: bytes) -> tuple[object, ...]:
    url = str(request.url)
    return ("till", request.method, url[url.index("/", 8) :], body, *(request.headers.get(name) for name in _SIGNED))


def _answered(answer: Any, body: bytes) -> tuple[object, ...]:
    said = (answer.headers.get(name) for name in (TIME_HEADER, *_SIGNED))
    return ("ledger", answer.status_code, answer.request.headers.get("signature"), body, *said)
