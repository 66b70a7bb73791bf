"""A sentence for every code that the counter can be refused with: what happened, and what would help.

The facts in braces are put into words by `words.py`. A test walks over the codes in the source and misses none.
"""

from __future__ import annotations

from typing import Final

from terminal.approval_sentences import APPROVING
from terminal.household_words import SHARING
from terminal.i18n import msg
from terminal.machine_sentences import MACHINE
from terminal.technician_sentences import TECHNICIAN
from till.ledger_sentences import LEDGER, STORE_TILLS

PEOPLE: Final = {
    "pin-wrong": msg("Staff number or PIN is wrong. {left} tries left: check both and type them again."),
    "pin-locked": msg("Too many wrong PINs. Try again in {minutes} min, or a supervisor signs in and frees it (F9)."),
    "role-manager": msg("This needs the manager of the store."),
    "role": msg("This needs a supervisor or the manager."),
    "no-such-day": msg("This till has nothing of that day"),
    "hand-over-to-self": msg("You are at this till yourself: the next cashier types number and PIN."),
    "hand-over-no-cashier": msg("Who takes over must be a cashier, a supervisor or the manager of this store."),
    "tutorial-first": msg(
        "You have not passed the tutorial (F9 before the shift): a supervisor approves each redemption, with his PIN"
    ),
    "no-shift": msg("No shift is open. Ask a supervisor or the manager to open one."),
    "training-shift-open": msg("A shift is open at this till. Close it, then train."),
    "training-too-often": msg("Too many trainings were begun at this till. Wait a minute and try again."),
    "training-offline": msg(
        "The first training needs the network: the ledger makes a book for it. Try again when it is back."
    ),
    "no-programme": msg("The rules have not arrived from the ledger yet. Check the network and wait a minute."),
    "cache-rebuilding": msg("Members and products are being loaded again. Please wait a minute."),
    "not-paired": msg("This computer is not a till yet. It is paired first."),
}

CODES: Final = {
    "payment-code": msg("This is a payment code. Ask for the member code and scan again."),
    "scale-label": msg("Nobody has said how this scale prints its labels. Type the amount; the operator can set it."),
    "scale-label-empty": msg("This label says no price. Type the amount."),
    "enrolment-code": msg("This code pairs a till. Scan the member's code."),
    "training-member": msg(
        "This code is of a member to practise with; it counts in training alone. Scan the member's own code."
    ),
    "code-check-digit": msg("The code was misread. Scan it once more."),
    "code-too-long": msg("This is far too long for a code. Check the scanner."),
    "code-foreign": msg("This code is not known here. Scan a member code or a product."),
    "code-coupon": msg("Coupons are not taken by this till yet."),
    "dynamic-unreadable": msg("The member code was not read whole. Scan it once more."),
    "dynamic-forged": msg("Not a code of this coalition. Ask the member to open the code in our app."),
    "dynamic-expired": msg("The member code has expired. Ask the member to refresh it and scan again."),
    "dynamic-early": msg("The member code is from the future: a clock is wrong. Look the member up with F5."),
    "dynamic-used": msg("This code was used for another sale. Ask the member to refresh it and scan again."),
    "dynamic-older": msg("This code is older than the one before. Ask the member to refresh it and scan again."),
    "authorisation-unreadable": msg("The phone's permission was not read whole. Scan it once more."),
    "authorisation-forged": msg("Not a permission of this coalition. Ask the member to scan the till's code again."),
    "voucher-unreadable": msg("The voucher was not read whole. Scan it once more."),
    "voucher-forged": msg("Not a voucher of this coalition. Ask the member to show the code of his own page."),
    "voucher-not-here": msg("This voucher is of another shop: it is not used here."),
    "voucher-no-reward": msg("This shop gives nothing for {kind}: it is used in another shop."),
    "voucher-no-offer": msg("What this voucher is for is not given to this member."),
    "voucher-expired": msg("This voucher ended on {until}."),
    "voucher-used": msg("This voucher's code was used already. What the member has left, his own code shows."),
    "voucher-not-held": msg("{kind}: used already, or this till has not heard of it yet. Wait a minute, scan again."),
    "voucher-none": msg("This sale gave no voucher that a code can stand for."),
    "voucher-too-long": msg("This voucher is too long for a code here; the member's own code does as well."),
    "product-unknown": msg("Product {product} is not in the price list. Type the amount."),
    "nonce-used": msg("This member code belongs to another sale. Ask the member to refresh it and scan again."),
    "code-input-method": msg("The input method changed what was scanned. Switch it to English (Shift), scan again."),
    "overlong": msg("Something far too long was scanned. Check the scanner, then scan again."),
    "incomplete": msg("The code was not read whole. Scan it once more."),
    "checksum": msg("The code came damaged. Scan it once more."),
}

