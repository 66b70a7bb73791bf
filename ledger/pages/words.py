"""Words in the language of whoever asks: one request, one language. The catalogue lies in `ledger/locales`.

It is made by the same command as that of the counter's screens (`python -m terminal.locales.build`).
"""

from __future__ import annotations

import gettext
import locale
import os
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

from points.fields import Text

Language = Literal["zh-CN", "en"]
LANGUAGES: Final[dict[Language, str]] = {"zh-CN": "中文", "en": "English"}
"""What each is called in itself."""

DOMAIN: Final = "ledger"
FOLDER: Final = Path(__file__).parents[1] / "locales"


class Words(NamedTuple):
    """Everything of one answer is said with these."""

    language: Language
    catalogue: gettext.NullTranslations

    def say(self, message: str) -> str:
        """`message` in the language."""
        return self.catalogue.gettext(message)

    def either(self, text: Text) -> str:
        """The half of a programme's text that is in the language."""
        return text.en if self.language == "en" else text.zh


@lru_cache
def words_in(language: Language) -> Words:
    """English needs no catalogue: the messages themselves are English."""
    if language == "en":
        return Words(language, gettext.NullTranslations())
    return Words(language, gettext.translation(DOMAIN, FOLDER, [language.replace("-", "_")]))


def choose(wanted: str, accepts: str) -> Language:
    """`wanted` by a switch or a cookie; else what the browser prefers (`accepts`: RFC 9110, Accept-Language); else Chinese."""
    for language in LANGUAGES:
        if wanted == language:
            return language
    best: tuple[float, Language] = (0.0, "zh-CN")
    for part in accepts[:200].split(","):
        name, _, weight = part.strip().partition(";q=")
        language = "en" if name[:2].lower() == "en" else "zh-CN"
        if name[:2].lower() in ("en", "zh") and _weight(weight) > best[0]:
            best = _weight(weight), language
    return best[1]


def own_language() -> Language:
    """That of this machine, for a command: as the environment says it (POSIX), else as the system does (Windows)."""
    told = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh-CN" if (told or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def msg(message: str) -> str:
    """Mark a message for the catalogue without translating it yet."""
    return message


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
