"""The line above the keys: what to do next, or what was just refused and would help."""

from __future__ import annotations

from typing import NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class Notice(NamedTuple):
    """Something that has to be read; `tone` is `warning`, or `success` for good news. `code`: of the refusal that it says."""

    text: str
    tone: str = "warning"
    code: str = ""


class NextLine(Widget):
    """A notice takes the place of the next step until the next key or scan. Long ones take two rows."""

    DEFAULT_CSS = """
    NextLine { height: auto; max-height: 3; padding: 0 1; background: $panel; }
    NextLine.-warning { background: $warning; color: $background; text-style: bold; }
    NextLine.-success { background: $success; color: $background; text-style: bold; }
    """

    step: reactive[str] = reactive("", layout=True)
    notice: reactive[Notice | None] = reactive(None, layout=True)

    def watch_notice(self, notice: Notice | None) -> None:
        """The colour follows; the words say it all."""
        self.set_class(notice is not None and notice.tone == "warning", "-warning")
        self.set_class(notice is not None and notice.tone == "success", "-success")

    def render(self) -> Content:
        if self.notice is not None:
            return Content(("! " if self.notice.tone == "warning" else "") + self.notice.text)
        return Content(self.step)
