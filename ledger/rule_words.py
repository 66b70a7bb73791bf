"""What the rules say of a programme, in both languages: who publishes one need not be who wrote it."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

from points.sentences import Sentence


def in_both(said: Sentence) -> str:
    """English, and Chinese on a line of its own."""
    return f"{said}\n  {said.in_words(_catalogue().gettext)}"


@cache
def _catalogue() -> gettext.NullTranslations:
    return gettext.translation("points", Path(__file__).parents[1] / "points" / "locales", ["zh_CN"])
