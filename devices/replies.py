"""What a scanner answers to a command: the outcome, who it is, and how a profile says which commands are answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

import msgspec


class Outcome(StrEnum):
    """What became of one command."""

    DONE = "done"
    """The scanner says so itself."""
    SENT = "sent"
    """Written to the line; this family answers nothing, so nobody knows."""
    REFUSED = "refused"
    """NAK: a value out of range, or programming is locked."""
    UNKNOWN_COMMAND = "unknown-command"
    SILENT = "silent"
    """No answer in time: another family, another line setting, or switched off."""
    OFFLINE = "offline"
    """The port is away; nothing was sent."""
    UNSUPPORTED = "unsupported"
    """The profile has no such command."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of one command. `text`: the printable part of the answer, lines joined by LF; `raw` is empty when silent."""

    outcome: Outcome
    raw: bytes = b""
    text: str = ""

    @property
    def is_answered(self) -> bool:
        """True when something came back, be it a refusal: the family and the line are right."""
        return self.outcome in (Outcome.DONE, Outcome.REFUSED, Outcome.UNKNOWN_COMMAND)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a scanner says it is. What it did not say is empty; `text` is all that it said."""

    model: str
    firmware: str
    serial_number: str
    text: str


CommandName = Literal["enable", "disable", "good_beep", "bad_beep", "trigger", "identify", "health", "lock", "unlock"]


class Replies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a family answers."""

    format: Literal["none", "bcc", "datalogic", "grow", "honeywell", "mindeo", "newland", "ssi"] = "none"
    """Which frames of the line are answers; `devices/frames/` has one file for each."""
    answered: tuple[CommandName, ...] = ()
    """The commands that are answered; the others are sent and believed."""
    timeout_ms: Annotated[int, msgspec.Meta(ge=50, le=5_000)] = 500
    pause_ms: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 0
    """Least time from one command to the next."""
    retries: Annotated[int, msgspec.Meta(ge=0, le=3)] = 0
    """How often a command that was not answered is sent again: a scanner that sleeps loses the byte that wakes it."""
    identity: str = ""
    """A regular expression over the answer to `identify`, with the groups `model`, `firmware`, `serial`."""
    unhealthy: str = ""
    """A regular expression that the answer to `health` contains when a part has failed."""

    def __post_init__(self) -> None:
        if self.answered and self.format == "none":
            raise ValueError("a family that answers needs a format")
        for pattern in (self.identity, self.unhealthy):
            try:
                re.compile(pattern)
            except re.error as exc:
                raise ValueError(f"{pattern!r}: {exc}") from exc


def is_healthy(replies: Replies, reply: Reply) -> bool:
    """Whether no part of the answer to `health` says that it has failed."""
    return not (replies.unhealthy and re.search(replies.unhealthy, reply.text))


def identity_of(replies: Replies, reply: Reply) -> Identity | None:
    """Who answered; None when nobody did, or not to this question."""
    if reply.outcome is not Outcome.DONE:
        return None
    found = [match.groupdict() for match in re.finditer(replies.identity, reply.text)] if replies.identity else []
    said = {name: value.strip() for groups in found for name, value in groups.items() if value}
    return Identity(said.get("model", ""), said.get("firmware", ""), said.get("serial", ""), reply.text)
