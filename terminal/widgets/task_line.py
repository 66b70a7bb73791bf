"""The task of the tutorial, as long as it lasts: one line above the next step."""

from __future__ import annotations

from textual.widgets import Static

from terminal.i18n import _
from till.tutorial.coach import Coach


class TaskLine(Static):
    """Written when its screen is put together: each task begins with a new one."""

    DEFAULT_CSS = """
    TaskLine { height: auto; max-height: 2; padding: 0 1; background: $accent; color: $background; text-style: bold; }
    """

    def __init__(self, coach: Coach) -> None:
        task = _("Task {n}/{count}: {todo}").format(n=coach.place + 1, count=coach.count, todo=coach.lesson.todo)
        super().__init__(task, markup=False)
