"""Where a scan goes: with a technician's card to his screens, else to the screen that is open; what became of it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terminal.screens.by_card import open_by_card

if TYPE_CHECKING:
    from terminal.app import TillApp
    from terminal.screens.base import TillScreen


def route(app: TillApp, screen: TillScreen[Any] | None, code: str, scan: int = 0) -> None:
    """Hand a scan to `screen`; `scan` is its number, 0 for one of a scanner that types."""
    if screen is None:
        return
    begins = app.work is None or app.work.is_idle
    screen.heard_key()
    is_card = app.workbench is not None and open_by_card(app.workbench, screen, code)
    if not is_card:
        screen.code_read(code)
    if not screen.is_mounted:
        return
    notice = screen.next_line.notice
    is_refused = notice is not None and notice.tone == "warning"
    if app.technician is not None and not is_card:
        # The scanner says it too: its bad beep where the screen warns, its good one else.
        app.technician.signal(is_good=not is_refused)
    if app.workbench is not None:
        refused = (notice.code or "notice") if notice is not None and is_refused else ""
        app.workbench.trail.judged(scan, code, type(screen).__name__, refused, begins=begins)


def route_typed(app: TillApp, screen: TillScreen[Any] | None, code: str) -> None:
    """What a scanner typed. Where an input method made pinyin of it, what is left is nobody's code."""
    if code.isascii():
        route(app, screen, code)
    elif screen is not None:
        screen.refuse_code("code-input-method")


def pressed_demo_key(app: TillApp, key: str) -> bool:
    """Whether it is a key of the demo; then it is pressed, in a thread of its own."""
    pressed = next((demo for demo in app.demo.keys if demo.key == key), None) if app.demo else None
    if pressed is not None:
        app.run_worker(pressed.press, thread=True, exclusive=False)
    return pressed is not None
