"""The tutorial of new staff: what a till tells the ledger when somebody has passed it. No point and no entry stands on it."""

from __future__ import annotations

from protocol.canonical import Count, Micros, Model, Name, Positive


class TutorialPassed(Model, kw_only=True):
    """Told by a terminal of the books. `staff`: the 工号 that signed in; `tasks` were done in `attempts` and so many s."""

    staff: Name
    passed_at: Micros
    tasks: Positive
    attempts: Positive
    seconds: Count = 0


class TutorialKept(Model, kw_only=True):
    """When this person passed first, as the staff document of the store says from now on."""

    staff: Name
    passed_at: Micros
