"""Pairing a till: a code is good once, for a day, and an id is for ever."""

from __future__ import annotations

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.enrolment import end, invite
from ledger.keys import DAY_US
from protocol import canonical
from protocol.enrolment import EnrolAnswer, EnrolRequest, Invitation, read_invitation
from protocol.http_signing import sign_request, verify_answer
from protocol.signing import KeyRing, key_id, public_bytes
from tests.ledger_service.town import STORE, Town


def invited(town: Town) -> Invitation:
    with town.database.write() as connection:
        return read_invitation(str(invite(connection, town.keys, STORE, "http://127.0.0.1:8710", town.clock())))


async def ask(
    town: Town, code: str, key: Ed25519PrivateKey, signer: Ed25519PrivateKey | None = None
) -> httpx.Response:
    """Enrol `key`; the request is signed by `signer`, by itself where nobody else is given."""
    body = canonical.encode(EnrolRequest(code=code, public=public_bytes(key), name="02号机\x1b[31m"))
    signer = signer or key
    async with town.client() as client:
        request = client.build_request("POST", "/v1/enrol", content=body)
        sign_request(request, body, terminal=key_id(public_bytes(signer)), key=signer, nonce="n")
        return await client.send(request)


async def test_a_till_is_paired_under_the_pinned_root(town: Town) -> None:
    """The answer brings root and certificates; the root fits the fingerprint in the code, and the answer their keys."""
    invitation = invited(town)
    response = await ask(town, invitation.code.lower(), Ed25519PrivateKey.generate())
    answer = canonical.decode(response.content, EnrolAnswer)
    assert key_id(answer.root_public) == invitation.root
    verify_answer(response, response.content, KeyRing(answer.root_public, answer.certificates).public)
    assert (answer.terminal, answer.store, answer.name, answer.now) == (
        "zhongshan-01", STORE, "02号机[31m", town.clock.now_us,
    )  # fmt: skip


async def test_a_lost_answer_is_given_again_to_the_same_key_alone(town: Town) -> None:
    """The key that used a code gets the same id again; another key is told that the code was used."""
    code, key = invited(town).code, Ed25519PrivateKey.generate()
    first, again = await ask(town, code, key), await ask(town, code, key)
    assert first.json()["terminal"] == again.json()["terminal"]
    other = await ask(town, code, Ed25519PrivateKey.generate())
    assert (other.status_code, other.json()["code"]) == (403, "enrolment-used")


async def test_ids_are_never_used_again(town: Town) -> None:
    """After a revoked till comes the next number, not the free one."""
    first, second = town.till(), town.till()
    with town.database.write() as connection:
        end(connection, second.terminal, "revoked")
    third = town.till()
    assert [till.terminal for till in (first, second, third)] == ["zhongshan-01", "zhongshan-02", "zhongshan-03"]


@pytest.mark.parametrize("code", ["AAAAAAAAAA", "", "x" * 65])
async def test_a_code_that_is_none(sqlite_town: Town, code: str) -> None:
    """Codes that nobody made are refused."""
    response = await ask(sqlite_town, code, Ed25519PrivateKey.generate())
    expected = "enrolment-unknown" if code == "AAAAAAAAAA" else "bad-request" if len(code) > 64 else None
    assert response.json()["code"] == (expected or "bad-request")


async def test_a_code_ends_after_a_day(sqlite_town: Town) -> None:
    """24 hours and a microsecond later it is out of date."""
    code = invited(sqlite_town).code
    sqlite_town.clock.now_us += DAY_US + 1
    response = await ask(sqlite_town, code, Ed25519PrivateKey.generate())
    assert response.json()["code"] == "enrolment-expired"


async def test_nobody_enrols_a_key_that_he_does_not_hold(sqlite_town: Town) -> None:
    """A request for one key, signed by another, is refused, and the code stays good."""
    code, key = invited(sqlite_town).code, Ed25519PrivateKey.generate()
    stranger = await ask(sqlite_town, code, key, signer=Ed25519PrivateKey.generate())
    assert stranger.status_code == 401
    assert (await ask(sqlite_town, code, key)).status_code == 200


async def test_a_key_is_one_terminal(sqlite_town: Town) -> None:
    """A key that was enrolled cannot become a second terminal."""
    key = Ed25519PrivateKey.generate()
    await ask(sqlite_town, invited(sqlite_town).code, key)
    response = await ask(sqlite_town, invited(sqlite_town).code, key)
    assert (response.status_code, response.json()["code"]) == (409, "key-taken")
