"""From an error to a sentence in the language of the screen: its code chooses the sentence, its facts fill it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from terminal.i18n import _, either, msg
from terminal.sentences import REASONS, SENTENCES
from terminal.text import day_text, harmless
from till.text import money

if TYPE_CHECKING:
    from till.members import MemberView

__all__ = [
    "UNKNOWN",
    "Names",
    "ago",
    "choice_name",
    "code_of",
    "money",
    "name_of",
    "reason_sentence",
    "sentence",
    "sentence_of",
]

UNKNOWN = msg("This is not possible ({code}). Tell the technician.")


class Names(Protocol):
    """What codes of a programme are called: `till.store.Store.programme` is one."""

    @property
    def reward_by_id(self) -> Mapping[str, Any]: ...

    @property
    def kind_by_code(self) -> Mapping[str, Any]: ...

    @property
    def category_by_code(self) -> Mapping[str, Any]: ...

    @property
    def tier_by_code(self) -> Mapping[str, Any]: ...

    @property
    def payer_by_code(self) -> Mapping[str, Any]: ...


def name_of(member: MemberView) -> str:
    """What a member is called: his name as the ledger masks it; his number where it told none."""
    return harmless(member.name) or harmless(member.member, 24)


def code_of(error: Exception) -> str:
    """The stable code of a refusal: its own, or the cause of a failed exchange."""
    return str(getattr(error, "code", "") or getattr(error, "cause", "") or "protocol")


def sentence_of(error: Exception, names: Names | None = None) -> str:
    """What happened and what would help. `names` turns ids of rewards, kinds and categories into words."""
    facts = dict(getattr(error, "facts", None) or {})
    facts |= {key: getattr(error, key) for key in ("text", "reference") if hasattr(error, key) and key not in facts}
    return sentence(code_of(error), facts, names)


def sentence(code: str, facts: Mapping[str, Any] | None = None, names: Names | None = None) -> str:
    """The sentence for a code. A code that has none is said as it is, so that a technician can look it up."""
    if code == "not-enough-points" and names and facts and _is_in_pieces(names, facts.get("kind", "")):
        code = "not-enough-pieces"
    known = SENTENCES.get(code)
    if known is None and code.startswith("case-still-"):
        known, facts = SENTENCES["case-still"], {"reason": reason_sentence(code.removeprefix("case-still-"))}
    if known is None:
        return _(UNKNOWN).format(code=harmless(code, 40))
    said = {key: _said(key, value, names) for key, value in (facts or {}).items()}
    return _(known).format_map(_Facts(said | _in_other_words(said, facts or {})))


def reason_sentence(reason: str, detail: str = "") -> str:
    """Why an entry waits for a person."""
    known = REASONS.get(reason)
    return _(known) if known else harmless(detail or reason, 120)


def choice_name(choice: str) -> str:
    """What was decided about an entry."""
    names = {"accepted": _("accepted"), "corrected": _("corrected"), "written-off": _("written off")}
    return names.get(choice, harmless(choice, 20))


class _Facts(dict[str, Any]):
    """A fact that a caller left out shows as `?`: a sentence with a gap is better than a crash at the counter."""

    def __missing__(self, key: str) -> str:
        return "?"


def _said(key: str, value: Any, names: Names | None) -> str:
    if names is not None and key == "reward" and value in names.reward_by_id:
        return str(either(names.reward_by_id[value].name))
    if names is not None and key == "kind" and value in names.kind_by_code:
        return str(either(names.kind_by_code[value].name))
    if names is not None and key == "payer" and value in names.payer_by_code:
        return str(either(names.payer_by_code[value].name))
    if names is not None and key == "tiers":
        known = (names.tier_by_code.get(code) for code in str(value).split())
        return ", ".join(harmless(either(tier.name)) for tier in known if tier)
    if key == "period":
        return {"day": _("a day"), "month": _("a month")}.get(str(value), _("altogether"))
    if names is not None and key == "category" and value in names.category_by_code:
        return str(either(names.category_by_code[value].name))
    if key in ("since", "until"):
        return day_text(str(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return harmless(str(value), 60)


def _is_in_pieces(names: Names, kind: str) -> bool:
    """A voucher or a stamp: what is missing of them are no points."""
    known = names.kind_by_code.get(kind)
    return known is not None and known.unit is not None


def _in_other_words(said: Mapping[str, str], facts: Mapping[str, Any]) -> dict[str, str]:
    """`amount_fen` as `amount`, in yuan; seconds as minutes."""
    words = {key.removesuffix("_fen"): money(value) for key, value in facts.items() if key.endswith("_fen")}
    if "seconds" in said:
        words["minutes"] = str(-(-int(facts["seconds"]) // 60))
    return words


def ago(seconds: int) -> str:
    """`12分钟`: how long something lasts, in the coarsest unit that fits."""
    minutes = seconds // 60
    units: tuple[tuple[int, Callable[[], str]], ...] = (
        (2 * 24 * 60, lambda: _("{n} days").format(n=minutes // (24 * 60))),
        (120, lambda: _("{n} h").format(n=minutes // 60)),
        (1, lambda: _("{n} min").format(n=minutes)),
    )
    return next((said() for least, said in units if minutes >= least), _("<1 min"))
