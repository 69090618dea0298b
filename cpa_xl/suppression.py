"""Small counts that a published table must not show, and those that would give them away.

A count of 1 to 4 becomes [c]; where a row or a column with a published total then has a single gap, the gap could be
worked out by taking the others from the total, so the next smallest count of that line goes too, until no total
tells. Under 30 respondents no rate is shown. Force totals are not suppressed; victim groups by area are, where the
configuration asks for it.
"""

from collections.abc import Iterator, Sequence

CONFIDENTIAL = "[c]"
SMALLEST, LARGEST = 1, 4  # the counts that identify; zero does not
FEWEST_RESPONDENTS = 30

Line = tuple[tuple[int, int], ...]


def is_small(count: float) -> bool:
    """Whether a count is one to be suppressed for itself."""
    return SMALLEST <= count <= LARGEST


def suppressed(
    counts: Sequence[Sequence[float | None]], *, row_totals: bool = True, column_totals: bool = True
) -> tuple[tuple[float | str | None, ...], ...]:
    """A table of counts as it may be published: [c] in the place of those that are not shown.

    `counts` is the body without its totals, row by row, None for a blank; `row_totals` and `column_totals` say which
    totals are published beside it. Zeros are shown, and hidden only where nothing else can protect a line.
    Two small counts of 1 that leave a total of 2 are as good as printed, so a third goes with them.
    """
    hidden = {
        (row, column)
        for row, line in enumerate(counts)
        for column, count in enumerate(line)
        if count is not None and is_small(count)
    }
    lines = list(_lines(counts, rows=row_totals, columns=column_totals))
    while (more := _given_away(counts, lines, hidden)) is not None:
        hidden.add(more)
    return tuple(
        tuple(CONFIDENTIAL if (row, column) in hidden else count for column, count in enumerate(line))
        for row, line in enumerate(counts)
    )


def _lines(counts: Sequence[Sequence[float | None]], *, rows: bool, columns: bool) -> Iterator[Line]:
    """The cells of each row and column that has a published total."""
    if rows:
        yield from (tuple((row, column) for column in range(len(line))) for row, line in enumerate(counts))
    if columns and counts:
        width = max(len(line) for line in counts)
        for column in range(width):
            yield tuple((row, column) for row, line in enumerate(counts) if column < len(line))


def _given_away(
    counts: Sequence[Sequence[float | None]], lines: Sequence[Line], hidden: set[tuple[int, int]]
) -> tuple[int, int] | None:
    """The count to hide next; None once no line has a single gap, or has nothing left to hide."""
    for line in lines:
        gaps = [place for place in line if place in hidden]
        others = [
            (count == 0, count, place)
            for place in line
            if place not in hidden and (count := counts[place[0]][place[1]]) is not None
        ]
        if others and _is_told([counts[row][column] or 0 for row, column in gaps]):
            return min(others)[2]
    return None


def _is_told(gaps: Sequence[float]) -> bool:
    """Whether the total tells what a line's gaps hide: a single one, or small ones that can be nothing else."""
    if not gaps or not all(is_small(count) for count in gaps):
        return len(gaps) == 1
    return len(gaps) == 1 or sum(gaps) in (SMALLEST * len(gaps), LARGEST * len(gaps))


def shown_rate(numerator: float, respondents: float) -> float | str:
    """A rate as a fraction, or [c] where fewer than 30 answered."""
    return CONFIDENTIAL if respondents < FEWEST_RESPONDENTS else numerator / respondents
