"""Whatever fits the OpenAPI document, and what almost fits, gets an answer that the document promises, never a 500."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ledger.openapi import document
from ledger.routes import ROUTES
from tests.ledger_service.town import SigningTill, Town, build_town

SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(document())))
OPERATIONS = [(route.method, route.path) for route in ROUTES]
BOUNDED = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningTill]:
    """One town for all examples: nothing that they send may harm it."""
    folder: Path = tmp_path_factory.mktemp("generated")
    town: Town = build_town(f"sqlite:///{folder}/books.db")
    yield town.till()
    town.database.close()


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_generated(till: SigningTill, method: str, path: str, mode: schemathesis.GenerationMode) -> None:
    """Signed as a terminal signs, so that it comes as far as a terminal's request does."""
    operation = SCHEMA[path][method]
    promised = {int(status) for status in document()["paths"][path][method.lower()]["responses"]}

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode), spelling=st.sampled_from(["canonical", "loose"]))
    def examples(case: Any, spelling: str) -> None:
        response = asyncio.run(_send(till, method, _target(path, case), _body(case, spelling, till.terminal)))
        assert response.status_code in promised, response.text
        if response.status_code >= 400:
            assert response.headers["content-type"] == "application/problem+json"

    examples()


def test_the_town_is_unharmed(till: SigningTill) -> None:
    """A real sale still goes through after everything that was sent."""
    till.sell()
    answer = asyncio.run(till.ask("POST", "/v1/push", till.batch()))
    assert answer.status == 200


async def _send(till: SigningTill, method: str, target: str, body: bytes) -> httpx.Response:
    async with till.town.client() as client:
        return await client.send(till.request(client, method, target, body))


def _target(path: str, case: Any) -> str:
    query = case.query if isinstance(case.query, dict) else {}
    return f"{path}?{urlencode(query, doseq=True, errors='replace')}" if query else path


def _body(case: Any, spelling: str, terminal: str) -> bytes:
    """Canonical where the value allows it; else as other programs write JSON. A batch names the terminal that signs it."""
    if case.body is None or isinstance(case.body, schemathesis.core.NotSet):
        return b""
    if isinstance(case.body, bytes):
        return case.body
    if isinstance(case.body, dict) and "terminal" in case.body:
        case.body["terminal"] = terminal
    if spelling == "loose":
        return json.dumps(case.body, default=str).encode()
    text = json.dumps(case.body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return text.encode(errors="replace")
