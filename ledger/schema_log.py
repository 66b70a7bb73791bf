"""The tables of the ledger's log and of its epochs: not hot, written by one at a time, in transactions of their own."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field

from ledger.schema import CLUSTERED, Books


class LogHead(Books, table=True):
    """One row: how many entries the log has, and the root over them. Who appends holds it."""

    __tablename__: ClassVar[str] = "log_head"
    one: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int = Field(sa_type=BigInteger)
    root: bytes = Field(sa_type=LargeBinary)


class LogTile(Books, table=True):
    """256 hashes of a level (as C2SP's tlog-tiles), fewer in its last one: 32 bytes an entry and 1/255 of it for the tree."""

    __tablename__: ClassVar[str] = "log_tile"
    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_type=BigInteger)
    hashes: bytes = Field(sa_type=LargeBinary)


class LogRun(Books, table=True):
    """`count` entries of a terminal from `first_seq` on stand in the log from `first` on."""

    __tablename__: ClassVar[str] = "log_run"
    __table_args__ = (Index("log_run_terminal", "terminal", "first_seq", unique=True),)
    first: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    terminal: str
    first_seq: int = Field(sa_type=BigInteger)
    count: int = Field(sa_type=BigInteger)


class Logged(Books, table=True):
    """How far a terminal's chain is in the log."""

    __table_args__ = (CLUSTERED,)
    terminal: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)


class Epoch(Books, table=True):
    """A life of these books: another one begins where they are restored from a copy. `why`: `born`, `restored`, `found-out`.

    `evidence`: the checkpoint (signed, canonical JSON) by which a till showed that they had been.
    """

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    epoch: str
    began_at: int = Field(sa_type=BigInteger)
    why: str
    evidence: bytes = Field(sa_type=LargeBinary, default=b"")
