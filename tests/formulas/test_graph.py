"""Which formulas a change reaches."""

from collections.abc import Mapping, Sequence

import pytest

from cpa_xl.formulas.graph import Dependencies, Place
from cpa_xl.formulas.references import CellBlock
from cpa_xl.ooxml.a1 import bounds


def area(ref: str, sheet: str = "S") -> CellBlock:
    return CellBlock(sheet, *bounds(ref))


def place(cell: str, sheet: str = "S") -> Place:
    return (sheet, *bounds(cell)[:2])


def reached(reads: Mapping[str, Sequence[str]], changed: str, fills: Mapping[str, str] | None = None) -> set[str]:
    """The names of the formulas that a change of one cell reaches."""
    names = {place(cell): cell for cell in reads}
    areas = {place(cell): [area(ref) for ref in refs] for cell, refs in reads.items()}
    filled = {place(cell): area(ref) for cell, ref in (fills or {}).items()}
    return {names[one] for one in Dependencies(areas, filled).reached([place(changed)])}


CHAIN = {"B1": ["A1"], "C1": ["B1:B3"], "D1": ["C:C"], "E1": ["D5"], "F1": ["A2:A9"]}


def test_a_change_reaches_readers_and_their_readers() -> None:
    assert reached(CHAIN, "A1") == {"B1", "C1", "D1"}
    assert reached(CHAIN, "B2") == {"C1", "D1"}
    assert reached(CHAIN, "D1") == set()
    assert reached(CHAIN, "A9") == {"F1"}
    assert reached(CHAIN, "A10") == set()


def test_whole_rows_hold_every_column() -> None:
    assert reached({"B9": ["3:4"]}, "XFD4") == {"B9"}
    assert reached({"B9": ["3:4"]}, "A5") == set()


def test_circles_end() -> None:
    assert reached({"A1": ["B1"], "B1": ["A1", "C1"]}, "C1") == {"A1", "B1"}
    assert reached({"A1": ["A1:A3"]}, "A2") == {"A1"}


def test_an_array_formula_passes_on_every_cell_that_it_fills() -> None:
    reads = {"B1": ["A1"], "D1": ["C3"]}
    assert reached(reads, "A1") == {"B1"}
    assert reached(reads, "A1", fills={"B1": "B1:C3"}) == {"B1", "D1"}


def test_other_sheets_are_other_cells() -> None:
    reads = {place("B1"): [area("A1", "T")]}
    dependencies = Dependencies(reads, {})
    assert dependencies.reached([place("A1")]) == {}
    assert dependencies.reached([place("A1", "T")]) == {place("B1"): place("A1", "T")}


def test_each_is_told_the_change_that_reached_it() -> None:
    reads = {place("B1"): [area("A1")], place("C1"): [area("B1")], place("C2"): [area("A2:A3")]}
    assert Dependencies(reads, {}).reached([place("A1"), place("A3")]) == {
        place("B1"): place("A1"),
        place("C1"): place("A1"),
        place("C2"): place("A3"),
    }


def test_a_long_chain_is_followed_to_its_end() -> None:
    reads = {("S", row, 1): [CellBlock("S", row - 1, 1, row - 1, 1)] for row in range(2, 20_001)}
    assert len(Dependencies(reads, {}).reached([("S", 1, 1)])) == 19_999


@pytest.mark.slow
def test_many_nested_blocks_are_each_reached_once() -> None:
    reads = {("S", row, 2): [CellBlock("S", 1, 1, row, 1)] for row in range(1, 5_001)}
    assert len(Dependencies(reads, {}).reached([("S", 2_501, 1)])) == 2_500
