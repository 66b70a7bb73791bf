"""What a staff list says of the tutorial: whoever writes the list, the books know who has passed."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.schema_tutorial import TutorialPass
from protocol.documents import Staff


def with_marks(connection: Connection, staff: Staff) -> Staff:
    """The list with when each passed; of who is not in it any more it is forgotten, so that a 工号 given anew begins anew."""
    found = rows.fetch(connection, "SELECT staff, passed_at FROM tutorial_pass WHERE store = ?", staff.store)
    passed: dict[str, int] = dict(found)
    people = tuple(msgspec.structs.replace(person, tutorial_at=passed.pop(person.staff, 0)) for person in staff.staff)
    rows.delete(connection, TutorialPass, [(staff.store, gone) for gone in passed])
    return Staff(store=staff.store, staff=people)
