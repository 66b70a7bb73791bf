"""The wedge detector: a scanner that types is no person."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.wedge import MARKED_GAP_MS, MAX_GAP_MS, MIN_LENGTH, WedgeDetector

MS = 1_000_000
codes = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=MIN_LENGTH, max_size=40)


def type_keys(wedge: WedgeDetector, keys: list[str], gap_ms: int, start_ms: int = 0) -> list[str | None]:
    return [wedge.feed(key, (start_ms + number * gap_ms) * MS) for number, key in enumerate(keys)]


@settings(deadline=None)
@given(codes, st.integers(0, MAX_GAP_MS), st.sampled_from(["\r", "enter", "\n", "\t", "tab"]))
def test_a_burst_with_enter_is_a_code(code: str, gap_ms: int, end: str) -> None:
    """Fast keys and Enter give the whole code, once, at Enter."""
    results = type_keys(WedgeDetector(), [*code, end], gap_ms)
    assert results == [None] * len(code) + [code]


@settings(deadline=None)
@given(codes, st.integers(MAX_GAP_MS + 1, 400))
def test_a_person_is_never_a_scanner(text: str, gap_ms: int) -> None:
    """Slow keys give nothing, however many, and none of them is kept back."""
    wedge = WedgeDetector()
    for number, key in enumerate(text):
        assert wedge.feed(key, number * gap_ms * MS) is None
        assert wedge.burst == key
    assert wedge.feed("enter", len(text) * gap_ms * MS) is None


def test_two_keys_rolled_together_stay_with_the_field() -> None:
    """A quick `12` and Enter is an amount."""
    wedge = WedgeDetector()
    assert type_keys(wedge, ["1", "2", "enter"], 10) == [None, None, None]
    assert not wedge.is_burst


def test_fast_digits_never_end_up_as_an_amount() -> None:
    """A field that follows the recipe of the module holds `12` before and after a scan of 13 digits."""
    wedge, field, scanned = WedgeDetector(), "", []
    keys = [(key, number * 200) for number, key in enumerate("12")]
    keys += [(key, 1000 + number * 3) for number, key in enumerate([*"6901234567892", "enter"])]
    for key, at_ms in keys:
        if code := wedge.feed(key, at_ms * MS):
            scanned.append(code)
        elif wedge.is_burst:
            field = field[: len(field) - wedge.to_retract]
        else:
            field += key
    assert (field, scanned) == ("12", ["6901234567892"])


def test_a_scanner_without_enter_is_known_by_its_silence() -> None:
    """`expire` gives the code once the burst is over, not before, and once only."""
    wedge = WedgeDetector()
    type_keys(wedge, list("6901234567892"), 2)
    assert wedge.is_burst
    assert wedge.expire(24 * MS + MAX_GAP_MS * MS) is None
    assert wedge.expire(25 * MS + MAX_GAP_MS * MS) == "6901234567892"
    assert wedge.expire(10**12) is None
    assert wedge.feed("enter", 10**12) is None


def test_a_late_enter_is_the_cashier_s() -> None:
    """Enter long after the last fast key was pressed by a person and completes nothing."""
    wedge = WedgeDetector()
    type_keys(wedge, list("690123"), 2)
    assert wedge.feed("enter", 10_000 * MS) is None


def test_a_function_key_breaks_a_burst() -> None:
    """F2 in the middle leaves no half code behind."""
    wedge = WedgeDetector()
    assert type_keys(wedge, [*"690", "f2", *"123", "enter"], 2)[-1] is None


@settings(deadline=None)
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=125), min_size=1, max_size=40),
    st.sampled_from(["~", "~~", "~#"]),
    st.integers(0, MARKED_GAP_MS),
)
def test_d50_behind_its_prefix_a_slow_scanner_is_a_scanner(code: str, prefix: str, gap_ms: int) -> None:
    """Over a remote desktop it types like a person, and its code may be of one sign: the prefix tells, and is no part of it."""
    wedge, field = WedgeDetector(prefix=prefix), "12"
    at_ms, scanned = 10_000, []
    for key in [*prefix, *code, "enter"]:
        if (found := wedge.feed(key, at_ms * MS)) is not None:
            scanned.append(found)
        elif wedge.is_burst:
            field = field[: len(field) - wedge.to_retract]
        else:
            field += key
        at_ms += gap_ms
    assert (scanned, field) == ([code], "12")
    assert not wedge.is_burst


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=125), max_size=40), st.integers(MAX_GAP_MS + 1, 400))
def test_d50_without_its_prefix_a_person_stays_a_person(text: str, gap_ms: int) -> None:
    """And a fast scanner that sends none is still told by its speed."""
    wedge = WedgeDetector(prefix="~")
    for number, key in enumerate(text):
        assert wedge.feed(key, (1_000 + number * gap_ms) * MS) is None
        assert not wedge.is_burst
    assert type_keys(wedge, [*"6901234567892", "enter"], 2, 100_000)[-1] == "6901234567892"


def test_d50_a_prefix_typed_by_accident_lets_go() -> None:
    """After the silence of a person the keys are his again, and Enter too."""
    wedge = WedgeDetector(prefix="~")
    wedge.feed("~", 1_000 * MS)
    bursts = [wedge.is_burst]
    assert wedge.expire((1_000 + MARKED_GAP_MS + 1) * MS) is None
    bursts.append(wedge.is_burst)
    wedge.feed("~", 5_000 * MS)
    assert wedge.feed("1", (5_001 + MARKED_GAP_MS) * MS) is None
    assert [*bursts, wedge.is_burst] == [True, False, False]
    assert wedge.feed("enter", (5_200 + MARKED_GAP_MS) * MS) is None


def test_d50_a_prefix_without_enter_ends_by_silence() -> None:
    """A slow scanner that sends no Enter: the longer silence of a marked code ends it."""
    wedge = WedgeDetector(prefix="~")
    type_keys(wedge, ["~", *"M112"], 100)
    assert wedge.expire((400 + 100) * MS) is None
    assert wedge.expire((400 + MARKED_GAP_MS + 1) * MS) == "M112"


def test_a_clock_that_runs_backwards_makes_no_scanner() -> None:
    """Keys out of order begin a new run."""
    wedge = WedgeDetector()
    for number in range(10):
        wedge.feed("1", (100 - number) * MS)
    assert wedge.burst == "1"
