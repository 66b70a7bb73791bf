"""What pydantic finds in a document, as a key path and a sentence: its own words are English and know nothing of TOML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from points.sentences import Fact, Sentence, Wrong, msg

TEMPLATES: Final[Mapping[str, str]] = {
    "missing": msg("Field required"),
    "extra_forbidden": msg("Extra inputs are not permitted: there is no such key"),
    "int_type": msg("Input should be a valid integer"),
    "string_type": msg("Input should be a valid string: put it in quotes"),
    "string_pattern_mismatch": msg("String should match pattern {pattern}"),
    "string_too_short": msg("String should have at least {min_length} characters"),
    "string_too_long": msg("String should have at most {max_length} characters"),
    "greater_than": msg("Input should be greater than {gt}"),
    "greater_than_equal": msg("Input should be greater than or equal to {ge}"),
    "less_than_equal": msg("Input should be less than or equal to {le}"),
    "too_short": msg("List should have at least {min_length} items, not {actual_length}"),
    "tuple_type": msg("Input should be a valid list"),
    "dict_type": msg("Input should be a valid table"),
    "model_type": msg("Input should be a valid table"),
    "model_attributes_type": msg("Input should be a valid table"),
    "literal_error": msg("Input should be {expected}"),
    "union_tag_invalid": msg("{discriminator} {tag} does not match any of the expected tags: {expected_tags}"),
    "union_tag_not_found": msg("{discriminator} is missing"),
    "earn_by": msg('by is "amount", "quantity", "attribute", "visit" or "activity"'),
}
"""By the type of pydantic's error: all that the fields of this language can bring about."""
_OTHER: Final = msg("not what is expected here ({type})")

_TAGGED: Final = re.compile(r"(reward|earn)\[[0-9]+\]")


class Incoherent(Wrong):
    """What no single field can see; it knows where it is itself."""

    def __init__(self, key_path: str, sentence: Sentence) -> None:
        super().__init__(sentence.template, **sentence.facts)
        self.key_path = key_path


def first_error(error: ValidationError) -> tuple[str, Sentence]:
    """Key path and sentence of the first thing that pydantic found."""
    first = error.errors(include_url=False, include_input=False)[0]
    context = first.get("ctx", {})
    raised = context.get("error")
    if isinstance(raised, Incoherent):
        return raised.key_path, raised.sentence
    if isinstance(raised, Wrong):
        return _key_path(first["loc"]), raised.sentence
    facts: dict[str, Fact] = {name: fact if isinstance(fact, int) else str(fact) for name, fact in context.items()}
    if "expected" in facts:
        facts["choices"] = str(facts["expected"]).replace(" or ", ", ")  # for who lists without an English "or"
    return _key_path(first["loc"]), Sentence(TEMPLATES.get(first["type"], _OTHER), **{**facts, "type": first["type"]})


def _key_path(steps: tuple[int | str, ...]) -> str:
    key_path, tagged = "", False
    for step in steps:
        if isinstance(step, int):
            key_path += f"[{step}]"
        elif step == "[key]":
            continue  # pydantic's word for a wrong key; the key itself stands before it
        elif _TAGGED.fullmatch(key_path) and not tagged:
            tagged = True  # the form or `by`, by which pydantic tells rewards and rules apart: no key of the file
        else:
            key_path += f".{step}" if key_path else step
    return key_path
