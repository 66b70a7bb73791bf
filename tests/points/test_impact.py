"""What an attribute means for all of us: its table, and what it may not say."""

from __future__ import annotations

import pytest

from config import data
from points import Programme, ProgrammeError, parse_programme
from points.impact import green_kinds
from tests.points.shops import rule, shop

KWH = rule("attribute", 'attribute = "kwh-year"\npoints = 1\nper = 10', "green")
GRADES = rule("attribute", 'attribute = "energy-grade"\ngrades = { "1" = 50 }', "green")
SOURCE = 'source = { zh = "来源", en = "source" }'


def impact(attribute: str, *keys: str) -> str:
    """An ``[[impact]]`` table."""
    words = '{ zh = "词", en = "words" }'
    head = f'\n[[impact]]\nattribute = "{attribute}"\nname = {words}\nunit = {words}\n'
    return head + "".join(f"{key}\n" for key in keys)


def green_home() -> Programme:
    """The sample."""
    return parse_programme((data("programmes") / "green-home.toml").read_bytes(), "green-home.toml")


@pytest.mark.parametrize(
    ("tables", "key_path", "reason"),
    [
        (KWH + impact("kwh-year", "co2e_mg = 530_600"), "impact[0]", "a factor without its source"),
        (KWH + impact("kwh-year", "co2e_mg = 0", SOURCE), "impact[0].co2e_mg", "greater than 0"),
        (KWH + impact("kwh-year", "co2e_mg = 1_000_000_000_001", SOURCE), "impact[0].co2e_mg", "less than or equal"),
        (KWH + impact("kwh-year", "co2e_mg = 0.5", SOURCE), "impact[0].co2e_mg", "is a float"),
        (KWH + impact("kwh-year", 'source = { zh = "来源" }'), "impact[0].source.en", "Field required"),
        (KWH + impact("kwh-year", "points = 1"), "impact[0].points", "Extra inputs"),
        (KWH + impact("litres"), "impact[0].attribute", "no [[earn]] measures litres"),
        (impact("kwh-year"), "impact[0].attribute", "no [[earn]] measures kwh-year"),
        (KWH + impact("pieces"), "impact[0].attribute", "the name of a measure"),
        (KWH + impact("kwh-year") * 2, "impact", "kwh-year is there 2 times"),
        (GRADES + impact("energy-grade", "co2e_mg = 1", SOURCE), "impact[0].co2e_mg", "is counted by grades"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_key_and_reason(tables: str, key_path: str, reason: str) -> None:
    """Above all a number that nobody answers for."""
    with pytest.raises(ProgrammeError) as caught:
        shop(tables)
    assert (caught.value.key_path, reason in str(caught.value)) == (key_path, True), str(caught.value)


def test_the_sample_says_what_its_attributes_mean() -> None:
    """Electricity by the published factor, with its source; water and labels without one; also through a document."""
    programme = Programme.from_document(green_home().to_document())
    found = programme.impact_by_attribute
    assert {name: one.co2e_mg for name, one in found.items()} == {
        "kwh-year": 530_600, "litres-year": None, "energy-grade": None,
    }  # fmt: skip
    source = found["kwh-year"].source
    assert source is not None
    assert "0.5306" in source.zh
    assert "0.5306" in source.en


def test_green_are_the_kinds_that_attributes_give_and_activities_without_money() -> None:
    """A questionnaire that gives points for money beside does not make these green."""
    assert set(green_kinds([green_home()])) == {"green"}
    quiz = 'activity = "quiz"\npoints = 5'
    assert set(green_kinds([shop(rule("activity", quiz, "points"))])) == set()
    assert set(green_kinds([shop(rule("activity", quiz, "stamps"))])) == {"stamps"}
    assert green_kinds([shop(KWH)])["green"].en == "green points"