SALES: Final = {
    "no-member": msg("Scan the member's code first (without one: F5)."),
    "no-amount": msg("Type the amount first."),
    "merchant-suspended": msg(
        "This merchant is suspended: no earning, no redeeming. Points stay. Look-ups (F5) and voids (F3) go on."
    ),
    "programme-suspended": msg(
        "This store's points are suspended: no earning, no redeeming. Points stay. Look-ups (F5) and voids (F3) go on."
    ),
    "own-sale": msg("This is your own member number: a colleague signs in and books it."),
    "member-blocked": msg("This membership is blocked. Ask the member to call the service line."),
    "member-unknown": msg("No member was found. Check the number."),
    "member-unknown-offline": msg("Not found offline. Scan the member's code; points are kept for it."),
    "join-phone": msg("A member joins with a mobile phone number of 11 digits."),
    "join-off": msg("This store makes no members at the till. The service desk helps."),
    "join-no-numbers": msg("No number is left here for a new member. When the network is back there are more."),
    "floor-table-unanswered": msg("The ledger has not added it up yet. Esc, and ask again in a minute."),
    "look-up-unanswered": msg("The ledger does not answer. Scan the member's code; points are kept for it."),
    "look-up-malformed": msg("Type a phone number of 11 digits, or a member number."),
    "look-up-malformed-plate": msg("Type a phone number of 11 digits, a member number, or the whole plate."),
    "amount-unusual": msg("{amount} is more than is usual here ({usual})."),
    "reference-taken": msg("{reference} has earned points already. Check the number."),
    "already-voided": msg("This sale was voided already."),
    "not-a-sale": msg("There is no such sale at this till."),
    "other-shift": msg("This sale belongs to another shift. Ask the manager for a refund."),
    "too-many-held": msg("{most} sales are put aside already; finish one first"),
    "held-gone": msg("This sale is not put aside any more."),
    "sales-held": msg("A sale is still on the screen or put aside: finish it first"),
    "nothing-chosen": msg("No reward is chosen. Press F2."),
    "redemption-without-authority": msg("The redemption was not confirmed. Press F2 again."),
}

REFUNDING: Final = {
    "already-refunded": msg("Something of this sale has come back already; refund the rest with F4."),
    "refund-changed": msg("Something of this sale has come back meanwhile; choose it again."),
    "sales-unanswered": msg("The ledger does not answer. Offline only sales of this till can come back."),
    "receipt-of-another-till": msg(
        "This receipt is of till {till}. F5 finds its sale by the reference or the member."
    ),
    "claim-no-member": msg("A receipt with points to claim. Scan the member's code first, then this receipt."),
    "claim-offline": msg(
        "Points of a receipt are claimed online. His phone can do it too, until the day on the receipt."
    ),
    "claim-unanswered": msg(
        "The ledger does not answer. Scan it again, or his phone claims it until the day on the receipt."
    ),
    "claim-taken": msg("The points of this receipt are claimed already. A receipt is claimed once."),
    "claim-ended": msg("The points of this receipt could be claimed until {until}."),
    "claim-voided": msg("This purchase was taken back, and its points with it."),
    "claim-not-yours": msg("This member cannot have them: who sold it, or an account that is blocked."),
    "claim-too-many": msg("This member has claimed too many receipts today. Tomorrow again."),
    "claim-unknown": msg("The code of the receipt was not read whole. Scan it once more."),
    "receipt-unknown": msg("This till never made such a receipt. Look whose it is; F5 finds sales of other tills."),
    "sales-unknown": msg("This merchant has no such sale that could come back."),
    "refund-waits": msg("The sale itself waits for a manager (F9); only what is booked can come back."),
    "compensated-before": msg("Points were added to a refund of this sale before."),
    "more-than-bought": msg("{asked} of {category} come back, but only {left} of it are left to return."),
    "nothing-returned": msg("Nothing comes back, or everything has already."),
    "refund-refused": msg("These goods cannot be returned so."),
    "unknown-compensation": msg("The store's rules have changed meanwhile; choose the reason again."),
}

