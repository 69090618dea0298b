"""Where an engine differs from Excel, in one table. A release that changes one of them shows here."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.formulas.engine import Engine, NoResultError
from cpa_xl.formulas.graph import CellValue, FormulaBook
from cpa_xl.formulas.second_engine import SecondEngine
from cpa_xl.measures.figures import REWORKED, same
from tests.support.books import Book
from tests.support.judged import cell, shown

pytestmark = pytest.mark.slow  # the second engine takes half a second to start

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "differences.yaml").read_text(encoding="utf-8"))
CASES = [(engine, case) for engine, cases in TABLE["differences"].items() for case in cases]
NAMES = [f"{engine}: {case['formula']}" for engine, case in CASES]
PLACE = ("S", 20, 9)


def book_of(case: dict[str, Any]) -> Book:
    rows = [[cell(value) for value in row] for row in TABLE["cells"]]
    book = Book.of({"S": rows}).with_table("T", "S", "A1:E6")
    at = (5, 5) if case.get("in_table") else PLACE[1:]
    return book.with_formula("S", *at, case["formula"], array="I20" if case.get("array") else None)


def embedded(book: FormulaBook) -> object:
    engine, (place,) = Engine({}), book.formulas
    for sheet in book.sheets:
        engine.add_sheet(sheet)
        engine.put_cells(sheet, {at: one.value for at, one in book.sheets[sheet].items() if one.formula is None})
    engine.put_formula(place, book.formulas[place], array=place in book.fills)
    engine.run()
    try:
        return first_of(engine.filled(*place))
    except NoResultError:
        return "none"


def second(book: FormulaBook) -> object:
    (place,) = book.formulas
    answer = SecondEngine(book, {place: book.texts[place]}, {}).answer(place, "")
    return "none" if isinstance(answer, str) else first_of(answer)


def first_of(rows: list[list[CellValue]]) -> object:
    return shown(rows[0][0])


GIVES = {"formualizer": embedded, "formulon": second}


@pytest.mark.parametrize("engine", TABLE["versions"])
def test_the_table_is_of_the_installed_version(engine: str) -> None:
    assert version(engine).startswith(TABLE["versions"][engine])


@pytest.mark.parametrize(("engine", "case"), CASES, ids=NAMES)
def test_a_known_difference_is_still_there(engine: str, case: dict[str, Any]) -> None:
    """Where an engine comes to Excel's value now, take the line out of the table, and what the code does about it."""
    book = FormulaBook(book_of(case))
    for name in ("formualizer", "formulon") if engine == "both" else (engine,):
        found = GIVES[name](book)
        assert same(cell(found), cell(case["gives"]), REWORKED), found
        assert not same(cell(found), cell(case["excel"]), REWORKED)


@pytest.mark.parametrize(("engine", "case"), CASES, ids=NAMES)
def test_no_known_difference_becomes_a_value(engine: str, case: dict[str, Any]) -> None:
    book = book_of(case)
    calculation = EmbeddedCalculator({}).calculate(book, book)
    values = list(calculation.values.values())
    assert len(values) + len(calculation.kept) == 1
    assert not values or same(values[0], cell(case["excel"]), REWORKED)
