"""What a task of the tutorial is: what happens at the counter, what is to be done, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from till.i18n import _
from till.receipts import Receipt
from till.tutorial.props import Props


class Seen(NamedTuple):
    """What there is to see of the counter now: the screen on top, the code of what it says, a command that was just asked for,
    who is signed in (empty: locked), how many sales are put aside, what became of the last one."""

    screen: str = ""
    notice: str = ""
    command: str = ""
    staff: str = ""
    held: int = 0
    last: str = ""


@dataclass(frozen=True)
class Verdict:
    """`ask`: now the task's question is put. `text`: what was right, or what was missed."""

    kind: Literal["right", "missed", "ask"]
    text: str = ""


class Question(NamedTuple):
    """What is said or done now? `right` is a place in `choices`. All are messages for `_`."""

    text: str
    choices: tuple[str, ...]
    right: int
    why: str
    """Said of the wrong ones."""


class Lesson:
    """One task. `story` and `todo` are messages for `_`; `praise` is said when it was right."""

    TITLE: ClassVar[str]
    STORY: ClassVar[str]
    TODO: ClassVar[str]
    PRAISE: ClassVar[str]
    QUESTION: ClassVar[Question | None] = None

    def __init__(self, props: Props) -> None:
        self.props = props

    @property
    def title(self) -> str:
        """What it is about."""
        return _(self.TITLE)

    @property
    def story(self) -> str:
        """Who stands there, and what he wants."""
        return _(self.STORY).format(**self.facts())

    @property
    def todo(self) -> str:
        """In one line, as long as it lasts."""
        return _(self.TODO).format(**self.facts())

    def facts(self) -> dict[str, object]:
        """For the braces in story and task."""
        return {}

    def arrange(self) -> None:
        """Before the story is told; may wait for the training's ledger."""

    def prepare(self) -> None:
        """Make the situation, behind the story; may wait for the training's ledger."""

    def heard(self, receipt: Receipt) -> Verdict | None:  # noqa: ARG002
        """A sale was booked; None: it says nothing about this task."""
        return None

    def seen(self, now: Seen) -> Verdict | None:  # noqa: ARG002
        """Something was seen; the same may be seen many times."""
        return None

    def answered(self, choice: int) -> Verdict:
        """The question was answered."""
        assert self.QUESTION is not None
        return self.right() if choice == self.QUESTION.right else missed(self.QUESTION.why)

    def right(self) -> Verdict:
        """Done."""
        return Verdict("right", _(self.PRAISE))


def missed(text: str, **facts: object) -> Verdict:
    """Not yet: why. `text` is a message for `_`."""
    return Verdict("missed", _(text).format(**facts))
