"""Another version of the program: what is refused, what happens at the switch, and that every cut leaves one that is whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from config.settings import Settings
from ledger.bundles import BundleWriter, new_archive, put_programme, read_wheels, requirements
from ledger.keys import Keys, new_keys
from local_db.connections import till_lock
from local_db.journal import JournalReader
from sync.identity import load_identity
from tests.setting_up.wheels import HOUSE, lock_of, our_wheel, pip_wheel, wheels
from tests.till.test_composition import Shop
from till.composition import open_till
from till.errors import RefusedError
from till.installer.bundle import Manifest
from till.installer.versions import Programme, Tell
from till.shifts import Session
from till.upgrading import LOCK, Outcome, Upgrade, upgrade_if_due

OLD, NEW = "0.1.0", "0.2.0"
MANAGER = Session("1001", "赵敏", ("manager",))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program at version 0.1.0, made once."""
    folder = tmp_path_factory.mktemp("installed")
    made = wheels(folder / "wheels-old", OLD)
    programme = Programme(folder / "program")
    unpacked = _unpacked(made, folder / "old")
    programme.build(Manifest(OLD, 1, "", ()), unpacked, lambda _step: None)
    programme.mark_ready(Manifest(OLD, 1, "", ()))
    programme.write_launchers()
    programme.use(OLD, None, lambda _step: None)
    return programme.folder


@pytest.fixture
def built_quickly(monkeypatch: pytest.MonkeyPatch, installed: Path) -> None:
    """The new version's environment is that of the old one, with the wheel of the bundle in it: pip takes a second or three."""

    def build(self: Programme, manifest: Manifest, bundle: Path, tell: Tell) -> None:
        environment = self.environment(manifest.version)
        tell("environment")
        shutil.rmtree(environment, ignore_errors=True)
        shutil.copytree(Programme(installed).environment(OLD), environment, symlinks=True)
        (environment / "ready").unlink()
        (packages,) = (path.parent for path in environment.rglob("till_here.pth"))
        tell("packages")
        shutil.rmtree(packages / f"till_points_counter-{OLD}.dist-info")
        (wheel,) = (bundle / "wheels").glob("till_*.whl")
        with zipfile.ZipFile(wheel) as file:
            file.extractall(packages)

    monkeypatch.setattr(Programme, "build", build)


