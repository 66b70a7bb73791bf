"""Another version of the program, beside the one in use: checked, built, tried on a copy, taken into use when no shift is open.

Everything before the switch leaves the version in use alone. The switch is one rename (`till.installer.versions`); what the
new version cannot do afterwards brings the one before back, at once or, where the power was cut, at the next start.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from config.settings import FILE as SETTINGS
from local_db.connections import open_reading, till_lock
from local_db.errors import AnotherTillError, LocalDbError, NewerSchemaError
from local_db.journal import FILE, Journal, JournalReader
from protocol.errors import SignatureError
from protocol.signing import key_id, verify_bytes
from sync.identity import Identity, load_identity
from till.errors import NotPairedError, RefusedError
from till.installer.bundle import BundleError, Manifest, opened, read_manifest, take
from till.installer.install import UNPACKED
from till.installer.versions import BuildError, Programme, Tell, clean_environment
from till.shifts import open_shift_of

REHEARSAL = "rehearsal"
LOCK = "upgrade.lock"
_PROBE_TIMEOUT_S = 600
"""A journal of 400 days is read to its end."""


class Outcome(Enum):
    """What became of an upgrade."""

    SWITCHED = "switched"
    WAITS = "waits"
    """A shift is open, or the counter: it is taken into use at the next start without a shift."""
    WENT_BACK = "went-back"


class Upgraded(NamedTuple):
    """`version`: the new one; `current`: the one in use now. `why`: what the new one said where it failed."""

    outcome: Outcome
    version: str
    current: str
    why: str = ""


class Upgrade:
    """The upgrades of one till. `tell` gets the name of each step before it is done."""

    def __init__(self, programme: Programme, folder: Path, tell: Tell = lambda _step: None) -> None:
        self._programme, self._folder, self._tell = programme, folder, tell

    def prepare(self, file: Path) -> str:
        """Check a bundle, build its version, rehearse it; it is ready then, and named as the next. Its version.

        Raises `RefusedError` (`upgrade-…`), `NotPairedError`, `local_db` errors: then nothing has changed.
        """
        with self._alone():
            return self._prepare(file)

    def _prepare(self, file: Path) -> str:
        identity = _identity(self._folder)
        unpacked = self._programme.folder / UNPACKED
        shutil.rmtree(unpacked, ignore_errors=True)
        try:
            unpacked.mkdir(mode=0o700)
            manifest = self._checked(file, identity, unpacked)
            if not self._is_built(manifest):
                self._programme.build(manifest, unpacked, self._tell)
                self._tell("check")
                self._rehearse(manifest.version, identity)
                self._tell("ready")
                self._programme.mark_ready(manifest)
            self._tell("next")
            self._programme.wait_with(manifest.version)
        except BundleError as error:
            raise RefusedError(f"upgrade-{error.code}", names=", ".join(error.names)) from None
        except (BuildError, OSError, sqlite3.Error) as error:
            raise RefusedError("upgrade-failed", why=str(error)) from None
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)
            self._programme.remove_half()
        return manifest.version

    def switch(self) -> Upgraded:
        """Take the next version into use, if no shift is open and no counter runs; back again where it does not start."""
        with self._alone():
            return self._switch()

    def _switch(self) -> Upgraded:
        programme, version = self._programme, self._programme.next
        if not programme.is_ready(version):
            raise RefusedError("upgrade-none")
        try:
            with till_lock(self._folder):
                if _has_open_shift(self._folder):
                    return Upgraded(Outcome.WAITS, version, programme.current)
                programme.use(version, self._folder, self._tell)
                why = self._try(version)
        except AnotherTillError:
            return Upgraded(Outcome.WAITS, version, programme.current)
        if why:
            self._tell("back")
            return Upgraded(Outcome.WENT_BACK, version, programme.go_back(), why)
        self._tell("settle")
        programme.settle()
        self._tell("tidy")
        programme.remove_others()
        return Upgraded(Outcome.SWITCHED, version, version)

    def back(self) -> Upgraded:
        """The version before, by hand.

        Raises `RefusedError` (`upgrade-no-former`, `upgrade-shift-open`, `upgrade-failed`), `AnotherTillError`.
        """
        former = self._programme.former
        if not self._programme.is_ready(former) or former == self._programme.current:
            raise RefusedError("upgrade-no-former")
        with self._alone(), till_lock(self._folder):
            if _has_open_shift(self._folder):
                raise RefusedError("upgrade-shift-open")
            if why := self._try(former):
                raise RefusedError("upgrade-failed", why=why)
            self._programme.use(former, None, self._tell)
        return Upgraded(Outcome.WENT_BACK, former, former)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two upgrades would build in one folder. Raises `RefusedError("upgrade-running")`."""
        with ExitStack() as held:
            try:
                held.enter_context(till_lock(self._programme.folder, LOCK))
            except AnotherTillError:
                raise RefusedError("upgrade-running") from None
            yield

    def _checked(self, file: Path, identity: Identity, unpacked: Path) -> Manifest:
        self._tell("copy")
        with opened(file) as source:
            manifest = read_manifest(source, key_id(identity.root_public), "upgrade", _fits)
            current = self._programme.current
            if manifest.version == current:
                raise RefusedError("upgrade-same", version=current)
            if manifest.made_at <= self._programme.made_at(current):
                raise RefusedError("upgrade-older", version=manifest.version)
            take(source, manifest, unpacked)
        return manifest

    def _is_built(self, manifest: Manifest) -> bool:
        programme = self._programme
        return programme.is_ready(manifest.version) and programme.made_at(manifest.version) == manifest.made_at

    def _rehearse(self, version: str, identity: Identity) -> None:
        """The new version opens a copy of the journal as its owner, and this one opens what it left. Raises `RefusedError`."""
        copy = self._programme.folder / REHEARSAL
        shutil.rmtree(copy, ignore_errors=True)
        try:
            copy.mkdir(mode=0o700)
            _copy(self._folder, copy)
            found = self._probe(version, "--rehearse", copy)
            with closing(Journal.open(copy)) as journal:
                last = journal.last()
            if last is not None and (found["seq"], found["hash"]) != (last.seq, last.hash.hex()):
                raise RefusedError("upgrade-failed", why=f"{version} reads another journal than this version")
            if load_identity_in(copy) != identity:
                raise RefusedError("upgrade-failed", why=f"{version} changes who this till is")
        except NewerSchemaError:
            raise RefusedError("upgrade-no-way-back", version=version) from None
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def _try(self, version: str) -> str:
        """Whether a version starts on this very till; empty, or what it said."""
        try:
            self._probe(version, "--look", self._folder)
        except RefusedError as error:
            return str(error.facts["why"])
        return ""

    def _probe(self, version: str, how: str, folder: Path) -> dict[str, Any]:
        command = [str(self._programme.python(version)), "-P", "-m", "till.probe", how, str(folder)]
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=_PROBE_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL,
                env=clean_environment(),
            )  # fmt: skip
            found: dict[str, Any] = json.loads(done.stdout or b"{}")
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise RefusedError("upgrade-failed", why=str(error)) from None
        if done.returncode or not found:
            said = done.stderr.decode(errors="replace").strip().splitlines() or found.get("findings") or ["?"]
            raise RefusedError("upgrade-failed", why=said[-1])
        return found


