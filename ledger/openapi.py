"""The OpenAPI document, made from the table of routes and the models of `protocol`: what is described is what is read."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from ledger.answers import JSON, LINES, PROBLEM, Problem
from ledger.routes import ROUTES, Route
from protocol import PROTOCOL_VERSION
from protocol.http_signing import TIME_HEADER, VERSION_HEADER

_SIGNED = "Bound to the request: RFC 9421, tag `till-answer`, over @status, till-time and the request's signature."
_HEADERS = {
    TIME_HEADER: {"description": "The ledger's time, µs UTC; inside the signature.", "schema": {"type": "string"}},
    VERSION_HEADER: {"description": "Of the protocol.", "schema": {"type": "string"}},
    "Signature-Input": {"description": _SIGNED, "schema": {"type": "string"}},
    "Signature": {"description": _SIGNED, "schema": {"type": "string"}},
}
_PROBLEMS = {
    "400": "Not what the route reads (`bad-request`), or a protocol that the ledger does not (`version`)",
    "401": "Not signed by a terminal of this ledger (`not-signed`); this answer is not signed either",
    "403": "`terminal-revoked`, `terminal-retired`, `terminal-lost`, `enrolment-unknown|used|expired`",
    "404": "`unknown-member`",
    "409": "`gap` (with `expected_seq`), `head-mismatch`, `head-signature`, `batch-size`, `key-taken`",
    "413": "Too large, packed or unpacked (`too-large`)",
    "415": "Neither zstd nor plain (`unknown-encoding`)",
    "429": "Too many look-ups (`too-often`)",
    "503": "The books cannot be reached now (`busy`); not signed",
}


def document() -> dict[str, Any]:
    """OpenAPI 3.1, ready for JSON."""
    models = [Problem, *(route.reads for route in ROUTES if route.reads), *(r.answers for r in ROUTES if r.answers)]
    schemas, components = msgspec.json.schema_components(models, ref_template="#/components/schemas/{name}")
    by_model = dict(zip(models, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_model)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Till ledger",
            "version": PROTOCOL_VERSION,
            "description": "Bodies are canonical JSON (sorted keys, no blanks, integers and strings only), zstd both ways.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"terminal": []}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"terminal": _SCHEME}, "headers": _HEADERS},
    }


def as_text() -> str:
    """The document as it is committed: sorted, so that a difference is one of meaning."""
    return json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "Signature",
    "description": "RFC 9421 with RFC 9530, Ed25519, tag `till-request`, over @method, @path, @query and content-digest, with"
    " a nonce; keyid is the terminal, for `/v1/enrol` the id of the key in the body.",
}


def _operation(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.work.__name__,
        "summary": route.summary,
        "description": route.work.__doc__ or "",
        "responses": _responses(route, schemas),
    }
    if route.reads is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schemas[route.reads]}}}
    if route.parameter is not None:
        name, means, schema = route.parameter
        operation["parameters"] = [{"name": name, "in": "query", "description": means, "schema": schema}]
    return operation


def _responses(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    content = {LINES: {"schema": {"type": "string"}}} if route.streams else {JSON: {"schema": schemas[route.answers]}}
    found: dict[str, Any] = {"200": {"description": route.summary, "headers": headers, "content": content}}
    if route.may_be_nothing:
        found["204"] = {"description": "Nothing moved", "headers": headers}
    for status, means in _PROBLEMS.items():
        found[status] = {"description": means, "content": {PROBLEM: {"schema": schemas[Problem]}}}
    return found
