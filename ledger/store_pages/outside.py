"""Before somebody is signed in, and how he leaves."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from ledger import staff_sessions
from ledger.staff_sessions import StaffSignInError
from ledger.store_pages.menu import menu_for
from ledger.store_pages.visit import StaffVisit
from protocol.names import clean

_REFUSED = 403
_OFTEN = 429


def first(visit: StaffVisit) -> Response:
    """The first page that he may see."""
    return visit.go(menu_for(visit.who)[0].path)


def asked(visit: StaffVisit, why: str = "", status: int = 200) -> Response:
    """The form. `why`: what was wrong with what was typed."""
    typed = {name: clean(visit.form.get(name, visit.query.get(name, ""))) for name in ("store", "staff")}
    return visit.page("sign_in.html", status, typed=typed, why=why)


def signed_in(visit: StaffVisit) -> str | Response:
    """The secret of the session; or the form again, with what was wrong."""
    store, staff = clean(visit.form.get("store", "")), clean(visit.form.get("staff", ""))
    try:
        return staff_sessions.sign_in(visit.service.database, store, staff, visit.form.get("pin", ""), visit.now_us)
    except StaffSignInError as error:
        return asked(visit, error.code, _OFTEN if error.code == "locked" else _REFUSED)


def signed_out(visit: StaffVisit) -> Response:
    """This browser."""
    with visit.service.database.write() as connection:
        staff_sessions.sign_out(connection, visit.who)
    return visit.go(f"/store/sign-in?store={quote(visit.who.home)}")


def chosen(visit: StaffVisit) -> Response:
    """Another store of his merchant, for an operator."""
    with visit.service.database.write() as connection:
        is_his = staff_sessions.show(connection, visit.who, visit.form.get("store", ""))
    return visit.go("/store") if is_his else visit.page("problem.html", _REFUSED, what="store")
