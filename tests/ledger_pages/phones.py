"""A member's phone without a browser: cookies, forms as a browser posts them, and what a page says."""

from __future__ import annotations

import html
import re
import secrets
from types import TracebackType
from typing import Any, Self

import httpx

from ledger.sessions import make_link
from protocol import canonical
from protocol.dynamic_codes import make
from protocol.ids import bucket_of, new_id
from protocol.member_links import MemberLink, MemberLinkRequest, MemberLinkVerdict
from protocol.reservations import Refused
from tests.ledger_service.town import MEMBER, SigningTill, Town

PAGE = "https://p.example.com"


class Phone:
    """A browser of its own, in Chinese unless told otherwise."""

    def __init__(self, town: Town, base_url: str = PAGE, language: str = "zh-CN,zh;q=0.9,en;q=0.8") -> None:
        self.town = town
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=town.app), base_url=base_url, headers={"Accept-Language": language}
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    async def sign_in(self, member: str = MEMBER) -> Self:
        """By a link of the service desk."""
        answer = await self.post(link(self.town, member))
        assert answer.status_code == 303, answer.text
        return self

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """As a person who opens it."""
        return await self.client.get(path, headers=headers)

    async def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """As our own form does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()} or {
            "sec-fetch-site": "same-origin"
        }
        return await self.client.post(path, data=form or {}, headers=named)

    async def says(self, path: str) -> str:
        """The words of a page, without its markup."""
        return words(await self.get(path))


def words(answer: httpx.Response) -> str:
    """What a person reads, blanks as one."""
    text = re.sub(r"<(script|style|title)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def link(town: Town, member: str = MEMBER) -> str:
    """The path of a new link."""
    made = make_link(town.database, PAGE, member, town.clock())
    assert isinstance(made, MemberLink), made
    return path_of(made)


def path_of(made: MemberLink) -> str:
    """Behind the page's address."""
    assert made.address.startswith(PAGE.upper() + "/L/")
    return made.address.removeprefix(PAGE.upper())


def code_of(town: Town, member: str = MEMBER) -> str:
    """A dynamic code of this minute."""
    now_us = town.clock()
    return make(member, now_us // 1_000_000, secrets.token_bytes(8), town.keys.current(now_us).private)


async def ask_link(till: SigningTill, proof: str, evidence: str = "", **changes: Any) -> MemberLink | Refused:
    """As a till asks for it."""
    member = changes.get("member", MEMBER)
    identity = new_id(till.town.clock() // 1_000, bucket_of(member), secrets.randbits(64))
    request = MemberLinkRequest(**{"id": identity, "member": member, "proof": proof, "evidence": evidence, **changes})
    heard = await till.ask("POST", "/v1/member-link", request)
    assert heard.status == 200, heard.body
    return canonical.decode(heard.body, MemberLinkVerdict)  # type: ignore[arg-type]  # msgspec takes unions, type[T] does not
