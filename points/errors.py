"""What the rules refuse, as one tree. A class owns its sentence; ``code`` is stable and ``facts`` fill a translation of it.

PointsError
├── AmountError                an amount or a number of points is not one (codes ``amount-…`` and ``points-…``)
├── ProgrammeError             a programme document does not load
├── UnknownEngineError         a programme needs an engine that this version lacks
├── NotCivilTimeError          a time with an offset was given where the store's civil time is meant
├── PayerError                 another payer's part of the bill is none (codes ``payer-unknown``, ``payer-above-bill``)
├── RefundError                goods cannot come back so (codes ``more-than-bought``, ``nothing-returned``,
│                              ``unknown-compensation``)
└── RedemptionError            a chosen reward cannot be had, and why
    ├── UnknownRewardError          KindNotAcceptedError        ProgrammeNotInForceError
    ├── RewardNotNowError           NotThePriceError            NotAStepError
    ├── BelowMinimumError           AboveMaximumError           NotEnoughPointsError
    ├── NotOfferedError             NotOfThisTierError          LimitReachedError
    └── BelowMinSpendError          ValueAboveBillError         AboveShareError         OneCouponError
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from points.sentences import Fact, Sentence, msg


class PointsError(Exception):
    """The root. ``str()`` is a sentence in English, ``said`` the same to be translated; screens say it in their own words, by
    ``code`` with ``facts``."""

    code: str = "points"
    sentence: str = ""

    def __init__(self, **facts: Fact) -> None:
        self.facts = facts
        self.said = Sentence(self.sentence, **facts)
        super().__init__(str(self.said))


class AmountError(PointsError):
    """A typed amount, or a number handed in, is not one. ``text`` is cut short and never a whole phone number."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "amount-empty": msg("no amount was typed"),
        "amount-not-a-number": msg("not an amount: {text}"),
        "amount-full-width": msg("full-width characters, switch the input method to half width: {text}"),
        "amount-zero": msg("the amount is zero"),
        "amount-negative": msg("an amount is never negative: {text}"),
        "amount-too-precise": msg("more than two decimals: {text}"),
        "amount-too-large": msg("more than 1,000,000.00: {text}"),
        "amount-looks-like-phone": msg("this looks like a phone number, not an amount: {text}"),
        "points-not-a-number": msg("not a number of points: {text}"),
        "points-negative": msg("points are never negative: {text}"),
        "points-too-large": msg("more points than any account holds: {text}"),
    }

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text
        self.sentence = self.SENTENCES[code]
        super().__init__(text=text)


class ProgrammeError(PointsError):
    """A document that does not load: which file, which line of it (0: unknown), which key (``reward[2].conditions``), why."""

    code = "programme-refused"
    sentence = "{where}: {reason}"

    def __init__(self, source: str, key_path: str, sentence: Sentence, line: int = 0) -> None:
        self.source, self.key_path, self.why, self.line = source, key_path, sentence, line
        place = f"{source}:{line}" if line else source
        super().__init__(where=f"{place}: {key_path}" if key_path else place, reason=sentence)


class UnknownEngineError(PointsError):
    """The till keeps the former programme and says so (DESIGN 1)."""

    code = "engine-unknown"
    sentence = msg("engine {engine} is not in this version; update the till")

    def __init__(self, engine: int) -> None:
        super().__init__(engine=engine)


class NotCivilTimeError(PointsError):
    """Dates of campaigns are the store's own; an instant must be turned into its civil time first."""

    code = "time-not-civil"
    sentence = msg("the store's civil time is meant, without an offset: {at}")

    def __init__(self, at: str) -> None:
        super().__init__(at=at)


class RefundError(PointsError):
    """Goods cannot come back so."""

    code = "refund-refused"


class MoreThanBoughtError(RefundError):
    """``left_fen``: what has not come back yet of a category."""

    code = "more-than-bought"
    sentence = msg("{asked_fen} fen of {category} come back, {left_fen} are left of what was bought")

    def __init__(self, category: str, left_fen: int, asked_fen: int) -> None:
        super().__init__(category=category, left_fen=left_fen, asked_fen=asked_fen)


class NothingReturnedError(RefundError):
    code = "nothing-returned"
    sentence = msg("nothing comes back, or everything has already")


class UnknownCompensationError(RefundError):
    code = "unknown-compensation"
    sentence = msg("this programme has no compensation {compensation}")

    def __init__(self, compensation: str) -> None:
        super().__init__(compensation=compensation)


