"""The pages of a member who is signed in; each is a function of his visit."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from ledger.consent import PURPOSES, consents_of
from ledger.drawing import svg
from ledger.households import household_of, policy_of
from ledger.pages.account import account_of, endings_of, lying_of
from ledger.pages.data import data_of
from ledger.pages.history import history_of
from ledger.pages.rewards import shelves_for
from ledger.pages.standings import contributions_of
from ledger.pages.visit import Visit
from ledger.pages.vouchers import uses_of
from ledger.programmes import kind_names
from ledger.sessions import count_sessions, end_all_sessions, end_session
from ledger.withdrawing import set_consent
from protocol.dynamic_codes import make

CODE_VERSION = 8
"""The largest QR of a dynamic code: 49 modules, and a cheap phone's camera reads it from a cheap phone's screen."""


def home(visit: Visit) -> Response:
    """Who, how many, and the code for the counter."""
    with visit.service.database.read() as connection:
        account = account_of(connection, visit.member)
        current = visit.service.programmes.current(connection)
        kinds, uses = kind_names(current), uses_of(connection, current, visit.now_us)
    balances = account.row.balances or dict.fromkeys(list(kinds)[:1])
    has_vouchers = any(balance and balance.available and kind in uses for kind, balance in balances.items())
    return visit.page(
        "home.html", account=account, balances=balances, kinds=kinds, code=_code(visit), has_vouchers=has_vouchers
    )


def code(visit: Visit) -> Response:
    """The code of this moment alone."""
    return Response(_code(visit), media_type="image/svg+xml")


def lots(visit: Visit) -> Response:
    """What ends when, and what waits at tills."""
    with visit.service.database.read() as connection:
        account = account_of(connection, visit.member)
        lying = lying_of(connection, account.row)
        endings = endings_of(connection, visit.member)
        kinds = kind_names(visit.service.programmes.current(connection))
        contributions = contributions_of(connection, visit.service.programmes, account, visit.now_us)
    return visit.page(
        "points.html", account=account, lying=lying, endings=endings, kinds=kinds, contributions=contributions
    )


def history(visit: Visit) -> Response:
    """A page of what happened."""
    with visit.service.database.read() as connection:
        events, after = history_of(connection, visit.member, visit.query.get("after", ""))
        kinds = kind_names(visit.service.programmes.current(connection))
    return visit.page("history.html", events=events, after=after, kinds=kinds)


def rewards(visit: Visit) -> Response:
    """What the points are good for."""
    with visit.service.database.read() as connection:
        account = account_of(connection, visit.member)
        shelves = shelves_for(connection, visit.service.programmes, account, visit.now_us)
        current = visit.service.programmes.current(connection)
    pieces = {kind.code for programme in current for kind in programme.kinds if kind.unit is not None}
    return visit.page("rewards.html", shelves=shelves, kinds=kind_names(current), pieces=pieces)


def me(visit: Visit) -> Response:
    """What is kept about him, what he may say no to, where he is signed in."""
    with visit.service.database.read() as connection:
        account = account_of(connection, visit.member)
        said = consents_of(connection, visit.member)
        phones = count_sessions(connection, visit.member, visit.now_us)
        shares = bool(policy_of(connection) or household_of(connection, visit.member))
    return visit.page("me.html", account=account, said=said, phones=phones, shares=shares)


def change_consent(visit: Visit) -> Response:
    """The switch of a purpose."""
    for purpose in PURPOSES:
        if visit.form.get("purpose") == purpose:
            is_given = visit.form.get("given") == "yes"
            set_consent(visit.service.database, visit.member, purpose, visit.now_us, is_given=is_given)
    return visit.go("/me")


def my_data(visit: Visit) -> Response:
    """All rows, as a file."""
    with visit.service.database.read() as connection:
        text = data_of(connection, visit.member)
    named = {"Content-Disposition": f'attachment; filename="till-{visit.member}.json"'}
    return Response(text, media_type="application/json", headers=named)


def sign_out(visit: Visit) -> Response:
    """This phone, or all of them."""
    if visit.form.get("which") == "all":
        with visit.service.database.write() as connection:
            end_all_sessions(connection, visit.member)
    leave(visit)
    return visit.go("/")


def leave(visit: Visit) -> None:
    """The session of this phone ends, where it has one."""
    if visit.session is not None and not visit.session.ended:
        with visit.service.database.write() as connection:
            end_session(connection, visit.session)


def _code(visit: Visit) -> str:
    key = visit.service.keys.current(visit.now_us).private
    text = make(visit.member, visit.now_us // 1_000_000, secrets.token_bytes(8), key)
    return svg(text, CODE_VERSION)
