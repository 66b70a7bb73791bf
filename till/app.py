"""How the command line reaches the app without importing upwards.

`terminal` stands above this room and is found by its entry point (group `till.app`), so that the headless commands work where
textual is not installed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from config.settings import Settings

if TYPE_CHECKING:
    from till.composition import Till
    from till.outage.post import OutagePost
    from till.tutorial.coach import Coach

DISTRIBUTION = "till-points-counter"
TO_TRAINING = 75
"""What the app returns where the training counter is wanted next."""
TO_TUTORIAL = 76
"""The same, with the coach."""

Start = Callable[[], "AbstractContextManager[Till]"]


@dataclass(frozen=True)
class DemoKey:
    """A key that exists in the demo only: what it is called and what it does, from a thread of its own."""

    key: str
    label_zh: str
    label_en: str
    press: Callable[[], None]


@dataclass(frozen=True)
class Demo:
    """What a newcomer is given beside the till: keys that play the customers, and somebody to sign in as.

    `is_training`: this is a shop's own training, where everybody signs in as himself (`staff` is empty). `coach`: it is the
    tutorial, task by task.
    """

    keys: tuple[DemoKey, ...]
    staff: str = ""
    pin: str = ""
    is_training: bool = False
    coach: Coach | None = None


class App(Protocol):
    """What `terminal` offers as `counter`. `start` opens the till and is called after the first paint, in a thread.

    `pair` takes an enrolment code and the till's name, for a folder that is no till yet. `train` prepares a training, for
    somebody who asks for it at a closed shift; the app then ends with `TO_TRAINING` or `TO_TUTORIAL`. `outages`: what is
    known of this till's outages, and how to rehearse one. Returns the exit code.
    """

    def __call__(
        self,
        start: Start,
        settings: Settings,
        *,
        pair: Callable[[str, str], object],
        demo: Demo | None = None,
        train: Callable[[], object] | None = None,
        outages: OutagePost | None = None,
    ) -> int: ...


class Lines(Protocol):
    """What `terminal` offers as `lines`: the counter on plain input and output. Returns the exit code."""

    def __call__(self, start: Start, settings: Settings) -> int: ...


class Hands(Protocol):
    """A person at the counter, for who has no terminal: the demo's headless day."""

    async def press(self, *keys: str) -> None:
        """Keys, as raw events, one after the other without a pause: `f2`, `enter`, `1`."""
        ...

    async def until(self, seen: Callable[[str], bool], what: str, timeout_s: float = 10) -> str:
        """Wait until the screen's text is as `seen` wants it. Raises `TimeoutError` with `what` and the screen."""
        ...

    def screen(self) -> str:
        """What the screen says now, row by row."""
        ...


class Player(Protocol):
    """What `terminal` offers as `player`: the same app without a terminal, 80×24, in the hands of a script."""

    def __call__(self, start: Start, settings: Settings, script: Callable[[Hands], Awaitable[None]]) -> None: ...


def find_app() -> App | None:
    """The app, or None where only the headless part is installed."""
    return cast("App | None", _find("counter"))


def find_lines() -> Lines | None:
    """The counter in plain lines, or None."""
    return cast("Lines | None", _find("lines"))


def find_player() -> Player | None:
    """The app without a terminal, or None."""
    return cast("Player | None", _find("player"))


class Simulation(Protocol):
    """What the room `simulation` offers as `simulate`; the report says what a campaign came to."""

    def __call__(
        self,
        seeds: range,
        *,
        tills: int,
        operations: int,
        jobs: int,
        breaks: str,
        narrate: Callable[[str], None],
        trace: bool,
    ) -> SimulationReport: ...


class SimulationReport(Protocol):
    """A campaign of seeds, for a person and for programs."""

    failures: list[dict[str, Any]]

    def text(self) -> str: ...
    def document(self) -> dict[str, Any]: ...


def find_simulation() -> Simulation | None:
    """The simulation, or None where the ledger, which it plays with, is not installed."""
    try:
        return cast("Simulation | None", _find("simulate"))
    except ModuleNotFoundError:
        return None


def _find(name: str) -> Any:
    """In our own distribution: reading the entry points of all that are installed takes 5 to 10 ms of the first paint."""
    from importlib.metadata import distribution

    offered = distribution(DISTRIBUTION).entry_points.select(group="till.app", name=name)
    return next((entry.load() for entry in offered), None)
