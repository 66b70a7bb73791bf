"""Pairing a till that has no network: what it asks came as a file, and goes back as one (`protocol.enrolment_files`)."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.enrolment import enrol
from ledger.keys import Keys
from protocol import canonical
from protocol.enrolment_files import ANSWER, CarriedAnswer, read_question
from protocol.signing import sign


def answer_question(connection: Connection, keys: Keys, question: bytes, now_us: int) -> tuple[str, bytes]:
    """The terminal's id and the signed answer to a till's question; the same terminal again for the same question.

    Raises `SignatureError` for a file that is no question, and what `enrol` raises.
    """
    request = read_question(question)
    answer = enrol(connection, keys, request, now_us)
    signed = sign(ANSWER, CarriedAnswer(public=request.public, answer=answer), keys.current(now_us).private)
    return answer.terminal, canonical.encode(signed)
