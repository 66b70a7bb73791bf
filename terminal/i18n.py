"""The words of the screens: those of `till.i18n`, and what each language is called in itself."""

from __future__ import annotations

from typing import Final

from till.i18n import Bilingual, Language, _, either, language, msg, use

__all__ = ["LANGUAGES", "Bilingual", "Language", "_", "either", "language", "msg", "use"]

LANGUAGES: Final[dict[Language, str]] = {"zh-CN": "中文", "en": "English"}
