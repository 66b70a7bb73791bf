"""Words in the language of whoever stands at the counter, or asks for a report.

Messages are English in the source and are looked up when they are shown, never when a module is imported: so the language
can change while the app runs. One process, one language, but for a thread that speaks to somebody else: the member's own
screen (`use_here`). One catalogue, for the screens and for what the commands print; it lies in this room, because the
screens may look down here and the commands not up there.
"""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol

Language = Literal["zh-CN", "en"]
DOMAIN: Final = "till"
FOLDER: Final = Path(__file__).parent / "locales"


class Bilingual(Protocol):
    """A text of a programme or a receipt: in both languages already."""

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


class _Voice(NamedTuple):
    language: Language
    catalogue: gettext.NullTranslations


class _Chosen:
    voice = _Voice("zh-CN", gettext.NullTranslations())


_here: ContextVar[_Voice | None] = ContextVar("voice", default=None)


def use(language: Language) -> None:
    """Show everything in `language` from now on."""
    _Chosen.voice = _voice_of(language)


def use_here(language: Language) -> None:
    """The same for this thread alone, whatever the others speak."""
    _here.set(_voice_of(language))


def language() -> Language:
    """The language in use."""
    return _voice().language


def _(message: str) -> str:
    """`message` in the language in use."""
    return _voice().catalogue.gettext(message)


def _voice() -> _Voice:
    return _here.get() or _Chosen.voice


def _voice_of(language: Language) -> _Voice:
    # English needs no catalogue: the messages themselves are English.
    catalogue = (
        gettext.NullTranslations()
        if language == "en"
        else gettext.translation(DOMAIN, FOLDER, [language.replace("-", "_")], fallback=False)
    )
    return _Voice(language, catalogue)


def of_rules(template: str) -> str:
    """A template of `points.sentences` in the language in use; its catalogue is read when the first one is asked for."""
    return template if language() == "en" else _rules(language()).gettext(template)


@cache
def _rules(language: Language) -> gettext.NullTranslations:
    return gettext.translation("points", FOLDER.parents[1] / "points" / "locales", [language.replace("-", "_")])


def msg(message: str) -> str:
    """Mark a message for the catalogues without translating it yet: it is shown with `_` later."""
    return message


def either(text: Bilingual) -> str:
    """The half of a text in the language in use."""
    return text.en if language() == "en" else text.zh
