"""办会员 at a till, with a network or without: numbers that it was given in advance, and personal data for the ledger alone."""

from __future__ import annotations

from typing import Final

from protocol.canonical import Count, Model, Name, Text
from protocol.signing import Signed

NUMBERS_PATH: Final = "/v1/numbers"
MEMBER_DIGITS: Final = 10
WORDS: Final = "join-1"
"""Which sentence the member agreed to (docs/protocol.md has it). Another sentence gets another name."""


class NumbersRequest(Model, kw_only=True):
    """`have`: how many numbers the till still has."""

    have: Count = 0


class SealKey(Model, kw_only=True):
    """The public half (X25519, 32 bytes) of the key that opens what is sealed for the ledger.

    It comes `Signed` by the root, for the purpose `seal`.
    """

    key: Name
    public: bytes


class NumberBlock(Model, kw_only=True):
    """Numbers for members who join at `terminal`: nobody else gets one of them, ever. And the key to seal for."""

    terminal: Name
    numbers: tuple[Name, ...] = ()
    seal: Signed


class NewMember(Model, kw_only=True):
    """What is sealed: the phone as digits, and the name as it is masked, empty where he did not say it."""

    phone: Name
    name: Text = ""
