"""The slow hash of a phone: one rule, made by the ledger and made again by a till."""

from __future__ import annotations

import pytest

from protocol.phone_keys import phone_key, phone_key_like

SALT = b"a coalition's salt"


def test_a_till_makes_the_ledgers_key_from_any_other() -> None:
    """Salt and parameters of one member's key give the key of another's phone."""
    somebody = phone_key("13900002002", SALT)
    assert phone_key_like("13900001234", somebody) == phone_key("13900001234", SALT)
    assert phone_key_like("13900001234", somebody) != somebody


@pytest.mark.parametrize("garbage", ["", "k1", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2id$v=19$m=8,t=1,p=1$*$*"])
def test_what_is_no_key_gives_none(garbage: str) -> None:
    """A damaged row makes a look-up find nobody, and stops nothing."""
    assert phone_key_like("13900001234", garbage) is None