AMOUNTS: Final = {
    "amount-empty": msg("Type the amount first."),
    "amount-not-a-number": msg("Not an amount: {text}. Digits and one point, please."),
    "amount-full-width": msg("Full-width digits: switch the input method to half width."),
    "amount-zero": msg("The amount is zero."),
    "amount-negative": msg("An amount is never negative. To take a sale back press F3."),
    "amount-too-precise": msg("At most two decimals: {text}."),
    "amount-too-large": msg("The amount is too large: {text}. Was it a code?"),
    "amount-looks-like-phone": msg("{text} looks like a phone number. Find the member with F5."),
    "payer-above-bill": msg("{payer} pays more than there is to pay: {bill} at most. Type it again: -"),
    "payer-unknown": msg(
        "The store's rules have changed: nobody pays a part under this name any more. Esc clears it."
    ),
    "points-not-a-number": msg("Not a number of points: {text}."),
    "points-negative": msg("Points are never negative: {text}."),
    "points-too-large": msg("More points than anyone has: {text}."),
    "programme-refused": msg("The new rules cannot be read; the former ones stay. Tell the technician."),
    "engine-unknown": msg("The new rules need a newer program. Tell the technician."),
    "time-not-civil": msg("The clock has no time zone. Tell the technician."),
}

REWARDS: Final = {
    "redemption-refused": msg("This reward is not possible in this sale."),
    "unknown-reward": msg("There is no such reward any more."),
    "kind-not-accepted": msg("{reward} is not given for {kind}."),
    "programme-not-in-force": msg("Points can be redeemed from {since} to {until} only."),
    "reward-not-now": msg("{reward} is not on today."),
    "appointment-missing": msg("This service is booked first: choose it again, then date, time and staff number."),
    "appointment-unreadable": msg("Type it like 11-28 10:00 1023: date, time, staff number."),
    "appointment-too-late": msg("The voucher can be used until {until}: choose an earlier day."),
    "appointment-nobody": msg("Nobody here has the staff number {number}."),
    "not-offered": msg("{reward} is for members who were invited to it."),
    "not-of-this-tier": msg("{reward} is for these tiers: {tiers}."),
    "limit-reached": msg("{reward}: at most {most} {period} for each member; used up."),
    "not-enough-pieces": msg("{kind}: {spendable} of {needed}."),
    "not-the-price": msg("{reward} costs {price} points now. Choose it again."),
    "not-a-step": msg("{reward} goes in steps of {step} points; {asked} is none."),
    "below-minimum": msg("{reward} begins at {minimum} points."),
    "above-maximum": msg("{reward} ends at {maximum} points."),
    "not-enough-points": msg("{missing} points short: {spendable} of {needed}."),
    "below-min-spend": msg("Needs a bill of {min_spend}; this one is {bill}."),
    "value-above-bill": msg("Worth {value}, only {bill} left to pay with points. Type the amount first."),
    "above-share": msg("At most {most_percent} % of the bill: {most}."),
    "one-coupon-per-sale": msg("One coupon a sale."),
}

