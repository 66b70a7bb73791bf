"""What of a till's settings is about the screen."""

from __future__ import annotations

from typing import Protocol

from terminal.i18n import Language


class Looks(Protocol):
    """`config.settings.Settings`."""

    @property
    def language(self) -> Language: ...

    @property
    def theme(self) -> str: ...

    @property
    def wedge_prefix(self) -> str: ...

    @property
    def lock_after_min(self) -> int: ...
