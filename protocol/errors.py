"""What can be wrong with something that the other side said.

ProtocolError
├── NotCanonicalError      bytes that are not the one canonical form of what they say
├── UnreadableEntryError   a payload that this version cannot read
├── SignatureError         not signed, signed by a key that is not trusted, or changed since
├── ProofError             a log that is not what it was, or an entry that is not in it
├── CodeError              a scanned text that is not what its prefix promises
├── ChallengeError         what a member's phone scanned asks him for nothing
└── OverlappingRangesError two code ranges that one code could belong to
"""

from __future__ import annotations


class ProtocolError(ValueError):
    """Something that was received cannot be believed or read."""


class NotCanonicalError(ProtocolError):
    """The bytes decode, but the canonical form of what they say is different."""

    def __init__(self) -> None:
        super().__init__("not canonical: another form of the same value exists")


class UnreadableEntryError(ProtocolError):
    """A payload that is not an entry of a known kind and version."""

    def __init__(self, why: str) -> None:
        super().__init__(f"not a readable entry: {why}")


class SignatureError(ProtocolError):
    """A signature is missing, of an unknown key, or does not fit the bytes."""

    def __init__(self, why: str) -> None:
        super().__init__(f"not signed by whom it should be: {why}")


class SealError(ProtocolError):
    """It was not sealed for this key, or not for what it is presented for."""


class ProofError(ProtocolError):
    """A proof over the ledger's log that does not prove what it should."""


class CodeError(ProtocolError):
    """A scanned text that starts like one of our codes and is not one. `code` is stable, for the screen's sentence."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class ChallengeError(ProtocolError):
    """A member's phone scanned something that is no challenge of a till to him. `code` is stable, for the page's sentence."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class OverlappingRangesError(ProtocolError):
    """Two ranges of plastic cards, products or scale labels can meet; `example` is a code that both would take."""

    def __init__(self, first: str, second: str, example: str) -> None:
        super().__init__(f"ranges {first!r} and {second!r} overlap, for example at {example}")
        self.example = example