def upgrade_if_due(programme: Programme, folder: Path) -> Upgraded | None:
    """At the start of the counter: the version that waits for the end of a shift; None where none does, or not yet."""
    if not programme.next:
        return None
    try:
        upgraded = Upgrade(programme, folder).switch()
    except (RefusedError, LocalDbError, OSError):
        return None  # the counter opens with the version that it has, and says itself what is wrong with the folder
    return None if upgraded.outcome is Outcome.WAITS else upgraded


def load_identity_in(folder: Path) -> Identity | None:
    """Who the till in `folder` is."""
    with closing(JournalReader.open(folder)) as journal:
        return load_identity(journal)


def _identity(folder: Path) -> Identity:
    found = load_identity_in(folder) if (folder / FILE).exists() else None
    if found is None:
        raise NotPairedError(folder)
    return found


def _has_open_shift(folder: Path) -> bool:
    with closing(JournalReader.open(folder)) as journal:
        return bool(open_shift_of(journal)[0])


def _copy(folder: Path, copy: Path) -> None:
    """The journal as it is at this moment, also while the counter sells; and the settings."""
    with closing(open_reading(folder / FILE)) as journal, closing(sqlite3.connect(copy / FILE)) as target:
        journal.backup(target)
    if (folder / SETTINGS).exists():
        shutil.copyfile(folder / SETTINGS, copy / SETTINGS)


def _fits(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        verify_bytes(public, signature, message)
    except SignatureError:
        return False
    return True
