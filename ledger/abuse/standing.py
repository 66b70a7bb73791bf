"""What people decided about a finding: its state and its history, both from the acts of the console."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection

from ledger.abuse.moves import Finding
from ledger.acts import acts, record

State = Literal["open", "watched", "confirmed", "cleared"]
STATES: Final[tuple[State, ...]] = ("open", "watched", "confirmed", "cleared")
_WHAT: Final = "abuse-decided"


class Decided(NamedTuple):
    """Once."""

    at_us: int
    by: str
    state: State
    why: str


class Case(NamedTuple):
    """A finding with what was decided about it, the oldest first."""

    finding: Finding
    history: tuple[Decided, ...]

    @property
    def state(self) -> State:
        """Open again where it went on after somebody had cleared it."""
        if not self.history:
            return "open"
        last = self.history[-1]
        return "open" if last.state == "cleared" and self.finding.last_us > last.at_us else last.state


def cases(connection: Connection, findings: list[Finding]) -> list[Case]:
    """In the order of the findings."""
    decided: defaultdict[str, list[Decided]] = defaultdict(list)
    for deed, _hash in acts(connection, _WHAT):
        facts = {name: str(value) for name, value in deed.facts.items()}
        state = next(state for state in STATES if state == facts["state"])
        decided[facts["finding"]].append(Decided(deed.at, deed.by, state, facts["why"]))
    return [Case(one, tuple(decided[one.key])) for one in findings]


def decide(connection: Connection, finding: Finding, state: State, why: str, by: str, now_us: int) -> None:
    """Append it to the acts: none is changed or left out unseen."""
    record(connection, by, _WHAT, now_us, finding=finding.key, state=state, why=why, times=len(finding.evidence))