REDEEMING: Final = {
    "programme-outdated": msg("The rules are too old: earning only, until online."),
    "own-points-online": msg(
        "This reward takes points of this shop alone; the ledger knows which. Redeem when the network is back."
    ),
    "bounded-online": msg(
        "Only the ledger knows whether there is any left of this reward. Redeem when the network is back."
    ),
    "offline-not-possible": msg("Not offline. Redeem when the network is back; this sale earns as always."),
    "clock-untrusted": msg("The clock cannot be trusted offline. Redeem when the network is back."),
    "offline-proof-missing": msg("Offline the member must show a fresh code. Ask to refresh it and scan."),
    "offline-member-unknown": msg("This member's points are not known offline. Redeem when the network is back."),
    "member-hot": msg("This member redeems online only. Earning goes on as always."),
    "balance-too-old": msg("The balance is too old to redeem offline. Redeem when the network is back."),
    "not-enough-booked": msg("Points not yet booked cannot be redeemed offline. Take a smaller reward."),
    "floor-per-redemption": msg(
        "Too much at once while offline. Take a smaller reward, or redeem when the network is back."
    ),
    "floor-per-member": msg("This member has reached the offline limit. Redeem when the network is back."),
    "floor-per-terminal": msg("This till has reached its offline limit. Redeem when the network is back."),
    "ledger-refuses": msg("The ledger refuses ({reason}). Tell the manager; earning goes on as always."),
    "reserve-not-enough-points": msg("The ledger says {spendable} points can be spent. Take a smaller reward."),
    "points-set-aside": msg(
        "{points} points are set aside at {store} {till} and were asked for. Please wait a moment and try again."
    ),
    "points-set-aside-widely": msg(
        "{points} points are set aside at other tills ({store} {till}) and were asked for. Wait a moment and try again."
    ),
    "reserve-unknown-member": msg("The ledger does not know this member yet. Earning goes on as always."),
    "reserve-member-blocked": msg("This membership is blocked. Ask the member to call the service line."),
    "reserve-proof-missing": msg("Ask the member for the code on the phone, or for the PIN (F2)."),
    "reserve-proof-wrong": msg("The proof does not fit. Ask the member to refresh the code and scan again."),
    "reserve-proof-expired": msg("The member code has expired. Ask the member to refresh it and scan again."),
    "reserve-nonce-used": msg("This code was used for another sale. Ask the member to refresh it and scan again."),
    "reserve-voucher-used": msg("The ledger says: this voucher was used already, or taken back with its sale."),
    "reserve-voucher-expired": msg("The ledger says: this voucher has ended."),
    "reserve-voucher-unknown": msg(
        "The sale that gave this voucher is not booked yet, or was taken back. Take the member's own code."
    ),
    "reserve-pin-wrong": msg("The PIN is wrong; tries left: {left}. Ask the member to type it again."),
    "reserve-pin-locked": msg(
        "The PIN is locked. Scan the code on the phone. New PIN: the member's page or the service desk."
    ),
    "reserve-pin-not-set": msg(
        "This member has no PIN. Scan the code on the phone. A PIN: the member's page or the service desk."
    ),
    "pin-unanswered": msg(
        "The ledger is silent, the PIN is not checked. Redeem when it answers; this sale earns as always."
    ),
    "pin-unanswered-code": msg(
        "The ledger is silent, the PIN is not checked. Scan the member's fresh code, or redeem later."
    ),
    "unanswered-phone": msg("The ledger is silent. F5: the member allows it by phone; or redeem when it answers."),
    "no-member-page": msg("Members of this store have no page yet that could allow it."),
    "authorisation-not-awaited": msg("No redemption waits for this permission. F2, choose the reward, then F5."),
    "authorisation-used": msg("This permission has been used: F7 shows the sale."),
    "authorisation-returned": msg("This permission was given back unused. F5 shows a new code for the phone."),
    "reserve-allowed-by-phone": msg("Not enough is free. If the member allowed it by phone: F5, and scan his phone."),
    "authorisation-of-another-till": msg(
        "This permission is for another till. Ask the member to scan this till's code."
    ),
    "authorisation-of-another": msg("This permission is another member's. Scan the one of the member above."),
    "authorisation-changed": msg("The sale has changed since the member allowed it. F5 shows a new code."),
    "reserve-already-ended": msg("This redemption has ended already. Start it again with F2."),
    "reserve-terminal-revoked": msg("This till may not redeem any more. Tell the manager."),
    "reserve-merchant-suspended": msg("This merchant is suspended. Points stay; nothing is redeemed here for now."),
    "reserve-programme-suspended": msg(
        "This store's points are suspended. They stay; nothing is redeemed here for now."
    ),
    "reserve-not-enough-own-points": msg(
        "This reward takes points of this shop alone; {spendable} of them can be spent. Take another reward."
    ),
    "reserve-limit-reached": msg(
        "The ledger says that this member has had this reward as often as one may. Take another reward."
    ),
    "reserve-out-of-stock": msg("Nothing is left of this reward at any till. Take another reward."),
    "reserve-quota-used-up": msg(
        "This reward takes no more points of other shops this month; {spendable} points can go to it."
    ),
    "reserve-unknown-kind": msg("The ledger does not know this kind of points. Tell the manager."),
}

