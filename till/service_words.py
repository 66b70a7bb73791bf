"""Booked services in words: what the screen lists (F9) and what `till services` prints."""

from __future__ import annotations

from typing import NamedTuple

from points import Programme
from till.i18n import _, either
from till.services import Service, State
from till.store import Store
from till.text import harmless


class ServiceRow(NamedTuple):
    """When, for whom, what, by whom, and what has become of it."""

    when: str
    who: str
    what: str
    by: str
    state: str


def state_name(state: State) -> str:
    """In one or two words."""
    names: dict[State, str] = {
        "booked": _("to come"), "missed": _("missed"), "done": _("done"), "confirmed": _("done, confirmed"),
        "moved": _("moved"), "cancelled": _("cancelled"), "elsewhere": _("used elsewhere or ended"),
    }  # fmt: skip
    return names[state]


def service_row(service: Service, store: Store | None, today: str) -> ServiceRow:
    """`10:00` of today, else `11-28 10:00`. Without a `store` kinds and people are called by their codes."""
    day, time = service.at.split("T")
    person = store.staff.get(service.by) if store else None
    by = f"{person.name} {service.by}" if person else service.by
    return ServiceRow(
        time if day == today else f"{day[5:]} {time}" if day[:4] == today[:4] else f"{day} {time}",
        harmless(service.name) or harmless(service.member, 24),
        _kind(service.kind, store.programme if store else None),
        harmless(by, 40),
        state_name(service.state),
    )


def _kind(kind: str, programme: Programme | None) -> str:
    known = programme.kind_by_code.get(kind) if programme else None
    return harmless(either(known.name) if known else kind, 40)
