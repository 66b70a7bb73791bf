"""Sentences of the lower rooms for people: a template in English, and the facts that fill it.

Nothing is translated here. The Chinese of each template lies in the catalogue beside this room (`points/locales`), and who
shows a sentence looks it up: the command line in the language of the till, the ledger what it says of programmes in both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self, TypeAlias

Fact: TypeAlias = int | str


class Sentence(str):
    """English text that knows how it was put together. A fact may be a sentence itself: the rule that is broken, what a refusal
    says."""

    __slots__ = ("facts", "template")
    facts: Mapping[str, Fact]
    template: str

    def __new__(cls, template: str, /, **facts: Fact) -> Self:
        made = super().__new__(cls, template.format_map(facts))
        made.template, made.facts = template, facts
        return made

    def in_words(self, translate: Callable[[str], str]) -> str:
        """With every template as `translate` gives it."""
        return translate(self.template).format_map(in_words(self.facts, translate))


def in_words(facts: Mapping[str, Fact], translate: Callable[[str], str]) -> dict[str, int | str]:
    """The facts, those that are sentences in the words that `translate` gives."""
    return {name: fact.in_words(translate) if isinstance(fact, Sentence) else fact for name, fact in facts.items()}


class Wrong(ValueError):  # noqa: N818  # no error of its own: pydantic takes it, and it ends as a `ProgrammeError`
    """A value that a programme cannot have."""

    def __init__(self, template: str, /, **facts: Fact) -> None:
        self.sentence = Sentence(template, **facts)
        super().__init__(str(self.sentence))


def msg(template: str) -> str:
    """Mark the sentence of an error for the catalogue."""
    return template
