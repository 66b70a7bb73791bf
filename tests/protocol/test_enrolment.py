"""An invitation is read whole or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.enrolment import CODE_ALPHABET, CODE_LENGTH, Invitation, read_invitation
from protocol.errors import CodeError

GOOD = Invitation("https://ledger.example:8443", "ABCDEFGHJK", "0123456789abcdef")


@given(
    st.sampled_from(["https://l.example", "http://127.0.0.1:8000", "http://[::1]:80", "https://l.example/till/v1"]),
    st.text(CODE_ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH),
    st.text("0123456789abcdef", min_size=16, max_size=16),
)
def test_an_invitation_comes_back(url: str, code: str, root: str) -> None:
    """What the ledger prints is what the till reads."""
    assert read_invitation(str(Invitation(url, code, root))) == Invitation(url, code, root)


def test_case_and_spaces_do_not_matter() -> None:
    """A code typed in lower case, or scanned in capitals, with spaces around it, is the same."""
    assert read_invitation(f"  {str(GOOD).lower()}\r\n") == GOOD
    assert read_invitation(str(GOOD).upper()) == GOOD._replace(url=GOOD.url.upper())
    assert read_invitation(str(GOOD._replace(url=GOOD.url + "/"))) == GOOD


@pytest.mark.parametrize(
    "text",
    ["", "E1", "E1 " * 4, str(GOOD)[3:], str(GOOD) + " x", str(GOOD)[:-1], str(GOOD) + "0", "E2" + str(GOOD)[2:],
     str(GOOD._replace(root="0123456789abcdeg")), str(GOOD._replace(root="０１２３４５６７８９abcdef")),
     str(GOOD._replace(code="ABCDEFGHJ0")), str(GOOD._replace(code="ABCDEFGHJ")), str(GOOD._replace(code="[bold]ABCD"))],
)  # fmt: skip
def test_torn_invitations_are_refused(text: str) -> None:
    """Parts missing, misread or too many: one refusal."""
    with pytest.raises(CodeError) as caught:
        read_invitation(text)
    assert caught.value.code == "enrolment-unreadable"


@pytest.mark.parametrize(
    "url",
    ["ledger.example", "ftp://l.example", "file:///etc/passwd", "http://", "https:///x", "http://[", "http://[::1",
     "http://a:b:c", "http://l:99999", "http://l:0x50", "http://l.example@evil.example", "http://u:p@l.example",
     "http://l.example?x=1", "http://l.example#x", "http://\x1b[31m", "http://l\u202e.example", "http://ｌ.example",
     "http://l.example/\x00", "javascript://l.example"],
)  # fmt: skip
def test_an_address_that_misleads_is_refused(url: str) -> None:
    """Other schemes, hosts that are none, users, queries, control and full-width characters: refused, never a crash."""
    with pytest.raises(CodeError):
        read_invitation(f"E1 {url} {GOOD.code} {GOOD.root}")


@given(st.text(max_size=80))
def test_garbage_is_refused(text: str) -> None:
    """Any text ends in `CodeError`, behind our prefix too."""
    for spelled in (text, f"E1 {text} {GOOD.code} {GOOD.root}"):
        try:
            read_invitation(spelled)
        except CodeError:
            continue
        assert text.strip().lower().startswith("http")


def test_a_short_invitation_fits_80_by_24() -> None:
    """With a short address it stays inside the 62 bytes of QR version 4."""
    assert len(str(Invitation("http://192.168.1.10:8000", "ABCDEFGHJK", "0" * 16))) <= 62
