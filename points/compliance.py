"""What a programme may not promise, whoever would like it: checked before it is published (A1, A3, A4, P10, P12).

Structure first: a category says its `nature`, and from that follows what earns, what points may pay for, and what a reward must
name. What only words could promise is looked for in the words (`points.wordings`). Each refusal cites its rule.

Tills do not ask: a shop does not stop for a sentence that was signed before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from points.errors import ProgrammeError
from points.fields import Document, Text
from points.forms import Reward
from points.natures import ALWAYS, RULES, Forbidden, Nature, natures_named
from points.places import line_of
from points.programme import Programme, text_of
from points.rules import Category
from points.sentences import Sentence
from points.terms import off_bill_fen
from points.wordings import (
    AS_BOUGHT,
    CLAUSES,
    DENIED,
    EMPTY,
    ENTRY_HOURS,
    NO_VALIDITY,
    PROMISES,
    SECOND_CLASS,
    Wording,
)

_KEY_RULES: Final = ("conditions", "validity", "refund")
_NOT_PROMISES: Final = frozenset({"categories", "exclusions", "examples"})
"""Tables whose words promise nothing: what goods are called, why something is excluded, what an example is of."""
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z]")


class Breach(NamedTuple):
    """A key path, and the sentence with the rule that is broken."""

    key_path: str
    sentence: Sentence


def refusals(
    programme: Programme, data: bytes | str, source: str, forbidden: Sequence[Forbidden] = ()
) -> tuple[ProgrammeError, ...]:
    """Why a programme read from `data` must not be published, each with file, line and key path; empty if it may be.

    `forbidden`: what the coalition forbids beyond what is always forbidden.
    """
    text = text_of(data, source)
    return tuple(
        ProgrammeError(source, key_path, sentence, line_of(text, key_path))
        for key_path, sentence in breaches(programme, forbidden)
    )


def breaches(programme: Programme, forbidden: Sequence[Forbidden] = ()) -> Iterator[Breach]:
    """All of them."""
    yield from _goods(programme, forbidden)
    yield from _closed_to_others(programme)
    for place, reward in enumerate(programme.rewards):
        yield from _reward(programme, f"reward[{place}]", reward)
    for key_path, text in promises(programme):
        yield from _disclosed(key_path, text)
        for wording in PROMISES:
            yield from _said(key_path, text, wording)


def promises(document: Document, key_path: str = "") -> Iterator[tuple[str, Text]]:
    """Every text that promises something, with its key path."""
    for name, field in type(document).model_fields.items():
        if name in _NOT_PROMISES:
            continue
        key = f"{key_path}.{field.alias or name}" if key_path else field.alias or name
        value = getattr(document, name)
        for inner_key, inner in _inside(key, value):
            if isinstance(inner, Text):
                yield inner_key, inner
            elif isinstance(inner, Document):
                yield from promises(inner, inner_key)


def _inside(key: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, tuple):
        yield from ((f"{key}[{place}]", one) for place, one in enumerate(value))
    else:
        yield key, value


# --- goods -------------------------------------------------------------------------------------------------------------------


def _goods(programme: Programme, forbidden: Sequence[Forbidden]) -> Iterator[Breach]:
    """Natures that categories hide, and categories that earn or are paid for although their nature forbids it."""
    rules: list[tuple[Nature, str, Sentence]] = [(nature, *rule) for nature, rule in ALWAYS.items()]
    rules += [(one.nature, one.applies_to, _agreed(one.reason)) for one in forbidden]
    for place, category in enumerate(programme.categories):
        key_path = f"category[{place}]"
        named = natures_named(category.name.zh, category.name.en)
        if named and category.nature not in named:
            yield Breach(key_path, _hidden(named[0]))
        for nature, applies_to, why in rules:
            if category.nature == nature:
                yield from _used(programme, key_path, category, applies_to, why)


def _hidden(nature: Nature) -> Sentence:
    return Sentence(
        'its name says that it is {nature}: write nature = "{nature}" ({why})', nature=nature, why=RULES[nature]
    )


def _agreed(reason: Text) -> Sentence:
    return Sentence("the coalition: {reason_en}", reason_en=reason.en, reason_zh=reason.zh)


def _used(
    programme: Programme, key_path: str, category: Category, applies_to: str, why: Sentence
) -> Iterator[Breach]:
    if applies_to != "redeeming" and _earns(programme, category.code):
        earns = Sentence("{category} earns points; exclude it from earning ({why})", category=category.code, why=why)
        yield Breach(key_path, earns)
    if applies_to != "earning":
        for reward in programme.rewards:
            if category.code in _goods_of(programme, reward):
                given = Sentence(
                    "reward {reward} gives {category} for points; exclude it from redeeming ({why})",
                    reward=reward.id, category=category.code, why=why,
                )  # fmt: skip
                yield Breach(key_path, given)


def _earns(programme: Programme, category: str) -> bool:
    if category in programme.no_earning:
        return False
    return programme.earns(category)


def _goods_of(programme: Programme, reward: Reward) -> frozenset[str]:
    """The categories that a reward hands over, or pays for: named, or all that are not excluded."""
    if not off_bill_fen(reward, reward.value_fen):
        return frozenset(reward.categories)
    return frozenset(reward.categories or programme.category_by_code) - programme.no_redeeming.keys()


# --- rewards -----------------------------------------------------------------------------------------------------------------


def _reward(programme: Programme, key_path: str, reward: Reward) -> Iterator[Breach]:
    natures = {programme.category_by_code[code].nature for code in _goods_of(programme, reward)}
    for nature in natures_named(reward.name.zh, reward.name.en):
        if nature not in natures:
            of_nature = Sentence(
                "its name says that it is {nature}: name a category of that nature in categories ({why})",
                nature=nature, why=RULES[nature],
            )  # fmt: skip
            yield Breach(key_path, of_nature)
    if "insurance" in natures and reward.legal_basis is None:
        yield Breach(
            key_path,
            Sentence(
                "it pays for insurance: name funder and legal_basis, or exclude insurance from redeeming (A3: the law lets"
                " nobody who sells insurance return a part of the premium)"
            ),
        )
    texts = {key: getattr(reward, key) for key in ("name", *_KEY_RULES)}
    for key, text in texts.items():
        if "ticket" in natures:
            yield from _said(f"{key_path}.{key}", text, ENTRY_HOURS, unless=AS_BOUGHT)
        if not off_bill_fen(reward, reward.value_fen):
            yield from _said(f"{key_path}.{key}", text, SECOND_CLASS)


def _closed_to_others(programme: Programme) -> Iterator[Breach]:
    """Whoever takes part takes everybody's points for something (P14)."""
    if not any(_is_open(programme, reward) for reward in programme.rewards):
        why = Sentence(
            "at least one is for everybody's points and does not run out: no accepts, others_per_month or stock, no tiers, not"
            " personal, and not for vouchers alone (P14)"
        )
        yield Breach("reward", why)


