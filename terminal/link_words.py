"""The state of the link in words: what it is called, and what it means for the counter."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from terminal.i18n import _
from terminal.words import ago, sentence

_US = 1_000_000
FRESH_S = 60


class Sending(Protocol):
    """正在上传 20/37."""

    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...


class Link(Protocol):
    """`sync.link.LinkState`, as far as it is put into words. Times are µs UTC."""

    @property
    def condition(self) -> str: ...
    @property
    def cause(self) -> str | None: ...
    @property
    def since_us(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def sending(self) -> Sending | None: ...
    @property
    def as_of_us(self) -> int: ...
    @property
    def quarantined(self) -> int: ...
    @property
    def stuck(self) -> str: ...
    @property
    def cache_trouble(self) -> str: ...


class LinkWords(NamedTuple):
    """`state` stands at the top, always in the same place; `meaning` and `age` under it. `tone` colours, and says nothing."""

    state: str
    meaning: str
    age: str
    tone: str


def link_words(link: Link, now_us: int, clock: str = "", rules: str = "") -> LinkWords:
    """The words for a link at `now_us`. `clock`: why the till's clock is not trusted (`clock_words`), empty where it is.

    It is told where the network is not there: otherwise the ledger's clock counts, and heals this one. `rules`: the code of
    what is wrong with the store's rules (`Counter.rules_trouble`), empty for nothing.
    """
    state = f"{_state(link, now_us)}{_waiting(link)}"
    age = _age(max(0, now_us - link.as_of_us) // _US) if link.as_of_us else ""
    if link.stuck:
        return LinkWords(state, sentence(link.stuck), age, "warning")
    if link.cache_trouble:
        return LinkWords(state, sentence(f"cache-{link.cache_trouble}"), age, "warning")
    if rules:
        return LinkWords(state, sentence(rules), age, "warning")
    if link.quarantined:
        waits = _("{n} entries need a manager (F9); sales are not affected").format(n=link.quarantined)
        return LinkWords(state, waits, age, "warning")
    if link.condition in ("online", "recovering"):
        return LinkWords(state, _meaning(link), age, "")
    return LinkWords(state, clock if clock and _is_ordinary(link) else _meaning(link), age, "warning")


def clock_words(doubt: str, unheard_us: int) -> str:
    """What is off because the clock is not trusted (`till.clock.Doubt`), and why; empty where it is trusted."""
    match doubt:
        case "unheard":
            return _("Earning as always; no codes offline: the clock is not checked since the start")
        case "jump":
            return _("Earning as always; no codes offline: the clock was changed")
        case "drift":
            unchecked = ago(unheard_us // _US)
            return _("Earning as always; no codes offline: the clock is not checked for {ago}").format(ago=unchecked)
    return ""


def _age(seconds: int) -> str:
    return _("balances just refreshed") if seconds < FRESH_S else _("balances {ago} old").format(ago=ago(seconds))


def _state(link: Link, now_us: int) -> str:
    match link.condition:
        case "online":
            return _("Online")
        case "slow":
            return _("Network slow")
        case "recovering":
            return _("Back online")
        case "portal":
            return _("Wi-Fi log-in")
        case _ if link.since_us:
            return _("Offline {ago}").format(ago=ago(max(0, now_us - link.since_us) // _US))
        case _:
            return _("Connecting")


def _waiting(link: Link) -> str:
    if link.sending is not None and link.condition in ("online", "recovering"):
        return "  " + _("sending {done}/{total}").format(done=link.sending.done, total=link.sending.total)
    return "  " + _("{n} to send").format(n=link.waiting) if link.waiting else ""


def _meaning(link: Link) -> str:
    match link.condition:
        case "online":
            return _("Everything is sent") if not link.waiting else _("Being sent")
        case "slow":
            return _("Earning and redeeming as always")
        case "recovering":
            return _("Being sent; sales are not affected")
        case "portal":
            return _("The Wi-Fi wants a log-in; treated as offline. Tell the technician")
        case _ if link.cause is None:
            return _("Earning as always")
    if _is_ordinary(link):
        return _("Earning as always; what is marked is redeemed offline")
    return sentence(str(link.cause))


def _is_ordinary(link: Link) -> bool:
    """Nothing that somebody here could mend."""
    return link.condition == "slow" or link.cause in (None, "no-answer", "unplugged", "dns")
