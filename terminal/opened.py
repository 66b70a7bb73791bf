"""Opening the till behind the first paint, in a thread that also closes it: its lock belongs to the thread that took it."""

from __future__ import annotations

import gc
import importlib
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final, Protocol

from textual.message_pump import MessagePump

from terminal.messages import OpeningFailed, TillOpened

if TYPE_CHECKING:
    from terminal.customer import CustomerSide
    from terminal.technician import ReceiptPrinter, Technician, Workbench
    from till.counter import Counter

HEAVY: Final = ("terminal.screens.counter", "terminal.screens.receipts", "terminal.screens.redeem")
"""Imported behind the first paint: they bring the rules with them."""


class OpenTill(Protocol):
    """What the composition root hands over: `till.composition.Till`."""

    @property
    def counter(self) -> Counter: ...

    @property
    def scanner(self) -> Technician: ...

    @property
    def workbench(self) -> Workbench: ...

    @property
    def printer(self) -> ReceiptPrinter: ...

    @property
    def customer(self) -> CustomerSide: ...


Start = Callable[[], AbstractContextManager[OpenTill]]


class Opener:
    """Holds the till open in a thread of its own, from `open` to `close`."""

    def __init__(self, start: Start, pump: MessagePump) -> None:
        self._start, self._pump = start, pump
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._hold, name="till-open", daemon=True)

    def open(self) -> None:
        """Begin; `TillOpened` or `OpeningFailed` follows."""
        self._thread.start()

    def close(self, timeout_s: float = 10) -> None:
        """Close the till and wait for it."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _hold(self) -> None:
        from till.refusals import REFUSALS

        try:
            # Before the till: once it runs, its background imports the network, and two imports share one interpreter.
            for module in HEAVY:
                importlib.import_module(module)
            with self._start() as till:
                # What is loaded by now stays loaded: a full collection that walks it held a scan for 60 ms.
                gc.freeze()
                self._pump.post_message(TillOpened(till))
                self._closing.wait()
        except REFUSALS as error:
            self._pump.post_message(OpeningFailed(error, is_refusal=True))
        except Exception as error:  # noqa: BLE001  # the outermost of this thread: the app fails with it
            self._pump.post_message(OpeningFailed(error, is_refusal=False))
