"""Whether a training is the tutorial. What the tutorial needs is imported for it alone: a first paint does without."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terminal.app import TillApp
    from terminal.tutoring import Tutoring
    from till.app import Demo


def tutoring_of(app: TillApp, demo: Demo | None) -> Tutoring | None:
    """None where it is not."""
    if demo is None or demo.coach is None:
        return None
    from terminal.tutoring import Tutoring

    return Tutoring(app, demo.coach)
