"""Why an entry waits for a person, and what became of it, in a manager's words."""

from __future__ import annotations

from typing import Final

from ledger.cases import Found
from ledger.pages.words import Words, msg

REASONS: Final = {
    "shortfall": msg("Redeemed without enough points; booked, the shop bears it"),
    "unreadable": msg("The ledger could not read it"),
    "damaged": msg("Damaged on the till's disk"),
    "wrong-bucket": msg("Its number does not fit its member"),
    "same-id": msg("Another entry has the same number"),
    "unknown-member": msg("Nobody has this member number"),
    "unknown-kind": msg("Points of a kind that nobody knows"),
    "unknown-programme": msg("By rules that were never published"),
    "unknown-entry": msg("The sale that was taken back is not known"),
    "reference-taken": msg("The receipt has earned already"),
    "already-voided": msg("Voided already"),
    "already-refunded": msg("Voided after something came back"),
    "beyond-sale": msg("More came back than was sold"),
    "nonce-used": msg("The code or voucher was used for another sale"),
    "terminal-revoked": msg("Sold after the till was revoked"),
    "points-out-of-range": msg("More points than are possible"),
    "training": msg("Made in training"),
    "number-taken": msg("The new member's number is another one's"),
    "not-approved": msg("Approved by nobody who may"),
    "beyond-limit": msg("More than the store allows by hand or late"),
}
"""By `protocol.push.Reason`; `shortfall` where there is none."""

_CHOICES: Final = {"accepted": msg("accepted"), "corrected": msg("corrected"), "written-off": msg("written off")}


def reason_of(case: Found, words: Words) -> str:
    """Why it waits, or waited."""
    return words.say(REASONS[case.reason or "shortfall"])


def decided_of(case: Found, words: Words) -> str:
    """What somebody decided, and why; empty while it is open."""
    decided = case.decided
    return f"{words.say(_CHOICES[decided.choice])} {decided.who}: {decided.why}" if decided else ""
