"""From the till's threads to the screen: every event becomes a message. Only `post_message`, which waits for nobody.

(`call_from_thread` blocked the scanner's reader for 123 ms where `post_message` takes 0.6.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.message_pump import MessagePump

from terminal.messages import Answered, CodeRead, Declined, Happened

if TYPE_CHECKING:
    from till.events import Event


def hand_on(pump: MessagePump) -> Callable[[Event], None]:
    """The listener for `Counter.subscribe`."""
    from till.events import CodeScanned

    def tell(event: Event) -> None:
        pump.post_message(CodeRead(event.text, event.scan) if isinstance(event, CodeScanned) else Happened(event))

    return tell


def ask_apart(pump: MessagePump, asked: str, call: Callable[[], Any]) -> None:
    """Make a call that may wait, in a thread; `pump` gets `Answered` or `Declined` with the same `asked`.

    Never exclusive: a call that was made for points is not taken back by the next one. Whoever asks sees to it that he
    does not ask twice.
    """
    from till.refusals import REFUSALS

    def apart() -> None:
        try:
            fact: Answered | Declined = Answered(asked, call())
        except REFUSALS as error:
            fact = Declined(asked, error)
        pump.post_message(fact)

    pump.app.run_worker(apart, name=asked, thread=True, exclusive=False)
