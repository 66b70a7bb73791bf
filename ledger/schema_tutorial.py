"""The table of who has passed the tutorial: by store and 工号, not hot."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from ledger.schema import Books, whole


class TutorialPass(Books, table=True):
    """The first time that somebody passed, and the terminal that told. It goes when he leaves the store's staff list."""

    __tablename__: ClassVar[str] = "tutorial_pass"
    store: str = Field(primary_key=True)
    staff: str = Field(primary_key=True)
    passed_at: int = whole()
    tasks: int = whole()
    attempts: int = whole()
    seconds: int = whole()
    terminal: str
