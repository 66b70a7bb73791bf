"""The fleet as a table for a person, in Chinese or English: a line of figures a till, and under it
its name, its program, and why somebody should go."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.console import padded
from ledger.fleet import NEEDS_A_VISIT, Judged, age, money
from ledger.pages.words import Words, msg
from points.sentences import Sentence

_COLUMNS = (
    (msg("till"), 14), (msg("heard"), 9), (msg("waiting"), 17), (msg("balances"), 9), (msg("rules"), 5), (msg("clock"), 6),
    (msg("scans"), 10), (msg("rehearsed"), 9),
)  # fmt: skip
"""79 columns together: a line of a plain terminal."""


def why(one: Judged, words: Words, most: int = 3) -> str:
    """One sentence: the worst troubles, the worst first."""
    if not one.troubles:
        return words.say(msg("all is well"))
    said = [trouble.sentence.in_words(words.say) for trouble in one.troubles[:most]]
    text = words.say(msg("; ")).join(said)
    return text[0].upper() + text[1:] + words.say(msg("."))


def table(found: list[Judged], shown: list[Judged], now_us: int, words: Words) -> str:
    """`shown` of all that were `found`, in their order."""
    visits = sum(one.needs_a_visit for one in found)
    head = Sentence("{count} tills, {visits} need a visit", count=len(found), visits=visits).in_words(words.say)
    if not shown:
        return head
    title = "".join(padded(words.say(name), width) for name, width in _COLUMNS).rstrip()
    return "\n".join([head, "", title, *(line for one in shown for line in _lines(one, now_us, words))])


def _lines(one: Judged, now_us: int, words: Words) -> Iterator[str]:
    till = one.till

    def ago(at_us: int | None) -> str:
        return age(now_us - at_us).in_words(words.say) if at_us else "-"

    waits = f"{till.waiting:,} {money(till.waiting_fen or 0)}" if till.waiting else "0" if till.heard_at else "-"
    figures = (
        till.terminal, ago(till.contact_at), waits, ago(till.cache_as_of),
        f"v{till.programme_version}" if till.programme_version else "-",
        f"{(till.offset_us or 0) / 1_000_000:+.0f}s" if till.heard_at else "-",
        f"{till.scans or 0}/{till.scan_errors or 0}" if till.heard_at else "-", ago(till.rehearsed_at),
    )  # fmt: skip
    cells = zip(figures, (width for _name, width in _COLUMNS), strict=True)
    yield "".join(padded(text, width) for text, width in cells).rstrip()
    mark = "!" if one.weight >= NEEDS_A_VISIT else " "
    state = "" if till.status == "active" else f"[{words.say(_STATUS.get(till.status, till.status))}] "
    yield f"  {mark} {state}{till.name} {till.version or '-'}  {why(one, words)}"


_STATUS = {"retired": msg("retired"), "revoked": msg("revoked"), "lost": msg("lost")}
