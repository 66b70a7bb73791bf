"""The demo's world: a real ledger in a process of its own, a plug that can be pulled, a till paired with it, a real scanner.

Nothing here is a stand-in: the ledger is the one that `till-ledger serve` runs, spoken to over HTTP on loopback; the scanner is
a pseudo-terminal read through pyserial. The plug is a TCP proxy between the two.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from config import data
from config.settings import Settings
from devices.simulators import ScannerSimulator
from local_db.connections import till_lock
from protocol.codes import member_code
from protocol.enrolment import read_invitation
from sync.enrolment import enrol
from till.commands.options import Exit
from till.demo.coalition import demo_stores
from till.demo.plug import Plug

START_TIMEOUT_S = 20
TERMINAL_NAME = "02号机"


class LedgerFailedError(Exception):
    """The ledger's process did not do what it was told; its own words."""


class LedgerProcess:
    """`till-ledger`, run as a command: the shop never imports the ledger."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._phones: subprocess.Popen[str] | None = None

    def run(self, *arguments: str) -> Any:
        """Run a command of the ledger and read its JSON answer, also where it found something that should not be."""
        done = subprocess.run(
            [*self._command(), *arguments, "--json"], capture_output=True, text=True, encoding="utf-8", check=False
        )
        if done.returncode and not (done.returncode == Exit.FOUND and done.stdout):
            raise LedgerFailedError(done.stderr.strip() or f"exit code {done.returncode}")
        return json.loads(done.stdout)

    def serve(self, port: int = 0) -> int:
        """Start serving on this loopback port, or on a free one, and wait until it listens. Returns the port."""
        self._process = subprocess.Popen(
            [*self._command(), "serve", "--port", str(port), "--json"],
            stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise LedgerFailedError(f"exit code {self._process.wait(START_TIMEOUT_S)}")
        return int(json.loads(line)["port"])

    def phone(self, member: str, challenge: str = "") -> str:
        """The code that a member's phone shows now, or after it was shown a till's `challenge` and the member allowed it;
        empty where the ledger refused that. All phones are one process: starting one takes a second.
        """
        if self._phones is None:
            self._phones = subprocess.Popen(
                [*self._command(), "member", "phones"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                encoding="utf-8", bufsize=1,
            )  # fmt: skip
        assert self._phones.stdin is not None
        assert self._phones.stdout is not None
        self._phones.stdin.write(f"{member} {challenge}\n")
        code = self._phones.stdout.readline()
        if not code:
            raise LedgerFailedError(f"no phone of member {member}")
        return code.strip()

    def stop(self) -> None:
        """End it, and the phones."""
        if self._phones is not None:
            self._phones.communicate()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_TIMEOUT_S)
            if self._process.stdout is not None:
                self._process.stdout.close()

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "ledger", "--data-dir", str(self._folder)]


@dataclass(frozen=True)
class World:
    """What the demo plays with."""

    folder: Path
    """The till's."""
    store: str
    ledger: LedgerProcess
    plug: Plug
    scanner: ScannerSimulator
    settings: Settings

    def members(self) -> list[dict[str, Any]]:
        """All members with their balances, as the ledger has them."""
        return list(self.ledger.run("member", "list")["members"])

    def differing(self, day: str) -> list[dict[str, Any]]:
        """Sales of a business day that the ledger makes otherwise by the rules they name."""
        return list(self.ledger.run("differences", "--day", day)["sales"])

    def static_code(self, member: str) -> str:
        """What the member's card says."""
        return member_code(member)

    def dynamic_code(self, member: str) -> str:
        """What the member's phone shows now."""
        return self.ledger.phone(member)

    def allow(self, member: str, challenge: str) -> str:
        """What the member's phone shows once he has allowed what a till asks for; empty where the ledger refuses."""
        return self.ledger.phone(member, challenge)


@contextmanager
def open_world(folder: Path, industry: str, language: str = "zh-CN", second_screen: int = 0) -> Iterator[World]:
    """Set everything up in `folder`, and take it down again."""
    ledger = LedgerProcess(folder / "ledger")
    ledger.run("init")
    port = ledger.serve()
    try:
        load_coalition(ledger, port)
        with world_around(ledger, port, folder / "till", industry, language, second_screen) as world:
            yield world
    finally:
        ledger.stop()


def load_coalition(ledger: LedgerProcess, port: int) -> None:
    """The demo's coalition into a ledger that serves, or will serve, on `port`.

    Phones have a network of their own: the plug is not between them and their page.
    """
    ledger.run("coalition", "load", str(_coalition()), "--page", f"http://127.0.0.1:{port}")


@contextmanager
def world_around(
    ledger: LedgerProcess,
    port: int,
    till_folder: Path,
    industry: str,
    language: str = "zh-CN",
    second_screen: int = 0,
) -> Iterator[World]:
    """A plug, a scanner and a till of the first store of this industry, around a ledger that serves the coalition on `port`."""
    plug = Plug("127.0.0.1", port)
    try:
        with ScannerSimulator() as scanner:
            settings = Settings(
                language="en" if language == "en" else "zh-CN", scanner_port=str(scanner.port), poll_s=2,
                second_screen=second_screen,
            )  # fmt: skip
            store = demo_stores(_coalition().read_bytes())[industry]
            invited = ledger.run("terminal", "invite", store, "--url", f"http://127.0.0.1:{plug.port}")
            with till_lock(till_folder):
                enrol(read_invitation(invited["invitation"]), till_folder, TERMINAL_NAME)
            yield World(till_folder, store, ledger, plug, scanner, settings)
    finally:
        plug.close()


def _coalition() -> Traversable:
    return data("coalition") / "demo.toml"
