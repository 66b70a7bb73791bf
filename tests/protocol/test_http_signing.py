"""Signed requests and answers, on the real messages of httpx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import SignatureError
from protocol.http_signing import answered_at, sign_answer, sign_request, verify_answer, verify_request
from protocol.signing import public_bytes
from tests.protocol.makers import NOW_US, STRANGER, WORKING

URL = "https://ledger.example/v1/push?wait=3"
BODY = b'{"entries":[]}'
TERMINAL = STRANGER


def public_of(key_id: str) -> bytes:
    """The terminal `t1` and the ledger's key `l1`; nobody else."""
    known = {"t1": public_bytes(TERMINAL), "l1": public_bytes(WORKING)}
    if key_id not in known:
        raise SignatureError(f"unknown {key_id}")
    return known[key_id]


def request(body: bytes = BODY, nonce: str = "n1", url: str = URL) -> httpx.Request:
    """A push, signed by its terminal."""
    made = httpx.Request("POST", url, content=body)
    sign_request(made, body, terminal="t1", key=TERMINAL, nonce=nonce)
    return made


def answer(to: httpx.Request, status: int = 200, body: bytes = BODY) -> httpx.Response:
    """The ledger's answer, signed."""
    made = httpx.Response(status, content=body, request=to)
    sign_answer(made, body, key_id="l1", key=WORKING, now_us=NOW_US)
    return made


def again(signed: httpx.Request, method: str = "POST", url: str = URL, body: bytes = BODY) -> httpx.Request:
    """A request with the headers of a signed one, and something else changed."""
    return httpx.Request(method, url, content=body, headers=signed.headers)


@pytest.mark.parametrize("body", [BODY, b"", b"\0\xff" * 1000])
def test_a_signed_request_says_who_asks(body: bytes) -> None:
    """The terminal is known from its signature, with and without a body."""
    assert verify_request(request(body), body, public_of) == "t1"


CHANGED_REQUESTS: dict[str, Callable[[], tuple[httpx.Request, bytes]]] = {
    "another body": lambda: (again(request()), b'{"entries":[1]}'),
    "no body any more": lambda: (again(request(), body=b""), b""),
    "a body where there was none": lambda: (again(request(b"")), BODY),
    "another method": lambda: (again(request(), method="PUT"), BODY),
    "another path": lambda: (again(request(), url=URL.replace("push", "pull")), BODY),
    "another query": lambda: (again(request(), url=URL.replace("3", "4")), BODY),
    "no query": lambda: (again(request(), url=URL.split("?", maxsplit=1)[0]), BODY),
}


@pytest.mark.parametrize("change", CHANGED_REQUESTS.values(), ids=CHANGED_REQUESTS)
def test_a_changed_request_is_refused(change: Callable[[], tuple[httpx.Request, bytes]]) -> None:
    """No part that says what is asked for can be changed under a signature."""
    changed, body = change()
    with pytest.raises(SignatureError):
        verify_request(changed, body, public_of)


def test_a_digest_of_the_new_body_does_not_help() -> None:
    """The digest is signed too: a body swapped together with its digest is refused."""
    signed, other = request(), request(b"other")
    signed.headers["content-digest"] = other.headers["content-digest"]
    with pytest.raises(SignatureError):
        verify_request(signed, b"other", public_of)


@pytest.mark.parametrize("missing", ["signature", "signature-input", "content-digest"])
def test_a_missing_header_is_refused(missing: str) -> None:
    """Without signature, its description or the digest nothing is believed."""
    signed = request()
    del signed.headers[missing]
    with pytest.raises(SignatureError):
        verify_request(signed, BODY, public_of)


def test_a_terminal_cannot_sign_for_another() -> None:
    """The key is looked up by the terminal that is named: another's key does not fit, an unknown one is refused."""
    for terminal, key in (("t1", WORKING), ("t9", TERMINAL)):
        forged = httpx.Request("POST", URL, content=BODY)
        sign_request(forged, BODY, terminal=terminal, key=key, nonce="n1")
        with pytest.raises(SignatureError):
            verify_request(forged, BODY, public_of)


def test_an_answer_to_this_request_is_believed() -> None:
    """Status, body and the ledger's time are as signed."""
    got = answer(request())
    assert verify_answer(got, BODY, public_of) == "l1"
    assert answered_at(got) == NOW_US


def test_an_old_yes_cannot_be_played_again() -> None:
    """The answer to one request is refused for an equal one, which has another nonce."""
    old = answer(request(nonce="n1"))
    replayed = httpx.Response(200, content=BODY, headers=old.headers, request=request(nonce="n2"))
    with pytest.raises(SignatureError):
        verify_answer(replayed, BODY, public_of)


