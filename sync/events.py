"""What the background tells the counter: facts, from the agent's thread."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from protocol.cases import Decision
from protocol.push import Outcome
from protocol.signing import KeyRing
from sync.link import LinkState


@dataclass(frozen=True)
class LinkChanged:
    """The status line has something else to say."""

    link: LinkState


@dataclass(frozen=True)
class OutcomesMarked:
    """The ledger answered for these entries, and the journal has it in writing. `again`: how many it had known before."""

    outcomes: tuple[Outcome, ...]
    again: int = 0


@dataclass(frozen=True)
class DecisionsMarked:
    """Somebody decided about entries that waited, and the journal has it in writing."""

    decisions: tuple[Decision, ...]


@dataclass(frozen=True)
class CacheChanged:
    """Rows are newer. `members`: whose; empty where it may be anybody's.

    `is_whole`: another file is current (`file`, empty for none), or documents came: open it and read the store again.
    """

    file: str
    members: tuple[str, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True)
class OffsetMeasured:
    """The ledger's time minus this machine's, µs, and how wrong that may be at most."""

    offset_us: int
    bound_us: int = 0


@dataclass(frozen=True)
class KeysLearned:
    """The ledger has a working key that this till did not know: these are all that it believes now."""

    keys: KeyRing


@dataclass(frozen=True)
class ReservationFound:
    """Points lie in a reservation of this till that no entry names: a late yes, or a crash after one.

    The counter answers it with a `returned` entry. It is told again with every pull until the journal has one.
    """

    id: UUID
    member: str


@dataclass(frozen=True)
class ReservationsChecked:
    """What lies at this till was looked through, and the ledger calls its journal its own: allowances can be returned now.

    `is_caught_up`: the feed has told all of them, so that more can be asked for.
    """

    is_caught_up: bool


@dataclass(frozen=True)
class TerminalEnded:
    """Nothing more is appended to this journal: the code of an error in `sync.errors.ENDING`.

    An empty code: the ledger says that the journal is its own after all.
    """

    code: str


@dataclass(frozen=True)
class LedgerRestored:
    """The ledger's books were put back from a copy: of so many entries it had forgotten the outcome; they are sent again.

    What was reserved for this till since the copy was made is reserved no more.
    """

    entries: int


Event = (
    LinkChanged
    | OutcomesMarked
    | CacheChanged
    | OffsetMeasured
    | KeysLearned
    | ReservationFound
    | ReservationsChecked
    | DecisionsMarked
    | TerminalEnded
    | LedgerRestored
)