class PayerError(PointsError):
    """``payer`` is the code of one who is not in the programme, or whose part is more than the goods that he may pay for."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "payer-unknown": msg("this programme has no payer {payer}"),
        "payer-above-bill": msg("{payer} pays {part_fen} fen, only {bill_fen} of the bill are open to it"),
    }

    def __init__(self, code: str, payer: str, part_fen: int = 0, bill_fen: int = 0) -> None:
        self.code = code
        self.sentence = self.SENTENCES[code]
        super().__init__(payer=payer, part_fen=part_fen, bill_fen=bill_fen)


class RedemptionError(PointsError):
    """A chosen reward cannot be had in this sale."""

    code = "redemption-refused"


class UnknownRewardError(RedemptionError):
    code = "unknown-reward"
    sentence = msg("this programme has no reward {reward}")

    def __init__(self, reward: str) -> None:
        super().__init__(reward=reward)


class KindNotAcceptedError(RedemptionError):
    code = "kind-not-accepted"
    sentence = msg("{reward} is not given for points of the kind {kind}")

    def __init__(self, reward: str, kind: str) -> None:
        super().__init__(reward=reward, kind=kind)


class ProgrammeNotInForceError(RedemptionError):
    """Outside its dates a programme still earns, and redeems nothing (DESIGN 12)."""

    code = "programme-not-in-force"
    sentence = msg("the programme redeems from {since} until {until}")

    def __init__(self, since: date, until: date) -> None:
        super().__init__(since=since.isoformat(), until=until.isoformat())


class RewardNotNowError(RedemptionError):
    """``since`` and ``until`` are ISO dates, or empty where that side is open."""

    code = "reward-not-now"
    sentence = msg("{reward} cannot be had on this day (from {since} until {until})")

    def __init__(self, reward: str, since: date | None, until: date | None) -> None:
        super().__init__(reward=reward, since=str(since or ""), until=str(until or ""))


class NotOfferedError(RedemptionError):
    """A personal reward, and not this member's."""

    code = "not-offered"
    sentence = msg("{reward} is given only to members to whom it was offered")

    def __init__(self, reward: str) -> None:
        super().__init__(reward=reward)


class NotOfThisTierError(RedemptionError):
    """``tiers`` are the codes of those that may have it, parted by spaces."""

    code = "not-of-this-tier"
    sentence = msg("{reward} is given to members of these tiers: {tiers}")

    def __init__(self, reward: str, tiers: Sequence[str]) -> None:
        super().__init__(reward=reward, tiers=" ".join(tiers))


class LimitReachedError(RedemptionError):
    """``taken`` times he had it in this ``period`` (day, month, ever) before this sale."""

    code = "limit-reached"
    sentence = msg("{reward} is given {most} times a member ({period}), he had it {taken} times")

    def __init__(self, reward: str, most: int, period: str, taken: int) -> None:
        super().__init__(reward=reward, most=most, period=period, taken=taken)


class NotThePriceError(RedemptionError):
    """A reward of fixed price was asked for at another: usually a campaign began or ended meanwhile."""

    code = "not-the-price"
    sentence = msg("{reward} costs {price} points now, not {asked}")

    def __init__(self, reward: str, price: int, asked: int) -> None:
        super().__init__(reward=reward, price=price, asked=asked)


class NotAStepError(RedemptionError):
    code = "not-a-step"
    sentence = msg("{reward} is taken in steps of {step} points, {asked} is none")

    def __init__(self, reward: str, step: int, asked: int) -> None:
        super().__init__(reward=reward, step=step, asked=asked)


class BelowMinimumError(RedemptionError):
    code = "below-minimum"
    sentence = msg("{reward} begins at {minimum} points, {asked} were asked for")

    def __init__(self, reward: str, minimum: int, asked: int) -> None:
        super().__init__(reward=reward, minimum=minimum, asked=asked)


class AboveMaximumError(RedemptionError):
    code = "above-maximum"
    sentence = msg("{reward} ends at {maximum} points, {asked} were asked for")

    def __init__(self, reward: str, maximum: int, asked: int) -> None:
        super().__init__(reward=reward, maximum=maximum, asked=asked)


class NotEnoughPointsError(RedemptionError):
    """``needed`` is the sum of all choices of that kind in this sale."""

    code = "not-enough-points"
    sentence = msg("{missing} points are missing: {needed} needed, {spendable} spendable ({kind})")

    def __init__(self, kind: str, needed: int, spendable: int) -> None:
        super().__init__(kind=kind, needed=needed, spendable=spendable, missing=needed - spendable)


class BelowMinSpendError(RedemptionError):
    """``bill_fen`` is what the coupon's goods come to after discounts, before any redemption."""

    code = "below-min-spend"
    sentence = msg("{reward} needs a bill of {min_spend_fen} fen, this one is {bill_fen}")

    def __init__(self, reward: str, min_spend_fen: int, bill_fen: int) -> None:
        super().__init__(reward=reward, min_spend_fen=min_spend_fen, bill_fen=bill_fen)


class ValueAboveBillError(RedemptionError):
    """Points give no change: what they are worth must fit into what is left of the goods they may pay for."""

    code = "value-above-bill"
    sentence = msg("{reward} is worth {value_fen} fen, only {bill_fen} are left to pay with it")

    def __init__(self, reward: str, value_fen: int, bill_fen: int) -> None:
        super().__init__(reward=reward, value_fen=value_fen, bill_fen=bill_fen)


class AboveShareError(RedemptionError):
    code = "above-share"
    sentence = msg("{reward} pays at most {most_percent} % of the bill, {most_fen} fen here")

    def __init__(self, reward: str, most_percent: int, most_fen: int) -> None:
        super().__init__(reward=reward, most_percent=most_percent, most_fen=most_fen)


class OneCouponError(RedemptionError):
    """Two coupons over one threshold would each count the same spend."""

    code = "one-coupon-per-sale"
    sentence = msg("one coupon a sale: {reward} is the second")

    def __init__(self, reward: str) -> None:
        super().__init__(reward=reward)
