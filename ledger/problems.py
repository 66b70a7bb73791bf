"""What the service refuses, to a till and on the command line.

ProblemError                 status, stable code and sentence of an RFC 9457 answer
├── NotSignedError           401  no signature, or not of the key that this terminal has
├── TerminalEndedError       403  a terminal that is revoked, lost or retired; its till acts on the code
├── EnrolmentError           403  a code that is unknown, used, out of date, or asked for too often
├── BadRequestError          400  a body or a query that is not what the route reads
├── VersionError             400  a protocol that this ledger does not read
├── TooLargeError            413  more bytes than a request may have, packed or unpacked
├── EncodingError            415  packed in a way that the ledger does not unpack
├── NotKnownError            404  a store, merchant, member or terminal that does not exist
├── MergeRefusedError        409  two accounts that cannot become one
├── HouseholdError           409  what a household, its ceilings or its pool do not allow
├── NoMemberPageError        409  a store whose settings name no page for members
├── CaseError                409  a decision about a case that is not possible, or not this person's (403)
├── OperatorError            403  nobody who may, a wrong PIN, or one person too few
├── ProposalError            409  a proposal that is decided already, or approved by who made it
├── BundleProblemError       409  files of which no bundle can be made
├── EndTillError             403  who may not end a till of the store, a wrong PIN, or what has ended already (409)
├── CarriedError             409  a journal's export that is none, or is not of this ledger
├── SuspensionError          409  what is suspended already, or is not
├── TakenError               409  an id, phone or name that exists already
├── DocumentError            422  a document that cannot be published: which file, which key, why
├── TooOftenError            429  come back after a while
├── BatchProblemError        409  what the books refuse as a whole (`ledger.errors`)
├── NoRouteError             404  a path or a method that is not in the OpenAPI document
├── BusyError                503  the database did not answer
└── BrokenError              500  a fault of the ledger

`ledger.errors` is the tree of the books; this one is the tree of those who ask.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.errors import GapError, LedgerError


class ProblemError(Exception):
    """A refusal with a stable `code`. `str()` is the sentence."""

    status = 400

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotSignedError(ProblemError):
    status = 401

    def __init__(self, why: str) -> None:
        super().__init__("not-signed", why)


class TerminalEndedError(ProblemError):
    status = 403

    def __init__(self, terminal: str, how: str) -> None:
        super().__init__(f"terminal-{how}", f"terminal {terminal} is {how}")


class EnrolmentError(ProblemError):
    status = 403

    SENTENCES = {
        "enrolment-unknown": "this enrolment code does not exist",
        "enrolment-used": "this enrolment code was used; a technician makes a new one",
        "enrolment-expired": "this enrolment code is out of date; a technician makes a new one",
    }

    def __init__(self, code: Literal["enrolment-unknown", "enrolment-used", "enrolment-expired"]) -> None:
        super().__init__(code, self.SENTENCES[code])


class BadRequestError(ProblemError):
    def __init__(self, why: str) -> None:
        super().__init__("bad-request", why)


class VersionError(ProblemError):
    def __init__(self, theirs: str, ours: str) -> None:
        super().__init__("version", f"protocol {theirs[:16]!r}, this ledger speaks {ours}")


class TooLargeError(ProblemError):
    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__("too-large", f"more than {limit_bytes} bytes")


class EncodingError(ProblemError):
    status = 415

    def __init__(self, encoding: str) -> None:
        super().__init__("unknown-encoding", f"content encoding {encoding[:32]!r}; zstd or none")


class NotKnownError(ProblemError):
    status = 404

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"unknown-{what}", f"there is no {what} {name}")


class LogShorterError(ProblemError):
    """The log never had the size that the caller knows."""

    status = 409

    def __init__(self, why: str) -> None:
        super().__init__("log-shorter", why)


class RestoreRefusedError(ProblemError):
    def __init__(self, why: str) -> None:
        super().__init__("restore-refused", why)


class MergeRefusedError(ProblemError):
    status = 409

    def __init__(self, why: str) -> None:
        super().__init__("merge-refused", why)


HouseholdReason = Literal[
    "off", "none", "in-one", "full", "invitation", "blocked", "changing", "kind", "owing", "not-enough", "pool-full",
    "monthly", "ended", "too-much",
]  # fmt: skip


class HouseholdError(ProblemError):
    """`reason`: which rule; `most`: with `not-enough`, `pool-full` and `monthly`, how many points it would allow."""

    status = 409

    SENTENCES: ClassVar[dict[HouseholdReason, str]] = {
        "off": "this coalition has no households",
        "none": "the member is in no household",
        "in-one": "the member is in a household already",
        "full": "the household has as many members as it may have",
        "invitation": "this invitation is used up, out of date, or none",
        "blocked": "the member is not active",
        "changing": "the household is changing at this moment; try again",
        "kind": "points of this kind are not pooled",
        "owing": "the member owes points of this kind",
        "not-enough": "there are not so many points",
        "pool-full": "the pool would hold more than it may",
        "monthly": "the member would draw more this month than he may",
        "ended": "this id was used for something else",
        "too-much": "the balance would be more than an account can hold",
    }

    def __init__(self, reason: HouseholdReason, most: int = 0) -> None:
        super().__init__(f"household-{reason}", self.SENTENCES[reason])
        self.reason, self.most = reason, most


class CaseError(ProblemError):
    """`code`: what a person would have to change, for the till's sentence."""

    status = 409

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"case-{code}", why)
        if code == "role":
            self.status = 403


