"""TOML documents that describe a family of devices: read, checked, and every error with file and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import msgspec

from devices.errors import ProfileError
from devices.transport import LineSettings


class HexBytes(bytes):
    """Bytes written as hex pairs, spaces allowed: `16 54 0D`."""


class ProfileName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a technician reads in the list."""

    zh: Annotated[str, msgspec.Meta(min_length=1)]
    en: Annotated[str, msgspec.Meta(min_length=1)]


class DeviceProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every family of devices says of itself."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    vendor: str
    models: tuple[str, ...]
    name: ProfileName
    status: Literal["vector", "manual", "community", "on-site"]
    """How sure it is: verified vectors, the vendor's manual, public code, or "confirm at the device"."""
    source: Annotated[str, msgspec.Meta(min_length=1)]
    """Where the figures come from, so that somebody can look again."""
    confirmed: date | None = None
    """The day on which somebody saw all of it at a device; that is worth more than any paper."""
    line: LineSettings = LineSettings()
    """Of one on a serial line."""


_Profile = TypeVar("_Profile", bound=DeviceProfile)


class ProfileShelf(NamedTuple, Generic[_Profile]):
    """The profiles of a folder by id, and what was wrong with the others: one bad file must not hide the good ones."""

    profiles: Mapping[str, _Profile]
    faults: tuple[ProfileError, ...]


def parse(document: bytes, file: str, wanted: type[_Profile]) -> _Profile:
    """Read one TOML document. Raises `ProfileError` naming `file` and the key."""
    try:
        table = tomllib.loads(document.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ProfileError(file, "", str(exc)) from exc
    try:
        profile = msgspec.convert(table, wanted, dec_hook=_from_toml)
    except msgspec.ValidationError as exc:
        reason, _, where = str(exc).partition(" - at `$")
        raise ProfileError(file, where.strip("`.") or _named_field(reason), reason) from exc
    if f"{profile.id}.toml" != file.rpartition("/")[2]:
        raise ProfileError(file, "id", f"{profile.id!r} must be the name of the file")
    return profile


def read_folder(folder: Traversable, wanted: type[_Profile]) -> ProfileShelf[_Profile]:
    """Read every `*.toml` of `folder` (a path, or `importlib.resources.files(...)`)."""
    profiles: dict[str, _Profile] = {}
    faults: list[ProfileError] = []
    for file in _documents(folder):
        try:
            profile = parse(file.read_bytes(), file.name, wanted)
        except ProfileError as exc:
            faults.append(exc)
        else:
            profiles[profile.id] = profile
    return ProfileShelf(MappingProxyType(profiles), tuple(faults))


def _documents(folder: Traversable) -> Iterator[Traversable]:
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            yield file


def _from_toml(wanted: type[Any], value: Any) -> Any:
    if wanted is HexBytes:
        if not isinstance(value, str):
            raise ValueError("write the bytes as hex pairs in quotes")
        return HexBytes.fromhex(value)
    raise NotImplementedError(f"no TOML form for {wanted}")


def _named_field(reason: str) -> str:
    """The key of a missing or unknown field stands in the sentence, at the top level."""
    match = re.search(r"`([^`$]+)`", reason)
    return match.group(1) if match else ""