def _is_open(programme: Programme, reward: Reward) -> bool:
    is_for_all = not (reward.is_online_only or reward.tiers or reward.personal)
    return is_for_all and not programme.issued_kinds.issuperset(reward.kinds)


# --- words -------------------------------------------------------------------------------------------------------------------


def _disclosed(key_path: str, text: Text) -> Iterator[Breach]:
    """Key rules are said, here, in the language of whoever reads them (A1)."""
    key = key_path.rpartition(".")[2]
    if key not in _KEY_RULES:
        return
    if not _HAN.search(text.zh):
        yield Breach(f"{key_path}.zh", Sentence("no Chinese words: the member reads them before he agrees (A1)"))
    if not _LATIN.search(text.en) or _HAN.search(text.en):
        yield Breach(f"{key_path}.en", Sentence("no English words: the counter shows them (A1)"))
    yield from _said(key_path, text, EMPTY)
    if key == "validity" and (NO_VALIDITY.fullmatch(text.zh) or NO_VALIDITY.fullmatch(text.en)):
        yield Breach(key_path, Sentence("does not say until when (A1)"))


def _said(key_path: str, text: Text, wording: Wording, unless: re.Pattern[str] | None = None) -> Iterator[Breach]:
    """The first such words in each language that are not taken back where they stand; clauses with `unless` are left out."""
    for language, words in (("zh", text.zh), ("en", text.en)):
        clauses = [clause for clause in CLAUSES.split(words) if unless is None or not unless.search(clause)]
        found = chain.from_iterable(
            ((clause, match) for match in wording.pattern.finditer(clause)) for clause in clauses
        )
        for clause, match in found:
            if not DENIED.search(clause[: match.start()]):
                yield Breach(f"{key_path}.{language}", _says(match[0], wording.why))
                break


def _says(words: str, why: Sentence) -> Sentence:
    return Sentence('says "{words}": {why}', words=words, why=why)
