"""The counter in a real terminal: tmux types the keys and reads the screen, as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

DEADLINE_S = 60
KEY_S = 0.12
"""As fast as a person types; faster keys are a scanner's."""


class Terminal:
    """80×24, with a program in it."""

    def __init__(self, socket: Path, command: str) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
        self._run("new-session", "-d", "-s", "t", "-x", "80", "-y", "24", command)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._run("send-keys", "-t", "t", key)
            # The terminal's own time is what is tested: keys arrive as far apart as a person's.
            time.sleep(KEY_S)

    def until(self, text: str) -> str:
        """The screen once `text` is on it."""
        end = time.monotonic() + DEADLINE_S
        while text not in (screen := self._run("capture-pane", "-p", "-t", "t")):
            assert time.monotonic() < end, f"no {text!r} on the screen:\n{screen}"
            time.sleep(0.1)
        return screen

    def close(self) -> None:
        self._run("kill-server")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], capture_output=True, text=True, encoding="utf-8", check=False
        )
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The demo, opened by its command. Without tmux this file is left out (tests/conftest.py says so)."""
    (tmp_path / "tmp").mkdir()
    opened = Terminal(tmp_path / "tmux", f"LANG=C.UTF-8 TMPDIR={tmp_path / 'tmp'} exec {sys.executable} -m till demo")
    yield opened
    opened.close()


def test_a_sale_in_a_real_terminal(terminal: Terminal) -> None:
    """Sign in, open a shift, a phone, an amount, Enter: booked, and the ledger has said so."""
    terminal.until("演示：工号 1001")
    terminal.until("联网正常")
    terminal.press(*"1001", "Enter", *"2468", "Enter")
    terminal.until("按 F8 开班")
    terminal.press("F8")
    terminal.until("等待会员码")
    terminal.press("C-k")
    terminal.until("请输入金额")
    terminal.press(*"128.50")
    terminal.until("请核对金额")
    terminal.press("Enter")
    screen = terminal.until("已入账")
    assert "上一单" in screen
    assert all(cell_len(row) <= 80 for row in screen.splitlines())
    assert joined_in_s(terminal) < 10


def joined_in_s(terminal: Terminal) -> float:
    """A new member, from F5 to his name on the screen: the phone, the sentence, yes."""
    began = time.monotonic()
    terminal.press("F5", *"13800007777", "Enter")
    screen = terminal.until("青穗超市用您的手机号为您记积分")
    assert "138 0000 7777" in screen
    terminal.press("F2")
    terminal.until("新会员，本单就能积分")
    return time.monotonic() - began


def test_a_window_that_is_closed_leaves_nothing_behind(terminal: Terminal, tmp_path: Path) -> None:
    """Keys, journal and ledger of the demo are gone with its window, not only when it is left by its own key."""
    terminal.until("演示：工号")
    assert list((tmp_path / "tmp").glob("till-demo-*"))
    terminal.close()
    end = time.monotonic() + DEADLINE_S
    while found := list((tmp_path / "tmp").glob("till-demo-*")):
        assert time.monotonic() < end, found
        time.sleep(0.1)
