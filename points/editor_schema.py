"""The form of a programme's file as JSON Schema, for editors: they complete keys and mark mistakes while it is written.

It is what the models say, and says less than `parse_programme`: names that must exist, campaigns that meet and the worked
examples are checked there alone.
"""

from __future__ import annotations

from typing import Any, Final

from points.programme import Programme

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def editor_schema() -> dict[str, Any]:
    """A JSON Schema of the TOML document, with `from`, `until` and `reward` as they stand in the file."""
    schema = Programme.model_json_schema(by_alias=True)
    table = schema["$defs"]["Validity"]
    schema["$defs"]["Validity"] = {
        "description": table["description"],
        "anyOf": [
            {"const": "never"},
            *(
                {"type": "object", "properties": {key: _without_null(table["properties"][key]) for key in keys},
                 "required": [keys[0]], "additionalProperties": False}
                for keys in (("months",), ("days",), ("year_end", "grace_days"))
            ),
        ],
    }  # fmt: skip
    return {"$schema": DIALECT, **_without_nulls(schema)}


def _without_nulls(schema: Any) -> Any:
    """TOML has no null: what may be left out is left out."""
    if isinstance(schema, dict):
        kept = {key: _without_nulls(value) for key, value in _without_null(schema).items()}
        if kept.get("default", ...) is None:
            del kept["default"]
        return kept
    return [_without_nulls(one) for one in schema] if isinstance(schema, list) else schema


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """``{"anyOf": [something, null]}`` is something."""
    options = schema.get("anyOf", [])
    if {"type": "null"} not in options:
        return schema
    rest = [option for option in options if option != {"type": "null"}]
    others = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**others, **rest[0]} if len(rest) == 1 else {**others, "anyOf": rest}
