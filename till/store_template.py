"""The store's template at this till: show it, save it, see what one would change, use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from config.settings import Settings
from devices.ports import list_ports
from devices.profiles import ScannerProfile
from protocol.prefixes import TEMPLATE_PREFIX
from till import templates
from till.errors import RefusedError


class Post(Protocol):
    """What is asked of `till.scanners.ScannerPost`."""

    @property
    def settings(self) -> Settings: ...
    def use(self, settings: Settings) -> None: ...
    def profiles(self) -> Sequence[ScannerProfile]: ...


@dataclass(frozen=True)
class Change:
    """What a template does to one setting; both as text."""

    setting: str
    before: str
    after: str


class StoreTemplate:
    """Of the till in `folder`. All calls look at the ports of the machine: not on the screen's thread."""

    def __init__(self, folder: Path, post: Post) -> None:
        self._folder, self._post = folder, post

    def settings(self) -> dict[str, Any]:
        """What the template says: `till.templates`."""
        return templates.template_of(self._post.settings, list_ports())

    def code(self) -> str:
        """The text of its QR code."""
        return templates.as_code(self.settings())

    def text(self) -> str:
        """The same as a file says it."""
        return templates.as_file(self.settings())

    def save(self) -> Path:
        """Write it into the folder of the till. Raises `RefusedError("template-not-written")`."""
        path = self._folder / templates.FILE
        try:
            path.write_text(self.text(), encoding="utf-8")
        except OSError as error:
            raise RefusedError("template-not-written", why=str(error.strerror)) from None
        return path

    def is_code(self, text: str) -> bool:
        """Whether a scan is a template, good or not."""
        return text[:3].upper() == TEMPLATE_PREFIX

    def would_change(self, text: str) -> tuple[Change, ...]:
        """What the template in `text`, a scanned code or the path of a file, would do here. Raises `RefusedError`."""
        before, after = self._post.settings, self._applied(text)
        return tuple(
            Change(name, str(getattr(before, name)), str(getattr(after, name)))
            for name in Settings.__struct_fields__
            if getattr(before, name) != getattr(after, name)
        )

    def apply(self, text: str) -> None:
        """Set this till up by it, now and after a restart. Raises `RefusedError`."""
        self._post.use(self._applied(text))

    def _applied(self, text: str) -> Settings:
        found = templates.read_code(text) if self.is_code(text) else templates.read_file(Path(text))
        after = templates.applied(found, list_ports())
        if after.scanner_profile not in {profile.id for profile in self._post.profiles()}:
            raise RefusedError("profile-unknown", profile=after.scanner_profile)
        return after
