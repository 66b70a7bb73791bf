"""断网能撑住吗? One key that looks at everything and rehearses an outage; what the last time found, and the other tills."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from protocol.outage import OutageReport, OutageReports
from terminal import commands
from terminal.bridge import ask_apart
from terminal.dialogs.qr_dialog import QrDialog
from terminal.i18n import _, msg
from terminal.messages import Answered, Declined
from terminal.outage import Outages
from terminal.screens.base import TillScreen
from terminal.text import column
from terminal.widgets.panel import Panel, quiet, strong
from till.counter import Counter
from till.outage.words import STEPS, Line, line_of, qr_text, store_lines, verdict

_EXAMINE, _STORE = "outage", "outage-store"
_RESULT_CELLS, _NAME_CELLS = 7, 14
_TONES = {"pass": "$success", "fail": "$warning", "skipped": "$quiet"}


class StepBegan(Message, bubble=False):
    """The examination has come to this step."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step


class OutageView(Panel):
    """The report, or the tills of the store."""

    DEFAULT_CSS = """
    OutageView { height: auto; min-height: 16; }
    """

    report: reactive[OutageReport | None] = reactive(None, layout=True)
    store: reactive[OutageReports | None] = reactive(None, layout=True)

    def __init__(self, counter: Counter | None) -> None:
        super().__init__()
        self._counter = counter

    def title(self) -> str:
        return _("Will this till survive an outage?")

    def lines(self, width: int) -> list[Content]:
        if self.store is not None:
            rows = [strong(_("All tills of the store")), Content("")]
            return rows + [
                part for text in store_lines(self.store, self._local) for part in Content(text).wrap(width)
            ]
        if self.report is None:
            return self._explained(width)
        at = self._local(self.report.at)[:16]
        head = strong(verdict(self.report), _TONES[self.report.result]).wrap(width)
        checks = [row for check in self.report.checks for row in _drawn(line_of(check), _TONES[check.result], width)]
        return [*head, quiet(f"{at}  {self.report.by}".rstrip()), Content(""), *checks]

    def _explained(self, width: int) -> list[Content]:
        texts = (
            _("This till was never checked."),
            "",
            _("F2 looks at devices, disk, clock, members, rules, keys and the network, and then really rehearses an outage:"
              " the cable of a training terminal is pulled, it sells, starts again and sells on; what it sold is sent,"
              " compared point by point and deleted."),
            "",
            _("The counter goes on meanwhile; nothing of it counts. It takes less than a minute."),
        )  # fmt: skip
        return [part for text in texts for part in Content(text).wrap(width)]

    def _local(self, at_us: int) -> str:
        return self._counter.local(at_us) if self._counter is not None else ""


def _drawn(line: Line, tone: str, width: int) -> list[Content]:
    """The result, the name, what was found; below it what to do."""
    start = _RESULT_CELLS + _NAME_CELLS
    room = max(20, width - start)
    found = (quiet(line.found) if line.is_step else Content(line.found)).wrap(room)
    remedy = Content.styled(line.remedy, "$warning").wrap(room) if line.remedy else []
    head = Content.assemble((column(line.result, _RESULT_CELLS), f"bold {tone}"), column(line.name, _NAME_CELLS))
    first, *others = [*found, *remedy]
    return [head + first, *(Content(" " * start) + other for other in others)]


class OutageCode(QrDialog[None]):
    """The report as a code: what failed, for who helps from afar."""

    FOR_MEMBER = msg("One moment, please")

    def __init__(self, report: OutageReport) -> None:
        super().__init__(verdict(report), _("Photograph it for who helps: till, time, result and what failed."))
        self._text = qr_text(report)

    def on_mount(self) -> None:
        self.draw(self._text)
        self.add(self._text)


class OutageScreen(TillScreen[None]):
    """F2 examines."""

    KEYS: ClassVar = (
        commands.HELP, commands.EXAMINE, commands.OUTAGE_CODE, commands.ALL_TILLS, commands.BACK,
    )  # fmt: skip
    CSS = """
    OutageScreen VerticalScroll { height: 1fr; }
    """
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self) -> None:
        super().__init__()
        self._is_examining = False

    @property
    def _outages(self) -> Outages:
        outages = self.host.outages
        assert outages is not None
        return outages

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield OutageView(self.host.counter)

    def on_mount(self) -> None:
        kept = self._outages.kept()
        self.query_one(OutageView).report = kept.report if kept else None
        self._say_next()

    def _say_next(self) -> None:
        self.next_line.step = _("F2 checks and rehearses, F5 shows the result as a code, F6 shows all tills")

    def action_examine(self) -> None:
        """F2."""
        if self._is_examining:
            return
        technician, session, outages = self.host.technician, self.work.session, self._outages
        self._is_examining = True
        by = session.staff if session else ""
        ask_apart(
            self, _EXAMINE, lambda: outages.examine(by, technician, lambda step: self.post_message(StepBegan(step)))
        )

    def on_step_began(self, message: StepBegan) -> None:
        """Where it is."""
        step = _("Checking: {what}").format(what=_(STEPS[message.step]))
        self.next_line.step = step

    def on_answered(self, message: Answered) -> None:
        """The report, or the other tills."""
        view = self.query_one(OutageView)
        if isinstance(message.value, OutageReport):
            self._is_examining = False
            view.store, view.report = None, message.value
            self.query_one(VerticalScroll).scroll_home(animate=False)
        elif isinstance(message.value, OutageReports):
            view.store = message.value
        self._say_next()

    def on_declined(self, message: Declined) -> None:
        """Not possible now."""
        self._is_examining = self._is_examining and message.asked != _EXAMINE
        self._say_next()
        self.refuse(message.error)

    def action_outage_code(self) -> None:
        """F5."""
        report = self.query_one(OutageView).report
        if report is None:
            self.say(_("This till was never checked."))
        else:
            self.app.push_screen(OutageCode(report))

    def action_all_tills(self) -> None:
        """F6; again: back to this till."""
        view = self.query_one(OutageView)
        if view.store is not None:
            view.store = None
        else:
            ask_apart(self, _STORE, self._outages.of_store)
