"""What a till is told of a person's name: masked, and without anything that a terminal or a printer would obey.

Markup is text: `张三[VIP]` is a name that somebody typed, and every screen shows it as it stands.
"""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 64
_REMARK = re.compile(r"(?P<name>[^\[(（【]+)(?P<remark>[\[(（【].*)?", re.DOTALL)


def clean(text: str) -> str:
    """Without control, format, surrogate, private and unassigned characters (Unicode C*), in one form (NFC), trimmed."""
    return harmless(text).strip()[:MAX_NAME]


def harmless(text: str) -> str:
    """The same at any length: what a page or a terminal may show."""
    kept = "".join(character for character in text if not unicodedata.category(character).startswith("C"))
    return unicodedata.normalize("NFC", kept)


def mask(name: str) -> str:
    """张三丰 -> 张*丰, 李四 -> 李*. A remark in brackets ([VIP], （转）) says nothing of the name and stays."""
    name = clean(name)
    found = _REMARK.fullmatch(name)
    if found is None:
        return name[:1] + "*" if name else ""
    person, remark = found["name"].strip(), found["remark"] or ""
    masked = f"{person[0]}*{person[-1]}" if len(person) > 2 else f"{person[:1]}*"
    return masked + remark
