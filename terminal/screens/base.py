"""What all screens share: the status on top, the next step and the keys at the bottom, and a place where scans arrive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import getters
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen

from terminal import commands
from terminal.commands import Command
from terminal.i18n import _
from terminal.widgets.key_line import KeyLine
from terminal.widgets.next_line import NextLine, Notice
from terminal.widgets.status_line import StatusLine
from terminal.words import code_of, sentence, sentence_of
from till.training_words import mark_in_full

if TYPE_CHECKING:
    from terminal.app import TillApp
    from terminal.work import Work
    from till.counter import Counter
    from till.events import Event

T = TypeVar("T")
FUNCTION_KEY = re.compile(r"f\d{1,2}", re.ASCII)


class TillScreen(Screen[T]):
    """A screen declares its commands once; bindings and key line follow from them."""

    KEYS: ClassVar[tuple[Command, ...]] = (commands.HELP, commands.BACK)
    AUTO_FOCUS: ClassVar[str | None] = ""
    TYPED: ClassVar[int] = 0
    """So many keys together are no scan here, however fast they come."""

    next_line = getters.query_one(NextLine)
    status = getters.query_one(StatusLine)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close with an answer. One that was closed meanwhile (the counter was locked, a sale was done) says nothing any more:
        Textual would close whatever is open instead.
        """
        return super().dismiss(result) if self in self.app.screen_stack else AwaitComplete()

    def __init_subclass__(cls, **options: bool) -> None:
        if "KEYS" in cls.__dict__:
            cls.BINDINGS = [*commands.bindings(cls.KEYS)]
        super().__init_subclass__(**options)

    @property
    def host(self) -> TillApp:
        """The app, by its own type."""
        return cast("TillApp", self.app)

    @property
    def counter(self) -> Counter:
        """The counter. Only screens that are shown once the till is open ask for it."""
        counter = self.host.counter
        assert counter is not None
        return counter

    @property
    def work(self) -> Work:
        """What the counter is at; there from the moment the till is open."""
        work = self.host.work
        assert work is not None
        return work

    @property
    def is_training(self) -> bool:
        """Whether nothing that is done here counts."""
        demo = self.host.demo
        return demo is not None and demo.is_training

    def compose(self) -> ComposeResult:
        """Status, the screen's own body, next step, keys."""
        host = self.host
        yield StatusLine(host.counter, host.work, is_unpaired=host.is_unpaired, is_training=self.is_training)
        yield from self.body()
        if host.tutoring is not None and host.tutoring.coach.staff:
            from terminal.widgets.task_line import TaskLine

            yield TaskLine(host.tutoring.coach)
        yield NextLine()
        yield self.keys()

    def body(self) -> ComposeResult:
        """What stands between the two."""
        yield from ()

    def keys(self, *, has_demo: bool = True) -> KeyLine:
        """The key line of this screen, for whoever is signed in; the demo's keys below it."""
        shown = tuple(command for command in self.KEYS if self._may(command) and self.has_use(command))
        demo = self.host.demo if has_demo else None
        return KeyLine(shown, self.host.keys_by_id, demo.keys if demo else (), is_training=self.is_training)

    def has_use(self, command: Command) -> bool:  # noqa: ARG002
        """Whether the key line names it: not where this store has no use for it."""
        return True

    def _may(self, command: Command) -> bool:
        session = self.host.work.session if self.host.work else None
        return not command.roles or (session is not None and any(role in session.roles for role in command.roles))

    def action_command(self, name: str, *scanned: str) -> None:
        """Do a command of this screen; who may not is told who may, and `till` refuses it once more. `scanned`: on what."""
        command = next(command for command in self.KEYS if command.id == name)
        if self._may(command):
            getattr(self, f"action_{name}")(*scanned)
        else:
            self.refuse_code("role")
        if self.host.tutoring is not None:
            self.host.tutoring.look(name)

    # --- what people read ----------------------------------------------------------------------------------------------

    def say(self, text: str, tone: str = "warning", code: str = "") -> None:
        """Show a notice until the next key or scan."""
        self.next_line.notice = Notice(text, tone, code)

    def refuse(self, error: Exception) -> None:
        """Show the sentence of a refusal."""
        counter = self.host.counter
        names = counter.store.programme if counter is not None and counter.is_ready else None
        self.say(sentence_of(error, names), code=code_of(error))

    def refuse_code(self, code: str) -> None:
        """Show the sentence of a code."""
        self.say(sentence(code), code=code)

    def heard_key(self, key: str = "") -> None:
        """Somebody pressed a key: he has read the notice. A function key without a use here says so."""
        if not self.is_mounted:
            return
        self.next_line.notice = None
        if FUNCTION_KEY.fullmatch(key) and key not in {
            self.host.keys_by_id.get(own.id, own.key) for own in self.KEYS
        }:
            self.say(_("{key} does nothing here; the last line shows the keys that do").format(key=key.upper()))

    # --- what arrives --------------------------------------------------------------------------------------------------

    def code_read(self, text: str) -> None:  # noqa: ARG002  # for the screens that do something with it
        """A scan arrived while this screen is open. It never presses a button here; most screens have no use for it."""
        self.say(_("The scan was not used: finish here first, or press Esc"))

    def declined(self, error: Exception) -> None:
        """What was asked for on this screen is not done."""
        self.refuse(error)

    def happened(self, event: Event) -> None:
        """Something happened in the background. A screen that is being built or taken down has nothing to show it on."""
        if self.query(StatusLine):
            self.take(event)

    def take(self, event: Event) -> None:
        """Show what has changed. Of the scanner everybody is told: whatever is open, somebody may be about to scan."""
        from terminal.screens.device_news import say_of_scanner

        self.status.look()
        say_of_scanner(self, event)

    # --- commands that mean the same everywhere ------------------------------------------------------------------------

    def action_help(self) -> None:
        """F1."""
        from terminal.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.KEYS, type(self).__name__))

    def action_back(self) -> None:
        """Esc."""
        self.dismiss()

    def action_leave(self) -> None:
        """Ctrl+Q."""
        from terminal.leaving import leave

        leave(self.host)


class Dialog(TillScreen[T], ModalScreen[T]):
    """A box above the screen before it. Its own next line says what scans and keys do here."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > .box { width: 66; height: auto; max-height: 20; border: $frame $primary; background: $surface; padding: 0 1; }
    Dialog Button { margin: 1 2 0 0; }
    TillApp.-ascii Dialog Button, TillApp.-ascii Dialog Button:focus { border: ascii $rule; }
    """

    def compose(self) -> ComposeResult:
        """One box."""
        from textual.containers import Vertical

        with Vertical(classes="box") as box:
            if self.is_training:
                box.border_title = mark_in_full()
            yield from self.body()
            yield NextLine()
            yield self.keys(has_demo=False)

    def happened(self, event: Event) -> None:
        """The screens below show it; another dialog there would only hand it back."""
        for screen in self.app.screen_stack:
            if isinstance(screen, TillScreen) and not isinstance(screen, Dialog):
                screen.happened(event)
