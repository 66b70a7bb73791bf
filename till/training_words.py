"""How training is called, wherever it is said: every screen, receipt and report of it begins so."""

from __future__ import annotations

from till.i18n import _


def mark() -> str:
    """The one word."""
    return _("TRAINING")


def mark_in_full() -> str:
    """Where there is room for what it means."""
    return _("TRAINING: counts nowhere")
