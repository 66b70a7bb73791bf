"""The shipped programmes: their own examples come true, and they travel as canonical JSON."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from points import Programme, offers, parse_programme
from points.basket import Basket, MemberFacts
from points.examples import differences

SAMPLES = sorted((Path(__file__).parents[2] / "config" / "programmes").glob("*.toml"))


@pytest.fixture(params=SAMPLES, ids=lambda path: path.stem)
def programme(request: pytest.FixtureRequest) -> Programme:
    path: Path = request.param
    return parse_programme(path.read_bytes(), path.name)


def test_every_example_comes_true(programme: Programme) -> None:
    """Each file carries examples, and each ends as it says."""
    assert len(programme.examples) >= 5
    found = {example.name.en: differences(programme, example) for example in programme.examples}
    assert not {name: what for name, what in found.items() if what}


def test_a_wrong_example_is_told_apart(programme: Programme) -> None:
    """The player of examples can fail: on the price, on the points, on what is left and on a refusal."""
    example = next(example for example in programme.examples if example.paid_fen and example.awarded)
    wrong_fen = example.model_copy(update={"paid_fen": 1})
    wrong_points = example.model_copy(update={"awarded": {"points": 1}})
    wrong_left = example.model_copy(update={"left": {"points": 77}})
    refused = example.model_copy(update={"paid_fen": None, "refused": "below-minimum"})
    sentences = [differences(programme, wrong) for wrong in (wrong_fen, wrong_points, wrong_left, refused)]
    assert [str(sentence[0]).split()[0] for sentence in sentences] == ["paid", "earned", "left", "not"]


def test_a_document_of_integers_and_strings_comes_back_the_same(programme: Programme) -> None:
    """`to_document` holds nothing that canonical JSON lacks, and `from_document` returns the same programme."""
    document = programme.to_document()
    assert _leaf_types(document) <= {int, str}
    assert Programme.from_document(json.loads(json.dumps(document))) == programme


def test_every_offer_discloses_all_key_rules(programme: Programme) -> None:
    """Cost, conditions, validity and refund in both languages (A1)."""
    at = datetime.fromisoformat("2026-06-05T12:00")
    for offer in offers(programme, Basket.of_amount(100_00), MemberFacts(), at):
        shown = offer.disclosure
        for text in (shown.name, shown.cost, shown.conditions, shown.validity, shown.refund):
            assert text.in_language("zh-CN") != text.in_language("en")
        assert f"{offer.terms.points:,}" in shown.cost.zh


def _leaf_types(value: object) -> set[type]:
    if isinstance(value, dict):
        return {str}.union(*(_leaf_types(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(_leaf_types(inner) for inner in value))
    return {type(value)}
