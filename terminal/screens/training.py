"""Before the training: what it is, and F2. The training counter is another program run, with another folder; this one ends."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Label

from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from till.app import TO_TRAINING, TO_TUTORIAL


class TrainingScreen(TillScreen[None]):
    """F2 begins it."""

    KEYS: ClassVar = (commands.HELP, commands.CONFIRM, commands.BACK)
    CSS = """
    TrainingScreen VerticalScroll { height: 1fr; padding: 1 2; }
    TrainingScreen Label { width: 1fr; margin: 0 0 1 0; }
    """

    def __init__(self, *, is_tutorial: bool = False) -> None:
        super().__init__()
        self._is_asking, self._is_tutorial = False, is_tutorial

    def body(self) -> ComposeResult:
        with VerticalScroll():
            for text in self._tutorial() if self._is_tutorial else self._training():
                yield Label(text, markup=False)

    def _tutorial(self) -> tuple[str, ...]:
        return (
            _("Twelve tasks in three minutes: customers come by themselves, and the till says what was right and what was"
              " missed."),
            _("It is played in training: nothing of it counts. The network cable that is pulled is the training's alone."),
            _("Sign in with your own staff number and PIN. Who has passed is told the ledger; whoever stops begins anew."),
        )  # fmt: skip

    def _training(self) -> tuple[str, ...]:
        return (
            _("Training is the whole counter with a journal, a terminal and a book of its own. Nothing done there counts."),
            _("Ctrl+T shows the code of one of three members to practise with, Ctrl+R shows it refreshed, Ctrl+K is a card."
              " Ctrl+N pulls the network cable of the training alone. Phones 13000000001 to 13000000003; PIN of the first"
              " two 1234."),
            _("Everybody signs in with his own staff number; a supervisor opens the shift."),
            _("Each training begins anew. F9 ends it. Meanwhile this till sends nothing; what waits is sent afterwards."),
        )  # fmt: skip

    def on_mount(self) -> None:
        self.next_line.step = _("F2 begins, Esc goes back")

    def action_confirm(self) -> None:
        """F2."""
        train = self.host.train
        if train is None or self._is_asking:
            return
        self._is_asking = True
        self.next_line.step = _("Preparing the training")
        ask_apart(self, "train", train)

    def on_answered(self, message: Answered) -> None:
        """Prepared: this program run ends, the training counter opens."""
        if message.asked == "train":
            wanted = TO_TUTORIAL if self._is_tutorial else TO_TRAINING
            self.app.exit(wanted, wanted)

    def on_declined(self, message: Declined) -> None:
        """Not now."""
        self._is_asking = False
        self.on_mount()
        self.refuse(message.error)
