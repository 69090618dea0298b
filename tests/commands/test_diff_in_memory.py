"""What differs between two small workbooks in memory: values, rows, cells, formulas, names."""

import json
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpa_xl.commands.diff import diff
from cpa_xl.commands.diff_text import difference_lines
from cpa_xl.config.model import SheetSpec, TableRows, TableSpec, WorkbookSpec
from cpa_xl.ooxml.sheet import Value
from cpa_xl.scorecard.versions import CellKind, Differences
from cpa_xl.workbook.closed import Workbook, cell_error
from tests.support.books import Book

Rows = list[list[Value]]

SPEC = WorkbookSpec(
    file="small.xlsx",
    as_of="as_of",
    scorecard=SheetSpec(sheet="Card", columns={"id": "Id", "target": "Target", "actual": "Actual", "rag": "RAG"}),
    tables={
        "Monthly": TableSpec(rows=TableRows.MONTHS, key="Month", series=("robbery",)),
        "Areas": TableSpec(rows=TableRows.AREAS, key="Month", area="Borough", series=("robbery",)),
    },
)
JANUARY, FEBRUARY, MARCH = 39_814.0, 39_845.0, 39_873.0  # 2009, as Excel counts days
CARD: Rows = [
    ["As of", JANUARY],
    [],
    ["Id", "Measure", "Target", "Actual", "RAG"],
    ["1", "Robbery", -0.04, -0.1, "G"],
    ["2", "Burglary", -0.03, 0.02, "R"],
    [],
    [None, "Made by the performance team"],
]
MONTHLY: Rows = [["Month", "Robbery"], [JANUARY, 10.0], [FEBRUARY, 11.0]]
AREAS: Rows = [
    ["Month", "Borough", "Robbery"],
    [JANUARY, "Barnet", 4.0],
    [JANUARY, "Camden", 6.0],
    [FEBRUARY, "Barnet", 5.0],
    [FEBRUARY, "Camden", 6.0],
]


def book(card: Rows = CARD, monthly: Rows = MONTHLY, areas: Rows = AREAS, **names: str) -> Book:
    """A scorecard of two rows over two tables; its letters are formulas that read their own row."""
    made = Book.of({"Card": card, "Monthly": monthly, "Areas": areas}, {"as_of": "Card!$B$1", **names})
    for at, cells in enumerate(card, start=1):
        if cells and cells[0] in ("1", "2", "3"):
            made = made.with_formula("Card", at, 5, f'CPA_RAG(D{at},C{at},"lower")', value=cells[4])
    made = made.with_table("Monthly", "Monthly", f"A1:B{len(monthly)}")
    return made.with_table("Areas", "Areas", f"A1:C{len(areas)}")


def compared(before: Book, after: Book, spec: WorkbookSpec | None = SPEC) -> Differences:
    """A workbook that is only read needs no more than `Book` has."""
    return diff(cast(Workbook, before), cast(Workbook, after), spec)


def told(before: Book, after: Book, spec: WorkbookSpec | None = SPEC) -> list[str]:
    """The lines under the first."""
    return list(difference_lines(compared(before, after, spec), "A", "B"))[1:]


def changed(row: int, column: int, value: Value, of: Rows = CARD) -> Rows:
    """Rows with one cell changed; row and column from 1."""
    return [
        [value if (at, place) == (row, column) else cell for place, cell in enumerate(cells, start=1)]
        for at, cells in enumerate(of, start=1)
    ]


def test_nothing_differs() -> None:
    answer = compared(book(), book())
    assert not answer.any
    assert list(difference_lines(answer, "A", "B")) == [
        "No difference between A and B: figures, letters, targets, typed cells, formulas and tables"
    ]


def test_noise_in_the_last_bits_is_no_difference() -> None:
    assert not compared(book(), book(changed(4, 4, -0.1 * (1 + 1e-15)))).any
    assert told(book(), book(changed(4, 4, -0.1 * (1 + 1e-9)))) == [
        "Card: 1 of 2 rows differ",
        "  1  actual -0.1 -> -0.1 (-0.1 -> -0.1000000001)   letter G -> G",
        "Typed cells: 1 differs",
        "  Card!D4 (1, Actual): -0.1 -> -0.1000000001",
    ]


