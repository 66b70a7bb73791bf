"""The smallest wheels that an installer can install: the code that is tested, under a version of their own."""

from __future__ import annotations

import ensurepip
import hashlib
import shutil
import sysconfig
import zipfile
from pathlib import Path

import httpx

HOUSE = Path(__file__).parents[2]
HERE = "import sys; sys.path[-1:-1] = {first!r}; sys.path.append({packages!r})"
"""In a `.pth` file: the version is the code of this work tree, with what it needs. Behind what a variable would bring in."""
_ENTRY_POINTS = """\
[till.app]
counter = terminal.main:open_app
"""


def our_wheel(folder: Path, version: str, broken: Path | None = None) -> Path:
    """Till as a wheel of a few kilobytes. `broken`: a folder with modules that come before the real ones."""
    stem = f"till_points_counter-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    first = [str(place) for place in (broken, HOUSE) if place]
    pth = HERE.format(first=first, packages=str(Path(httpx.__file__).parents[1]))
    # `till` itself must not be installed beside the work tree's: the installer of a bundle comes out of its wheel.
    content = {
        "till_here.pth": pth.encode() + b"\n",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: till-points-counter\nVersion: {version}\n".encode()
        + b"Provides-Extra: counter\n",
        f"{stem}.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{stem}.dist-info/entry_points.txt": _ENTRY_POINTS.encode(),
        "till/__init__.py": (HOUSE / "till/__init__.py").read_bytes(),
    }
    for file in (HOUSE / "till/installer").iterdir():
        if file.is_file():
            content[f"till/installer/{file.name}"] = file.read_bytes()
    record = f"{stem}.dist-info/RECORD"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in content.items():
            wheel.writestr(name, data)
        wheel.writestr(record, "".join(f"{name},,\n" for name in [*content, record]))
    return path


def pip_wheel(folder: Path) -> Path:
    """The one that this Python carries, where Debian keeps it or where others do."""
    places = [Path(ensurepip.__file__).parent / "_bundled", sysconfig.get_config_var("WHEEL_PKG_DIR")]
    found = next(file for place in places if place for file in Path(place).glob("pip-*.whl"))
    return Path(shutil.copy(found, folder))


def lock_of(folder: Path) -> Path:
    """A lock file that has every wheel in the folder."""
    file = folder / "wheels.lock"
    hashes = [hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in sorted(folder.glob("*.whl"))]
    file.write_text("".join(f"a==1 --hash=sha256:{digest}\n" for digest in hashes), encoding="utf-8")
    return file


def wheels(folder: Path, version: str, broken: Path | None = None) -> Path:
    """A folder with all that a bundle of `version` needs."""
    folder.mkdir(parents=True)
    our_wheel(folder, version, broken)
    pip_wheel(folder)
    lock_of(folder)
    return folder
