"""Set up a till from a USB stick, without a network: `install.sh` and `install.cmd` on the stick start this.

Checked by the coalition's signature first, copied to this machine's disk while it is hashed, and installed from that copy. What
comes after (settings, members, pairing) is done by the program that was installed: `till setup load`.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from till.installer.bundle import BESIDE, BundleError, Manifest, opened, read_manifest, take
from till.installer.versions import BuildError, Programme, clean_environment
from till.installer.words import Language, said

REFUSED, USAGE = 4, 2
UNPACKED = "unpacked"


def default_folder() -> Path:
    """Where the program goes, unless told otherwise: into the account of who sells, who needs no administrator for it."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "Programs" / "Till"
    else:  # noqa: RET505  # mypy reads each branch for its platform
        return Path.home() / ".local" / "lib" / "till"


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and install; the exit code."""
    parser = argparse.ArgumentParser(prog="install", description="Set up a till from this stick, without a network.")
    parser.add_argument("stick", type=Path)
    parser.add_argument("--root", default="", help="Fingerprint of the coalition's root key; asked for otherwise.")
    parser.add_argument("--name", default="", help="Which till of the store this is, as the stick lists them.")
    parser.add_argument("--program-dir", type=Path, default=default_folder())
    parser.add_argument("--data-dir", type=Path, help="The folder of the till, where it is not the usual one.")
    parser.add_argument("--lang", choices=["zh-CN", "en"], default="zh-CN")
    parser.add_argument("--check", action="store_true", help="Check the stick, and install nothing.")
    given = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console of code page 437 has no Chinese
    started = time.monotonic()
    root = given.root or input(said("ask-root", given.lang))
    try:
        code = Installation(given, root).run()
    except BundleError as error:
        return _refused(error.code, given.lang, error.names)
    except BuildError as error:
        return _refused("not-built", given.lang, (str(error),))
    except OSError as error:
        return _refused("disk", given.lang, (str(error),))
    _say("took", given.lang, seconds=round(time.monotonic() - started))
    return code


class Installation:
    """One run. Whatever is refused, nothing of the stick was used."""

    def __init__(self, given: argparse.Namespace, root: str) -> None:
        self._stick: Path = given.stick
        self._language: Language = given.lang
        self._given, self._root = given, root
        self._programme = Programme(given.program_dir.absolute())

    def run(self) -> int:
        """The exit code. Raises `BundleError`, `BuildError`, `OSError`."""
        unpacked = self._programme.folder / UNPACKED
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir(parents=True, mode=0o700)  # hashes of PINs are in it
        try:
            manifest = self._checked(unpacked)
            if self._given.check:
                return 0
            if self._programme.current not in ("", manifest.version):
                _say("other", self._language, version=self._programme.current)
                return USAGE
            self._install(manifest, unpacked)
            return self._set_up(manifest, unpacked)
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)

    def _checked(self, unpacked: Path) -> Manifest:
        with opened(self._stick) as source:
            manifest = read_manifest(source, self._root, "stick")
            take(source, manifest, unpacked)
        _say("checked", self._language, n=len(manifest.files))
        return manifest

    def _install(self, manifest: Manifest, unpacked: Path) -> None:
        programme = self._programme
        if programme.runs(manifest.version):
            _say("there", self._language, version=manifest.version)
        else:
            _say("installing", self._language, version=manifest.version)
            programme.build(manifest, unpacked, lambda _step: None)
            programme.mark_ready(manifest)
        programme.write_launchers()
        if programme.current != manifest.version:
            programme.use(manifest.version, None, lambda _step: None)
        _say("installed", self._language, launcher=programme.launcher)

    def _set_up(self, manifest: Manifest, unpacked: Path) -> int:
        command = [str(self._programme.python(manifest.version)), "-P", "-m", "till", "--lang", self._language]
        if self._given.data_dir is not None:
            command += ["--data-dir", str(self._given.data_dir)]
        command += ["setup", "load", str(unpacked), "--carried", str(self._stick / BESIDE.rstrip("/"))]
        if self._given.name:
            command += ["--name", self._given.name]
        return subprocess.run(command, check=False, env=clean_environment()).returncode


def _say(code: str, language: Language, **facts: object) -> None:
    sys.stdout.write(said(code, language, **facts) + "\n")
    sys.stdout.flush()


def _refused(code: str, language: Language, names: tuple[str, ...]) -> int:
    sys.stderr.write(said(code, language, names=", ".join(names)) + "\n")
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
