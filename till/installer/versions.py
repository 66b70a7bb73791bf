"""Where the program lies on a machine: versions side by side, and one line that says which is in use.

    versions/0.2.0/    an environment of its own; `ready` in it was written last: without it the folder is half, and made anew
    current            the version that the launcher starts
    former             the one before it
    trial              the version in `current` has not started yet; where it does not, the launcher goes back
    next               ready, and taken into use when no shift is open
    till, till.cmd     the launcher

Each of these files changes by one rename, and every order of them in which the power can be cut starts a version that is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from till.installer.bundle import Manifest

VERSIONS = "versions"
CURRENT, FORMER, TRIAL, NEXT, READY = "current", "former", "trial", "next", "ready"
REQUIREMENTS, WHEELS = "requirements.txt", "wheels"

Tell = Callable[[str], None]
"""Gets the name of each step before it is done: `copy`, `environment`, `packages`, `check`, `ready`, `switch-former`, …"""


class BuildError(Exception):
    """The environment of a version could not be made; the text is that of the program that failed."""


class Programme:
    """The folder of an installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of_this_process(cls) -> Programme | None:
        """The installation that this interpreter belongs to; None where it was installed by other means."""
        environment = Path(sys.prefix)
        folder = environment.parent.parent
        if environment.parent.name != VERSIONS or not (folder / CURRENT).is_file():
            return None
        return cls(folder)

    @property
    def current(self) -> str:
        """The version in use; empty for none."""
        return self._line(CURRENT)

    @property
    def former(self) -> str:
        """The version before it; empty for none."""
        return self._line(FORMER)

    @property
    def next(self) -> str:
        """The version that is ready and waits for the end of the shift; empty for none."""
        return self._line(NEXT)

    @property
    def is_on_trial(self) -> bool:
        """Whether the version in use has not shown yet that it starts."""
        return (self.folder / TRIAL).exists()

    @property
    def launcher(self) -> Path:
        """What people start."""
        return self.folder / ("till.cmd" if sys.platform == "win32" else "till")

    def environment(self, version: str) -> Path:
        """Where a version lies."""
        return self.folder / VERSIONS / version

    def python(self, version: str) -> Path:
        """Its interpreter."""
        inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        return self.environment(version) / inside

    def is_ready(self, version: str) -> bool:
        """Whether a version is whole."""
        return bool(version) and (self.environment(version) / READY).is_file()

    def runs(self, version: str) -> bool:
        """Whether a version is whole, and the Python that it was made with is still there: an upgrade of the system takes it.

        The installer makes it anew then.
        """
        if not self.is_ready(version):
            return False
        try:
            _run(str(self.python(version)), "-I", "-c", "")
        except (BuildError, OSError):
            return False
        return True

    def made_at(self, version: str) -> int:
        """When its bundle was made, µs UTC; 0 where nobody knows."""
        try:
            return int(json.loads((self.environment(version) / READY).read_text(encoding="utf-8"))["made_at"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def build(self, manifest: Manifest, bundle: Path, tell: Tell) -> None:
        """Make the environment of a version from the wheels in `bundle`, and nothing else: no network, each wheel by its hash.

        It is not `ready` yet. Raises `BuildError`, `OSError`.
        """
        environment = self.environment(manifest.version)
        tell("environment")
        shutil.rmtree(environment, ignore_errors=True)
        _run(sys.executable, "-I", "-m", "venv", "--without-pip", str(environment))
        tell("packages")
        pip = next((bundle / WHEELS).glob("pip-*.whl"), None)
        if pip is None:
            raise BuildError("the bundle has no pip")
        # Debian's Python has no ensurepip: pip runs out of its own wheel.
        _run(
            str(self.python(manifest.version)), "-I", str(pip / "pip"), "install", "--isolated", "--quiet",
            "--no-input", "--disable-pip-version-check", "--no-index", "--no-cache-dir",
            "--find-links", str(bundle / WHEELS), "--require-hashes", "-r", str(bundle / REQUIREMENTS),
        )  # fmt: skip

    def mark_ready(self, manifest: Manifest) -> None:
        """All of it is on the disk, and works."""
        environment = self.environment(manifest.version)
        _sync(environment)
        write_whole(environment / READY, json.dumps({"made_at": manifest.made_at}))

    def write_launchers(self) -> None:
        """Both: they are small, and folders are carried from one system to another."""
        for name, template in (("till", "launcher.sh"), ("till.cmd", "launcher.cmd")):
            text = (Path(__file__).parent / template).read_text(encoding="utf-8")
            write_whole(self.folder / name, text, "\r\n" if template.endswith(".cmd") else "\n")
            (self.folder / name).chmod(0o755)

    def wait_with(self, version: str) -> None:
        """This one is taken into use when no shift is open."""
        write_whole(self.folder / NEXT, f"{version}\n")

    def use(self, version: str, data_dir: Path | None, tell: Tell) -> None:
        """Start `version` from now on. With `data_dir` its first start is a trial on that till. Cut off anywhere, one of both
        is in use, whole.
        """
        before = self.current
        if data_dir is not None:
            tell("switch-former")
            write_whole(self.folder / FORMER, f"{before}\n")
            tell("switch-trial")
            write_whole(self.folder / TRIAL, f"{version}\n{data_dir}\n")
        tell("switch-current")
        write_whole(self.folder / CURRENT, f"{version}\n")
        tell("switch-next")
        (self.folder / NEXT).unlink(missing_ok=True)
        tell("switched")

    def settle(self) -> None:
        """The trial is over: it starts."""
        (self.folder / TRIAL).unlink(missing_ok=True)

    def go_back(self) -> str:
        """Start the version before again; which one it is."""
        former = self.former
        if not self.is_ready(former):
            raise BuildError("there is no version before this one")
        write_whole(self.folder / CURRENT, f"{former}\n")
        self.settle()
        return former

    def remove_half(self) -> None:
        """Delete what was begun and is not whole: 150 MB each."""
        for environment in (self.folder / VERSIONS).glob("*"):
            if not self.is_ready(environment.name):
                shutil.rmtree(environment, ignore_errors=True)

    def remove_others(self) -> None:
        """Delete versions that are neither in use, nor the one before, nor the next."""
        kept = {self.current, self.former, self.next}
        for environment in (self.folder / VERSIONS).glob("*"):
            if environment.name not in kept:
                shutil.rmtree(environment, ignore_errors=True)

    def _line(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8").partition("\n")[0].strip()
        except FileNotFoundError:
            return ""


def write_whole(path: Path, text: str, newline: str = "\n") -> None:
    """Write a small file so that after a power cut it is the old one or the new one. cmd.exe finds no label without CR LF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8", newline=newline) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_names(path.parent)


def _sync(folder: Path) -> None:
    """Put a whole tree on the disk."""
    if sys.platform != "win32":
        os.sync()
    else:
        for path in folder.rglob("*"):
            if path.is_file():
                with suppress(PermissionError), path.open("rb+") as file:
                    os.fsync(file.fileno())


def _sync_names(folder: Path) -> None:
    """Which files there are; Windows keeps that by itself."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def clean_environment() -> dict[str, str]:
    """Without what would make a Python find other packages than its own: the installer itself was found by such a variable."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}


def _run(*command: str) -> None:
    clean = clean_environment() | {"PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(command, capture_output=True, env=clean, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise BuildError(said.splitlines()[-1] if said else f"{Path(command[0]).name} ended with {done.returncode}")
