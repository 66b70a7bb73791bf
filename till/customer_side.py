"""What stands on the member's side of the counter: the second screen, a display of figures or two lines, his keypad.

The counter's screens say what they show; a thread of this room makes the member's view of it, in his language, and hands it to
whatever is there. Nobody waits for it, and nothing that goes wrong with it reaches the counter. A receipt ends what was shown:
for a moment the sums of the sale stand there, without a name, then nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from config.settings import Settings
from devices.errors import DeviceError
from devices.reader import described
from protocol.training import is_training
from till import customer_view, i18n
from till.customer_view import CustomerView
from till.events import CustomerSideChanged, Event, ReceiptMade, StoreChanged

if TYPE_CHECKING:
    from devices.customer_display import CustomerDisplay
    from devices.second_screen import SecondScreen
    from points import Offer, Quote
    from till.counter import Counter
    from till.draft import SaleDraft
    from till.pin_pads import PinPadPost
    from till.receipts import Receipt
    from till.redeeming import Standing
    from till.selling import Quoted

THANKS_S: Final = 8.0
"""How long the sums of a sale stay: until the next one begins, at the latest."""
_STOP_WAIT_S: Final = 0.5

_log = logging.getLogger(__name__)

Layer = Callable[[CustomerView], CustomerView]
"""From what lies below it to what is shown instead."""


class CustomerSide:
    """Of one till. Every call returns at once and may come from any thread."""

    def __init__(
        self, settings: Settings, counter: Counter, *, clock_s: Callable[[], float] = time.monotonic,
        thanks_s: float = THANKS_S,
    ) -> None:  # fmt: skip
        self._settings, self._counter, self._clock_s, self._thanks_s = settings, counter, clock_s, thanks_s
        self.pin_pad: PinPadPost | None = None
        self.screen: SecondScreen | None = None
        self._pole: CustomerDisplay | None = None
        self._changed = threading.Condition()
        self._is_open = self._is_dirty = False
        self._sale: Layer | None = None
        self._layers: dict[object, Layer] = {}
        self._thanks: tuple[Receipt, float] | None = None
        self._forget: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="customer side", daemon=True)

    def start(self) -> None:
        """Begin with what is assigned; wrong settings cost the device that they are of. Never raises."""
        settings = self._settings
        if settings.display_port:
            from till.pole import open_display

            self._pole = open_display(settings, self._counter.tell)
        if settings.pin_pad_port:
            from till.pin_pads import PinPadPost

            self.pin_pad = PinPadPost.of(settings, self._counter.tell)
        if settings.second_screen or self._pole is not None:
            self._is_open = self._is_dirty = True
            self._forget = self._counter.subscribe(self._take)
            self._thread.start()

    def stop(self) -> None:
        """Take everything down: whoever stands there sees nothing of anybody."""
        self._forget()
        if self._is_open:
            with self._changed:
                self._is_open = False
                self._changed.notify_all()
            self._thread.join(_STOP_WAIT_S)
        for device in (self._pole, self.pin_pad):
            if device is not None:
                device.stop()

    # --- what the counter shows --------------------------------------------------------------------------------------

    def show_sale(self, draft: SaleDraft, quoted: Quoted | None) -> None:
        """The sale on the screen; an empty one is nobody's."""
        with self._changed:
            self._sale = (
                None if draft.is_empty else lambda _below: customer_view.sale(self._counter.store, draft, quoted)
            )
            self._wake()

    def show_terms(
        self, owner: object, draft: SaleDraft, offer: Offer, before: Quote, after: Quote, standing: Standing
    ) -> None:
        """What the member is asked to agree to, until `lift`."""
        self._lay(
            owner, lambda _below: customer_view.terms(self._counter.store, draft, offer, before, after, standing)
        )

    def show_asking(self, owner: object, stars: int, *, is_again: bool = False) -> None:
        """His PIN is asked for on his keypad; `is_again`: once more."""
        self._lay(owner, lambda below: customer_view.asking_pin(below, stars, is_again=is_again))

    def show_code(self, owner: object, text: str, words: str) -> None:
        """A QR code for his phone; `words`, a message of the catalogue: what he does with it."""
        self._lay(owner, lambda below: customer_view.code(below, text, i18n._(words)))

    def show_joining(self, owner: object, phone: str) -> None:
        """What he agrees to who becomes a member; of his number the ends alone: others stand behind him."""
        self._lay(owner, lambda _below: customer_view.joining(self._counter.store, phone))

    def lift(self, owner: object) -> None:
        """`owner` shows nothing any more: what lies below it comes back."""
        with self._changed:
            self._layers.pop(owner, None)
            self._wake()

    def clear(self) -> None:
        """Nobody is served: the counter was locked."""
        with self._changed:
            self._sale = self._thanks = None
            self._layers.clear()
            self._wake()

    def _lay(self, owner: object, layer: Layer) -> None:
        with self._changed:
            self._layers[owner] = layer
            self._wake()

    def _take(self, event: Event) -> None:
        match event:
            case ReceiptMade(receipt):
                with self._changed:
                    self._sale = self._thanks = None
                    self._layers.clear()
                    if receipt.refund is None:
                        self._thanks = (receipt, self._clock_s() + self._thanks_s)
                    self._wake()
            case StoreChanged():
                with self._changed:
                    self._wake()
            case _:
                pass

    # --- the thread --------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        self._is_dirty = True
        self._changed.notify_all()

    def _run(self) -> None:
        i18n.use_here(self._settings.customer_language)
        if self._settings.second_screen:
            self._start_screen(self._settings.second_screen)
        self._show_until_closed()
        if self.screen is not None:
            self.screen.stop()

    def _show_until_closed(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_dirty or not self._is_open, self._thanks_left_s())
                if not self._is_open:
                    return
                self._is_dirty = False
                layers = tuple(one for one in (self._sale, *self._layers.values()) if one is not None)
                thanks = self._thanks[0] if self._thanks and self._thanks_left_s() else None
            self._show(layers, thanks)

    def _thanks_left_s(self) -> float | None:
        left = self._thanks[1] - self._clock_s() if self._thanks else 0.0
        return left if left > 0 else None

    def _show(self, layers: tuple[Layer, ...], thanks: Receipt | None) -> None:
        """Rather nothing than something wrong: a view that cannot be made is taken for nobody's."""
        try:
            self._hand_over(self._compose(layers, thanks))
        except Exception as error:  # noqa: BLE001  # outermost: the member's screen never disturbs the counter
            _log.error("customer side: %s", described(error))
            if layers or thanks:
                self._show((), None)

    def _compose(self, layers: tuple[Layer, ...], thanks: Receipt | None) -> CustomerView | None:
        if not self._counter.is_ready:
            return None
        store = self._counter.store
        view = customer_view.thanks(store, thanks) if thanks and not layers else customer_view.welcome(store)
        for layer in layers:
            view = layer(view)
        return customer_view.marked(view) if is_training(self._counter.terminal) else view

    def _hand_over(self, view: CustomerView | None) -> None:
        if self.screen is not None:
            from till.second_screen import page_json

            self.screen.show(page_json(view) if view else "{}")
        if self._pole is not None and view is not None:
            self._pole.show(view.pole)

    def _start_screen(self, port: int) -> None:
        from devices.second_screen import SecondScreen
        from till.second_screen import page_files

        screen = SecondScreen(port, page_files())
        try:
            screen.start()
        except DeviceError as error:
            _log.error("no second screen: %s", error)
            self._counter.tell(CustomerSideChanged("screen", "screen-taken"))
        else:
            self.screen = screen
