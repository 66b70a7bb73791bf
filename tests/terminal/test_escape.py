"""Esc is taken for itself as soon as `ESCDELAY` has passed (POSIX)."""

from __future__ import annotations

import os
import selectors
import sys

import pytest

if sys.platform != "win32":  # whose console sends keys, not the bytes of a terminal
    from textual.constants import ESCAPE_DELAY
    from textual.drivers import linux_driver

    from terminal.escape_posix import hasten_escape

    def test_the_input_thread_looks_again_when_an_esc_may_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
        """After a byte it waits for ESCDELAY, not for Textual's 100 ms; after nothing, for those."""
        monkeypatch.setitem(vars(linux_driver), "selectors", selectors)
        hasten_escape()
        waits: list[float | None] = []
        wait = selectors.SelectSelector.select

        def noted(self: selectors.SelectSelector, timeout: float | None = None) -> object:
            waits.append(timeout)
            return wait(self, 0)

        monkeypatch.setattr(selectors.SelectSelector, "select", noted)
        reading, writing = os.pipe()
        with vars(linux_driver)["selectors"].SelectSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            os.write(writing, b"\x1b")
            assert selector.select(0.1)
            os.read(reading, 1)
            assert not selector.select(0.1)
            assert not selector.select(0.1)
        os.close(reading)
        os.close(writing)
        assert waits == [0.1, pytest.approx(ESCAPE_DELAY, abs=0.005), 0.1]
        assert ESCAPE_DELAY < 0.1
