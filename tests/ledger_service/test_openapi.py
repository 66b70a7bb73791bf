"""The OpenAPI document is the one that is committed, and what it describes is what answers."""

from __future__ import annotations

from pathlib import Path

from fastapi.routing import APIRoute

from ledger.openapi import as_text, document
from tests.ledger_service.town import Town

COMMITTED = Path(__file__).parents[2] / "docs" / "ledger-openapi.json"


def test_the_committed_document_is_todays() -> None:
    """`till-ledger openapi docs/ledger-openapi.json` makes it anew."""
    assert COMMITTED.read_text(encoding="utf-8") == as_text()


def test_every_route_is_described(sqlite_town: Town) -> None:
    """Each path and method of the application, and nothing else."""
    served = {
        (route.path, m.lower())
        for route in sqlite_town.app.routes
        if isinstance(route, APIRoute)
        for m in route.methods or ()
    }
    described = {(path, method) for path, methods in document()["paths"].items() for method in methods}
    assert served == described
