"""The app: which screen is at hand, where keys and scans go, and what happens when the program fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import events
from textual.screen import Screen

from terminal import i18n
from terminal.bridge import hand_on
from terminal.crash import DiscreetApp
from terminal.customer import CustomerSide, Nobody
from terminal.idle import LOOK_S, Idle, lock_if_idle
from terminal.keyboard import Keyboard
from terminal.looks import Looks
from terminal.messages import Answered, CodeRead, Declined, Happened, OpeningFailed, Retracted, TillOpened
from terminal.opened import Opener, Start
from terminal.pairing_anew import can_be_paired_anew, pair_anew
from terminal.routing import pressed_demo_key, route, route_typed
from terminal.screens.base import TillScreen
from terminal.screens.sign_in import SignInScreen
from terminal.themes import ASCII, THEMES
from terminal.tutored import tutoring_of
from terminal.words import code_of, sentence_of

if TYPE_CHECKING:
    from terminal.outage import Outages
    from terminal.technician import ReceiptPrinter, Technician, Workbench
    from terminal.work import Work
    from till.app import Demo
    from till.counter import Counter

HOME_DEPTH = 2
"""The lowest screen is Textual's own; ours is the one above it."""

GUARD_S = 0.4
"""So long after it opened a page that gives points away takes no confirmation: the key that opened it bounces."""


class TillApp(DiscreetApp, inherit_bindings=False):
    """The counter in a terminal. Nothing of Textual's own keys is inherited: every key is one of `commands`."""

    TITLE = "Till"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]

    def __init__(
        self, start: Start, settings: Looks, *, pair: Callable[[str, str], object] | None = None,
        demo: Demo | None = None, keys_by_id: Mapping[str, str] | None = None, train: Callable[[], object] | None = None,
        outages: Outages | None = None,
    ) -> None:  # fmt: skip
        i18n.use(settings.language)
        super().__init__()
        self.animation_level = "none"
        self.demo, self.pair, self.train, self.keys_by_id = demo, pair, train, dict(keys_by_id or {})
        self.outages = outages
        self.tutoring = tutoring_of(self, demo)
        self.counter: Counter | None = None
        self.technician: Technician | None = None
        self.workbench: Workbench | None = None
        self.printer: ReceiptPrinter | None = None
        self.customer: CustomerSide = Nobody()
        self.work: Work | None = None
        self.is_unpaired = False
        self.ended = ""
        self.guard_s = GUARD_S
        self.idle = Idle(settings.lock_after_min)
        self._settings, self._start = settings, start
        self.opener = Opener(start, self)
        self._keyboard = Keyboard(settings.wedge_prefix)
        for theme in THEMES:
            self.register_theme(theme)
        self.wear(settings.theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colours, for the stylesheets that are read before the theme is worn."""
        return THEMES[0].variables

    def on_mount(self) -> None:
        """The first paint, then the till."""
        self.set_keymap(self.keys_by_id)
        self.push_screen(SignInScreen())
        self.call_after_refresh(self.opener.open)
        self.set_interval(LOOK_S, partial(lock_if_idle, self))

    def on_unmount(self) -> None:
        """Close what was opened."""
        self.opener.close()

    # --- opening -------------------------------------------------------------------------------------------------------

    def on_till_opened(self, message: TillOpened) -> None:
        """The counter is at work: whoever typed his PIN meanwhile is signed in now."""
        from terminal.work import Work

        till = message.till
        self.counter, self.technician, self.workbench = till.counter, till.scanner, till.workbench
        self.printer, self.customer, self.work, self.is_unpaired = till.printer, till.customer, Work(), False
        self.counter.subscribe(hand_on(self))
        self.work.is_scanner_away = bool((scanner := till.scanner.status()).code and not scanner.is_online)
        if isinstance(self.screen, SignInScreen):
            self.screen.till_opened()
        else:
            self.go_home()

    def on_opening_failed(self, message: OpeningFailed) -> None:
        """An unpaired folder is paired; anything else is said, and the program ends with it."""
        if not message.is_refusal:
            raise message.error
        if code_of(message.error) == "not-paired" and self.pair is not None:
            self.is_unpaired = True
            self.go_home()
        elif can_be_paired_anew(message.error) and self.pair is not None:
            pair_anew(self, code_of(message.error))
        else:
            self.exit(1, 1, Text(sentence_of(message.error)))

    def open_again(self) -> None:
        """After pairing."""
        self.opener = Opener(self._start, self)
        self.opener.open()

    # --- which screen --------------------------------------------------------------------------------------------------

    def go_home(self, make: Callable[[], Screen[Any]] | None = None) -> None:
        """Show the screen that fits who is signed in, or what `make` makes; everything above it is closed."""
        from terminal.screens.homes import home

        self.call_later(self._go_home, make or (lambda: home(self)))

    async def _go_home(self, make: Callable[[], Screen[Any]]) -> None:
        while len(self.screen_stack) > HOME_DEPTH:
            await self.pop_screen()
        await self.switch_screen(make())

    def lock(self, *, for_others: bool = False) -> None:
        """Nobody is signed in; the sale stays. `for_others`: somebody else is expected to sign in."""
        assert self.work is not None
        staff = self.work.session.staff if self.work.session and not for_others else ""
        self.work.session = None
        self.customer.clear()
        self.go_home(lambda: SignInScreen(staff))

    def speak(self, language: i18n.Language) -> None:
        """Another language: the screens are built anew, the sale stays."""
        i18n.use(language)
        self.go_home()

    def wear(self, theme: str) -> None:
        """Another theme."""
        self.theme = theme
        self.set_class(theme == ASCII, "-ascii")

    @property
    def _top(self) -> TillScreen[Any] | None:
        """The screen that is open. While the program ends there is none, and facts still come."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        return screen if isinstance(screen, TillScreen) else None

    # --- keys and scans ------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """All keys pass here first, in their order, so that a scanner that types is heard whatever has the focus."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.idle.touched()
            top = self._top
            seen = self._keyboard.see(event, typed=top.TYPED if top else 0)
            if seen.retract:
                (self.focused or self.screen).post_message(Retracted(seen.retract))
            if seen.code is not None:
                route_typed(self, self._top, seen.code)
            if seen.is_kept:
                self.set_timer(self._keyboard.silence_s, self._after_silence)
                return
            if (screen := self._top) is not None:
                screen.heard_key(event.key)
            if pressed_demo_key(self, event.key):
                return
        await super().on_event(event)

    def on_code_read(self, message: CodeRead) -> None:
        """A scan from its own line."""
        self.idle.touched()
        route(self, self._top, message.text, message.scan)

    def _after_silence(self) -> None:
        if (code := self._keyboard.silence(time.monotonic_ns())) is not None:
            route_typed(self, self._top, code)

    # --- facts ---------------------------------------------------------------------------------------------------------

    def on_happened(self, message: Happened) -> None:
        """The screen that is open takes it; work takes what it is about."""
        if self.work is not None:
            self.work.take(message.event)
        if (screen := self._top) is not None:
            screen.happened(message.event)

    def on_answered(self, message: Answered) -> None:
        """Points were taken: whatever is open now, the sale is done."""
        from till.receipts import Receipt

        if self.work is not None and isinstance(message.value, Receipt):
            self.work.finish(message.value)
            self.go_home()

    def on_declined(self, message: Declined) -> None:
        """No points were taken."""
        if self.work is not None:
            self.work.is_redeeming = False
        if (screen := self._top) is not None:
            screen.declined(message.error)
