"""How one family of receipt printers is spoken to: a TOML document per family in `config/printers/`."""

from __future__ import annotations

from importlib.resources.abc import Traversable

from devices.escpos import Paper
from devices.profile_files import DeviceProfile, ProfileShelf, read_folder


class PrinterProfile(DeviceProfile, frozen=True, kw_only=True):
    """One family of printers."""

    paper: Paper = Paper()


def read_printers(folder: Traversable) -> ProfileShelf[PrinterProfile]:
    """Read every `*.toml` of `folder` (a path, or `importlib.resources.files(...)`)."""
    return read_folder(folder, PrinterProfile)
