"""An appointment in words: `11月28日 10:00  李师傅 1023`."""

from __future__ import annotations

from protocol.entries import Appointment
from terminal.i18n import language
from terminal.text import day_text, harmless
from till.store import Store


def booked_for(store: Store, appointment: Appointment) -> str:
    """The name of who is still there, and the number in any case."""
    day, time = appointment.at.split("T")
    person = store.staff.get(appointment.by)
    name = f"{person.name} " if person else ""
    return harmless(f"{day_text(day, language())} {time}  {name}{appointment.by}")
