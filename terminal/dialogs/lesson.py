"""Between two tasks of the tutorial: what was right or missed, who comes next and what he wants. Enter begins."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.widgets import Label

from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import Dialog
from till.tutorial.coach import Coach
from till.tutorial.lesson import Verdict


class LessonBox(Dialog[None]):
    """The task is arranged while this is read; until then Enter waits."""

    KEYS: ClassVar = ()
    CSS = """
    LessonBox Label { width: 1fr; padding: 0 1; }
    LessonBox .right { color: $success; text-style: bold; padding: 0 1 1 1; }
    LessonBox .missed { color: $warning; text-style: bold; padding: 0 1 1 1; }
    LessonBox .title { text-style: bold; padding: 0 1 1 1; }
    LessonBox .todo { text-style: bold; color: $accent; padding: 1 1 0 1; }
    """

    def __init__(self, coach: Coach, verdict: Verdict | None) -> None:
        super().__init__()
        self._coach, self._verdict = coach, verdict
        self.is_arranged = False

    def body(self) -> ComposeResult:
        coach, verdict = self._coach, self._verdict
        if verdict is None:
            yield Label(_("Twelve tasks, three minutes. Nothing here counts; try everything."), markup=False)
            yield Label("")
        else:
            said = _("Right! {why}") if verdict.kind == "right" else _("Not quite. {why}")
            yield Label(said.format(why=verdict.text), classes=verdict.kind, markup=False)
        number = _("Task {n} of {count}: {title}").format(
            n=coach.place + 1, count=coach.count, title=coach.lesson.title
        )
        yield Label(number, classes="title", markup=False)
        yield Label("", id="story", markup=False)
        yield Label("", classes="todo", markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("One moment...")
        ask_apart(self, "arrange", self._coach.lesson.arrange)

    def on_answered(self, _message: Answered) -> None:
        """Arranged."""
        lesson = self._coach.lesson
        self.query_one("#story", Label).update(lesson.story)
        self.query_one(".todo", Label).update(lesson.todo)
        self.next_line.step = _("Enter begins")
        self.is_arranged = True

    def on_declined(self, message: Declined) -> None:
        """The training's ledger does not answer: the task is told all the same."""
        self.refuse(message.error)
        self.is_arranged = True

    def on_key(self, event: events.Key) -> None:
        """Enter; Esc is no way out of a task, and F9 on the counter ends the training."""
        if event.key == "enter" and self.is_arranged:
            event.stop()
            self.dismiss(None)
