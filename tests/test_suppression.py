"""Counts that must not be shown, and those that would give them away; worked out on paper."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpa_xl.suppression import CONFIDENTIAL, is_small, shown_rate, suppressed

C = CONFIDENTIAL


@pytest.mark.parametrize(("count", "small"), [(0, False), (1, True), (4, True), (5, False)])
def test_what_is_small(count: int, small: bool) -> None:
    assert is_small(count) is small


def test_a_small_count_and_the_next_smallest_of_its_row_and_column() -> None:
    """3 goes; 7 in its row and 6 in its column go with it; then 7's column and 6's row have a gap each: 11 there."""
    assert suppressed([[3, 7, 12], [6, 11, 20], [9, 14, 30]]) == ((C, C, 12), (C, C, 20), (9, 14, 30))


def test_without_a_published_total_nothing_else_goes() -> None:
    assert suppressed([[3, 7], [6, 11]], row_totals=False, column_totals=False) == ((C, 7), (6, 11))
    assert suppressed([[3, 7], [6, 11]], row_totals=True, column_totals=False) == ((C, C), (6, 11))
    assert suppressed([[3, 7], [6, 11]], row_totals=False, column_totals=True) == ((C, 7), (C, 11))


def test_zeros_and_blanks() -> None:
    """A zero is shown, and hidden only where nothing else can protect its line; a blank is no count."""
    assert suppressed([[3, 0, 8]], column_totals=False) == ((C, 0, C),)
    assert suppressed([[3, 0, 0]], column_totals=False) == ((C, C, 0),)
    assert suppressed([[3, None, None]], column_totals=False) == ((C, None, None),)
    assert suppressed([[0, 0, 9]], column_totals=False) == ((0, 0, 9),)


def test_small_counts_that_their_total_tells() -> None:
    """1 and 1 of a total of 2 above the rest, 4 and 4 of 8: nothing else adds up so. 1 and 2 may be 2 and 1."""
    assert suppressed([[1, 1, 9, 30]], column_totals=False) == ((C, C, C, 30),)
    assert suppressed([[4, 4, 9, 30]], column_totals=False) == ((C, C, C, 30),)
    assert suppressed([[1, 2, 9, 30]], column_totals=False) == ((C, C, 9, 30),)


def test_nothing_to_suppress() -> None:
    assert suppressed([]) == ()
    assert suppressed([[5, 6], [7, 8]]) == ((5, 6), (7, 8))


tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=2, max_size=4)
)


@given(tables)
def test_no_line_tells_a_small_count(counts: list[list[int]]) -> None:
    """No row and no column, with its total known, leaves a single value that a hidden small count can have."""
    shown = suppressed(counts)
    lines = [(row, out) for row, out in zip(counts, shown, strict=True)]
    lines += [(list(row), out) for row, out in zip(zip(*counts, strict=True), zip(*shown, strict=True), strict=True)]
    for row, out in lines:
        hidden = [count for count, cell in zip(row, out, strict=True) if cell == C]
        assert all(cell == C for count, cell in zip(row, out, strict=True) if is_small(count))
        assert all(cell == count for count, cell in zip(row, out, strict=True) if cell != C)
        if hidden and len(hidden) < len(row):
            assert len(hidden) > 1
            if all(is_small(count) for count in hidden):
                ways = [one for one in itertools.product(range(1, 5), repeat=len(hidden)) if sum(one) == sum(hidden)]
                assert len(ways) > 1


def test_rates_of_few_respondents() -> None:
    assert shown_rate(15, 29) == C
    assert shown_rate(0, 0) == C
    assert shown_rate(15, 30) == 0.5
