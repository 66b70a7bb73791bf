"""A backup put back: the counter is stopped at its first contact, is paired anew, and the old journal is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.integration.conftest import Watch
from tests.integration.test_reconciliation import held, sell, signed_in
from till.cli import main
from till.composition import open_till
from till.demo.world import World
from till.errors import RefusedError


def test_an_older_copy_is_stopped_and_paired_anew(world: World, tmp_path: Path) -> None:
    """It opens, sells while nobody can be asked, is told when the ledger is back, and goes on as another terminal."""
    backup = tmp_path / "backup"
    with open_till(world.folder, world.settings) as till:
        watch = Watch(till)
        watch.ready()
        session = signed_in(till)
        sell(till, session, world)
        watch.settled()
    shutil.copytree(world.folder, backup)
    with open_till(world.folder, world.settings) as till:
        sell(till, signed_in(till), world)
        Watch(till).settled()
    before = held(world)

    world.plug.cut()
    with open_till(backup, world.settings) as till:
        watch, session = Watch(till), signed_in(till)
        sell(till, session, world)
        world.plug.mend()
        till.agent.poll_now()
        watch.until(lambda: till.counter.link.stuck == "journal-forked", "the fork to be told")
        watch.until(lambda: till.counter.link.waiting == 0, "the branch to be kept")
        with pytest.raises(RefusedError, match="journal-forked"):
            sell(till, session, world)
        last = till.counter.last_seq()
    with open_till(backup, world.settings) as till, pytest.raises(RefusedError, match="journal-forked"):
        sell(till, signed_in(till), world)
    assert held(world) == before

    invited = world.ledger.run("terminal", "invite", world.store, "--url", f"http://127.0.0.1:{world.plug.port}")
    paired = asked(backup, "enrol", invited["invitation"], "--name", "09号机")
    said = ("has ended: its files are an older copy, or in two places", "Its journal is kept as journal-")
    assert (paired.exit_code, all(one in paired.output for one in said)) == (0, True), paired.output
    (kept,) = backup.glob("journal-*.db")
    verified = asked(backup, "journal", "verify", "--journal", str(kept))
    assert (verified.exit_code, f"{last} entries, the chain is whole" in verified.output) == (0, True)
    assert asked(backup, "journal", "export", str(tmp_path / "proof.jsonl"), "--journal", str(kept)).exit_code == 0
    assert (tmp_path / "proof.jsonl").read_text().count('"line":"entry"') == last
    with open_till(backup, world.settings) as till:
        watch = Watch(till)
        watch.ready()
        promised = sell(till, signed_in(till), world)
        watch.settled()
        watch.until(lambda: held(world) == before + promised, "the books to have the sale")


def asked(folder: Path, *command: str) -> Result:
    return CliRunner().invoke(main, ["--lang", "en", "--data-dir", str(folder), *command])
