"""What a coalition hands out to be installed: files, and a manifest of all of them that its root key signed.

A bundle is a folder (a USB stick) or a zip file (`till upgrade`). Beside the files lie `manifest.json`, the signed list, and
`root.pub`, the root key in hex, which is believed where its fingerprint is the one that the technician brought. Nothing of a
bundle is used where it lies: each file is copied to the disk of the machine, hashed on its way, and only the copy is used, once
all of them were right.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal, NamedTuple, Protocol

from till.installer import ed25519

MANIFEST, ROOT = "manifest.json", "root.pub"
BESIDE = "carried/"
"""Where a till leaves its question on a stick, and finds the answer: the one place that the manifest does not cover."""
MAX_MANIFEST_BYTES = 4 * 1024 * 1024
_PIECE_BYTES = 256 * 1024

Purpose = Literal["stick", "upgrade"]
Verify = Callable[[bytes, bytes, bytes], bool]
"""(public, signature, message) → whether it fits."""


class BundleError(Exception):
    """A bundle that is not used; `names`: which files.

    `code`: `no-manifest`, `another-root` (its fingerprint is the name), `not-signed`, `bad-manifest`, `changed`.
    """

    def __init__(self, code: str, *names: str) -> None:
        super().__init__(f"{code}: {', '.join(names)}" if names else code)
        self.code, self.names = code, names


class Listed(NamedTuple):
    """One file of a bundle, as the manifest has it."""

    path: str
    size: int
    sha256: str


class Manifest(NamedTuple):
    """`version`: of Till. `made_at`: µs UTC; of two bundles the later one is the newer. `store`: of a stick."""

    version: str
    made_at: int
    store: str
    files: tuple[Listed, ...]


class Source(Protocol):
    """Where a bundle lies."""

    def names(self) -> list[str]: ...
    def open(self, name: str) -> IO[bytes]: ...


class Folder:
    """A bundle as a folder. A link is no file of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        found = (path for path in self._path.rglob("*") if path.is_symlink() or not path.is_dir())
        return sorted(path.relative_to(self._path).as_posix() for path in found)

    def open(self, name: str) -> IO[bytes]:
        path = self._path / name
        if path.is_symlink():
            raise OSError(f"{name} is a link")
        return path.open("rb")


class Archive:
    """A bundle as a zip file."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def names(self) -> list[str]:
        return sorted(name for name in self._file.namelist() if not name.endswith("/"))

    def open(self, name: str) -> IO[bytes]:
        try:
            return self._file.open(name)
        except (KeyError, RuntimeError) as error:
            raise OSError(str(error)) from None


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """A bundle at `path`. Raises `BundleError("no-manifest")` for what is neither a folder nor a zip file."""
    if path.is_dir():
        yield Folder(path)
        return
    try:
        with zipfile.ZipFile(path) as file:
            yield Archive(file)
    except (OSError, zipfile.BadZipFile):
        raise BundleError("no-manifest", path.name) from None


def fingerprint(public: bytes) -> str:
    """The 16 hex digits of a root key that a technician compares; `protocol.signing.key_id` says the same."""
    return hashlib.sha256(b"till-key-1\0" + public).hexdigest()[:16]


def read_manifest(source: Source, root: str, purpose: Purpose, verify: Verify = ed25519.verify) -> Manifest:
    """The signed list. `root`: the fingerprint that is believed. Raises `BundleError`."""
    try:
        with source.open(ROOT) as key, source.open(MANIFEST) as manifest:
            public, raw = bytes.fromhex(key.read(100).decode("ascii").strip()), manifest.read(MAX_MANIFEST_BYTES)
    except OSError:
        raise BundleError("no-manifest") from None
    except ValueError:
        raise BundleError("not-signed", ROOT) from None
    if fingerprint(public) != root.strip().lower():
        raise BundleError("another-root", fingerprint(public))
    try:
        signed = json.loads(raw)
        body = str(signed["body"]).encode()
        signature = base64.b64decode(signed["signature"], validate=True)
        named = (signed["purpose"], signed["key"])
    except (ValueError, KeyError, TypeError):
        raise BundleError("not-signed", MANIFEST) from None
    message = b"till-" + purpose.encode() + b"-1\0" + body
    if named != (purpose, fingerprint(public)) or not verify(public, signature, message):
        raise BundleError("not-signed", MANIFEST)
    return _manifest(body)


def take(source: Source, manifest: Manifest, target: Path) -> None:
    """Copy all that the manifest lists into the new folder `target`.

    Raises `BundleError("changed", …)` with the name of each file that is missing, changed, or not listed.
    """
    listed = {file.path for file in manifest.files} | {MANIFEST, ROOT}
    wrong = [name for name in source.names() if name not in listed and not name.startswith(BESIDE)]
    wrong += [file.path for file in manifest.files if not _copied(source, file, target)]
    if wrong:
        raise BundleError("changed", *sorted(wrong))


def _copied(source: Source, listed: Listed, target: Path) -> bool:
    to = target.joinpath(*PurePosixPath(listed.path).parts)
    to.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), listed.size
    try:
        with source.open(listed.path) as given, to.open("xb") as copy:
            while piece := given.read(min(_PIECE_BYTES, left + 1)):
                left -= len(piece)
                if left < 0:
                    return False
                digest.update(piece)
                copy.write(piece)
    except (OSError, EOFError, zipfile.BadZipFile):
        return False
    return left == 0 and digest.hexdigest() == listed.sha256


def _manifest(body: bytes) -> Manifest:
    """Signed by the root, so wrong only by a slip: but a path is a path."""
    try:
        said: dict[str, Any] = json.loads(body)
        files = tuple(Listed(str(f["path"]), int(f["size"]), str(f["sha256"])) for f in said["files"])
        manifest = Manifest(str(said["version"]), int(said["made_at"]), str(said.get("store", "")), files)
    except (ValueError, KeyError, TypeError):
        raise BundleError("bad-manifest") from None
    bad = [file.path for file in files if not is_plain(file.path)]
    if bad or not is_plain(manifest.version) or "/" in manifest.version:
        raise BundleError("bad-manifest", *bad)
    return manifest


def is_plain(path: str) -> bool:
    """Whether a path stays in its folder, on every system."""
    parts = path.split("/")
    return bool(path) and not any(
        part in ("", ".", "..") or part[-1] in ". " or any(sign in '<>:"\\|?*' or sign < " " for sign in part)
        for part in parts
    )
