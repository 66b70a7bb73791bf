"""Bundles as the coalition makes them: a USB stick that sets up tills without a network, and a file that upgrades one.

The installer comes out of the very wheel that it installs. Every wheel is pinned by its hash, and must be one of those of the
lock files that were tested.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from ledger.keys import Keys
from ledger.problems import BundleProblemError
from protocol import canonical
from protocol.bundles import BundleFile, Manifest, Purpose
from protocol.signing import sign

DISTRIBUTION = "till-points-counter"
MANIFEST, ROOT, REQUIREMENTS, WHEELS = "manifest.json", "root.pub", "requirements.txt", "wheels"
STARTED_BY_PEOPLE = ("install.sh", "install.cmd", "install.ps1")
_INSTALLER = "till/installer/"
_WHEEL = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(-\d[^-]*)?-[^-]+-[^-]+-(?P<platform>[^-]+)\.whl")
_LOCKED = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_PIECE_BYTES = 256 * 1024

Content = bytes | Path


class Wheel(NamedTuple):
    """A wheel's file, and what its name says."""

    path: Path
    name: str
    version: str
    platform: str
    sha256: str


class Target(Protocol):
    """Where a bundle is written."""

    def create(self, path: str) -> IO[bytes]: ...


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, path: str) -> IO[bytes]:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("xb")


class _Archive:
    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def create(self, path: str) -> IO[bytes]:
        # Wheels are packed already, and a plain zip is read by anything.
        return self._file.open(zipfile.ZipInfo(path), "w", force_zip64=True)


@contextmanager
def new_folder(folder: Path) -> Iterator[Target]:
    """A folder that does not exist, or is empty; of a bundle that failed nothing stays. Raises `BundleProblemError`."""
    if folder.exists() and any(folder.iterdir()):
        raise BundleProblemError(f"{folder} is not empty")
    try:
        yield _Folder(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def new_archive(path: Path) -> Iterator[Target]:
    """A zip file that is not there yet. Raises `BundleProblemError`."""
    if path.exists():
        raise BundleProblemError(f"{path} exists")
    try:
        with zipfile.ZipFile(path, "x") as file:
            yield _Archive(file)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


class BundleWriter:
    """Files one after the other; `seal` writes the signed list of them."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._files: list[BundleFile] = []

    def put(self, path: str, content: Content) -> None:
        """One file, hashed as it is written."""
        digest, size = hashlib.sha256(), 0
        with self._target.create(path) as file:
            for piece in _pieces(content):
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        self._files.append(BundleFile(path=path, size=size, sha256=digest.hexdigest()))

    def seal(self, keys: Keys, purpose: Purpose, version: str, now_us: int, store: str = "") -> Manifest:
        """The manifest and the root key beside it."""
        files = tuple(sorted(self._files, key=lambda file: file.path))
        manifest = Manifest(version=version, made_at=now_us, store=store, files=files)
        with self._target.create(MANIFEST) as file:
            file.write(canonical.encode(sign(purpose, manifest, keys.root)))
        with self._target.create(ROOT) as file:
            file.write(keys.root_public.hex().encode() + b"\n")
        return manifest


def read_wheels(folder: Path, locks: tuple[Path, ...]) -> tuple[Wheel, list[Wheel]]:
    """Our own wheel, and all wheels of a folder. Raises `BundleProblemError` for one that no lock has, and where ours or pip's
    is missing.
    """
    locked = {found for lock in locks for found in _LOCKED.findall(lock.read_text(encoding="utf-8"))}
    wheels = [_wheel(path) for path in sorted(folder.glob("*.whl"))]
    ours = [wheel for wheel in wheels if wheel.name == DISTRIBUTION]
    if len(ours) != 1:
        raise BundleProblemError(f"{folder} needs one wheel of {DISTRIBUTION}, and has {len(ours)}")
    strange = [wheel.path.name for wheel in wheels if wheel.name != DISTRIBUTION and wheel.sha256 not in locked]
    if strange:
        raise BundleProblemError(f"not in the lock files: {', '.join(strange)}")
    if not any(wheel.name == "pip" for wheel in wheels):
        raise BundleProblemError(f"{folder} has no wheel of pip")
    return ours[0], wheels


def put_programme(writer: BundleWriter, wheels: list[Wheel]) -> None:
    """The wheels, and the list by which pip installs them and nothing else."""
    for wheel in wheels:
        writer.put(f"{WHEELS}/{wheel.path.name}", wheel.path)
    writer.put(REQUIREMENTS, requirements(wheels).encode())


def put_installer(writer: BundleWriter, ours: Wheel) -> None:
    """What people start, and the package that it runs. Raises `BundleProblemError` for a wheel without one."""
    with zipfile.ZipFile(ours.path) as wheel:
        names = [name for name in wheel.namelist() if name.startswith(_INSTALLER) and not name.endswith("/")]
        if not {f"{_INSTALLER}{name}" for name in STARTED_BY_PEOPLE} <= set(names):
            raise BundleProblemError(f"{ours.path.name} has no installer")
        for name in ("till/__init__.py", *names):
            short = name.removeprefix(_INSTALLER)
            data = wheel.read(name)
            if short.endswith((".cmd", ".ps1")):
                data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")  # cmd.exe finds no label without
            writer.put(short if short in STARTED_BY_PEOPLE else f"installer/{name}", data)


def requirements(wheels: list[Wheel]) -> str:
    """A requirements file: each package once, pinned, with the hash of each of its wheels."""
    lines = []
    for name in sorted({wheel.name for wheel in wheels} - {"pip"}):
        own = [wheel for wheel in wheels if wheel.name == name]
        versions = {wheel.version for wheel in own}
        if len(versions) != 1:
            raise BundleProblemError(f"two versions of {name}: {', '.join(sorted(versions))}")
        extra = "[counter]" if name == DISTRIBUTION else ""
        hashes = " ".join(f"--hash=sha256:{wheel.sha256}" for wheel in own)
        lines.append(f"{name}{extra}=={versions.pop()}{_only_on(own)} {hashes}\n")
    return "".join(lines)


def _only_on(wheels: list[Wheel]) -> str:
    """The marker for what is there for one system alone."""
    for begins, system in (("win", "win32"), ("manylinux", "linux")):
        if all(wheel.platform.startswith(begins) for wheel in wheels):
            return f' ; sys_platform == "{system}"'
    return ""


def _wheel(path: Path) -> Wheel:
    found = _WHEEL.fullmatch(path.name)
    if found is None:
        raise BundleProblemError(f"{path.name} is no wheel's name")
    name = re.sub(r"[-_.]+", "-", found["name"]).lower()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Wheel(path, name, found["version"], found["platform"], digest)


def _pieces(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        read: Callable[[], bytes] = lambda: file.read(_PIECE_BYTES)  # noqa: E731
        yield from iter(read, b"")
