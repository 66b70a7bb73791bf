"""What of all that a scanner reads is the till's, where the rest belongs to a cash register (`devices.sieve`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from protocol import prefixes
from protocol.codes import PaymentCode, ProductCode, ScaleLabel, UnknownCode, classify
from protocol.ranges import CodeRange

_BEGINNINGS = (
    *(value.upper() for name, value in vars(prefixes).items() if name.endswith("_PREFIX")),
    # A GS1 Digital Link can name a member.
    "HTTP://",
    "HTTPS://",
)
_FOREIGN = ("foreign", "coupon", "too-long")


class OwnCodes:
    """Our own codes by their beginnings, and the store's cards by its ranges, which `ranges` tells as they are now."""

    def __init__(self, ranges: Callable[[], Sequence[CodeRange]]) -> None:
        self._ranges = ranges

    def may_claim(self, beginning: str) -> bool:
        """Whether a code that begins so can be ours."""
        said = beginning.lstrip().upper()
        if any(own.startswith(said) or said.startswith(own) for own in _BEGINNINGS):
            return True
        return any(_may_be(beginning.lstrip(), card) for card in self._ranges() if card.means == "member")

    def claims(self, text: str) -> bool:
        """Whether this whole code is ours; a member's code that was misread is, so that somebody says so."""
        code = classify(text, self._ranges(), member_awaited=True)
        if isinstance(code, UnknownCode):
            return code.reason not in _FOREIGN
        return not isinstance(code, ProductCode | ScaleLabel | PaymentCode)


def _may_be(said: str, card: CodeRange) -> bool:
    return len(said) <= card.length and (card.prefix.startswith(said) or said.startswith(card.prefix))


OWN_CODES = OwnCodes(lambda: ())
"""Without a store: no cards."""
