"""Counts that must not be shown, and those that would give them away; worked out on paper."""

import itertools
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpa_xl.measures.suppression import CONFIDENTIAL, Count, Counts, is_small

C = CONFIDENTIAL


def suppressed(
    counts: Sequence[Sequence[float | None]], *, row_totals: bool = True, column_totals: bool = True
) -> tuple[tuple[float | str | None, ...], ...]:
    """A table of counts as it may be published: [c] in the place of those that are not shown.

    `counts` is the body without its totals, row by row, None for a blank; `row_totals` and `column_totals` say which
    totals are published beside it. Zeros are shown, and hidden only where nothing else can protect a line.
    Two small counts of 1 that leave a total of 2 are as good as printed, so a third goes with them.
    """
    hidden = of_table(counts, row_totals=row_totals, column_totals=column_totals).protected().hidden
    return tuple(
        tuple(CONFIDENTIAL if (row, column) in hidden else count for column, count in enumerate(line))
        for row, line in enumerate(counts)
    )


def of_table(
    counts: Sequence[Sequence[float | None]], *, row_totals: bool = True, column_totals: bool = True
) -> Counts[tuple[int, int]]:
    """The counts of a table by row and column from 0, as `suppressed` takes it, with the totals as sums."""
    cells = {
        (row, column): Count.of(count)
        for row, line in enumerate(counts)
        for column, count in enumerate(line)
        if count is not None
    }
    lines = [
        *({row for row, _ in cells} if row_totals else ()),
        *({~column for _, column in cells} if column_totals else ()),
    ]
    sums = [{place: 1 for place in cells if line in (place[0], ~place[1])} for line in sorted(lines)]
    return Counts(cells, sums)


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


tables = st.integers(2, 3).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=2, max_size=3)
)


def fits(sums: list[set[int]], totals: list[int], unknown: list[int]) -> bool:
    """Whether counts from 0 can fill the unknown places so that each sum has its total; tried one by one.

    `sums` are the unknown places in each sum, `totals` what the known ones leave for them.
    """
    if any(total and not places for total, places in zip(totals, sums, strict=True)):
        return False
    return not unknown or any(fits(*with_value(sums, totals, unknown[0], value), unknown[1:])
                              for value in range(1 + most(sums, totals, unknown[0])))  # fmt: skip


def most(sums: list[set[int]], totals: list[int], place: int) -> int:
    """The most that can be in a place."""
    return min((total for total, places in zip(totals, sums, strict=True) if place in places), default=9)


def with_value(sums: list[set[int]], totals: list[int], place: int, value: int) -> tuple[list[set[int]], list[int]]:
    """What is left once a place is known."""
    left = [total - value * (place in places) for total, places in zip(totals, sums, strict=True)]
    return [places - {place} for places in sums], left


def is_told(counts: list[list[int]], hidden: set[tuple[int, int]], secret: tuple[int, int]) -> bool:
    """Whether readers who know every row's and every column's total can work a hidden count out; tried one by one."""
    places = sorted(hidden, key=lambda place: (place != secret, place))
    numbers = {place: number for number, place in enumerate(places)}
    lines = [[(row, column) for column in range(len(counts[0]))] for row in range(len(counts))]
    lines += [[(row, column) for row in range(len(counts))] for column in range(len(counts[0]))]
    sums = [{numbers[place] for place in line if place in numbers} for line in lines]
    totals = [sum(counts[row][column] for row, column in line if (row, column) in numbers) for line in lines]
    others = list(range(1, len(places)))
    can_be = (value for value in range(1 + most(sums, totals, 0)) if fits(*with_value(sums, totals, 0, value), others))
    return len(list(itertools.islice(can_be, 2))) < 2


@settings(deadline=None)
@given(tables)
def test_no_small_count_can_be_worked_out(counts: list[list[int]]) -> None:
    """Every table with the same totals that readers could think of is tried; those that are told, are told though
    everything is hidden."""
    found = of_table(counts).protected()
    small = {(row, column) for row, line in enumerate(counts) for column, count in enumerate(line) if is_small(count)}
    assert small <= found.hidden
    assert found.revealed <= small
    for place in small:
        if place in found.revealed:
            everything = {(row, column) for row, line in enumerate(counts) for column in range(len(line))}
            assert is_told(counts, everything, place)
        else:
            assert not is_told(counts, set(found.hidden), place)


