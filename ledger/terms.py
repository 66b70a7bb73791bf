"""Which programmes and kinds of points the coalition knows: read from the documents it published.

An entry may name any version that was ever published: a till offline for a month stands on an old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import rows
from points.asked import asked, asked_of_all
from points.errors import ProgrammeError
from points.forms import RewardBase
from points.programme import Programme
from points.tiers import DEFAULT_MONTHS, Tier
from protocol import canonical
from protocol.documents import Document, ProgrammeText
from protocol.signing import Signed

Key = tuple[str, int, int]
"""(programme, version, engine)"""


class Rules(NamedTuple):
    """Of one version of a programme, what the books have to do with its rules.

    `asked`: the counts that they ask for, `asked_of_all` those that are of all members together; `tiers` from the lowest to the
    highest, by what is paid in `tier_months`; `bounded`: the rewards with a limit, a stock or a quota.
    """

    asked: frozenset[str] = frozenset()
    tiers: tuple[Tier, ...] = ()
    tier_months: int = DEFAULT_MONTHS
    asked_of_all: frozenset[str] = frozenset()
    bounded: Mapping[str, RewardBase] = {}

    @property
    def has_reckoned_tiers(self) -> bool:
        """Whether a member can have a tier by himself."""
        return any(tier.is_reckoned for tier in self.tiers)


class Terms(NamedTuple):
    """What the newest document with number `newest` and all before it allow an entry to name."""

    newest: int = 0
    kinds: frozenset[str] = frozenset()
    kinds_of: dict[Key, frozenset[str]] = {}
    """The kinds of points in it."""
    numbers: dict[Key, int] = {}
    """Of a document in which it stands."""
    rules: dict[Key, Rules] = {}
    """Of those that were asked for since the program began: a document is parsed when the first sale names it."""
    newest_of: dict[str, Key] = {}
    """By programme."""

    def refreshed(self, connection: Connection) -> Terms:
        """These, and what was published since. One cheap query where nothing was."""
        newest = rows.fetch(connection, "SELECT coalesce(max(number), 0) FROM document")[0][0]
        if newest == self.newest:
            return self
        published = rows.fetch(
            connection,
            "SELECT number, signed FROM document WHERE kind = 'programme' AND number > ? ORDER BY number",
            self.newest,
        )
        texts = [(number, programme_text(signed)) for number, signed in published]
        kinds_of = {**self.kinds_of, **{_key(text): _kinds(text) for _number, text in texts}}
        numbers = {**self.numbers, **{_key(text): number for number, text in texts}}
        newest_of = {key[0]: key for key in sorted(kinds_of)}
        return Terms(newest, frozenset().union(*kinds_of.values()), kinds_of, numbers, self.rules or {}, newest_of)

    def rules_of(self, connection: Connection, key: Key) -> Rules:
        """Of a programme that a sale names; those of nothing for one that was never published."""
        found = self.rules.get(key)
        if found is not None:
            return found
        number = self.numbers.get(key)
        if number is None:
            return Rules()
        self.rules[key] = _rules(_published(connection, number))
        return self.rules[key]

    def programme(self, connection: Connection, key: Key) -> Programme | None:
        """As it was published; None for one that never was. Raises `ProgrammeError` for one that loads no more."""
        number = self.numbers.get(key)
        return parsed(_published(connection, number)) if number is not None else None


class _Kind(msgspec.Struct):
    code: str


class _KindsOnly(msgspec.Struct):
    kind: list[_Kind] = []


def _published(connection: Connection, number: int) -> ProgrammeText:
    return programme_text(rows.fetch(connection, "SELECT signed FROM document WHERE number = ?", number)[0][0])


def parsed(text: ProgrammeText) -> Programme:
    return Programme.from_document(msgspec.json.decode(text.document), f"programme {text.programme}")


def programme_text(signed: str) -> ProgrammeText:
    """Our own signature, in our own database: not checked again."""
    document = msgspec.json.decode(msgspec.json.decode(signed, type=Signed).body, type=Document)
    return canonical.decode(bytes(document.content), ProgrammeText)


def _key(text: ProgrammeText) -> Key:
    return text.programme, text.version, text.engine


def _kinds(text: ProgrammeText) -> frozenset[str]:
    return frozenset(kind.code for kind in msgspec.json.decode(text.document, type=_KindsOnly).kind)


def _rules(text: ProgrammeText) -> Rules:
    """A programme that was published before a check which it would not pass has no rules that are as young as the check."""
    try:
        programme = parsed(text)
    except ProgrammeError:
        return Rules()
    bounded: dict[str, RewardBase] = {reward.id: reward for reward in programme.rewards if reward.is_bounded}
    return Rules(asked(programme), programme.tiers, programme.tier_months, asked_of_all(programme), bounded)
