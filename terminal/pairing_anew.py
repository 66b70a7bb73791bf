"""A till that has ended, open or not: the folder is paired anew on the screen, as another till."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.care import can_be_paired_anew

if TYPE_CHECKING:
    from terminal.app import TillApp

__all__ = ["can_be_paired_anew", "pair_anew"]


def pair_anew(app: TillApp, why: str) -> None:
    """`why`: the code of how it ended. What is open is closed when a code is there (`screens.pairing`)."""
    app.is_unpaired, app.ended = True, why
    app.counter = app.work = app.technician = None
    app.go_home()
