"""What a new member is told, at the counter and on his own screen, and agrees to. Its sense is `protocol.joining.WORDS`."""

from __future__ import annotations

from till.i18n import _

_GROUPS = (3, 7)


def consent(merchant: str) -> str:
    """The sentence; whoever changes what it says gives `WORDS` another name."""
    return _(
        "{merchant} may keep your phone number to run your points account. Look, correct or leave at any time: at the"
        " service desk or on your page."
    ).format(merchant=merchant)


def in_groups(phone: str) -> str:
    """As people read it back: 138 1234 5678."""
    first, second = _GROUPS
    return f"{phone[:first]} {phone[first:second]} {phone[second:]}"
