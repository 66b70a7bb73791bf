"""How one family of customer displays is spoken to: a TOML document per family in `config/displays/`.

A display of this kind never answers: what its profile says is all that is known of it.
"""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Annotated

import msgspec

from devices.profile_files import DeviceProfile, HexBytes, ProfileShelf, read_folder


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent around the text of one row."""

    before: HexBytes
    after: HexBytes = HexBytes()


class Lamps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lamps beside figures: none, and the one for what is to be paid (合计)."""

    none: HexBytes
    total: HexBytes


class DisplayProfile(DeviceProfile, frozen=True, kw_only=True):
    """One family of displays: two rows of ASCII, or one of figures (`lamps`)."""

    columns: Annotated[int, msgspec.Meta(ge=6, le=40)]
    """Of a row; of figures how many there are, where a point takes no place of its own."""
    begin: HexBytes
    """Brings it to a known state from any other, also from what another program left it in."""
    clear: HexBytes
    rows: tuple[Row, ...]
    lamps: Lamps | None = None

    def __post_init__(self) -> None:
        if len(self.rows) != (2 if self.lamps is None else 1):
            raise ValueError("`rows` are two of text, or one of figures with `lamps`")


def read_displays(folder: Traversable) -> ProfileShelf[DisplayProfile]:
    """Read every `*.toml` of `folder` (a path, or `importlib.resources.files(...)`)."""
    return read_folder(folder, DisplayProfile)
