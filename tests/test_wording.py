"""Lists and numbers within sentences."""

import pytest

from cpa_xl.wording import counted, first_few, several


@pytest.mark.parametrize(
    ("pieces", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c, d"], "a, b and c, d")]
)
def test_all_of_a_list(pieces: list[str], text: str) -> None:
    assert several(pieces) == text


@pytest.mark.parametrize(
    ("number", "what", "text"),
    [
        (0, "", ""),
        (2, "", "x, x"),
        (3, "", "x, x and 1 more"),
        (1202, "", "x, x and 1,200 more"),
        (3, "month", "x, x and 1 more month"),
        (4, "month", "x, x and 2 more months"),
    ],
)
def test_the_first_of_a_list(number: int, what: str, text: str) -> None:
    assert first_few(["x"] * number, 2, what) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 rows"), (1, "1 row"), (1200, "1,200 rows")])
def test_a_number_of_things(number: int, text: str) -> None:
    assert counted(number, "row") == text
