"""Training: a terminal, a journal and a book of its own, which nothing leads out of.

A training terminal is known by its id, and every entry that it makes says so in itself (`Header.training`). So neither the
books nor a training book can take the other's entries for their own, whoever sends them under whatever name.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from protocol.canonical import Count, Model, Name, Text
from protocol.enrolment import EnrolAnswer

TERMINAL_PREFIX: Final = "training-"
"""No store is called so, and ids of terminals begin with their store."""

MEMBER_PREFIX: Final = "0000"
"""Numbers of training members. No member of the books has one: new numbers have no leading zero, and others are refused."""

TRAINING_PATH: Final = "/training"
"""Below `<path>/<terminal>` a training terminal asks what others ask below `/`."""

_STORE = re.compile(r"training(-.*)?", re.IGNORECASE | re.DOTALL)

Purpose = Literal["training", "rehearsal"]


def is_training(terminal: str) -> bool:
    """Whether this is the id of a training terminal."""
    return terminal.startswith(TERMINAL_PREFIX)


def is_training_member(member: str) -> bool:
    """Whether this is the number of a training member."""
    return member.startswith(MEMBER_PREFIX)


def may_be_store(store: str) -> bool:
    """Whether terminals of a store with this id cannot be taken for training terminals."""
    return _STORE.fullmatch(store) is None


class TrainingRequest(Model, kw_only=True):
    """Asked by a terminal of the books. `public`: the training terminal's own key, made for it. The book that this till had for
    the same purpose before is deleted. `name`: what people call the till."""

    public: bytes
    name: Name
    purpose: Purpose = "training"


class TrainingMember(Model, kw_only=True):
    """Somebody to practise with. `pin` is empty where he has none."""

    member: Name
    phone: str
    pin: str = ""
    points: Count = 0


class TrainingAnswer(Model, kw_only=True):
    """Who the training terminal is, and who comes to its counter. It asks below `/training/<terminal>` what others ask below
    `/`, of a book of its own."""

    enrolled: EnrolAnswer
    kind: Name
    """Of the points that the members have."""
    members: tuple[TrainingMember, ...]


class TrainingCodeRequest(Model, kw_only=True):
    """Asked by a training terminal, for one of its members."""

    member: Name


class TrainingCode(Model, kw_only=True):
    """What the phone of a training member shows now (`protocol.dynamic_codes`)."""

    code: Text


class TrainingCleared(Model, kw_only=True):
    """The training terminal whose book is deleted; asked by the terminal of the books that began it."""

    terminal: Name
