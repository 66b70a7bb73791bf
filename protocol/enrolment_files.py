"""Pairing where there is no network: the till's question is carried to the ledger as a file, and the answer back.

What is asked and answered is what `POST /v1/enrol` asks and answers. The question is signed by the key that it brings, the
answer by a working key of the ledger under the root that the enrolment code names. Both can be carried by anybody: neither
says anything secret but the one-time code, and the answer serves that one key alone.
"""

from __future__ import annotations

import msgspec

from protocol import canonical
from protocol.canonical import Model
from protocol.enrolment import EnrolAnswer, EnrolRequest
from protocol.errors import NotCanonicalError, SignatureError
from protocol.signing import KeyRing, Signed, key_id, open_signed

QUESTION, ANSWER = "enrolment-question", "enrolment-answer"
"""The purposes of both signatures."""
MAX_BYTES = 256 * 1024


class CarriedAnswer(Model, kw_only=True):
    """`public`: the key of the till that asked."""

    public: bytes
    answer: EnrolAnswer


def read_question(data: bytes) -> EnrolRequest:
    """What a till asks. Raises `SignatureError` unless the key in it signed it."""
    signed = _signed(data)
    try:
        public = canonical.decode(signed.body.encode(), EnrolRequest).public
    except (msgspec.MsgspecError, NotCanonicalError) as error:
        raise SignatureError(f"not a till's question: {error}") from None
    return open_signed(signed, QUESTION, public, EnrolRequest)


def read_answer(data: bytes, root: str, public: bytes) -> EnrolAnswer:
    """What the ledger answers to the till with the key `public`. `root`: the fingerprint that the enrolment code names.

    Raises `SignatureError`.
    """
    signed = _signed(data)
    try:
        said = canonical.decode(signed.body.encode(), CarriedAnswer)
    except (msgspec.MsgspecError, NotCanonicalError) as error:
        raise SignatureError(f"not a ledger's answer: {error}") from None
    if key_id(said.answer.root_public) != root:
        raise SignatureError("not by the ledger that the enrolment code names")
    ring = KeyRing(said.answer.root_public, said.answer.certificates)
    if ring.open(signed, ANSWER, CarriedAnswer).public != public:
        raise SignatureError("an answer to another till")
    return said.answer


def _signed(data: bytes) -> Signed:
    try:
        return msgspec.json.decode(data[:MAX_BYTES], type=Signed)
    except msgspec.MsgspecError as error:
        raise SignatureError(f"not a signed file: {error}") from None
