"""F2 without a screen: the rewards, all terms of the chosen one, the member's proof, and F2 once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from points import Choice, Offer
from protocol.pins import PIN_LENGTHS
from terminal.i18n import _, either
from terminal.lines.people import with_approval
from terminal.lines.talk import Talk, choose
from terminal.standings import Standings
from terminal.text import harmless, points_text
from terminal.widgets.offers_panel import offer_tag
from terminal.words import name_of, sentence, sentence_of
from till.appointments import is_booked
from till.counting import amount_of
from till.draft import MemberProof, SaleDraft
from till.refusals import REFUSALS
from till.scanning import AuthorisationScanned, MemberConfirmed
from till.terms_words import authority_sentence, conditions_of, cost_name, count_of, worth_of

if TYPE_CHECKING:
    from points import Quote
    from protocol.entries import Approval
    from till.counter import Counter
    from till.receipts import Receipt
    from till.shifts import Session


def redeem(talk: Talk, counter: Counter, session: Session, sale: SaleDraft) -> Receipt | None:
    """The receipt, or None where nothing was taken. Raises one of `REFUSALS`."""
    quoted = counter.quote(sale)
    if sale.member is None or quoted is None:
        talk.say(sentence("no-member"))
        return None
    standings, offers = Standings(counter), quoted.offers
    labels = [_label(counter, standings, sale, one, quoted.left.get(one.reward_id)) for one in offers]
    place = choose(talk, _("Redeem: which reward?"), labels)
    if place is None:
        return None
    offer = offers[place]
    if offer.obstacle is not None:
        talk.say(sentence_of(offer.obstacle, counter.store.programme))
        return None
    points = _how_many(talk, counter, offer, standings.most(sale, offer))
    chosen = sale.with_choice(Choice(offer.reward_id, points, offer.kind))
    if is_booked(counter.store.programme, offer.reward_id):
        text = talk.ask(_("When, and with whom: 9-15 14:30 1023"))
        chosen = replace(chosen, appointment=counter.appointment(offer.reward_id, text))
    after = counter.quote(chosen)
    if after is None:
        return None
    standing = standings.of(chosen, offer, points)
    if not standing.authority and not standing.needs:
        talk.say(sentence(standing.why))
        return None
    stands_on = authority_sentence(standing.authority) if standing.authority else sentence(standing.why)
    for line in terms(counter, chosen, offer, quoted.quote, after.quote, stands_on):
        talk.say(line)
    return _agreed(talk, counter, session, chosen, offer, points, standing.authority, standing.needs)


def terms(
    counter: Counter, chosen: SaleDraft, offer: Offer, before: Quote, after: Quote, stands_on: str
) -> list[str]:
    """All that the member is told before he agrees, a line each."""
    member, programme, kind = chosen.member, counter.store.programme, offer.kind
    assert member is not None
    taken, spendable = after.redemptions[0], member.spendable(kind)
    worth, pays = worth_of(programme, before, after, taken)
    main = counter.store.points_kind
    return [
        _("Redeem {reward}").format(reward=harmless(either(offer.disclosure.name))),
        f"{name_of(member)}: " + _("can spend {points}").format(points=count_of(programme, kind, spendable)),
        f"{cost_name(programme, kind)}: {amount_of(programme, kind, taken.points)}",
        _("left after it {points}").format(points=count_of(programme, kind, spendable - after.redeemed(kind))),
        worth,
        pays,
        _("earns {before} -> {after} points").format(
            before=points_text(before.awarded(main)), after=points_text(after.awarded(main))
        ),
        *(
            f"{term.label}: {term.text}"
            for term in conditions_of(counter.store, offer, chosen.appointment, stands_on)
        ),
    ]


def _label(counter: Counter, standings: Standings, sale: SaleDraft, offer: Offer, left: int | None) -> str:
    """All of a reward that its line on the screen says, and none of it cut. `left`: of its stock."""
    said = offer.disclosure
    texts = [either(text) for text in (said.name, said.cost, said.limits, said.conditions) if text]
    stock = [_("{n} left").format(n=points_text(left))] if left is not None else []
    return "  ".join(
        [*(harmless(text, 400) for text in texts), *stock, offer_tag(counter, standings, sale, offer).text]
    )


def _how_many(talk: Talk, counter: Counter, offer: Offer, most: int) -> int:
    """What is typed, where there is a choice up to `most`."""
    points = offer.points
    while most > points:
        text = talk.ask(
            _("How many: {least} to {all} in steps of {step}; Enter takes the least").format(
                least=points_text(points), step=points_text(offer.step_points),
                all=amount_of(counter.store.programme, offer.kind, most),
            )
        )  # fmt: skip
        if not text:
            return points
        if text.isdecimal() and points <= int(text) <= most and not (int(text) - points) % offer.step_points:
            return int(text)
    return points


def _agreed(
    talk: Talk, counter: Counter, session: Session, chosen: SaleDraft, offer: Offer, points: int, authority: str,
    needs: str,
) -> Receipt | None:  # fmt: skip
    """A scan of the member's fresh code says yes; so does F2, with the PIN where nothing else proves him. Enter never does."""
    on_floor = points if authority == "floor" else 0

    def checked(approval: Approval | None) -> SaleDraft:
        asked = replace(chosen, approval=approval)
        counter.approvals.check(session, asked, offer.reward_id, points, on_floor)
        return asked

    approved = with_approval(talk, counter, session, checked)
    if approved is None:
        return None
    steps = {
        "": _("f2 confirms, or a scan of the member's refreshed code; Enter cancels"),
        "pin": _("Scan the code on the member's phone, or f2 and the member types the PIN; Enter cancels"),
        "typed": _("f2 and the member types the PIN; Enter cancels"),
        "code": _("Scan the code on the member's phone to confirm; Enter cancels"),
        "phone": _(
            "Needs the member's phone and the screen's code: redeem it at a till with a screen; Enter cancels"
        ),
    }
    while answer := talk.ask(steps[needs], takes_scans=True):
        if answer.lower() != "f2":
            proof = _proof(talk, counter, answer, approved)
            if proof is not None:
                return counter.redeem(session, replace(approved, proof=proof))
        elif needs in ("pin", "typed"):
            pin = talk.secret(_("The member types the PIN for points"))
            if len(pin) in PIN_LENGTHS:
                return counter.redeem(session, replace(approved, proof=MemberProof("pin", pin)))
        elif not needs:
            return counter.redeem(session, approved)
    return None


def _proof(talk: Talk, counter: Counter, text: str, sale: SaleDraft) -> MemberProof | None:
    """The proof that a code is; None where it is none, which is said."""
    try:
        scan = counter.scan(text, sale)
        if isinstance(scan, AuthorisationScanned):
            return counter.permission(sale, scan.text)
    except REFUSALS as error:
        talk.say(sentence_of(error))
        return None
    if isinstance(scan, MemberConfirmed):
        return scan.proof
    talk.say(_("This proves nothing. Scan the refreshed code on the member's phone"))
    return None