def test_a_figure_a_target_and_a_letter() -> None:
    after = book(changed(5, 3, 0.03, changed(5, 4, None, changed(5, 5, "–"))))
    assert told(book(), after)[:2] == [
        "Card: 1 of 2 rows differ",
        "  2  target -0.03 -> 0.03   actual 0.02 -> –   letter R -> –",
    ]


def test_an_error_is_named_by_its_code() -> None:
    after = book().with_value("Card", 4, 5, cell_error("#N/A"))
    assert told(book(), after) == ["Card: 1 of 2 rows differ", "  1  letter G -> #N/A"]
    assert compared(book(), after).plain()["scorecard"] == {
        "name": "Card",
        "rows_before": 2,
        "rows_after": 2,
        "columns_added": [],
        "columns_removed": [],
        "rows": [{"what": "changed", "key": {"id": "1"}, "changes": {"rag": {"before": "G", "after": "#N/A"}}}],
    }


def test_a_row_put_in_leaves_the_others_as_they_are() -> None:
    """A new row of the scorecard: the rows below it move down by one, and so do the cells that they read."""
    card: Rows = [*CARD[:4], ["3", "Knives", -0.05, 0.0, "A"], *CARD[4:]]
    assert told(book(), book(card)) == [
        "Card: 1 of 3 rows differ",
        "  3  new row: target -0.05, actual 0, letter A",
    ]
    assert told(book(card), book()) == [
        "Card: 1 of 2 rows differ",
        "  3  row gone: target -0.05, actual 0, letter A",
    ]
    assert told(book(), book(card), None)[0] == "Typed cells: 4 differ"  # known by what is typed in them, likewise


def test_formulas_of_other_sheets_follow_a_row_put_in() -> None:
    card: Rows = [*CARD[:4], ["3", "Knives", -0.05, 0.0, "A"], *CARD[4:]]
    before = book().with_formula("Monthly", 9, 5, "Card!$D$5+SUM(Card!D4:D5)*Monthly!$B$2", value=0.0)
    followed = book(card).with_formula("Monthly", 9, 5, "Card!$D$6+SUM(Card!D4:D6)*Monthly!$B$2", value=0.0)
    assert not compared(before, followed).formulas
    left = book(card).with_formula("Monthly", 9, 5, "Card!$D$5+SUM(Card!D4:D6)*Monthly!$B$2", value=0.0)
    assert [cell.kind for cell in compared(before, left).formulas] == [CellKind.FORMULA]


def test_a_row_put_in_and_a_cell_typed_at_once() -> None:
    card: Rows = [["The scorecard"], *changed(5, 3, -0.06)]
    answer = compared(book(), replace(book(card), names={"as_of": "Card!$B$2"}))
    assert [(cell.cell, cell.label, cell.before, cell.after) for cell in answer.cells] == [
        ("A1", (), None, "The scorecard"),
        ("C6", ("2", "Target"), -0.03, -0.06),
    ]


@given(st.lists(st.sampled_from([1.0, 2.0, None]), max_size=12), st.data())
def test_a_row_put_in_anywhere_is_the_only_one_that_differs(numbers: list[Value], data: st.DataObject) -> None:
    """Also among rows that are alike, and empty ones."""
    at = data.draw(st.integers(0, len(numbers)))
    before = Book.of({"Sheet": [[number] for number in numbers]})
    after = Book.of({"Sheet": [[number] for number in (*numbers[:at], "new", *numbers[at:])]})
    came, went = compared(before, after, None).cells, compared(after, before, None).cells
    assert [(cell.cell, cell.before, cell.after) for cell in came] == [(f"A{at + 1}", None, "new")]
    assert [(cell.cell, cell.before, cell.after) for cell in went] == [(f"A{at + 1}", "new", None)]


def test_an_id_that_stands_twice() -> None:
    card: Rows = [*CARD[:5], ["2", "Burglary again", -0.03, 0.5, "R"], *CARD[5:]]
    assert told(book(card), book(card)) == []
    assert told(book(), book(card)) == ["Card: 1 of 3 rows differ", "  2  new row: target -0.03, actual 0.5, letter R"]


