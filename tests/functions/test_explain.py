"""What a function saw and why it answered so, in words."""

import pytest

from cpa_xl.errors import EmptyDenominator, MissingData
from cpa_xl.functions.explain import Given, explain, function_text
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import CellFunction


def test_a_switch_is_told_where_it_is_set() -> None:
    given = [Given(2.5), Given(0.8), Given("lower"), Given(0.05), Given("relative"), Given(value=True)]
    assert "any_scale: TRUE\n" in explain("CPA_RAG", given)
    assert "any_scale: " not in explain("CPA_RAG", given[:5])


def test_a_letter_is_explained_by_the_function_that_says_why() -> None:
    assert explain("CPA_RAG", [Given(0.778, "F12"), Given(0.789, "D12"), Given("higher"), Given(None)]) == (
        "CPA_RAG: Give the letter of a figure: on target or better, marginally below, well below.\n"
        "\n"
        "actual: 0.778 (F12)\n"
        "target: 0.789 (D12)\n"
        'better: "higher"\n'
        "amber: left out, which means 0.05\n"
        'basis: left out, which means "relative"\n'
        "\n"
        'Result: "A"\n'
        "Why: 0.778 against a target of 0.789: worse by 0.011, 1.4% of the target, within the amber band of 5%"
    )


def test_an_error_is_explained_by_its_own_message() -> None:
    said = explain("CPA_GROUP_GAP", [Given(1.0), Given(0.0, "B1"), Given(1.0), Given(True)]).splitlines()
    assert said[3:6] == ["d1: 0 (B1)", "n2: 1", "d2: TRUE"]
    assert said[-2:] == ["Result: #VALUE!", "Why: d2: TRUE is not a number"]
    handed_on = explain("CPA_RAG", [Given(EmptyDenominator(), "A1"), Given(1.0)]).splitlines()
    assert "actual: the error #DIV/0! (A1)" in handed_on
    assert handed_on[-2:] == ["Result: #DIV/0!", "Why: an argument holds an error, and the function passes it on"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([[5.0], [None], [7.5]], "3 x 1 cells, 1 blank, from 5 to 7.5 (A1:A3)"),
        ([[None], [None]], "2 x 1 cells, 2 blank (A1:A3)"),
        ([[1.0, MissingData()]], "1 x 2 cells, 1 with an error (#N/A), 1 (A1:A3)"),
    ],
)
def test_a_range_is_told_by_its_size_and_what_is_no_value(cells: list[list[object]], said: str) -> None:
    months = Given([[200901.0], [200902.0], [200903.0]])
    lines = explain("CPA_SUM", [Given(cells, "A1:A3"), months, Given("Jan-09")]).splitlines()
    assert lines[2] == f"values: {said}"
    assert lines[3] == "months: 3 x 1 cells, from Jan-09 (200901) to Mar-09 (200903)"
    assert lines[4] == 'as_of: Jan-09 ("Jan-09")'


def test_a_table_is_told_by_its_size() -> None:
    said = explain("CPA_INTERVAL", [Given(10.0), Given(100.0)]).splitlines()
    assert said[-1].startswith("Result: 1 x 2 cells, from 0.05")


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda one: one.name)
def test_help_names_every_argument(function: CellFunction) -> None:
    said = function_text(function).splitlines()
    assert said[1:3] == [function.help, f"Result: {function.result}"]
    assert [line.partition(":")[0] for line in said[4:]] == [one.name for one in function.arguments]
