"""What goods are before the law: a category says its nature, and what may be promised of it follows from that.

A word list alone would be a game of hide and seek, so a name that sounds like one of these obliges its category to say so, and
everything else is read from the structure: which categories earn, and which a reward may pay for or hand over.

stored-value       gift cards, top-ups, prepaid cards: money that is spent later. It would earn twice, and points that buy it
                   are points for cash; points are never mixed with customers' money (P12)
account-opening    fees of an account or a card that is opened: points come from spending, never from opening (A3, P12)
lottery            tickets and draws: nothing that works as gambling (A3)
tobacco            no promotion of any kind (广告法 第二十二条 forbids its advertising in public places and mass media)
infant-formula     for the first twelve months (广告法 第二十条: nothing that claims to replace mother's milk is advertised)
prescription-drug  is not given away for buying something else (药品经营和使用质量监督管理办法, 药品网络销售监督管理办法)
insurance          premiums. Nobody who sells insurance may give the insured a benefit that the contract does not name
                   (保险法 第一百一十六条第四项, 第一百三十一条第四项): they earn nothing, and a reward that pays for one
                   names who funds it and on what legal basis
ticket             entry to a place with hours: a redeemed one has exactly the hours of a bought one (P10)
alcohol            nothing by itself; for coalitions that forbid it
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from pydantic import ValidationError

from points.errors import ProgrammeError
from points.fields import Document, Text
from points.form_errors import first_error
from points.places import line_of
from points.sentences import Sentence

Nature: TypeAlias = Literal[
    "stored-value", "account-opening", "lottery", "tobacco", "infant-formula", "prescription-drug", "insurance", "ticket",
    "alcohol",
]  # fmt: skip
Use: TypeAlias = Literal["earning", "redeeming", "both"]


class Forbidden(Document):
    """What a coalition forbids beyond the rest: categories of this nature earn nothing, are never paid with points, or both."""

    nature: Nature
    applies_to: Use
    reason: Text


def read_forbidden(tables: Sequence[object], source: str, text: str = "") -> tuple[Forbidden, ...]:
    """From the ``[[forbidden]]`` tables of a coalition's file, whose `text` tells lines. Raises `ProgrammeError`."""
    found = []
    for place, table in enumerate(tables):
        try:
            found.append(Forbidden.model_validate(table))
        except ValidationError as error:
            key, sentence = first_error(error)
            key_path = f"forbidden[{place}].{key}".removesuffix(".")
            raise ProgrammeError(source, key_path, sentence, line_of(text, key_path)) from None
    return tuple(found)


ALWAYS: Final[Mapping[Nature, tuple[Use, Sentence]]] = {
    "stored-value": (
        "both",
        Sentence("A3, P12: stored value would earn twice, and points for it are points for cash"),
    ),
    "account-opening": (
        "both",
        Sentence("A3, P12: points come from spending, never from opening an account or a card"),
    ),
    "lottery": ("both", Sentence("A3: nothing that works as gambling")),
    "tobacco": ("both", Sentence("A3: the law leaves no promotion of tobacco")),
    "infant-formula": ("both", Sentence("A3: the law leaves no promotion of what replaces mother's milk")),
    "prescription-drug": ("both", Sentence("A3: the law lets nobody give prescription drugs away")),
    "insurance": ("earning", Sentence("A3: points for a premium are a benefit beside the insurance contract")),
}
"""What no coalition can allow, and the rule that says why."""

RULES: Final[Mapping[Nature, Sentence]] = {
    **{nature: why for nature, (_, why) in ALWAYS.items()},
    "ticket": Sentence("P10: a redeemed ticket has exactly the hours of a bought one"),
}
"""Why a name that sounds like it obliges to say so."""

_NAMES: Final[Mapping[Nature, str]] = {
    "stored-value": r"储值|预付卡|购物卡|礼品卡|充值(?!电池)|stored[- ]value|gift ?cards?|prepaid|top[- ]?ups?\b",
    "account-opening": r"开户|开卡费|办卡费|account[- ]opening|card[- ]opening",
    "lottery": r"彩票|福彩|体彩|lotter(y|ies)|scratch ?cards?",
    "tobacco": r"烟草|香烟|卷烟|雪茄|烟酒|tobacco|cigarettes?|cigars?\b",
    "infant-formula": r"婴儿(配方)?奶粉|(?<!幼儿)(?<!儿童)(?<!老年)(?<!成人)(?<!孕妇)(?<!学生)配方奶粉"
                      r"|奶粉[ （(]?[12一二]段|[一二]段奶粉|infant formula|baby formula",
    "prescription-drug": r"(?<!非)处方药|prescription (drugs?|medicines?)",
    "insurance": r"保险(?![箱柜丝杠盒栓套锁管片带])|车险|寿险|交强险|保费|insurance",
    "ticket": r"门票|入园券|入场券|景区票|观光票|"
              r"(admission|entrance|entry|park|scenic|scenic[- ]area|museum|cinema|movie)[- ]tickets?",
}  # fmt: skip
NAMES: Final = {nature: re.compile(pattern, re.IGNORECASE) for nature, pattern in _NAMES.items()}
"""What a name says of the nature of what it names. 非处方药, 保险杠 and 保险箱 are none of them."""


def natures_named(*names: str) -> list[Nature]:
    """Those that one of some names says, in the order above."""
    return [nature for nature, pattern in NAMES.items() if any(pattern.search(name) for name in names)]
