"""`till display`: what is assigned, what is wrong with it, and that no PIN comes out of a test."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.settings import Settings, read_settings, write_settings
from devices.display_glass import Glass
from devices.simulators import Cable, make_cable
from local_db.connections import till_lock
from till import i18n
from till.cli import main
from till.commands import display


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    yield
    i18n.use("en")


@pytest.fixture
def cable() -> Iterator[Cable]:
    made = make_cable("socket")
    yield made
    made.close()


def run(folder: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(
        main, ["--data-dir", str(folder), "--lang", "zh-CN", "display", *arguments], input=typed
    )


def test_assigned_and_listed(tmp_path: Path) -> None:
    """Each in the settings file; `none` and 0 take it away again."""
    assert run(tmp_path, "assign", "device:/dev/ttyUSB1", "led8-2400").exit_code == 0
    assert run(tmp_path, "keypad", "device:/dev/ttyUSB2").exit_code == 0
    assert run(tmp_path, "screen", "8650").output.splitlines()[-1] == "http://127.0.0.1:8650/"
    settings = read_settings(tmp_path)
    assert (settings.display_port, settings.display_profile) == ("device:/dev/ttyUSB1", "led8-2400")
    assert (settings.pin_pad_port, settings.pin_pad_profile) == ("device:/dev/ttyUSB2", "generic-keys")
    listed = run(tmp_path, "list").output
    for words in ("客显：device:/dev/ttyUSB1 led8-2400", "副屏：http://127.0.0.1:8650/", "八位数码客显"):
        assert words in listed
    for arguments in (("assign", "none"), ("keypad", "none"), ("screen", "0")):
        assert run(tmp_path, *arguments).exit_code == 0
    settings = read_settings(tmp_path)
    assert (settings.display_port, settings.pin_pad_port, settings.second_screen) == ("", "", 0)
    assert json.loads(run(tmp_path, "list", "--json").stdout)["second_screen"] == 0


@pytest.mark.parametrize(
    "arguments",
    [("assign", "device:/dev/x", "none-such"), ("assign", "by-id:../x"), ("keypad", "device:/dev/x", "cd5220")],
)
def test_what_cannot_be_assigned(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Said, and the settings stay."""
    assert run(tmp_path, *arguments).exit_code == 2
    assert not (tmp_path / "till.toml").exists()


def test_a_port_that_something_else_has(tmp_path: Path) -> None:
    """What a display is sent would be printed on a printer, and a keypad's digits would be codes."""
    assert run(tmp_path, "assign", "device:/dev/ttyUSB1").exit_code == 0
    for arguments in (("keypad", "device:/dev/ttyUSB1"), ("keypad", "device:/dev/../dev/ttyUSB1")):
        done = run(tmp_path, *arguments)
        assert done.exit_code == 4, arguments
        assert "display_port" in done.output
    write_settings(tmp_path, Settings(printer_port="device:/dev/ttyUSB2"))
    assert run(tmp_path, "find", "device:/dev/ttyUSB2").exit_code == 4


def test_an_open_counter_keeps_its_settings(tmp_path: Path) -> None:
    """It would write them over."""
    with till_lock(tmp_path):
        assert run(tmp_path, "screen", "8650").exit_code == 4


def test_a_pattern_on_the_display(tmp_path: Path, cable: Cable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eights, and somebody is asked; without anybody to ask it is skipped, and never claimed to be well."""
    monkeypatch.setattr(display, "SENT_S", 0.1)
    glass = Glass("cd5220")
    run(tmp_path, "assign", str(cable.port))
    done = run(tmp_path, "test", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["results"][0]["result"] == "skipped"
    glass.feed(cable.read(1.0))
    assert glass.seen.rows == ("TEST          888888", "0123456789    888888")
    monkeypatch.setattr(display, "_is_asked", lambda: True)
    assert run(tmp_path, "test", typed="y\n").exit_code == 0
    answer = run(tmp_path, "test", typed="n\n")
    assert answer.exit_code == 1
    assert "till display find" in answer.output


def test_d92_the_profile_that_can_be_read_is_found(
    tmp_path: Path, cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each profile has a digit of its own; the third can be read."""
    monkeypatch.setattr(display, "_is_asked", lambda: True)
    monkeypatch.setattr(display, "SENT_S", 0.05)
    done = run(tmp_path, "find", str(cable.port), typed="n\nn\ny\n")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    third = next(line.split()[1] for line in lines if line.startswith("333333 "))
    assert lines[-1] == f"till display assign {cable.port} {third}"


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    """Display and keypad say which code it is."""
    run(tmp_path, "assign", "device:/dev/no-such")
    done = run(tmp_path, "test")
    assert done.exit_code == 1
    assert "port-missing" in done.output


def test_the_keypad_is_counted(tmp_path: Path, cable: Cable) -> None:
    """So many digits came; which, is not said."""
    run(tmp_path, "keypad", str(cable.port))
    keys = threading.Timer(0.4, lambda: cable.write(b"2468\r"))
    keys.start()
    done = run(tmp_path, "test")
    keys.join()
    assert done.exit_code == 0
    assert "4" in done.output
    assert "2468" not in done.output


def test_nothing_is_assigned(tmp_path: Path) -> None:
    """Says how."""
    done = run(tmp_path, "test")
    assert done.exit_code == 4
    assert "till display assign" in done.output


def test_somebody_sees_the_second_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays until he has said so; without anybody to ask it is skipped."""
    seen: list[str] = []

    def browse() -> None:
        for _attempt in range(200):
            connection = http.client.HTTPConnection("127.0.0.1", 18652, timeout=5)
            try:
                connection.request("GET", "/view")
            except ConnectionRefusedError:
                connection.close()
                threading.Event().wait(0.02)
                continue
            answer = connection.getresponse()
            while line := answer.readline():
                seen.append(line.decode())
            connection.close()
            return

    run(tmp_path, "screen", "18652")
    for is_asked, result in ((True, "PASS"), (False, "SKIPPED")):
        monkeypatch.setattr(display, "_is_asked", lambda is_asked=is_asked: is_asked)
        browser = threading.Thread(target=browse)
        browser.start()
        done = run(tmp_path, "test", typed="y\n")
        browser.join()
        assert (done.exit_code, result in done.output) == (0, True)
    assert "8,888.88" in seen[0]


def test_no_browser_opens_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed, and not claimed."""
    monkeypatch.setattr(display, "LOOK_S", 0.1)
    run(tmp_path, "screen", "18651")
    done = run(tmp_path, "test")
    assert done.exit_code == 1
    assert "没有浏览器" in done.output
