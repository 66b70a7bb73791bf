"""How one family of receipt printers is spoken to: a TOML document per family in `config/printers/`."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Annotated

import msgspec

from devices.escpos import Paper
from devices.profile_files import ProfileId, ProfileName, ProfileShelf, Status, read_folder
from devices.transport import LineSettings


class PrinterProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One family of printers. `line` is for those on a serial line."""

    id: ProfileId
    vendor: str
    models: tuple[str, ...]
    name: ProfileName
    status: Status
    source: Annotated[str, msgspec.Meta(min_length=1)]
    """Where the figures come from, so that somebody can look again."""
    line: LineSettings = LineSettings()
    paper: Paper = Paper()


def read_printers(folder: Traversable) -> ProfileShelf[PrinterProfile]:
    """Read every `*.toml` of `folder` (a path, or `importlib.resources.files(...)`)."""
    return read_folder(folder, PrinterProfile)