def test_months_of_the_tables_that_were_revised() -> None:
    monthly: Rows = [*changed(2, 2, 12.0, MONTHLY), [MARCH, 13.0]]
    areas: Rows = [AREAS[0], AREAS[2], [JANUARY, "Barnet", 1_006.0], *AREAS[4:]]  # in another order, a row less
    assert told(book(), book(monthly=monthly, areas=areas)) == [
        "Table Monthly: 2 rows before, 3 now; 1 added, 1 changed",
        "  added: 2009-03",
        "  2009-01: Robbery 10 -> 12",
        "Table Areas: 4 rows before, 3 now; 1 removed, 1 changed",
        "  removed: 2009-02, Barnet",
        "  2009-01, Barnet: Robbery 4 -> 1,006",
    ]


def test_a_column_that_came_and_one_that_went() -> None:
    monthly: Rows = [["Month", "Burglary"], [JANUARY, 10.0], [FEBRUARY, 11.0]]
    assert told(book(), book(monthly=monthly)) == [
        "Typed cells: 1 differs",
        '  Monthly!B1: "Robbery" -> "Burglary"',
        "Table Monthly: 2 rows before, 2 now; new column Burglary, gone column Robbery",
    ]


def test_a_day_that_is_not_the_first_of_its_month() -> None:
    after = book(changed(1, 2, JANUARY + 30))
    assert told(book(), after) == ["Typed cells: 1 differs", "  Card!B1 (as_of): 2009-01 -> 2009-01-31"]


def test_the_same_months_counted_from_1904() -> None:
    def earlier(rows: Rows) -> Rows:
        return [[cell - 1_462 if isinstance(cell, float) and cell > 39_000 else cell for cell in row] for row in rows]

    after = replace(book(earlier(CARD), earlier(MONTHLY), earlier(AREAS)), date1904=True)
    assert "The calendar begins in 1900 -> 1904" in told(book(), after)
    assert not any(table.any for table in compared(book(), after).tables)


def formula_book(formula: str | None, value: Value = 7.0) -> Book:
    """A cell G9 of the sheet Card: a formula, or a constant."""
    made = book().with_value("Card", 9, 7, value)
    return made if formula is None else made.with_formula("Card", 9, 7, formula, value=value)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (formula_book("SUM(A1:A2)"), formula_book("SUM(A1:A3)"), "formula changed: =SUM(A1:A2) -> =SUM(A1:A3)"),
        (formula_book("SUM(A1:A2)"), formula_book(None), "formula lost: 7 is typed over =SUM(A1:A2)"),
        (formula_book("SUM(A1:A2)"), book(), "formula lost: the cell is empty, it held =SUM(A1:A2)"),
        (formula_book(None), formula_book("1+6"), "formula new: =1+6 in place of 7"),
        (book(), formula_book("1+6"), "formula new: =1+6 in an empty cell"),
    ],
)
def test_formulas(before: Book, after: Book, line: str) -> None:
    assert told(before, after) == ["Formulas: 1 differs", f"  Card!G9: {line}"]


def test_a_result_outside_the_rows() -> None:
    assert told(formula_book("1/3", 1 / 3), formula_book("1/3", 0.34)) == [
        "Other calculated cells: 1 differs",
        "  Card!G9: 0.333333 -> 0.34",
    ]


def test_functions_of_an_add_in_are_the_same_however_they_are_spelled() -> None:
    plain = formula_book('CPA_TEXT(B1,"change")&_xlfn.CONCAT("CPA_","[1]!")')
    assert not compared(plain, formula_book('[1]!CPA_TEXT(B1,"change")&CONCAT("CPA_","[1]!")')).any
    assert compared(plain, formula_book('[1]!CPA_TEXT(B1,"points")&CONCAT("CPA_","[1]!")')).any


def test_what_an_array_formula_fills_is_no_typed_cell() -> None:
    def spilled(second: float) -> Book:
        made = book().with_formula("Card", 9, 7, "ROW(A1:A2)", value=1.0, array="G9:G10")
        return made.with_value("Card", 10, 7, second)

    assert told(spilled(2.0), spilled(3.0)) == ["Other calculated cells: 1 differs", "  Card!G10: 2 -> 3"]


def test_a_calculated_column_typed_over() -> None:
    def calculated(formula: str | None) -> Book:
        made = book()
        cell = made.sheets["Monthly"][2, 2]
        return made.with_formula("Monthly", 2, 2, formula, value=cell.value) if formula else made

    lost = told(calculated("5*2"), calculated(None))
    assert lost == ["Formulas: 1 differs", "  Monthly!B2 (2009-01, Robbery): formula lost: 10 is typed over =5*2"]