def in_row_space(rows: list[list[Fraction]], unit: list[Fraction]) -> bool:
    """Whether a row is a sum of multiples of others (Gauss)."""
    left = [list(row) for row in rows]
    for column in range(len(unit)):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        for row in (*left, unit):
            factor = row[column] / pivot[column]
            row[:] = [one - factor * other for one, other in zip(row, pivot, strict=True)]
    return not any(unit)


@st.composite
def sums_of_counts(draw: st.DrawFn) -> Counts[int]:
    """Counts with any sums, such as those of windows that overlap, and wholes of parts."""
    values = draw(st.lists(st.integers(0, 15), min_size=3, max_size=10))
    terms = st.dictionaries(st.integers(0, len(values) - 1), st.sampled_from((1, 1, 1, -1)), min_size=1, max_size=6)
    return Counts(dict(enumerate(map(Count.of, values))), draw(st.lists(terms, max_size=6)))


@pytest.mark.slow
@given(sums_of_counts())
def test_alternatives_prove_that_nothing_is_told(counts: Counts[int]) -> None:
    """Each leaves every sum as it was and changes hidden counts alone; and algebra, asked apart, says the same."""
    found = counts.protected()
    for changes in (*found.alternatives, *found.together()):
        assert changes.keys() <= found.hidden
        assert all(changes.values())
        assert all(sum(sign * changes.get(cell, 0) for cell, sign in terms.items()) == 0 for terms in counts.sums)
        assert all(counts.counts[cell].value + change >= 0 for cell, change in changes.items())
    changed = {cell for changes in found.alternatives for cell in changes}
    secret = {cell for cell, count in counts.counts.items() if count.secret}
    assert secret <= changed | found.revealed
    hidden = sorted(found.hidden)
    rows = [[Fraction(terms.get(cell, 0)) for cell in hidden] for terms in counts.sums]
    for cell in secret - found.revealed:
        assert not in_row_space(rows, [Fraction(cell == other) for other in hidden])


def test_a_bridge_between_two_cycles_is_seen() -> None:
    """Two squares of hidden counts that one count joins: no line has a single gap, and yet the count is told.

    Rows 1, 2 less columns 1, 2 leave it: (10 + 13 + x) - (11 + 12). The alternative takes more counts.
    """
    table = [[10, 10, 50, 50, 50], [10, 10, 3, 50, 50], [50, 50, 10, 10, 50], [50, 50, 10, 10, 50], [70] * 5]
    square = {(row, column) for row in (0, 1) for column in (0, 1)} | {(2, 2), (2, 3), (3, 2), (3, 3)}
    assert is_told(table, square | {(1, 2)}, (1, 2))
    assert not is_told(table, set(of_table(table).protected().hidden), (1, 2))


def test_sums_that_overlap() -> None:
    """Counts of months: two sums of three months each share one, which is told when the others are; 2 goes, 6 with it,
    and for the sum that 6 is in too, 7."""
    months = {month: Count.of(value) for month, value in enumerate((2, 9, 6, 7, 30))}
    found = Counts(months, [{0: 1, 1: 1, 2: 1}, {2: 1, 3: 1, 4: 1}]).protected()
    assert found.hidden == {0, 1}
    found = Counts(months, [{0: 1, 2: 1}, {2: 1, 3: 1, 4: 1}]).protected()
    assert found.hidden == {0, 2, 3}
    assert found.alternatives == ({0: 1, 2: -1, 3: 1},)


def test_a_whole_and_its_parts() -> None:
    """29 of 100 and 71: one of the others must go; a whole is a sum taken away."""
    few = Count(29, secret=True, loss=0, low=0, high=29)
    found = Counts({"bme": few, "white": Count.of(71), "all": Count.of(100)}, [{"bme": 1, "white": 1, "all": -1}])
    assert found.protected().hidden == {"bme", "white"}


def test_what_everybody_knows_cannot_be_hidden() -> None:
    """A total of one count, or of one count and nothing else."""
    assert of_table([[3]]).protected().revealed == {(0, 0)}
    assert of_table([[0, 0], [0, 1]]).protected().revealed == {(1, 1)}
