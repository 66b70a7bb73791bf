"""Who may ask, and what is refused before anybody looks at it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.enrolment import end
from protocol.errors import SignatureError
from protocol.feed import ChangesRequest
from protocol.http_signing import answered_at, verify_answer
from protocol.ids import BUCKETS
from protocol.look_up import LookUpRequest
from protocol.push import MAX_BODY_BYTES, PushAnswer
from tests.ledger_service.town import SigningTill, Town, TownClock

CHANGES = ChangesRequest(numbers=(0,) * BUCKETS)


async def send(town: Town, request: httpx.Request) -> httpx.Response:
    async with town.client() as client:
        return await client.send(request)


async def test_unsigned(sqlite_town: Town) -> None:
    """A request without a signature is refused, and the refusal is nobody's word: it is not signed."""
    response = await send(sqlite_town, httpx.Request("GET", "http://ledger/v1/changes?d=x"))
    assert (response.status_code, response.json()["code"]) == (401, "not-signed")
    assert response.headers["content-type"] == "application/problem+json"
    assert "signature" not in response.headers


async def test_signed_by_another_key(sqlite_town: Town) -> None:
    """A terminal's name with another key's signature is refused."""
    till = sqlite_town.till()
    till.key = Ed25519PrivateKey.generate()
    async with sqlite_town.client() as client:
        response = await client.send(till.request(client, "GET", "/v1/changes?d=x", b""))
    assert response.status_code == 401


async def test_unknown_terminal(sqlite_town: Town) -> None:
    """A well signed request of a terminal that was never enrolled is refused."""
    till = SigningTill(sqlite_town, "zhongshan-99", "zhongshan", Ed25519PrivateKey.generate())
    async with sqlite_town.client() as client:
        response = await client.send(till.request(client, "GET", "/v1/changes?d=x", b""))
    assert response.status_code == 401


@pytest.mark.parametrize("change", ["body", "query", "path", "method"])
async def test_changed_on_the_way(sqlite_town: Town, change: str) -> None:
    """What was signed cannot be sent as something else."""
    till = sqlite_town.till()
    async with sqlite_town.client() as client:
        signed = till.request(client, "POST", "/v1/look-up", b'{"by":"phone","value":"13900001234"}')
        url = {"query": "http://ledger/v1/look-up?x=1", "path": "http://ledger/v1/reserve"}.get(change, signed.url)
        body = b'{"by":"phone","value":"13900001235"}' if change == "body" else signed.content
        method = "PUT" if change == "method" else "POST"
        headers = {name: value for name, value in signed.headers.items() if name != "content-length"}
        response = await client.send(httpx.Request(method, url, headers=headers, content=body))
    assert response.status_code == (405 if change == "method" else 401)


async def test_an_answer_is_worth_nothing_for_another_request(sqlite_town: Town) -> None:
    """A recorded answer does not verify against the next request, even one with the same words."""
    till = sqlite_town.till()
    async with sqlite_town.client() as client:
        first = await client.send(till.request(client, "GET", "/v1/changes?d=x", b""))
        second = till.request(client, "GET", "/v1/changes?d=x", b"")
    verify_answer(first, first.content, sqlite_town.keys.ring.public)
    first.request = second
    with pytest.raises(SignatureError):
        verify_answer(first, first.content, sqlite_town.keys.ring.public)


async def test_the_time_is_inside_the_signature(sqlite_town: Town) -> None:
    """A till takes the ledger's time from a verified answer; another time does not verify."""
    till = sqlite_town.till()
    async with sqlite_town.client() as client:
        answer = await client.send(till.request(client, "GET", "/v1/changes?d=x", b""))
    assert answered_at(answer) == sqlite_town.clock.now_us
    answer.headers["Till-Time"] = str(sqlite_town.clock.now_us + 1)
    with pytest.raises(SignatureError):
        verify_answer(answer, answer.content, sqlite_town.keys.ring.public)


