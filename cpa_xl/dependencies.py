"""Which formulas a change reaches: directly, or through the formulas between."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping

from cpa_xl.errors import CellError
from cpa_xl.references import Area

Place = tuple[str, int, int]
"""A cell: sheet, row, column."""

CellValue = None | bool | float | str | CellError


class Dependencies:
    """Who reads whom in one workbook.

    Args:
        reads: for each formula cell the areas it reads.
        fills: for formula cells that fill more than themselves (array formulas), the area they fill.
    """

    def __init__(self, reads: Mapping[Place, Iterable[Area]], fills: Mapping[Place, Area]) -> None:
        self._fills = fills
        self._readers: dict[Area, list[Place]] = defaultdict(list)
        for place, areas in reads.items():
            for area in set(areas):
                self._readers[area].append(place)

    def reached(self, changed: Iterable[Place]) -> dict[Place, Place]:
        """The formula cells that read a changed cell, each with the changed cell that it was reached from.

        A changed cell is among them only when it reads a changed cell (itself, in a circle).
        """
        reached: dict[Place, Place] = {}
        waiting = _Waiting(self._readers)
        queue: deque[tuple[Place, Place]] = deque()

        def hit(area: Area, origin: Place) -> None:
            for reader in self._readers[area]:
                if reader not in reached:
                    reached[reader] = origin
                    queue.append((reader, origin))

        for area, origin in waiting.meeting(_Index(self._all_cells(changed))):
            hit(area, origin)
        while queue:
            place, origin = queue.popleft()
            for cell in self._all_cells([place]):
                for area in waiting.holding(cell):
                    hit(area, origin)
        return reached

    def _all_cells(self, places: Iterable[Place]) -> Iterator[Place]:
        for place in places:
            area = self._fills.get(place)
            if area is None:
                yield place
            else:
                yield from cells_of(area)


def cells_of(area: Area) -> Iterator[Place]:
    """Every cell of an area."""
    for row in range(area.first_row, area.last_row + 1):
        for col in range(area.first_col, area.last_col + 1):
            yield area.sheet, row, col


class _Index:
    """Cells by column, so that an area is asked in a few steps whether it holds one of them."""

    def __init__(self, places: Iterable[Place]) -> None:
        rows: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for sheet, row, col in places:
            rows[sheet][col].append(row)
        for columns in rows.values():
            for found in columns.values():
                found.sort()
        self._rows = rows

    def first_in(self, area: Area) -> Place | None:
        """A cell of the index that the area holds."""
        columns = self._rows.get(area.sheet, {})
        asked = range(area.first_col, area.last_col + 1)
        for col in asked if len(asked) < len(columns) else [col for col in columns if col in asked]:
            rows = columns.get(col, [])
            at = bisect_left(rows, area.first_row)
            if at < len(rows) and rows[at] <= area.last_row:
                return area.sheet, rows[at], col
        return None


class _Waiting:
    """Areas that nothing has reached yet; each is handed out once."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._cells: dict[Place, Area] = {}
        self._blocks: dict[str, list[Area]] = defaultdict(list)
        for area in sorted(areas, key=_first_row):
            if area.one_cell:
                self._cells[area.sheet, area.first_row, area.first_col] = area
            else:
                self._blocks[area.sheet].append(area)

    def meeting(self, index: _Index) -> list[tuple[Area, Place]]:
        """The waiting areas that hold a cell of the index, each with such a cell."""
        waiting = [*self._cells.values(), *(area for blocks in self._blocks.values() for area in blocks)]
        met = [(area, cell) for area in waiting if (cell := index.first_in(area)) is not None]
        gone = {area for area, _ in met}
        self._cells = {cell: area for cell, area in self._cells.items() if area not in gone}
        for sheet, blocks in self._blocks.items():
            self._blocks[sheet] = [area for area in blocks if area not in gone]
        return met

    def holding(self, cell: Place) -> list[Area]:
        """The waiting areas that hold the cell."""
        sheet, row, _ = cell
        single = self._cells.pop(cell, None)
        blocks = self._blocks.get(sheet, [])
        above = blocks[: bisect_left(blocks, row + 1, key=_first_row)]
        held = [area for area in above if area.holds(*cell)]
        if held:
            self._blocks[sheet] = [area for area in above if area not in held] + blocks[len(above) :]
        return held if single is None else [single, *held]


def _first_row(area: Area) -> int:
    return area.first_row
