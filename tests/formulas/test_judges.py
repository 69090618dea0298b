"""Two judges for every native formula: what both come to counts, all else is kept and named."""

from pathlib import Path

import pytest
import yaml

from cpa_xl.errors import CellError
from cpa_xl.formulas.calculator import EmbeddedCalculator, Kept
from cpa_xl.measures.figures import REWORKED, same
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.workbook.closed import cell_error
from tests.support.books import Book, Value

CORPUS = yaml.safe_load((Path(__file__).parent / "corpus.yaml").read_text(encoding="utf-8"))
AS_OF = 39814.0  # January 2009
COLUMN = 20  # of the formulas, far from all data
LEAST_CALCULATED = 0.9


def shown(value: object) -> object:
    return value.code if isinstance(value, CellError) else value


def cell(value: object) -> Value:
    assert value is None or isinstance(value, bool | float | str)
    return cell_error(value) if isinstance(value, str) and value.startswith("#") else value


def corpus_book() -> Book:
    sheets = {name: [[cell(value) for value in row] for row in rows] for name, rows in CORPUS["sheets"].items()}
    book = Book.of({**sheets, "F": []}, {"as_of": "M!$H$1"}).with_table("Monthly", "M", "A1:F25")
    return book.with_value("M", 1, 8, AS_OF)


@pytest.fixture(scope="module")
def corpus() -> list[tuple[list[str], object, Kept | None]]:
    """Each case of the corpus with what the calculator gives, or with the cell that it leaves alone."""
    book, places = corpus_book(), []
    for number, (sheet, formula, *_, mark) in enumerate([[*case, ""] if len(case) == 4 else case for case in CASES]):
        row = 50 + number
        array = cell_name(row, COLUMN) if mark == "array" else None
        book = book.with_formula(sheet, row, COLUMN, formula, array=array)
        places.append((sheet, row, COLUMN))
    calculation = EmbeddedCalculator({}).calculate(book, book)
    kept = {(one.sheet, one.cell): one for one in calculation.kept}
    return [
        (case, calculation.values.get(place), kept.get((place[0], cell_name(*place[1:]))))
        for case, place in zip(CASES, places, strict=True)
    ]


CASES = CORPUS["cases"]


def test_no_formula_of_the_corpus_comes_out_wrong(corpus: list[tuple[list[str], object, Kept | None]]) -> None:
    assert len(CASES) >= 300
    wrong = [
        (case[1], shown(value), case[2])
        for case, value, kept in corpus
        if kept is None and not same(value, cell(case[2]), REWORKED)
    ]
    assert wrong == []


def test_most_of_the_corpus_is_calculated(corpus: list[tuple[list[str], object, Kept | None]]) -> None:
    left = [(case[1], kept.reason) for case, _, kept in corpus if kept is not None]
    assert len(left) <= (1 - LEAST_CALCULATED) * len(CASES), left
