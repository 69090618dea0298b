"""The count of calls through xlwings' server: that it is of everything, and that a wrong answer does not pass."""

import json
from dataclasses import replace
from typing import Any

import pytest

from benchmarks import calls
from cpa_xl.functions.examples import EXAMPLES
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import Takes
from tests.support.pywin32 import windows


@pytest.mark.slow
def test_every_function_argument_shape_and_error_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        calls.main(["--json"])
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (end.value.code, figures["wrong"]) == (0, [])
    arguments = [argument for function in FUNCTIONS.values() for argument in function.arguments]
    needed = sum(not argument.optional for argument in arguments)
    assert (figures["functions"], figures["arguments"]) == (len(FUNCTIONS), len(arguments))
    assert figures["calls"] == len(arguments) * figures["shapes"] - needed  # a needed one is never left out
    assert figures["calls"] == figures["with_values"] + figures["with_errors"]
    assert min(figures["with_values"], figures["with_errors"]) > 1_000
    assert figures["error_calls"] == 14 * sum(not argument.reads.errors for argument in arguments)
    assert any(argument.kind is Takes.RANGE for argument in arguments)


def test_a_wrong_answer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rag = next(one for one in EXAMPLES if one.function == "CPA_RAG")
    with windows() as python:
        assert calls.tallied(python, [rag]).wrong == []
        assert calls.tallied(python, [replace(rag, answer="G")]).wrong == ["CPA_RAG: 'A' and not 'G'"]
        monkeypatch.setattr(calls, "answered", lambda *_: [["G"]])
        monkeypatch.setattr(calls, "SCODES", (-1,))
        found = calls.tallied(python, [rag])
    assert "CPA_RAG, argument 1, as in the example: 'A' and not 'G'" in found.wrong
    assert any(one.startswith("CPA_RAG, #UNKNOWN! in actual: ") for one in found.wrong)
    assert calls.table(found).endswith(found.wrong[-1])