LINKING: Final = SHARING | {
    "link-no-page": msg("This store has no page for members yet. The operator of the ledger can name one."),
    "link-offline": msg("The ledger makes the code, and cannot be reached. Try again when the network is back."),
    "link-unanswered": msg("The ledger does not answer, so there is no code. Press F9 again in a minute."),
    "link-too-many": msg("Too many codes were asked for at this till. Press F9 again in a minute."),
    "link-proof-missing": msg("Ask the member for the PIN, or for a fresh code on the phone."),
    "link-pin-locked": msg("The PIN is locked. The service desk opens the page, and gives a new PIN."),
    "link-pin-not-set": msg("This member has no PIN yet. The service desk opens the page, and sets a PIN."),
    "link-unknown-member": msg("The ledger does not know this member yet. The service desk can help with the page."),
}


DECIDING: Final = {
    "decide-offline": msg("The ledger decides with you, and it does not answer. Decide when the network is back."),
    "decided-before": msg("{who} has decided about it already: {why}"),
    "case-role": msg("The ledger does not know you as a manager of this store. Tell the operator."),
    "unknown-case": msg("The ledger has nothing that waits under this entry. Esc, and look again in a minute."),
    "case-correction": msg("The ledger cannot book this correction. Check the points: at most 100,000 at once."),
    "case-by-unknown": msg(
        "This sale cannot stand for it: it is not booked yet, or it was voided. Choose another one."
    ),
    "case-by-taken": msg("This sale stands for another entry already. Choose another one."),
    "case-why": msg("Type the reason in words."),
    "case-still-already-refunded": msg("Its goods have come back: it has no points left to give. Write it off."),
    "case-still": msg("It cannot be accepted: {reason} Correct it or write it off."),
    "no-choice": msg("There is no booked sale in this shift that could stand for it. Type the sale first."),
}

REASONS: Final = {
    "shortfall": msg("Points were redeemed that the member did not have. It is booked; the shop bears them."),
    "unreadable": msg("The ledger could not read the entry."),
    "damaged": msg("The entry was damaged on this till's disk."),
    "wrong-bucket": msg("The entry's number does not fit its member."),
    "same-id": msg("Another entry has the same number."),
    "unknown-member": msg("The ledger does not know this member."),
    "unknown-kind": msg("The ledger does not know this kind of points."),
    "unknown-programme": msg("The ledger does not know these rules."),
    "unknown-entry": msg("The ledger does not know the sale that was taken back."),
    "reference-taken": msg("Another till earned on the same reference."),
    "already-voided": msg("The sale was voided already."),
    "already-refunded": msg("Something of the sale has come back already; the rest is refunded, not voided."),
    "beyond-sale": msg("More would come back than the sale had: it was refunded before."),
    "nonce-used": msg("The member's code, or the voucher, was used for another sale."),
    "terminal-revoked": msg("The till had been revoked."),
    "number-taken": msg("This new member's number is another one's. The service desk makes a member of him."),
    "points-out-of-range": msg("More points than are possible."),
    "training": msg("It was made in training and counts nowhere; write it off."),
    "not-approved": msg("Nobody who may approve it has: look who is on the staff list."),
    "beyond-limit": msg("More than the store lets be given by hand or credited late."),
}
"""Why an entry waits for a person (`protocol.push.Reason`), `shortfall` where the outcome's status alone says it."""

SENTENCES: Final[dict[str, str]] = (
    PEOPLE
    | CODES
    | SALES
    | REFUNDING
    | AMOUNTS
    | REWARDS
    | REDEEMING
    | LINKING
    | APPROVING
    | MACHINE
    | LEDGER
    | STORE_TILLS
    | DECIDING
    | TECHNICIAN
)
