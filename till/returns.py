"""F4: goods that come back, as the counter offers it: which sale, what comes back with them, and the refund itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from till import history, refundable, refunding
from till.desk import Desk
from till.history import PastSale
from till.receipts import Receipt
from till.refundable import Refundable
from till.refunding import Reckoned
from till.shifts import Session


class Returns:
    """`made`: hands on a receipt that was written."""

    def __init__(self, desk: Desk, made: Callable[[Receipt], Receipt], *, is_online: bool) -> None:
        self._desk, self._made, self._is_online = desk, made, is_online

    def newest_sales(self) -> list[Receipt]:
        """The newest sales that this till still has, newest first; `find` says of which something can come back."""
        return refundable.newest_sales(self._desk)

    def find(self, sale: UUID) -> Refundable:
        """What can come back of a sale of this till; waits for the network where there is one. Raises `RefusedError`."""
        return refundable.find(self._desk, sale, is_online=self._is_online)

    def look_up(self, text: str) -> list[Refundable]:
        """Sales of any till of the merchant, by reference or member; waits for the network. Raises `RefusedError`."""
        return refundable.look_up_sales(self._desk, text)

    def reckon(self, sale: Refundable, returned_fen: Mapping[str, int], compensation: str = "") -> Reckoned:
        """What comes back with these goods. Raises a `points.PointsError`, `RefusedError`."""
        return refunding.reckon(self._desk, sale, returned_fen, compensation)

    def refund(
        self, session: Session, sale: Refundable, returned_fen: Mapping[str, int], compensation: str = ""
    ) -> Receipt:
        """Take goods back; durable on return. Raises `RefusedError`, a `points.PointsError`, a `local_db` error."""
        return self._made(refunding.commit_refund(self._desk, session, sale, returned_fen, compensation))

    def of_shift(self, session: Session) -> list[PastSale]:
        """What came back in the session's shift, newest first."""
        return history.refunds_of_shift(self._desk.journal, self._desk.terminal, session.shift)