def test_a_formula_of_a_calculated_column_whose_row_moved() -> None:
    """A month came at the top: the row below it still reads its own cell."""
    before = book().with_formula("Monthly", 2, 2, "A2-39804", value=10.0)
    rows: Rows = [MONTHLY[0], [JANUARY - 31, 9.0], *MONTHLY[1:]]
    after = book(monthly=rows).with_formula("Monthly", 3, 2, "A3-39804", value=10.0)
    assert told(before, after) == ["Table Monthly: 2 rows before, 3 now; 1 added", "  added: 2008-12"]


def test_sheets_tables_and_names() -> None:
    before, after = book(old="Card!$A$1", moved="Card!$A$1"), book(new="Card!$A$1", moved="Card!$A$2")
    after = replace(after, sheets={**after.sheets, "Notes": {}})
    before = replace(before, sheets={**before.sheets, "Extra": {}})
    after = replace(after, tables={"Monthly": after.tables["Monthly"]})
    assert told(before, after) == [
        "Sheet Extra is gone",
        "Sheet Notes is new",
        "Table Areas is gone",
        "Name old is gone",
        "Name moved refers to Card!$A$1 -> Card!$A$2",
        "Name new is new",
    ]


def test_a_scorecard_without_its_headings_is_compared_cell_by_cell() -> None:
    after = book(changed(3, 3, "Aim"))
    text = told(book(), after)
    assert text[0].startswith("note: compared cell by cell, not row by row: sheet 'Card': no heading 'Target'")
    assert text[1:] == ["Typed cells: 1 differs", '  Card!C3: "Target" -> "Aim"']


def test_more_cells_than_are_listed() -> None:
    numbers: Rows = [[None, float(number)] for number in range(1, 14)]
    after = book([*CARD, *numbers])
    text = told(book(), after)
    assert text[0] == "Typed cells: 13 differ"
    assert text[1] == "  Card!B8: empty -> 1"
    assert text[10:] == ["  Card!B17: empty -> 10", "  and 3 more; --json has them all"]
    cells = compared(book(), after).plain()["typed"]
    assert isinstance(cells, list)
    assert len(cells) == 13


def test_long_texts_are_shown_where_they_part() -> None:
    words = "one two three four five six seven eight nine ten " * 4
    after = book(changed(7, 2, words + "END " + words))
    before = book(changed(7, 2, words + words))
    assert told(before, after) == [
        "Typed cells: 1 differs",
        '  Card!B7: "…seven eight nine ten one two three four…" -> "…seven eight nine ten END one two three four…"',
    ]


def test_json_of_everything() -> None:
    """One of each kind: whatever can differ can be printed as JSON and read back."""
    after = book([*CARD[:4], *CARD[5:], [None, True]], [*MONTHLY, [MARCH, None]], AREAS[:-1], new="Card!$A$1")
    after = after.with_formula("Card", 1, 3, "NA()", value=cell_error("#N/A"))
    answer = json.loads(json.dumps(compared(book(), after).plain()))
    assert answer["scorecard"]["rows"] == [
        {
            "what": "removed",
            "key": {"id": "2"},
            "cells": {"id": "2", "Measure": "Burglary", "target": -0.03, "actual": 0.02, "rag": "R"},
        }
    ]
    assert answer["typed"] == [
        {"sheet": "Card", "cell": "B7", "label": [], "what": "typed", "before": None, "after": True}
    ]
    assert answer["formulas"] == [
        {
            "sheet": "Card",
            "cell": "C1",
            "label": [],
            "what": "formula new",
            "before": None,
            "after": "#N/A",
            "formula_before": None,
            "formula_after": "=NA()",
        }
    ]
    added, removed = (table["rows"] for table in answer["tables"])
    assert added == [{"what": "added", "key": {"Month": "2009-03"}, "cells": {"Month": "2009-03", "Robbery": None}}]
    assert removed[0]["key"] == {"Month": "2009-02", "Borough": "Camden"}
    assert answer["pieces"] == [{"kind": "name", "name": "new", "what": "added", "before": None, "after": "Card!$A$1"}]