class OperatorError(ProblemError):
    status = 403

    def __init__(self, code: Literal["needed", "wrong", "locked"], why: str) -> None:
        super().__init__(f"operator-{code}", why)


class ProposalError(ProblemError):
    status = 409

    def __init__(self, code: Literal["two", "state", "changed"], why: str) -> None:
        super().__init__(f"proposal-{code}", why)


class SuspensionError(ProblemError):
    status = 409

    def __init__(self, why: str) -> None:
        super().__init__("suspension-state", why)


class BundleProblemError(ProblemError):
    status = 409

    def __init__(self, why: str) -> None:
        super().__init__("bundle", why)


class EndTillError(ProblemError):
    status = 403

    def __init__(self, code: Literal["role", "pin", "ended"], why: str) -> None:
        super().__init__(f"end-till-{code}", why)
        if code == "ended":
            self.status = 409


class CarriedError(ProblemError):
    status = 409

    def __init__(self, why: str) -> None:
        super().__init__("not-carried", why)


class TakenError(ProblemError):
    status = 409

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"{what}-taken", f"{what} {name} exists already")


class NoMemberPageError(ProblemError):
    status = 409

    def __init__(self, store: str) -> None:
        super().__init__("no-member-page", f"the settings of store {store} name no member_page")


class DocumentError(ProblemError):
    """`key_path` is where in the file, as `points` writes it: `reward[2].conditions`."""

    status = 422

    def __init__(self, source: str, key_path: str, why: str) -> None:
        super().__init__("bad-document", ": ".join(part for part in (source, key_path, why) if part))
        self.source, self.key_path = source, key_path


class TooOftenError(ProblemError):
    status = 429

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("too-often", f"asked for too often; again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class BatchProblemError(ProblemError):
    """`expected_seq`: where a batch has to begin, after a gap; else 0."""

    status = 409

    def __init__(self, error: LedgerError) -> None:
        super().__init__(error.code, str(error))
        self.expected_seq = error.expected_seq if isinstance(error, GapError) else 0


class NoRouteError(ProblemError):
    def __init__(self, status: int) -> None:
        super().__init__("no-route", "nothing answers here")
        self.status = status


class BusyError(ProblemError):
    """Transient, so nothing signs it and a till takes it for silence."""

    status = 503

    def __init__(self) -> None:
        super().__init__("busy", "the books cannot be reached now; try again")


class BrokenError(ProblemError):
    status = 500

    def __init__(self) -> None:
        super().__init__("broken", "the ledger failed; its log says why")
