"""Lists and numbers within sentences."""

import pytest

from cpa_xl.wording import all_or_few, counted, first_few, several


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


def test_pieces_that_have_commas_of_their_own() -> None:
    assert first_few(["a, b", "c, d", "e, f"], 2, between="; ") == "a, b; c, d and 1 more"


@pytest.mark.parametrize(
    ("number", "text"), [(1, "x"), (3, "x, x and x"), (5, "x, x, x, x and x"), (6, "x, x, x, x, x and 1 more month")]
)
def test_all_of_a_short_list(number: int, text: str) -> None:
    assert all_or_few(["x"] * number, what="month") == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 rows"), (1, "1 row"), (1200, "1,200 rows")])
def test_a_number_of_things(number: int, text: str) -> None:
    assert counted(number, "row") == text
