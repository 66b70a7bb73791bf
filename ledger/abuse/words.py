"""What was found, as a sentence that a person can check, in Chinese or English."""

from __future__ import annotations

from typing import Final

from ledger.abuse.moves import Finding
from ledger.pages.words import Words, msg
from points import format_fen
from points.sentences import Fact, Sentence

NAMES: Final = {
    "refunds": msg("Bought and brought back"),
    "one-cashier": msg("One member, one cashier"),
    "own-account": msg("Points for oneself"),
    "no-goods": msg("Points without goods"),
    "closing": msg("Redemptions at closing time"),
    "under-limit": msg("Just below the limit"),
    "clock": msg("The clock was set"),
    "receipts": msg("Receipts of others"),
}

_SENTENCES: Final = {
    "refunds": msg(
        "Member {subject}: {times} purchases came back, ¥{back} of the ¥{paid} that he paid in {sales}; "
        "{by_staff} of them with {staff}"
    ),
    "one-cashier": msg(
        "Member {subject}: {times} of {sales} sales with {staff}, never with a proof of his own; {points} points"
    ),
    "own-account": msg("{subject} made {times} sales for his own number {member}: {points} points"),
    "no-goods": msg(
        "{subject}: {times} of {sales} sales without goods or a receipt's number, {points} points; "
        "of the others' sales {others} %"
    ),
    "closing": msg(
        "{subject}: {times} of {redemptions} redemptions in the last {minutes} minutes of a shift, {points} points"
    ),
    "under-limit": msg(
        "{subject}: {times} redemptions without a proof, each just below the {limit} points that are allowed; {points} points"
    ),
    "clock": msg("Till {subject}: its clock was set {times} times while it was running, by up to {minutes} minutes"),
    "receipts": msg(
        "Member {subject} claimed the points of {times} receipts without a member, {points} points; "
        "{by_staff} of them rung up by {staff}"
    ),
}

_STATES: Final = {
    "open": msg("open"),
    "watched": msg("watched"),
    "confirmed": msg("confirmed"),
    "cleared": msg("cleared"),
}

_LOOK_AT: Final = {
    "refunds": msg(
        "Compare the refunds with the cash register and its payments: did the money go back to the same card?"
    ),
    "one-cashier": msg("Ask whose card it is, and look at the camera for two of the sales."),
    "own-account": msg("Was it a purchase of his own? Somebody else has to book it."),
    "no-goods": msg("Compare the amounts with the cash register's receipts of those minutes."),
    "closing": msg("Were these members there? Their phones were told; ask two of them."),
    "under-limit": msg("Ask for a code or the PIN also below the limit, or lower it."),
    "clock": msg("Who set it, and what was sold then? See the technician's page."),
    "receipts": msg("Does he know who rang them up? Ask why he does not show his code before he pays."),
}


def name_of(found: Finding, words: Words) -> str:
    """The pattern's name."""
    return words.say(NAMES[found.code])


def sentence_of(found: Finding, words: Words) -> str:
    """Who, how often, how much."""
    facts: dict[str, Fact] = {
        name: f"{value:,}" if isinstance(value, int) else value for name, value in found.facts.items()
    }
    for name in ("back", "paid"):
        fen = found.facts.get(f"{name}_fen")
        if isinstance(fen, int):
            facts[name] = format_fen(fen)
    return Sentence(_SENTENCES[found.code], subject=found.subject, **facts).in_words(words.say)


def look_at(found: Finding, words: Words) -> str:
    """What a person does about it first."""
    return words.say(_LOOK_AT[found.code])


def state_of(state: str, words: Words) -> str:
    """A state's name."""
    return words.say(_STATES[state])
