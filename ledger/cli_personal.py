"""Commands about one member alone: what he agreed to, what is offered to him, who rises. All of `till-ledger member`."""

from __future__ import annotations

from datetime import datetime

import click

from ledger.cli_people import member
from ledger.clock import day_of
from ledger.consent import PURPOSES, Purpose
from ledger.console import Console, command
from ledger.personal import offer
from ledger.problems import BadRequestError
from ledger.rising import rising
from ledger.sessions import standing
from ledger.withdrawing import set_consent

__all__ = ["member"]


@member.command("consent")
@click.argument("number", metavar="MEMBER")
@click.argument("purpose", type=click.Choice(PURPOSES))
@click.option("--yes/--no", "is_given", required=True)
@command
def member_consent(console: Console, number: str, purpose: Purpose, *, is_given: bool) -> None:
    """Record what he said at the service desk; on his page he says it himself."""
    with console.books() as database:
        with database.read() as connection:
            number, _status = standing(connection, number)
        set_consent(database, number, purpose, console.now_us, is_given=is_given)
    says = "agrees" if is_given else "does not agree"
    console.say(f"{number} {says}: {purpose}", member=number, purpose=purpose, is_given=is_given)


@member.command("offer")
@click.argument("number", metavar="MEMBER")
@click.argument("what", metavar="CAMPAIGN_OR_REWARD")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day.")
@click.option("--merchant", default="", help="Where two merchants have one of this name.")
@command
def member_offer(console: Console, number: str, what: str, until: datetime, merchant: str) -> None:
    """Offer him a personal reward, or a campaign with offer = true; only with his consent."""
    day = until.date().isoformat()
    if day < day_of(console.now_us):
        raise BadRequestError(f"{day} is over")
    with console.books() as database:
        whose = offer(database, number, what, day, console.now_us, merchant)
    console.say(
        f"{number} is offered {what} by {whose} until {day}", member=number, offer=what, merchant=whose, until=day
    )


@member.command("rising")
@click.argument("merchant")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Today, unless told otherwise.")
@command
def member_rising(console: Console, merchant: str, on: datetime | None) -> None:
    """Who comes and pays much more this month than in the three before, with the reason."""
    month = (on.date().isoformat() if on else day_of(console.now_us))[:7]
    with console.books() as database, database.read() as connection:
        found = rising(connection, merchant, month)
    lines = [f"{one.member}  {one.sentence}" for one in found]
    facts = [
        {
            "member": one.member, "visits": one.visits, "spent_fen": one.spent_fen, "mean_visits": str(one.mean_visits),
            "mean_spent_fen": str(one.mean_spent_fen), "growth": str(one.growth), "why": one.sentence,
        }
        for one in found
    ]  # fmt: skip
    console.say("\n".join(lines) or "nobody rises", merchant=merchant, month=month, members=facts)