def _unpacked(made: Path, folder: Path) -> Path:
    folder.mkdir()
    shutil.copytree(made, folder / "wheels")
    (folder / "requirements.txt").write_text(requirements(read_wheels(made, (made / "wheels.lock",))[1]), "utf-8")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A till whose shift is over."""
    (tmp_path / "till").mkdir()
    shop = Shop(tmp_path / "till")
    with open_till(shop.folder, Settings()) as till:
        till.counter.close_shift(till.counter.open_shift(MANAGER))
    return shop


@pytest.fixture
def programme(installed: Path, tmp_path: Path) -> Programme:
    """An installation of its own."""
    return Programme(Path(shutil.copytree(installed, tmp_path / "program", symlinks=True)))


def bundle(
    shop: Shop,
    folder: Path,
    version: str = NEW,
    broken: Path | None = None,
    made_at: int = 2,
    keys: Keys | None = None,
) -> Path:
    """What the coalition of this shop hands out."""
    folder.mkdir()
    our_wheel(folder, version, broken)
    pip_wheel(folder)
    file = folder / f"till-{version}.zip"
    with new_archive(file) as target:
        writer = BundleWriter(target)
        put_programme(writer, read_wheels(folder, (lock_of(folder),))[1])
        writer.seal(keys or Keys(shop.root, (), ()), "upgrade", version, made_at)
    return file


def starts(programme: Programme, folder: Path) -> str:
    """Which version the launcher starts; and it reads the journal."""
    command = [str(programme.launcher), "--data-dir", str(folder)]
    subprocess.run([*command, "journal", "verify"], check=True, capture_output=True)
    said = subprocess.run([*command, "--version"], check=True, capture_output=True, text=True)
    return str(said.stdout.split()[-1])


@pytest.mark.usefixtures("built_quickly")
def test_an_upgrade_is_taken_into_use_when_no_shift_is_open(shop: Shop, programme: Programme, tmp_path: Path) -> None:
    """Prepared while the counter sells; the next start without a shift is the new version's; `back` is the old one's."""
    upgrade = Upgrade(programme, shop.folder)
    with open_till(shop.folder, Settings()) as till:
        session = till.counter.open_shift(MANAGER)
        assert upgrade.prepare(bundle(shop, tmp_path / "bundle")) == NEW
        assert upgrade.switch().outcome is Outcome.WAITS  # the counter is open
        assert (programme.current, programme.next) == (OLD, NEW)
    assert upgrade_if_due(programme, shop.folder) is None  # the shift is
    with open_till(shop.folder, Settings()) as till:
        till.counter.close_shift(session)
    begun = subprocess.run(
        [programme.launcher, "--data-dir", shop.folder, "--lang", "en"], capture_output=True, check=False
    )
    assert b"the counter needs a terminal" in begun.stderr  # says the new version, which has none here
    assert (programme.current, programme.former, programme.next) == (NEW, OLD, "")
    assert starts(programme, shop.folder) == NEW
    with pytest.raises(RefusedError, match="upgrade-older"):
        upgrade.prepare(bundle(shop, tmp_path / "older", "0.1.5", made_at=1))
    assert upgrade.back().current == OLD
    assert starts(programme, shop.folder) == OLD
    with closing(JournalReader.open(shop.folder)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        assert list(journal.verify(identity.genesis(), identity.terminal)) == []


def test_what_is_refused_changes_nothing(shop: Shop, programme: Programme, tmp_path: Path) -> None:
    """Another coalition's, changed on its way, the version that is in use, something else."""
    good = bundle(shop, tmp_path / "good")
    stranger = bundle(shop, tmp_path / "strange", keys=new_keys(1))
    same = bundle(shop, tmp_path / "same", OLD)
    noise = tmp_path / "noise.zip"
    noise.write_bytes(b"PK")
    changed = tmp_path / "changed.zip"
    data = bytearray(good.read_bytes())
    data[data.index(b"till_here.pth") + 40] ^= 1
    changed.write_bytes(data)
    (programme.folder / LOCK).touch()
    before = sorted(programme.folder.rglob("*"))
    for file, code in ((stranger, "another-root"), (same, "same"), (noise, "no-manifest"), (changed, "changed")):
        with pytest.raises(RefusedError) as refused:
            Upgrade(programme, shop.folder).prepare(file)
        assert refused.value.code == f"upgrade-{code}"
        if code == "changed":
            assert "till_points_counter-0.2.0" in refused.value.facts["names"]
        assert sorted(programme.folder.rglob("*")) == before
    with till_lock(programme.folder, LOCK), pytest.raises(RefusedError, match="upgrade-running"):
        Upgrade(programme, shop.folder).prepare(good)


@pytest.mark.usefixtures("built_quickly")
def test_a_version_that_does_not_work_is_not_taken_into_use(shop: Shop, programme: Programme, tmp_path: Path) -> None:
    """It cannot start; or the version before could not read the journal any more."""
    for name, code in (("terminal", "upgrade-failed"), ("local_db", "upgrade-no-way-back")):
        broken = tmp_path / f"broken-{name}"
        shutil.copytree(HOUSE / name, broken / name)
        if name == "terminal":
            (broken / name / "main.py").write_text("raise ImportError('no such thing')\n", encoding="utf-8")
        else:
            (broken / name / "schema" / "journal-0002.sql").write_text("CREATE TABLE later (a);", encoding="utf-8")
        with pytest.raises(RefusedError) as refused:
            Upgrade(programme, shop.folder).prepare(bundle(shop, tmp_path / name, broken=broken))
        assert refused.value.code == code
        assert (programme.current, programme.next, programme.environment(NEW).exists()) == (OLD, "", False)
    assert starts(programme, shop.folder) == OLD