@pytest.mark.parametrize("status", ["revoked", "lost", "retired"])
async def test_an_ended_terminal_hears_it_signed_and_may_still_push(town: Town, status: str) -> None:
    """The code tells a till what it is now; what it has in its journal is received all the same."""
    till = town.till()
    with town.database.write() as connection:
        end(connection, till.terminal, status)
    refused = await till.ask("POST", "/v1/changes", CHANGES)
    assert (refused.status, refused.code) == (403, f"terminal-{status}")
    till.sell()
    outcome = (await till.ask("POST", "/v1/push", till.batch())).read(PushAnswer).outcomes[0]
    assert outcome.status == ("quarantined" if status == "revoked" else "booked")


async def test_too_large(sqlite_town: Town) -> None:
    """A body beyond the limit is refused by its announced length, and while it comes where it announces none."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // (1 << 20) + 2):
            yield bytes(1 << 20)

    async with sqlite_town.client() as client:
        announced = await client.post("/v1/push", content=b"", headers={"content-length": str(MAX_BODY_BYTES + 1)})
        streamed = await client.post("/v1/push", content=endless())
    assert announced.json()["code"] == streamed.json()["code"] == "too-large"
    assert (announced.status_code, streamed.status_code) == (413, 413)


@pytest.mark.parametrize(
    ("encoding", "body", "code"),
    [
        ("zstd", zstandard.ZstdCompressor(level=19).compress(bytes(4 * MAX_BODY_BYTES)), "too-large"),
        ("zstd", b"not a frame", "bad-request"),
        ("zstd", zstandard.ZstdCompressor().compress(b"{}")[:-2], "bad-request"),
        ("br", b"x", "unknown-encoding"),
        ("", b'{"by": "phone","value":"1"}', "bad-request"),
        ("", b'{"by":"phone","value":"\\u0000"}', "bad-request"),
        ("", b"[" * 100_000, "bad-request"),
        ("", b"\xff", "bad-request"),
    ],
)
async def test_bodies_that_are_none(sqlite_town: Town, encoding: str, body: bytes, code: str) -> None:
    """A bomb, half a frame, a foreign encoding, a second spelling, NUL, depth: each gets its code, signed."""
    till = sqlite_town.till()
    async with sqlite_town.client() as client:
        headers = {"content_encoding": encoding} if encoding else {}
        response = await client.send(till.request(client, "POST", "/v1/look-up", body, **headers))
    verify_answer(response, response.content, sqlite_town.keys.ring.public)
    assert response.json()["code"] == code


async def test_look_ups_are_counted_per_terminal(sqlite_town: Town) -> None:
    """A till that goes through numbers is told to wait, another is not; waiting helps."""
    curious, other = sqlite_town.till(), sqlite_town.till()
    request = LookUpRequest(by="phone", value="13900009999")
    statuses = [(await curious.ask("POST", "/v1/look-up", request)).status for _ in range(31)]
    assert statuses == [404] * 30 + [429]
    stopped = await curious.ask("POST", "/v1/look-up", request)
    assert int(stopped.headers["retry-after"]) == 2
    assert (await other.ask("POST", "/v1/look-up", request)).status == 404
    assert isinstance(sqlite_town.clock, TownClock)
    sqlite_town.clock.now_us += 2_000_000
    assert (await curious.ask("POST", "/v1/look-up", request)).status == 404


async def test_a_path_that_is_none(sqlite_town: Town) -> None:
    """What the document does not describe answers a problem too."""
    async with sqlite_town.client() as client:
        response = await client.get("/v2/nothing")
    assert (response.status_code, response.json()["code"]) == (404, "no-route")


@pytest.mark.parametrize(("stated", "status"), [("1.0", 200), ("1.7", 200), ("2.0", 400), ("", 400)])
async def test_versions(sqlite_town: Town, stated: str, status: int) -> None:
    """The same major version is read, another is refused with a signed sentence."""
    answer = await sqlite_town.till().ask("GET", "/v1/changes?d=x", till_version=stated)
    assert (answer.status, answer.headers["till-version"]) == (status, "1.0")
    assert status == 200 or answer.code == "version"
