"""What `till programme check` finds wrong is said in both languages, each with file, line, key and rule."""

from __future__ import annotations

import ast
import copy
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from config import data
from points import Programme, ProgrammeError
from terminal.locales import build
from tests.points import test_compliance, test_programme_document
from till.cli import main

CALLS = ("Sentence", "Wrong", "msg")
RULES = re.compile(r"\b[AP][0-9]{1,2}\b|第.{1,4}条")
FIELD = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z']+){2,}")
"""Three words in a row: no key, code or file name."""


def templates() -> set[str]:
    """Every sentence that stands in the source of the lower rooms."""
    found = set[str]()
    for file in (file for room in build.RULES.rooms for file in room.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS and node.args:
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    found.add(text.value)
    return found


def chinese() -> dict[str, str]:
    return {str(message.id): str(message.string) for message in build.updated("zh_CN", build.RULES) if message.id}


def test_every_sentence_has_both_languages() -> None:
    """The same facts or those that stand beside them in Chinese, the same rules, and no English left."""
    said = chinese()
    assert templates() == said.keys()
    assert len(said) > 100
    for english, translated in said.items():
        theirs = {field.replace("_zh", "_en") for field in FIELD.findall(translated)} - {"choices"}
        assert theirs <= set(FIELD.findall(english)), english
        assert set(RULES.findall(translated)) == set(RULES.findall(english)), english
        assert re.search(r"[\u3000-\u9fff\uff00-\uffef]", translated), english
        assert not ENGLISH.search(translated), translated


def wrong_files(folder: Path) -> Iterator[Path]:
    """Each mistake that the tests of the language know, as a file; examples and TOML of our own beside them."""
    mistakes = test_programme_document.test_a_mistake_is_named_by_key_and_reason.pytestmark[0].args[1]  # type: ignore[attr-defined]
    promises = test_compliance.test_words_that_promise_what_may_not_be.pytestmark[0].args[1]  # type: ignore[attr-defined]
    sample = test_programme_document.SAMPLE
    texts = [sample.replace(old, new, 1).encode() for old, new, _key, _reason in mistakes]
    texts += [write(*breaks).encode() for write, breaks, _passes, _rule in promises]
    texts += [
        sample.replace("paid_fen = 300_00", "paid_fen = 299_00", 1).encode(),
        sample.replace("awarded = { points = 300 }", "awarded = { points = 3 }", 1).encode(),
        sample.replace('refused = "not-enough-points"', "paid_fen = 1", 1).encode(),
        b"", b"\xff\xfe", b"id = ", b'id = "x', b"[[", b"id = 1\nid = 2\n", b"x = [\n" + b"9" * 1_990 + b"]",
        b"#" * 300_000, b"#" * 3_000, b"x = " + b"[\n" * 100_000,
    ]  # fmt: skip
    for number, text in enumerate(texts):
        file = folder / f"{number}.toml"
        file.write_bytes(text)
        yield file


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_folder_of_wrong_programmes(tmp_path: Path, language: str) -> None:
    """In Chinese no English sentence is left, in English no Chinese one but the words of the file; all name their file."""
    files = [str(file) for file in wrong_files(tmp_path)]
    answer = CliRunner().invoke(
        main, ["--lang", language, "programme", "check", *files], catch_exceptions=False
    )  # fmt: skip
    assert answer.exit_code == 1
    findings = [line for line in answer.output.splitlines() if re.match(r"\d+\.toml:", line)]
    assert {line.partition(".")[0] for line in findings} == {str(number) for number in range(len(files))}
    for line in findings:
        ours = re.sub(r'says ".*?":|写了“.*?”', "", line)
        assert bool(re.search(r"[\u3400-\u9fff]", ours)) is (language == "zh-CN") or RULES.search(line), line
        if language == "zh-CN":
            assert not ENGLISH.search(ours), line


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Each place of a document, tables and lists included."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from leaves(one, (*path, key))


def test_whatever_stands_somewhere_has_a_sentence() -> None:
    """A value of another kind in any place: pydantic knows more ways to be wrong than a document has."""
    document = tomllib.loads((data("programmes") / "apparel.toml").read_text("utf-8"))
    kinds = {tuple("" if isinstance(step, int) else step for step in path): path for path in leaves(document)}
    sentences = set[str]()
    values: list[Any] = [[], {}, "", "x" * 500, -1, 10**30, True, [{}], ["\x1b"]]
    for path in kinds.values():
        for value in values:
            changed: Any = copy.deepcopy(document)
            place = changed
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value
            try:
                Programme.from_document(changed)
            except ProgrammeError as error:
                sentences.add(error.why.template)
    assert len(sentences) > 20
    assert not [sentence for sentence in sentences if sentence.startswith("not what is expected here")]


def test_an_explanation_is_refused_in_chinese() -> None:
    """`till programme explain` too: an amount that is none, and points that are missing."""
    sample = str(data("programmes") / "supermarket.toml")
    for arguments, exit_code, words in (
        (["12.345"], 2, "小数超过两位：12.345"),
        (
            ["100", "--choose", "voucher=1000", "--held", "points=50"],
            1,
            "还差 950 积分：需要 1000，可用 50（points）",
        ),
    ):
        answer = CliRunner().invoke(main, ["--lang", "zh-CN", "programme", "explain", sample, *arguments])
        assert (answer.exit_code, answer.stderr.strip()) == (exit_code, words)
