"""The chain finds any change, swap and omission."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol.chain import Head, genesis, link, payload_hash
from protocol.signing import public_bytes

KEY = public_bytes(Ed25519PrivateKey.from_private_bytes(b"k" * 32))
OTHER_KEY = public_bytes(Ed25519PrivateKey.from_private_bytes(b"o" * 32))

_payloads = st.lists(st.binary(max_size=8), min_size=2, max_size=8, unique=True)


def head_of(payloads: list[bytes], terminal: str = "t1", key: bytes = KEY) -> bytes:
    """The hash after all `payloads`."""
    running = genesis(terminal, key)
    for seq, payload in enumerate(payloads, start=1):
        running = link(running, terminal, seq, payload_hash(payload))
    return running


@given(_payloads, st.data())
def test_any_change_shows_in_the_head(payloads: list[bytes], data: st.DataObject) -> None:
    """One byte more in any payload gives another head."""
    at = data.draw(st.integers(0, len(payloads) - 1))
    changed = [*payloads[:at], payloads[at] + b"!", *payloads[at + 1 :]]
    assert head_of(changed) != head_of(payloads)


@given(_payloads, st.data())
def test_any_omission_shows_in_the_head(payloads: list[bytes], data: st.DataObject) -> None:
    """Leaving out any entry gives another head."""
    at = data.draw(st.integers(0, len(payloads) - 1))
    assert head_of(payloads[:at] + payloads[at + 1 :]) != head_of(payloads)


@given(_payloads, st.data())
def test_any_swap_shows_in_the_head(payloads: list[bytes], data: st.DataObject) -> None:
    """Swapping any two neighbours gives another head."""
    at = data.draw(st.integers(0, len(payloads) - 2))
    swapped = [*payloads[:at], payloads[at + 1], payloads[at], *payloads[at + 2 :]]
    assert head_of(swapped) != head_of(payloads)


def test_the_chain_is_bound_to_its_terminal_and_key() -> None:
    """The same entries of another terminal, or under another key, have another head."""
    assert len({head_of([b"a"]), head_of([b"a"], "t2"), head_of([b"a"], key=OTHER_KEY)}) == 3


def test_a_name_cannot_borrow_bytes_of_the_key() -> None:
    """Moving bytes between the terminal's name and its key gives another genesis."""
    assert genesis("t1", b"x" + KEY) != genesis("t1x", KEY)


def test_payloads_and_links_are_never_mistaken_for_each_other() -> None:
    """A payload that spells the input of a link does not have its hash."""
    previous, inner = genesis("t1", KEY), payload_hash(b"a")
    spelled = (2).to_bytes(2, "big") + b"t1" + (1).to_bytes(8, "big") + previous + inner
    assert payload_hash(spelled) != link(previous, "t1", 1, inner)


def test_the_first_hashes_are_known_by_heart() -> None:
    """The chain of the first release is verified for ever."""
    assert head_of([b"a", b"b"]).hex() == "10067b035a3588b1b612da4d670a04264f19e49933bb1aec75467aaa5dc69431"


def test_what_is_signed_names_terminal_seq_and_hash() -> None:
    """No two of the three can be exchanged under one signature, and a receipt's code is its first 40 bits."""
    head = Head(terminal="t1", seq=3, hash="00" * 32)
    others = (
        Head(terminal="t2", seq=3, hash="00" * 32),
        Head(terminal="t1", seq=4, hash="00" * 32),
        Head(terminal="t1", seq=3, hash="01" + "00" * 31),
    )
    assert all(other.signed_bytes() != head.signed_bytes() for other in others)
    assert (head.short_code, others[2].short_code) == ("AAAAAAAA", "AEAAAAAA")
