"""Whether somebody needs approval to redeem points, because he has not passed the tutorial: by the documents at hand."""

from __future__ import annotations

from till.shifts import Session
from till.store import Store


def lacks_tutorial(store: Store, session: Session, *, is_training: bool) -> bool:
    """Of a store that wants it, a cashier who has not passed as far as this till has been told. In training nobody does."""
    if is_training or not store.settings.tutorial_required or session.may("supervisor", "manager"):
        return False
    person = store.staff.get(session.staff)
    return person is None or not person.tutorial_at
