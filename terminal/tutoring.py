"""The tutorial on the screen: what is done is shown to the coach, and what he says is told in boxes between the tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from terminal.bridge import ask_apart
from terminal.dialogs.lesson import LessonBox
from terminal.dialogs.menu import Entry, Menu
from terminal.dialogs.told import Told
from terminal.i18n import _
from terminal.screens.base import TillScreen
from terminal.screens.sign_in import SignInScreen
from terminal.widgets.next_line import NextLine
from till.tutorial.lesson import Seen, Verdict

if TYPE_CHECKING:
    from uuid import UUID

    from terminal.app import TillApp
    from terminal.work import Work
    from till.shifts import Session
    from till.tutorial.coach import Coach

LOOK_S: Final = 0.2
READ_S: Final = 1.5
"""So long what was done is seen on the screen before it is spoken of."""


class Tutoring:
    """Between an app and a coach; everything in the app's own thread but what the lessons themselves prepare."""

    def __init__(self, app: TillApp, coach: Coach) -> None:
        self._app, self.coach = app, coach
        self._is_telling = self._is_looking = False
        self._asked = ""
        self._last: UUID | None = None

    def begin(self, session: Session) -> Session:
        """Somebody has signed in; the training's shift is opened for whoever he is. From now on it is looked what he does."""
        app = self._app
        if not self._is_looking:
            self._is_looking = True
            app.set_interval(LOOK_S, self.look)
        if not session.shift and app.counter is not None and app.work is not None:
            session = app.work.session = self.coach.open_shift(app.counter, session)
        return session

    def look(self, command: str = "") -> None:
        """Show the coach what there is to see; `command`: that was just asked for; its screen may not be there yet."""
        self._asked = command or self._asked
        work, top = self._app.work, self._app.screen_stack[-1] if self._app.screen_stack else None
        if work is None or self._is_telling or not isinstance(top, TillScreen) or not top.query(NextLine):
            return
        # Signed in is who stands at the counter: until then the way there closes whatever is opened above it.
        is_in = work.session is not None and work.session.shift and not isinstance(top, SignInScreen)
        staff = work.session.staff if work.session is not None and is_in else ""
        if staff and self.coach.join(staff):
            self._tell()
            return
        notice = top.next_line.notice
        last = work.last.state if work.last is not None else ""
        seen = Seen(type(top).__name__, notice.code if notice else "", self._asked, staff, work.held, last)
        self._asked = ""
        verdict = self._booked(work) or self.coach.seen(seen)
        self._take(verdict)

    def _booked(self, work: Work) -> Verdict | None:
        """What is to be said of the last sale, if it is a new one."""
        last = work.last
        if last is None or last.receipt.id == self._last:
            return None
        self._last = last.receipt.id
        return self.coach.heard(last.receipt)

    def _take(self, verdict: Verdict | None) -> None:
        if verdict is None:
            return
        self._is_telling = True
        if verdict.kind == "ask":
            self._app.set_timer(READ_S, self._ask)
        else:
            self._app.set_timer(READ_S, lambda: self._judged(verdict))

    def _judged(self, verdict: Verdict) -> None:
        if verdict.kind == "right":
            self.coach.next(self._app.counter.now_us() if self._app.counter else 0)
        self._tell(verdict)

    def _tell(self, verdict: Verdict | None = None) -> None:
        self._is_telling = True
        if (passed := self.coach.passed) is not None:
            said = [verdict.text] if verdict else []
            minutes, seconds = divmod(passed.seconds, 60)
            said.append(
                _("Passed: {tasks} tasks, {attempts} attempts, {minutes} min {seconds} s.").format(
                    tasks=passed.tasks, attempts=passed.attempts, minutes=minutes, seconds=seconds
                )
            )
            said.append(_("The ledger is told by itself, now or when the network is back. Enter ends the training."))
            self._app.push_screen(Told(said), lambda _none: self._app.exit(0))
            return
        self._app.push_screen(LessonBox(self.coach, verdict), self._begin)

    def _begin(self, _none: object) -> None:
        coach, lesson = self.coach, self.coach.lesson
        self._asked = ""
        if self._app.work is not None:
            self._app.work.clear()
        self._app.go_home()

        def prepare() -> None:
            lesson.prepare()
            coach.is_judging = True

        self._is_telling = False
        ask_apart(self._app, "tutorial", prepare)

    def _ask(self) -> None:
        question = self.coach.lesson.QUESTION
        assert question is not None
        entries = [Entry(_(choice), place) for place, choice in enumerate(question.choices)]
        self._app.push_screen(Menu(_(question.text), entries), self._answered)

    def _answered(self, choice: int | None) -> None:
        if choice is None:
            self._ask()
            return
        verdict = self.coach.answered(choice)
        if verdict.kind == "right":
            self._judged(verdict)
        else:
            self._app.push_screen(Told([_("Not quite. {why}").format(why=verdict.text)]), lambda _none: self._ask())
