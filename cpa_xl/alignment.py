"""Which row of a sheet is which row of its other version, where rows were put in or taken out between them."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property

from cpa_xl.a1 import Area, Corner, rewrite_areas
from cpa_xl.errors import CellError
from cpa_xl.sheetxml import Cell

MOST_PAIRS = 4_000_000  # rows times rows that are worth comparing; beyond it rows are paired by their numbers

Rows = Mapping[int, Mapping[int, Cell]]  # row, column
Print = tuple[object, ...]  # a row's name, or what is typed in it and where its formulas stand
Names = Mapping[int, Print]


@dataclass(frozen=True)
class Alignment:
    """`pairs` of row numbers, before and after, ascending; rows that are in no pair came or went."""

    pairs: tuple[tuple[int, int], ...]

    def moved(self, row: int) -> int:
        """Where a row stands after; as far as the paired row above it where it is itself in no pair."""
        place = bisect_right(self._befores, row)
        before, after = self.pairs[place - 1] if place else (0, 0)
        return row + after - before

    @cached_property
    def _befores(self) -> list[int]:
        return [before for before, _ in self.pairs]

    @cached_property
    def shifts(self) -> bool:
        """Whether any row stands elsewhere."""
        return any(before != after for before, after in self.pairs)


def aligned(before: Rows, after: Rows, names_before: Names, names_after: Names) -> Alignment:
    """The rows paired by their numbers, or by what is typed in them where fewer rows differ that way.

    Rows that have a name in `names_before` or `names_after` are known by it, whatever is typed in them.
    """
    prints = [
        {row: names.get(row) or _print(cells) for row, cells in rows.items()}
        for rows, names in ((before, names_before), (after, names_after))
    ]
    olds, news = (sorted(row for row, mark in marks.items() if mark) for marks in prints)
    by_number = tuple((row, row) for row in sorted(set(olds) & set(news)))

    def cost(pairs: Sequence[tuple[int, int]]) -> int:
        changed = sum(1 for old, new in pairs if prints[0][old] != prints[1][new])
        return changed + len(olds) + len(news) - 2 * len(pairs)

    if not cost(by_number):
        return Alignment(by_number)
    by_content = _by_content(olds, news, prints[0], prints[1])
    return Alignment(by_content if cost(by_content) < cost(by_number) else by_number)


def _by_content(
    olds: Sequence[int], news: Sequence[int], before: Mapping[int, Print], after: Mapping[int, Print]
) -> tuple[tuple[int, int], ...]:
    mine, theirs = [before[row] for row in olds], [after[row] for row in news]
    top = _alike(mine, theirs)
    bottom = _alike(mine[top:][::-1], theirs[top:][::-1])
    ends = len(olds) - bottom, len(news) - bottom
    pairs = list(zip(olds[:top], news[:top], strict=True))
    if (ends[0] - top) * (ends[1] - top) <= MOST_PAIRS:
        pairs += _matched(olds[top : ends[0]], news[top : ends[1]], before, after)
    else:
        pairs += ((row, row) for row in sorted(set(olds[top : ends[0]]) & set(news[top : ends[1]])))
    return (*pairs, *zip(olds[ends[0] :], news[ends[1] :], strict=True))


def _alike(one: Sequence[Print], other: Sequence[Print]) -> int:
    """How many rows are alike from the top."""
    parted = (place for place, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs)
    return next(parted, min(len(one), len(other)))


def _matched(
    olds: Sequence[int], news: Sequence[int], before: Mapping[int, Print], after: Mapping[int, Print]
) -> list[tuple[int, int]]:
    matcher = SequenceMatcher(None, [before[row] for row in olds], [after[row] for row in news], autojunk=False)
    pairs: list[tuple[int, int]] = []
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and end - start == last - first):
            pairs += zip(olds[start:end], news[first:last], strict=True)
        elif tag == "replace":
            pairs += _by_first_cell(olds[start:end], news[first:last], before, after)
    return pairs


def _by_first_cell(
    olds: Sequence[int], news: Sequence[int], before: Mapping[int, Print], after: Mapping[int, Print]
) -> list[tuple[int, int]]:
    """Rows with the same first cell, in order: it names the row more often than not."""
    pairs, left = [], list(news)
    for old in olds:
        found = next((place for place, new in enumerate(left) if after[new][0] == before[old][0]), None)
        if found is not None:
            pairs.append((old, left[found]))
            del left[: found + 1]
    return pairs


def _print(cells: Mapping[int, Cell]) -> Print:
    return tuple(
        (column, _mark(cell)) for column, cell in sorted(cells.items()) if cell.formula or cell.value not in (None, "")
    )


def _mark(cell: Cell) -> object:
    if cell.formula is not None:
        return ("=",)
    if isinstance(cell.value, CellError):
        return (cell.value.code,)
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return repr(cell.value)
    return f"{cell.value:.12g}"


def followed(formula: str, home: str, alignments: Mapping[str, Alignment]) -> str:
    """The formula of a cell on sheet `home` with its references where the rows they name stand after."""

    def corner(old: Corner, move: Callable[[int], int]) -> Corner:
        return old if old.row is None else replace(old, row=move(old.row))

    def moved(area: Area) -> Area | None:
        alignment = alignments.get(area.sheet or home)
        if alignment is None or not alignment.shifts:
            return None
        last = None if area.last is None else corner(area.last, alignment.moved)
        return replace(area, first=corner(area.first, alignment.moved), last=last)

    return rewrite_areas(formula, moved)
