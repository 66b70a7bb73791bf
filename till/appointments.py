"""With whom and when a service is given: `11-28 10:00 1023`, typed when its voucher is issued.

No names and no telephone numbers: an entry is kept for ever, a staff number says who it is as long as somebody needs to know.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from points import Programme, expires_on
from points.forms import Issue
from protocol.entries import Appointment
from till.desk import Desk
from till.draft import SaleDraft
from till.errors import RefusedError

_TYPED: Final = re.compile(r"([0-9]{1,2})[-./]([0-9]{1,2}) +([0-9]{1,2}):([0-9]{2}) +([0-9a-z-]{1,20})")


def needs_appointment(desk: Desk, draft: SaleDraft) -> bool:
    """Whether the chosen reward is one that is booked, and is not booked yet."""
    asked_for = any(is_booked(desk.store.programme, choice.reward_id) for choice in draft.choices)
    return asked_for and draft.appointment is None


def is_booked(programme: Programme, reward_id: str) -> bool:
    """Whether a reward is a service with an appointment."""
    reward = programme.reward_by_id.get(reward_id)
    return isinstance(reward, Issue) and reward.appointment


def _last_day(desk: Desk, reward_id: str) -> date | None:
    """Of the voucher that is issued today."""
    programme = desk.store.programme
    reward = programme.reward_by_id.get(reward_id)
    if not isinstance(reward, Issue):
        return None
    return expires_on(programme.kind_by_code[reward.gives].validity, date.fromisoformat(desk.business_day))


def read_appointment(desk: Desk, reward_id: str, text: str) -> Appointment:
    """Of this year, or of the next where the day is over; while the voucher can be used.

    Raises `RefusedError`: `appointment-unreadable`, `appointment-nobody` with the staff number, `appointment-too-late`.
    """
    typed = _TYPED.fullmatch(text.strip())
    if typed is None:
        raise RefusedError("appointment-unreadable")
    month, day, hour, minute = (int(part) for part in typed.groups()[:4])
    now = desk.calendar.moment(desk.clock.now_us())
    try:
        at = datetime(now.year, month, day, hour, minute)  # noqa: DTZ001  # the store's civil time
        if at < now:
            at = at.replace(year=now.year + 1)
    except ValueError:
        raise RefusedError("appointment-unreadable") from None
    if typed[5] not in desk.store.staff:
        raise RefusedError("appointment-nobody", number=typed[5])
    if (ends := _last_day(desk, reward_id)) and at.date() > ends:
        raise RefusedError("appointment-too-late", until=ends.isoformat())
    return Appointment(at=at.isoformat(timespec="minutes"), by=typed[5])
