"""The epochs of these books: a random name for as long as they only grow.

Books that were restored from a copy have forgotten something that tills have in writing. Numbers of the feed that come a second
time mean something else then, so positions are compared within an epoch alone, and every till starts from a snapshot.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ledger import rows
from ledger.chance import random_name
from ledger.schema_log import Epoch, LogHead
from protocol.merkle import EMPTY_ROOT


def current_epoch(connection: Connection) -> str:
    """Its name."""
    found = rows.fetch(connection, "SELECT epoch FROM epoch ORDER BY number DESC LIMIT 1")
    name: str = found[0][0]
    return name


def epoch_number(connection: Connection) -> int:
    """1 for books that were never restored."""
    ((number,),) = rows.fetch(connection, "SELECT coalesce(max(number), 0) FROM epoch")
    found: int = number
    return found


def begin_epoch(connection: Connection, why: str, now_us: int, evidence: bytes = b"") -> str:
    """From now on positions mean something else; the new name."""
    name = random_name()
    rows.insert(connection, Epoch, [(epoch_number(connection) + 1, name, now_us, why, evidence)])
    return name


def ensure_log(connection: Connection, now_us: int = 0) -> None:
    """The rows that books are born with, where they are missing: an empty log and the first epoch."""
    rows.insert_missing(connection, LogHead, [(1, 0, EMPTY_ROOT)])
    if not rows.fetch(connection, "SELECT 1 FROM epoch LIMIT 1"):
        begin_epoch(connection, "born", now_us)
