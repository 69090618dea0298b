"""Where rows and cells stand in a worksheet part; the rows of a long sheet are held in little room."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from operator import lt
from typing import overload


@dataclass(frozen=True, slots=True)
class Span:
    """A row or a cell in the part: its number (row, or column), its bytes, and its start tag's end."""

    number: int
    start: int
    inner: int
    outer: int
    end: int


class Rows(Sequence[Span]):
    """The rows of a sheet in the order of the file; found by number too."""

    def __init__(self) -> None:
        self._numbers, self._starts, self._inners, self._outers, self._ends = (array("q") for _ in range(5))

    def add(self, number: int, start: int, inner: int, outer: int, end: int) -> None:
        """One more row, before any is looked for."""
        self._numbers.append(number)
        self._starts.append(start)
        self._inners.append(inner)
        self._outers.append(outer)
        self._ends.append(end)

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> Span: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Span]: ...
    def __getitem__(self, place: int | slice) -> Span | Sequence[Span]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return Span(*(each[place] for each in (self._numbers, self._starts, self._inners, self._outers, self._ends)))

    def __iter__(self) -> Iterator[Span]:
        return map(Span, self._numbers, self._starts, self._inners, self._outers, self._ends)

    @cached_property
    def in_order(self) -> bool:
        """Whether the rows ascend, none twice; some programs leave them otherwise."""
        return all(map(lt, self._numbers, islice(self._numbers, 1, None)))

    @cached_property
    def _places(self) -> dict[int, int]:
        return {number: place for place, number in enumerate(self._numbers)}

    def get(self, number: int) -> Span | None:
        """The row of that number, the last one where there are several."""
        if not self.in_order:
            return self[self._places[number]] if number in self._places else None
        place = bisect_left(self._numbers, number)
        return self[place] if place < len(self) and self._numbers[place] == number else None

    def extent(self, first: int, last: int) -> tuple[int, int] | None:
        """Where the rows numbered first to last begin and end in an ordered sheet; None where there are none."""
        begin, end = bisect_left(self._numbers, first), bisect_left(self._numbers, last + 1)
        return (self._starts[begin], self._ends[end - 1]) if begin < end else None

    def between(self, first: int, last: int) -> Iterator[Span]:
        """The rows numbered first to last, in the order of the file."""
        if not self.in_order:
            return (row for row in self if first <= row.number <= last)
        begin, end = bisect_left(self._numbers, first), bisect_left(self._numbers, last + 1)
        return (self[place] for place in range(begin, end))
