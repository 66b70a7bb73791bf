"""docs/protocol.md is what `protocol/` does."""

from __future__ import annotations

import base64
from typing import get_args

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.routes import ROUTES
from protocol import PROTOCOL_VERSION
from protocol.chain import Head, genesis, link, payload_hash
from protocol.codes import member_code
from protocol.entries import (
    MAX_PAYLOAD_BYTES,
    Approvable,
    Approval,
    ApprovalReason,
    LateCredit,
    ManualPoints,
    Refund,
    Sale,
    Void,
    decode_entry,
    encode_entry,
)
from protocol.http_signing import sign_request
from protocol.ids import bucket_in, bucket_of
from protocol.push import MAX_BATCH, OutcomeStatus, Reason
from protocol.reservations import RefusalReason, Refused
from protocol.signing import public_bytes
from tests.docs.pages import block, first_cells, page

PAGE = page("docs/protocol.md")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TERMINAL = "zhongshan-02"


def test_the_worked_example_is_recomputed() -> None:
    """Payload, hashes, head and signature of the page follow from its key and its entry."""
    payload = block(PAGE, "payload").encode()
    own = link(genesis(TERMINAL, public_bytes(KEY)), TERMINAL, 1, payload_hash(payload))
    head = Head(terminal=TERMINAL, seq=1, hash=own.hex())
    entry = decode_entry(payload)
    assert encode_entry(entry) == payload
    assert public_bytes(KEY).hex() == block(PAGE, "public key")
    assert payload_hash(payload).hex() == block(PAGE, "payload hash")
    assert genesis(TERMINAL, public_bytes(KEY)).hex() == block(PAGE, "genesis")
    assert own.hex() == block(PAGE, "link")
    assert head.signed_bytes() == b"till-head-1\0" + block(PAGE, "head, as signed").encode()
    assert KEY.sign(head.signed_bytes()).hex() == block(PAGE, "signature of the head")
    assert head.short_code == block(PAGE, "code on the receipt")


def test_the_examples_member_is_where_the_page_says() -> None:
    """Bucket and static code of the example."""
    entry = decode_entry(block(PAGE, "payload").encode())
    assert isinstance(entry, Sale)
    assert f"bucket {bucket_of(entry.member)}" in PAGE
    assert bucket_in(entry.id) == bucket_of(entry.member)
    assert f"`{member_code(entry.member)}`" in PAGE


def test_the_signature_base_on_the_page_is_the_one_that_is_signed() -> None:
    """A second implementation that signs the printed text is believed."""
    request = httpx.Request("POST", "https://ledger.example/v1/push", content=b"{}")
    sign_request(request, b"{}", terminal=TERMINAL, key=KEY, nonce="bm9uY2U")
    base = block(PAGE, "The request of the example below")
    assert request.headers["signature"] == f"t=:{base64.b64encode(KEY.sign(base.encode())).decode()}:"


def test_every_route_is_in_the_table() -> None:
    """No route without a line, and no line without a route."""
    told = {cell.strip("`").split("?")[0] for cell in first_cells(PAGE, "## Routes")}
    assert told == {f"{route.method} {route.path}" for route in ROUTES}


def test_every_field_of_a_sale_a_void_and_a_refund_is_named() -> None:
    """An entry of the page is an entry of the code."""
    for kind in (Sale, LateCredit, ManualPoints, Void, Refund, Approval):
        for field in kind.__struct_fields__:
            assert f"`{field}`" in PAGE, field
    for word in (*get_args(Approvable), *get_args(ApprovalReason)):
        assert f"`{word}`" in PAGE, word


def test_outcomes_reasons_and_limits_are_those_of_the_code() -> None:
    """Every outcome and reason is named, and the numbers are the ones in force."""
    assert {cell.strip("`") for cell in first_cells(PAGE, "### Push")} == set(get_args(OutcomeStatus))
    for reason in (*get_args(Reason), *get_args(RefusalReason)):
        assert not reason or f"`{reason}`" in PAGE, reason
    for field in Refused.__struct_fields__:
        assert f"`{field}`" in PAGE, field
    assert f"1 to {MAX_BATCH:,} entries" in PAGE
    assert f"{MAX_PAYLOAD_BYTES // 1024} KiB" in PAGE
    assert PAGE.startswith(f"# The protocol, version {PROTOCOL_VERSION}\n")