CHANGED_ANSWERS: dict[str, Callable[[httpx.Response], tuple[httpx.Response, bytes]]] = {
    "another status": lambda a: (httpx.Response(409, content=BODY, headers=a.headers, request=a.request), BODY),
    "another body": lambda a: (a, b'{"verdict":"granted"}'),
    "no body any more": lambda a: (a, b""),
    "another time": lambda a: (
        httpx.Response(200, content=BODY, headers={**a.headers, "till-time": "1"}, request=a.request), BODY,
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGED_ANSWERS.values(), ids=CHANGED_ANSWERS)
def test_a_changed_answer_is_refused(change: Callable[[httpx.Response], tuple[httpx.Response, bytes]]) -> None:
    """Nothing in an answer that decides something can be changed."""
    changed, body = change(answer(request()))
    with pytest.raises(SignatureError):
        verify_answer(changed, body, public_of)


def test_a_log_in_page_is_nobodys_answer() -> None:
    """A Wi-Fi portal's 200 without a signature is refused."""
    page = httpx.Response(200, html="<h1>欢迎使用 Wi-Fi</h1>", request=request())
    with pytest.raises(SignatureError, match="no signature"):
        verify_answer(page, page.content, public_of)


def test_a_requests_signature_is_no_answers() -> None:
    """A terminal that echoes its own headers has not answered, though it knows the key."""
    asked = request()
    echo = httpx.Response(200, content=BODY, headers=asked.headers, request=asked)
    with pytest.raises(SignatureError):
        verify_answer(echo, BODY, public_of)


_header = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80)


@given(_header, _header)
def test_garbage_in_the_headers_is_refused(signature: str, described: str) -> None:
    """Whatever stands in the two headers, the answer is `SignatureError` and never another error."""
    torn = httpx.Request("POST", URL, content=BODY, headers={"signature": signature, "signature-input": described})
    with pytest.raises(SignatureError):
        verify_request(torn, BODY, public_of)


class _Keys(HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return {"t1": TERMINAL, "l1": WORKING}[key_id]


class _Signer(HTTPMessageSigner):
    """The library, told to leave the time away."""

    def _build_signature_base(self, message: Any, **parts: Any) -> Any:
        parts["signature_params"].pop("created", None)
        return super()._build_signature_base(message, **parts)


_SIGNER = _Signer(signature_algorithm=algorithms.ED25519, key_resolver=_Keys())
_PATHS = st.sampled_from(["", "/", "/v1/push", "/v1/reservations/018f-1"])
_QUERIES = st.sampled_from(["", "?", "?wait=3", "?a=%E4%B8%AD&b=1%2B1", "?a=b?c"])


@given(st.sampled_from(["GET", "POST", "DELETE"]), _PATHS, _QUERIES, st.binary(max_size=40), _header)
def test_requests_and_answers_are_signed_as_the_library_signs(
    method: str, path: str, query: str, body: bytes, nonce: str
) -> None:
    """Byte for byte, so that whoever reads RFC 9421 reads ours; a nonce that needs escapes is refused, not misspelt."""
    ours, theirs = (httpx.Request(method, f"https://ledger.example{path}{query}", content=body) for _ in range(2))
    if '"' in nonce or "\\" in nonce:
        with pytest.raises(SignatureError):
            sign_request(ours, body, terminal="t1", key=TERMINAL, nonce=nonce)
        return
    sign_request(ours, body, terminal="t1", key=TERMINAL, nonce=nonce)
    _SIGNER.sign(
        theirs, key_id="t1", nonce=nonce, label="t", tag="till-request", include_alg=False,
        covered_component_ids=("@method", "@path", "@query"), body=body or None,
    )  # fmt: skip
    assert ours.headers == theirs.headers
    said, meant = (httpx.Response(200, content=body, request=ours) for _ in range(2))
    sign_answer(said, body, key_id="l1", key=WORKING, now_us=NOW_US)
    meant.headers["Till-Time"] = str(NOW_US)
    _SIGNER.sign(
        meant, key_id="l1", label="l", tag="till-answer", include_alg=False,
        covered_component_ids=("@status", "till-time", '"signature";req'), body=body or None,
    )  # fmt: skip
    assert said.headers == meant.headers


@pytest.mark.parametrize(
    ("parts", "tag", "refusal"),
    [
        (("@method", "@path", "@query"), "till-request", ""),
        (("@method", "@query"), "till-request", "@path"),
        (("@method", "@path"), "till-request", "@query"),
        (("@path", "@query"), "till-request", "@method"),
        (("@method", "@path", "@query"), "till-answer", "tag"),
        (("@method", "@path", "@query"), None, "tag"),
    ],
)
def test_a_signature_that_says_less_is_refused(parts: tuple[str, ...], tag: str | None, refusal: str) -> None:
    """The right key over fewer parts, or for another purpose, signs nothing here."""
    less = httpx.Request("POST", URL, content=BODY)
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Keys()).sign(
        less, key_id="t1", label="t", tag=tag, include_alg=False, covered_component_ids=parts, body=BODY
    )
    if not refusal:
        assert verify_request(less, BODY, public_of) == "t1"
        return
    with pytest.raises(SignatureError, match=refusal):
        verify_request(less, BODY, public_of)