@pytest.mark.usefixtures("built_quickly")
def test_a_version_that_stops_working_brings_the_one_before_back(
    shop: Shop, programme: Programme, tmp_path: Path
) -> None:
    """At the switch, and at the first start after a power cut behind the switch."""
    broken = tmp_path / "broken"
    broken.mkdir()
    upgrade = Upgrade(programme, shop.folder)
    upgrade.prepare(bundle(shop, tmp_path / "bundle", broken=broken))
    (broken / "config.py").write_text("raise ImportError('no such thing')\n", encoding="utf-8")
    done = upgrade.switch()
    assert (done.outcome, done.current, "no such thing" in done.why) == (Outcome.WENT_BACK, OLD, True)
    programme.use(NEW, shop.folder, lambda _step: None)  # and the power is cut here
    assert (programme.current, programme.is_on_trial) == (NEW, True)
    assert starts(programme, shop.folder) == OLD
    assert not programme.is_on_trial


def test_a_version_whose_python_was_taken_away_is_not_taken_for_whole(programme: Programme) -> None:
    """An upgrade of the system did; the installer, started once more, makes it anew."""
    assert programme.runs(OLD)
    programme.python(OLD).unlink()
    assert programme.is_ready(OLD)
    assert not programme.runs(OLD)


if sys.platform != "win32":  # where a process can be forked, and a script be an interpreter
    _SCRIPT = '#!/bin/sh\ncase "$*" in *till.probe*) exit {code} ;; esac\necho {version}\n'

    @pytest.mark.usefixtures("built_quickly")
    def test_power_cut_while_a_version_is_prepared(shop: Shop, programme: Programme, tmp_path: Path) -> None:
        """Killed before each step in turn: the old version goes on, and the next try goes through."""
        file = bundle(shop, tmp_path / "bundle")
        for step in ("copy", "environment", "packages", "check", "ready", "next"):
            assert _killed(lambda tell: Upgrade(programme, shop.folder, tell).prepare(file), step)
            assert (programme.current, programme.next, programme.is_on_trial) == (OLD, "", False), step
        assert starts(programme, shop.folder) == OLD
        Upgrade(programme, shop.folder).prepare(file)
        assert Upgrade(programme, shop.folder).switch().outcome is Outcome.SWITCHED
        left = sorted(path.name for path in programme.folder.iterdir())
        assert left == ["current", "former", "till", "till.cmd", "upgrade.lock", "versions"]

    def _killed(work: Callable[[Tell], object], step: str) -> bool:
        """Whether a process that does the work was killed before that step."""
        child = os.fork()
        if child == 0:
            try:
                work(lambda name: os.kill(os.getpid(), signal.SIGKILL) if name == step else None)
            finally:
                os._exit(1)  # never back into pytest
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    @pytest.mark.parametrize("code", [0, 1])
    def test_power_cut_at_every_file_operation_of_the_switch(tmp_path: Path, code: int) -> None:
        """Before each file that is opened, renamed or deleted: the launcher starts a version that is whole, and settles it."""
        seen = set()
        for number in range(1, 100):
            programme = _two_scripts(tmp_path / str(number), code)
            ended = _killed_at(number, programme)
            started = [subprocess.run([programme.launcher], capture_output=True, text=True, check=True) for _ in "ab"]
            versions = {one.stdout.strip() for one in started}
            assert len(versions) == 1
            assert versions <= ({OLD, NEW} if code == 0 else {OLD}), number
            assert not programme.is_on_trial
            seen |= versions
            if ended:
                break
        assert number > 10
        assert seen == ({OLD, NEW} if code == 0 else {OLD})

    def _two_scripts(folder: Path, code: int) -> Programme:
        programme = Programme(folder)
        for version, its_code in ((OLD, 0), (NEW, code)):
            python = programme.python(version)
            python.parent.mkdir(parents=True)
            python.write_text(_SCRIPT.format(version=version, code=its_code), encoding="utf-8")
            python.chmod(0o755)
        programme.write_launchers()
        programme.use(OLD, None, lambda _step: None)
        programme.wait_with(NEW)
        return programme

    def _killed_at(number: int, programme: Programme) -> bool:
        """Whether the switch came to its end before that many operations."""
        child = os.fork()
        if child == 0:
            left = [number]

            def hook(event: str, _arguments: tuple[object, ...]) -> None:
                if event in ("open", "os.rename", "os.remove"):
                    left[0] -= 1
                    if not left[0]:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(hook)
            try:
                programme.use(NEW, programme.folder, lambda _step: None)
            finally:
                os._exit(0)
        return os.waitpid(child, 0)[1] == 0
