"""Stop and go on (A9): what tills are told, what is not reserved meanwhile, and that members keep their points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger import documents
from ledger.acts import acts
from ledger.authorising import authorise
from ledger.feed import member_row
from ledger.habits import bring_habits
from ledger.merchants import add_merchant, add_store
from ledger.problems import BadRequestError, NotKnownError, SuspensionError
from ledger.suspending import What, resume, suspend
from ledger.verify import verify
from protocol import authorisations
from protocol.authorisations import Challenge, kind_tag, terminal_tag
from protocol.documents import AllowancePolicy, Document, DocumentsAnswer, StoreSettings, Suspension
from protocol.ids import bucket_of, new_id
from protocol.push import PushAnswer
from protocol.reservations import AllowancesAnswer, AllowancesRequest, Refused
from tests.ledger_service.test_command_line import ask as console
from tests.ledger_service.test_command_line import folder, run
from tests.ledger_service.test_proofs import reason, request
from tests.ledger_service.town import MEMBER, OTHER_STORE, PIN, STORE, SigningTill, Town

__all__ = ["folder"]
OWN: list[tuple[What, str]] = [("merchant", "qingsui"), ("programme", "qingsui-market")]


def stop(town: Town, what: What, name: str) -> None:
    with town.database.write() as connection:
        suspend(connection, town.keys, what, name, "inspection", "", town.clock())


def go_on(town: Town, what: What, name: str) -> None:
    with town.database.write() as connection:
        resume(connection, town.keys, what, name, "", "", town.clock())


async def told(town: Town, till: SigningTill) -> list[Suspension]:
    """What a till is told, newest of each."""
    answer = (await till.ask("GET", "/v1/documents?after=0")).read(DocumentsAnswer)
    found = [town.keys.ring.open(signed, "document", Document) for signed in answer.documents]
    return [msgspec.json.decode(one.content, type=Suspension) for one in found if one.kind == "suspension"]


@pytest.mark.parametrize(("what", "name"), OWN)
async def test_its_tills_are_told_and_nothing_is_reserved_for_them(town: Town, what: What, name: str) -> None:
    """Signed, to its own stores alone; until it goes on."""
    till, other = town.till(), town.till(OTHER_STORE)
    stop(town, what, name)
    assert await told(town, till) == [Suspension(what=what, id=name, suspended_at=town.clock())]
    assert await told(town, other) == []
    assert await reason(till, request(town, "pin", PIN)) == f"{what}-suspended"
    assert await reason(other, request(town, "pin", PIN)) == "granted"
    go_on(town, what, name)
    assert await told(town, till) == [Suspension(what=what, id=name)]
    assert await reason(till, request(town, "pin", PIN)) == "granted"
    assert verify(town.database) == []


async def test_what_was_granted_before_stays_granted(sqlite_town: Town) -> None:
    """The same request again gets its first answer: the goods may have left."""
    till, asked = sqlite_town.till(), request(sqlite_town, "pin", PIN)
    assert await reason(till, asked) == "granted"
    stop(sqlite_town, "merchant", "qingsui")
    assert await reason(till, asked) == "granted"


async def test_what_was_sold_offline_meanwhile_is_booked(town: Town) -> None:
    """It happened; members keep what they earned, and what they had."""
    till = town.till()
    stop(town, "merchant", "qingsui")
    till.sell(award=10)
    answer = (await till.ask("POST", "/v1/push", till.batch())).read(PushAnswer)
    assert [outcome.status for outcome in answer.outcomes] == ["booked"]
    with town.database.read() as connection:
        row = member_row(connection, MEMBER)
    assert row is not None
    assert row.balances["points"].available == 1_010


async def test_nothing_is_set_aside_for_its_tills(sqlite_town: Town) -> None:
    """Members could not spend it there."""
    town = sqlite_town
    till = town.till()
    with town.database.write() as connection:
        settings = documents.newest(connection, "store", STORE, StoreSettings)
        assert settings is not None
        settings = msgspec.structs.replace(settings, allowance=AllowancePolicy(per_member=500))
        documents.publish_store(connection, town.keys, settings, town.clock())
        bring_habits(connection, MEMBER, [(STORE, "points", 300)], town.clock())
    stop(town, "programme", "qingsui-market")
    asked = AllowancesRequest(shift="s1")
    assert (await till.ask("POST", "/v1/allowances", asked)).read(AllowancesAnswer).granted == ()
    go_on(town, "programme", "qingsui-market")
    assert len((await till.ask("POST", "/v1/allowances", asked)).read(AllowancesAnswer).granted) == 1


async def test_no_phone_allows_it_either(sqlite_town: Town) -> None:
    """The till is offline and has not heard of it; the ledger has."""
    town = sqlite_town
    till = town.till()
    stop(town, "merchant", "qingsui")
    identity = new_id(town.clock() // 1_000, bucket_of(MEMBER), 1)
    challenge = Challenge(identity, 100, terminal_tag(till.terminal), kind_tag("points"), bytes(6))
    text = authorisations.challenge_text("https://p.example.com", challenge)
    assert authorise(town.database, town.keys, MEMBER, text, town.clock()) == Refused(
        reason="merchant-suspended", spendable=1_000
    )


def test_it_is_stopped_once_and_goes_on_once(sqlite_town: Town) -> None:
    """Without a reason nobody is stopped; what does not exist is not either."""
    town = sqlite_town
    stop(town, "merchant", "qingsui")
    with pytest.raises(SuspensionError, match="already"):
        stop(town, "merchant", "qingsui")
    go_on(town, "merchant", "qingsui")
    with pytest.raises(SuspensionError, match="not suspended"):
        go_on(town, "merchant", "qingsui")
    for what, name in (("merchant", "nobody"), ("programme", "nothing")):
        with pytest.raises(NotKnownError):
            stop(town, what, name)  # type: ignore[arg-type]
    with pytest.raises(BadRequestError, match="why"), town.database.write() as connection:
        suspend(connection, town.keys, "merchant", "qingsui", " ", "", town.clock())
    with town.database.read() as connection:
        assert [deed.what for deed, _hash in acts(connection)][2:] == ["merchant-suspended", "merchant-resumed"]


async def test_a_new_store_of_a_suspended_merchant_is_told_too(sqlite_town: Town) -> None:
    """Its second one, and the first one of a merchant who was stopped before he had any."""
    town = sqlite_town
    stop(town, "merchant", "qingsui")
    with town.database.write() as connection:
        add_merchant(connection, "later", "后来")
    stop(town, "merchant", "later")
    for store, merchant in (("renmin", "qingsui"), ("later-1", "later")):
        with town.database.write() as connection:
            add_store(connection, store, merchant, store)
            settings = documents.newest(connection, "store", STORE, StoreSettings)
            assert settings is not None
            fresh = msgspec.structs.replace(settings, store=store, merchant=merchant)
            documents.publish_store(connection, town.keys, fresh, town.clock())
        assert [(one.id, one.suspended_at > 0) for one in await told(town, town.till(store))] == [(merchant, True)]


def test_whoever_stops_says_who_he_is_where_there_are_operators(folder: Path, tmp_path: Path) -> None:
    """In books without any, as of a demo, nobody asks. Each act is recorded with its reason."""
    assert console(folder, "merchant", "suspend", "qingsui", "--reason", "inspection")["status"] == "suspended"
    assert run(folder, "merchant", "suspend", "banshao").exit_code == 4
    assert console(folder, "merchant", "resume", "qingsui")["status"] == "active"
    pin = tmp_path / "pin"
    pin.write_text("1111", encoding="utf-8")
    for name in ("何芸", "陆川"):
        assert run(folder, "operator", "add", name, "--new-pin-file", str(pin)).exit_code == 0
    assert run(folder, "programme", "suspend", "qingsui-market", "--reason", "x").exit_code == 2
    by = ("--by", "何芸", "--pin-file", str(pin))
    invited = console(folder, "terminal", "invite", STORE, "--url", "http://127.0.0.1:1")
    assert invited["store"] == STORE
    for command in (
        ("programme", "suspend", "qingsui-market", "--reason", "a wrong price"),
        ("programme", "resume", "qingsui-market"),
        ("member", "block", MEMBER, "--reason", "a stolen card"),
        ("member", "block", MEMBER, "--undo"),
        ("member", "revoke", MEMBER, "--reason", "asked for it"),
    ):
        console(folder, *command, *by)
    told: list[dict[str, Any]] = json.loads(run(folder, "operator", "acts", "--json").stdout)["acts"]
    assert [(act["by"], act["what"], act["facts"].get("reason", "")) for act in told[-5:]] == [
        ("何芸", "programme-suspended", "a wrong price"), ("何芸", "programme-resumed", ""),
        ("何芸", "member-blocked", "a stolen card"), ("何芸", "member-active", ""),
        ("何芸", "member-revoked", "asked for it"),
    ]  # fmt: skip
    assert run(folder, "verify").exit_code == 0
