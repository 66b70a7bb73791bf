"""What the screens ask of the member's side of the counter (`till.customer_side.CustomerSide`), and one where nobody is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from points import Offer, Quote
    from till.draft import SaleDraft
    from till.pin_pads import PadState
    from till.redeeming import Standing
    from till.selling import Quoted


class PinPad(Protocol):
    """The member's own keypad. What he types is taken once, by who asked."""

    @property
    def code(self) -> str: ...
    @property
    def state(self) -> PadState: ...
    @property
    def stars(self) -> int: ...
    def ask(self, heard: Callable[[], None]) -> None: ...
    def again(self) -> None: ...
    def take(self) -> str: ...
    def end(self) -> None: ...


class CustomerSide(Protocol):
    """Returns at once, always. `owner` is the screen that shows something above the sale, until it lifts it."""

    @property
    def pin_pad(self) -> PinPad | None: ...
    def show_sale(self, draft: SaleDraft, quoted: Quoted | None) -> None: ...
    def show_terms(
        self, owner: object, draft: SaleDraft, offer: Offer, before: Quote, after: Quote, standing: Standing
    ) -> None: ...
    def show_asking(self, owner: object, stars: int, *, is_again: bool = False) -> None: ...
    def show_code(self, owner: object, text: str, words: str) -> None: ...
    def show_joining(self, owner: object, phone: str) -> None: ...
    def lift(self, owner: object) -> None: ...
    def clear(self) -> None: ...


class Nobody:
    """Until the till is open."""

    pin_pad: PinPad | None = None

    def show_sale(self, draft: SaleDraft, quoted: Quoted | None) -> None:
        """Nothing."""

    def show_terms(
        self, owner: object, draft: SaleDraft, offer: Offer, before: Quote, after: Quote, standing: Standing
    ) -> None:
        """Nothing."""

    def show_asking(self, owner: object, stars: int, *, is_again: bool = False) -> None:
        """Nothing."""

    def show_code(self, owner: object, text: str, words: str) -> None:
        """Nothing."""

    def show_joining(self, owner: object, phone: str) -> None:
        """Nothing."""

    def lift(self, owner: object) -> None:
        """Nothing."""

    def clear(self) -> None:
        """Nothing."""
