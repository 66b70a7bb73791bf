"""Facts that reach the screens, in the past tense. Those from threads come through `bridge`; a screen's own stand beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from terminal.opened import OpenTill
    from till.events import Event


class CodeRead(Message, bubble=False):
    """A scanner with a line of its own read a code. Never coalesced: each scan counts."""

    def __init__(self, text: str, scan: int = 0) -> None:
        super().__init__()
        self.text, self.scan = text, scan


class Happened(Message, bubble=False):
    """The background or a device told something else."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class TillOpened(Message, bubble=False):
    """The journal is open and the counter at work."""

    def __init__(self, till: OpenTill) -> None:
        super().__init__()
        self.till = till


class OpeningFailed(Message, bubble=False):
    """The till could not be opened. A refusal has a sentence; anything else is an error of the program."""

    def __init__(self, error: Exception, *, is_refusal: bool) -> None:
        super().__init__()
        self.error = error
        self.is_refusal = is_refusal


class Retracted(Message):
    """So many characters that stand at the end of a field were the beginning of a scan.

    It goes the way that its keys went, behind them: to the field, and on to a screen that takes digits for a choice.
    """

    def __init__(self, characters: int) -> None:
        super().__init__()
        self.characters = characters


class Answered(Message, bubble=False):
    """A call that was made apart from the screen's thread has returned `value`."""

    def __init__(self, asked: str, value: object) -> None:
        super().__init__()
        self.asked = asked
        self.value = value


class Declined(Message, bubble=False):
    """A call that was made apart has refused, or failed in a way that has a sentence."""

    def __init__(self, asked: str, error: Exception) -> None:
        super().__init__()
        self.asked = asked
        self.error = error
