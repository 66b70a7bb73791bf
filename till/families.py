"""The scanner families that this till knows: the product's, and those in the folder `scanners` of the till.

A document of the till goes before the product's of the same name, and is proved by its own examples when it is read: nobody
else tests it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from config import data
from devices.errors import ProfileError
from devices.profiles import ScannerProfile, parse_profile, rank, read_profiles
from devices.proving import prove

FOLDER = "scanners"


class Families(NamedTuple):
    """In the order of lists. `faults`: documents of the till that are not used, each with file, key and reason."""

    profiles: tuple[ScannerProfile, ...]
    faults: tuple[str, ...]

    def on_a_line(self) -> list[ScannerProfile]:
        """Those that a port can be used with: not the keyboard's."""
        return [profile for profile in self.profiles if not profile.is_keyboard]

    def find(self, profile_id: str) -> ScannerProfile | None:
        """The family with this id."""
        return next((profile for profile in self.profiles if profile.id == profile_id), None)


def read_families(folder: Path) -> Families:
    """All families, for the till in `folder`. Never raises: a bad document is told, and the others are there."""
    known = dict(read_profiles(data(FOLDER)).profiles)
    faults: list[str] = []
    own = folder / FOLDER
    if own.is_dir():
        shelf = read_profiles(own)
        faults.extend(str(fault) for fault in shelf.faults)
        for profile in shelf.profiles.values():
            found = prove(profile)
            faults.extend(f"{profile.id}.toml: {fault}" for fault in found)
            if not found:
                known[profile.id] = profile
    return Families(tuple(sorted(known.values(), key=rank)), tuple(faults))


def check_document(file: Path) -> tuple[ScannerProfile | None, list[str]]:
    """One document, before it is put into the folder: the family that it describes, and what is wrong with it."""
    try:
        profile = parse_profile(file.read_bytes(), file.name)
    except ProfileError as error:
        return None, [str(error)]
    except OSError as error:
        return None, [f"{file}: {error.strerror or error}"]
    return profile, [f"{file.name}: {fault}" for fault in prove(profile)]
