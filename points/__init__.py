"""The rules: from a basket, a member and a programme to what is due, what is earned, and why.

Pure. No clock, no random, no I/O: everything is passed in, the same arguments give the same quote at the till and in the
ledger. Integers for money (fen) and points, fractions in between, one rounding at the end, downwards.
"""

from points.amounts import (
    MAX_AMOUNT_FEN,
    MAX_POINTS,
    check_amount,
    check_points,
    format_exact,
    format_fen,
    parse_amount,
    parse_sum,
    percent,
)
from points.basket import Basket, BasketLine, Choice, MemberFacts
from points.counting import Countable, counted
from points.earning import Award
from points.engine import ENGINE, quote_with
from points.errors import (
    AmountError,
    NotCivilTimeError,
    PayerError,
    PointsError,
    ProgrammeError,
    RedemptionError,
    UnknownEngineError,
)
from points.expiry import Validity, expires_on
from points.explain import ExplainedLine
from points.fields import Text
from points.holding import DiscountQuote, HoldingGap, holding_gaps
from points.programme import Programme, parse_programme
from points.quote import Quote, quote, units_of
from points.redeeming import RedemptionQuote
from points.rewards import Disclosure, Offer, next_within_reach, offers
from points.rules import Payer
from points.terms import Terms, in_points, terms_on

__all__ = [
    "ENGINE",
    "MAX_AMOUNT_FEN",
    "MAX_POINTS",
    "AmountError",
    "Award",
    "Basket",
    "BasketLine",
    "Choice",
    "Countable",
    "Disclosure",
    "DiscountQuote",
    "ExplainedLine",
    "HoldingGap",
    "MemberFacts",
    "NotCivilTimeError",
    "Offer",
    "Payer",
    "PayerError",
    "PointsError",
    "Programme",
    "ProgrammeError",
    "Quote",
    "RedemptionError",
    "RedemptionQuote",
    "Terms",
    "Text",
    "UnknownEngineError",
    "Validity",
    "check_amount",
    "check_points",
    "counted",
    "expires_on",
    "format_exact",
    "format_fen",
    "holding_gaps",
    "in_points",
    "next_within_reach",
    "offers",
    "parse_amount",
    "parse_programme",
    "parse_sum",
    "percent",
    "quote",
    "quote_with",
    "terms_on",
    "units_of",
]
