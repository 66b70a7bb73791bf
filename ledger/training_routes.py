"""What a till asks beside its business: a book to train in, and to tell what it found when it tried to survive an outage."""

from __future__ import annotations

import secrets
from typing import Final

from ledger import outage_reports, tutorials
from ledger.auth import Caller
from ledger.problems import BadRequestError, NotKnownError
from ledger.service import Service
from ledger.training import TrainingBooks
from protocol.dynamic_codes import make
from protocol.outage import MAX_CHECKS, OutageReport, OutageReportKept, OutageReports
from protocol.training import (
    TrainingAnswer,
    TrainingCleared,
    TrainingCode,
    TrainingCodeRequest,
    TrainingRequest,
    is_training,
    is_training_member,
)
from protocol.tutorials import TutorialKept, TutorialPassed

NONCE_BYTES: Final = 8


def begin_training(service: Service, caller: Caller, request: TrainingRequest) -> TrainingAnswer:
    """A book, a terminal and members for a till that is going to train."""
    service.trainings.take(caller.terminal, service.clock())
    return _books(service).begin(service.database, caller, request)


def show_training_code(service: Service, caller: Caller, request: TrainingCodeRequest) -> TrainingCode:
    """The dynamic code of a training member. Signed as a real one, for a number that nobody in the books can have.

    Raises `BadRequestError` for anybody else's, and outside training.
    """
    if not is_training(caller.terminal) or not is_training_member(request.member):
        raise BadRequestError("codes are shown by phones; here are those of members to practise with, in training")
    now_us = service.clock()
    working = service.keys.current(now_us).private
    return TrainingCode(code=make(request.member, now_us // 1_000_000, secrets.token_bytes(NONCE_BYTES), working))


def clear_training(service: Service, caller: Caller, request: TrainingCleared) -> TrainingCleared:
    """Delete a book of the till that asks."""
    return _books(service).clear(caller, request.terminal)


def keep_tutorial(service: Service, caller: Caller, passed: TutorialPassed) -> TutorialKept:
    """Somebody of the store of the till that asks has passed the tutorial."""
    with service.database.write() as connection:
        return tutorials.keep(connection, service.keys, caller, passed, service.clock())


def keep_outage_report(service: Service, caller: Caller, report: OutageReport) -> OutageReportKept:
    """The newest report of the till that asks."""
    if report.terminal != caller.terminal or len(report.checks) > MAX_CHECKS:
        raise BadRequestError(f"a report of {report.terminal[:64]} with {len(report.checks)} checks")
    with service.database.write() as connection:
        outage_reports.keep(connection, report)
    return OutageReportKept(at=report.at)


def read_outage_reports(service: Service, caller: Caller, _query: object) -> OutageReports:
    """The newest reports of the store of the till that asks."""
    with service.database.read() as connection:
        return outage_reports.of_store(connection, caller.store)


def _books(service: Service) -> TrainingBooks:
    if service.training is None:
        raise NotKnownError("training", "at this ledger")
    return service.training
