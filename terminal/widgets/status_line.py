"""The two lines at the top of every screen: where and who, the link and the time; then what the link means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from terminal.i18n import _
from terminal.link_words import clock_words, link_words
from terminal.text import harmless, line
from terminal.widgets.panel import quiet, strong
from till.training_words import mark, mark_in_full

if TYPE_CHECKING:
    from terminal.work import Work
    from till.counter import Counter

MARK_SPACE = 5
"""Around the mark of a training, and before the state of the link."""
TICK_S = 5
"""Minutes are shown; the text is written anew only where it has changed."""


class StatusLine(Widget):
    """Before the till is open it says so."""

    DEFAULT_CSS = """
    StatusLine { height: 2; padding: 0 1; background: $surface; }
    StatusLine.-training { background: $warning; }
    """

    said: reactive[tuple[str, str, str, str, str]] = reactive(("", "", "", "", ""), init=False)

    def __init__(
        self, counter: Counter | None, work: Work | None, *, is_unpaired: bool = False, is_training: bool = False
    ) -> None:
        super().__init__(classes="-training" if is_training else "")
        self._counter, self._work, self.is_unpaired, self._is_training = counter, work, is_unpaired, is_training
        self.set_reactive(StatusLine.said, self._words())

    def on_mount(self) -> None:
        """Follow the clock."""
        self.set_interval(TICK_S, self.look)

    def look(self) -> None:
        """See whether something else is to be said."""
        self.said = self._words()

    def follow(self, counter: Counter | None, work: Work | None) -> None:
        """The till has opened behind the first paint."""
        self._counter, self._work = counter, work
        self.look()

    def _words(self) -> tuple[str, str, str, str, str]:
        counter = self._counter
        if counter is None:
            return _("Till"), "", _("Not paired yet") if self.is_unpaired else _("Opening the till"), "", ""
        clock = clock_words(*counter.clock_doubt)
        link = link_words(counter.link, counter.now_us(), clock, counter.rules_trouble)
        store = harmless(counter.store.settings.name) if counter.is_ready else ""
        place = " ".join(part for part in (store, harmless(counter.terminal_name)) if part)
        at = counter.local()[11:16]
        return f"{place}  {self._who()}", f"{link.state}  {at}", link.meaning, link.age, link.tone

    def _who(self) -> str:
        session = self._work.session if self._work else None
        return f"{harmless(session.name)}({harmless(session.staff)})" if session else ""

    def render(self) -> Content:
        """Two rows."""
        who, state, meaning, age, tone = self.said
        width = self.content_size.width
        if self._is_training:
            return self._loud(who, state, meaning, age, width)
        style = "$warning" if tone else "$foreground"
        first = line(strong(who), strong(state, style), width)
        second = line(Content.styled(meaning, "$warning" if tone else "$quiet"), quiet(age), width)
        return Content("\n").join([first, second])

    @staticmethod
    def _loud(who: str, state: str, meaning: str, age: str, width: int) -> Content:
        """In training: dark on a band of the warning's colour, and the mark the other way round."""
        ink, room = "bold $background", width - cell_len(f"{who}{state}") - MARK_SPACE
        said = mark_in_full() if cell_len(mark_in_full()) <= room else mark()
        chip = (f" {said} ", "bold $warning on $background")
        first = line(Content.assemble(chip, (f"  {who}", ink)), Content.styled(state, ink), width)
        return Content("\n").join([first, line(Content.styled(meaning, ink), Content.styled(age, ink), width)])
