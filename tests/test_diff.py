"""What differs between two workbooks: the demo's before and after somebody or something changed it, and small ones."""

import csv
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cpa_xl.a1 import cell_name, cell_position
from cpa_xl.catalogue import Sheet, TableRows, TableSpec, WorkbookSpec
from cpa_xl.cli import main
from cpa_xl.diff import diff
from cpa_xl.differences import CellKind, Differences, same
from cpa_xl.difftext import lines
from cpa_xl.sheetxml import Value
from cpa_xl.workbook import ClosedWorkbook, Workbook, cell_error
from tests import small
from tests.books import Book
from tests.test_demo import without_robberies

Rows = list[list[Value]]


def run(*arguments: object) -> Result:
    """A command, whatever comes of it."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def printed(before: Path, after: Path, *options: str) -> list[str]:
    """The lines that `diff` prints."""
    result = run("diff", before, after, *options)
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


def found(before: Path, after: Path) -> dict[str, Any]:
    """What `diff --json` prints."""
    answer: dict[str, Any] = json.loads("\n".join(printed(before, after, "--json")))
    return answer


def rows(section: dict[str, Any], what: str = "changed") -> dict[tuple[str, ...], dict[str, Any]]:
    """The rows of a section by key: their changes, or their cells where they came or went."""
    return {
        tuple(row["key"].values()): row["changes" if what == "changed" else "cells"]
        for row in section["rows"]
        if row["what"] == what
    }


@pytest.fixture
def copy(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo's workbook and extracts, to change."""
    shutil.copytree(demo.parent / "extracts", tmp_path / "extracts")
    return Path(shutil.copyfile(demo, tmp_path / "after.xlsx"))


def with_cell(path: Path, part: str, cell: str, content: str) -> None:
    """A cell of a file written anew, whatever stood there: what somebody does who types over a formula."""
    package = ClosedWorkbook.open(path).package
    old = package.text(part).decode()
    new, count = re.subn(rf'(<c r="{cell}"(?: s="\d+")?)[^>]*>.*?</c>', rf"\1{content}</c>", old, count=1)
    assert count == 1
    package.with_text(part, new.encode()).save(path)


SCORECARD = "xl/worksheets/sheet1.xml"


def place(path: Path, measure: str, heading: str, sheet: str = "Scorecard") -> str:
    """The cell of a sheet under a heading, in the row of a measure."""
    cells = ClosedWorkbook.open(path).cells(sheet)
    columns = {str(cell.value): at[1] for at, cell in sorted(cells.items(), reverse=True)}
    row = next(at[0] for at, cell in cells.items() if cell.value == measure and at[1] == columns["Id"])
    return cell_name(row, columns[heading])


def test_a_file_and_itself(demo: Path, copy: Path) -> None:
    assert printed(demo, copy) == [
        f"No difference between {demo} and {copy}: figures, letters, targets, typed cells, formulas and tables"
    ]
    assert run("diff", demo, copy, "--exit-code").exit_code == 0
    assert found(demo, copy)["same"] is True


def test_another_month(demo: Path, copy: Path) -> None:
    assert run("refresh", copy, "--as-of", "2008-12").exit_code == 0
    answer = found(demo, copy)
    before, after = (json.loads(run("show", path, "--json").stdout) for path in (demo, copy))
    changed = rows(answer["scorecard"])
    for old, new in zip(before, after, strict=True):
        told = changed.get((old["id"],), {})
        for field, value in old.items():
            if field in told:
                assert (told[field]["before"], told[field]["after"]) == (value, new[field])
            else:
                assert (
                    value == pytest.approx(new[field], rel=1e-12) if isinstance(value, float) else value == new[field]
                )
    assert changed["4a",]["period"] == {"before": "RY to Jan-09", "after": "RY to Dec-08"}
    assert [(cell["sheet"], cell["cell"], cell["before"], cell["after"]) for cell in answer["typed"]] == [
        ("Scorecard", "B2", "2009-01", "2008-12")
    ]
    assert answer["formulas"] == answer["pieces"] == answer["notes"] == []
    tables = {table["name"]: table for table in answer["tables"]}
    assert set(tables) == {"Monthly", "Areas", "Trend", "Milestones", "Extracts"}
    assert list(rows(tables["Monthly"], "removed")) == [("2009-01",)]
    assert len(rows(tables["Areas"], "removed")) == len(tables["Areas"]["rows"]) == 32
    text = printed(demo, copy)
    assert "  9b          actual 239 -> 238   letter G -> G   period Apr-Jan 2008/09 -> Apr-Dec 2008/09" in text
    assert "  6a          actual -2.7% -> -2.6%   period RY to Jan-09 -> RY to Dec-08" in text  # no letter, then as now
    assert "Table Monthly: 36 rows before, 35 now; 1 removed" in text
    assert "  removed: CT, 2009-01" in text
    areas = next(line for line in text if line.startswith("  removed: 2009-01, Barking"))
    assert areas.endswith("2009-01, Greenwich and 22 more; --json has them all")


def robberies(path: Path) -> dict[str, int]:
    """Robberies of January 2009 by borough, from the extract."""
    with path.open(encoding="utf-8") as file:
        counts: dict[str, int] = {}
        for line in csv.reader(file):
            if line[1:2] == ["Robbery"]:
                counts[line[0]] = counts.get(line[0], 0) + int(line[-1])
    return counts


def test_500_robberies_fewer(demo: Path, copy: Path) -> None:
    path = copy.parent / "extracts/recorded_crime_2009-01.csv"
    before = robberies(path)
    path.write_text("".join(without_robberies(path, 500)), encoding="utf-8", newline="\n")
    after = robberies(path)
    assert sum(before.values()) - sum(after.values()) == 500
    assert run("refresh", copy).exit_code == 0
    answer = found(demo, copy)
    assert set(rows(answer["scorecard"])) == {("4a",), ("4b",)}
    assert {measure for measure, _ in rows(answer["facts"])} == {"4a", "4b"}
    assert [answer[part] for part in ("typed", "formulas", "pieces", "notes")] == [[]] * 4
    assert {cell["sheet"] for cell in answer["results"]} == {"Boroughs"}  # which stands on serious acquisitive crime
    tables = {table["name"]: table for table in answer["tables"]}
    assert set(tables) == {"Monthly", "Areas", "Trend", "Extracts"}
    assert {head for cells in rows(tables["Trend"]).values() for head in cells} == {
        "4a average", "4a figure", "4a month", "4b figure", "4b month"
    }  # fmt: skip
    changed = rows(tables["Areas"])
    assert {name for _, name in changed} == {name for name in before if before[name] != after[name]}
    for (month, name), cells in changed.items():
        assert month == "2009-01"
        assert set(cells) == {"Robbery", "SAC offences"}
        assert cells["Robbery"] == {"before": before[name], "after": after[name]}
    assert set(rows(tables["Extracts"])) == {("recorded_crime",)}
    assert set(rows(tables["Extracts"])["recorded_crime",]) == {"SHA256"}
    # 58,956 + 32,413 + 111,359 = 202,728 offences on 219,138 a year earlier (the printed volumes of January 2009).
    actual = rows(answer["scorecard"])["4a",]["actual"]
    assert actual["before"] == pytest.approx(202_728 / 219_138 - 1, abs=1e-12)
    assert actual["after"] == pytest.approx(202_228 / 219_138 - 1, abs=1e-12)

    text = printed(demo, copy)
    assert text[:8] == [
        f"{demo} -> {copy}",
        "Scorecard: 2 of 18 rows differ",
        "  4a  actual -7.5% -> -7.7%   letter G -> G   comment changed",
        "      - …robbery is down 16.5% (6,405 offences) and…",
        "      + …robbery is down 17.8% (6,905 offences) and…",
        "  4b  actual 10.8% -> 10.8% (0.107923 -> 0.10819)   letter R -> R   comment changed",
        "      - …crime) are 14.4%; 17.6% and 6.9% respectively.…",
        "      + …crime) are 14.4%; 17.9% and 6.9% respectively.…",
    ]
    assert re.fullmatch(r"Comment facts: 6 of \d+ rows differ", text[8])
    assert [re.sub(" {3,}", "  ", line) for line in text[9:12]] == [
        "  4a, Robbery change  down 16.5% -> down 17.8%",
        "  4a, Robbery change in number  6,405 -> 6,905",
        "  4b, Financial year to date  10.4% -> 10.4% (0.103599 -> 0.10391)",
    ]
    assert "Table Areas: 1,152 rows before, 1,152 now; 12 changed" in text
    assert "  and 2 more; --json has them all" in text
    assert re.fullmatch(r'  recorded_crime: SHA256 "[0-9a-f]{12}…" -> "[0-9a-f]{12}…"', text[-1])


def test_typed_by_hand(demo: Path, copy: Path) -> None:
    """A comment, a letter and a target: what was typed over a formula is said to be."""
    comment, letter = place(copy, "4a", "Comments"), place(copy, "4b", "RAG")
    with_cell(copy, SCORECARD, comment, ' t="inlineStr"><is><t>Robbery is down.</t></is>')
    with_cell(copy, SCORECARD, letter, ' t="inlineStr"><is><t>G</t></is>')
    book = ClosedWorkbook.open(copy)
    amount = place(copy, "5", "Amount", "Targets")
    book.with_cell("Targets", *cell_position(amount), -0.05).save(copy)
    text = printed(demo, copy)
    assert text[1:4] == [
        "Scorecard: 2 of 18 rows differ",
        "  4a  comment changed, typed over its formula",
        "      - Res. burglary is down 0.8% (453), robbery is down 16.5% (6,405 offences)"
        " and MV crime is down 7.9% (9,552) ov…",
    ]
    assert text[4:8] == [
        "      + Robbery is down.",
        "  4b  letter R -> G, typed over its formula",
        "Typed cells: 1 differs",
        f"  Targets!{amount} (5, Amount): -0.03 -> -0.05",
    ]
    assert text[8] == "Formulas: 2 differ"
    assert text[9].startswith(
        f'  Scorecard!{comment} (4a, Comments): formula lost: "Robbery is down." is typed over ="Res.'
    )
    assert text[10].startswith(f'  Scorecard!{letter} (4b, RAG): formula lost: "G" is typed over =IF(')
    assert len(text) == 11
    answer = found(demo, copy)
    assert [(cell["cell"], cell["what"], cell["formula_after"]) for cell in answer["formulas"]] == [
        (comment, "formula lost", None),
        (letter, "formula lost", None),
    ]


def test_a_target_as_the_scorecard_prints_it(demo: Path, copy: Path) -> None:
    """A target typed in a spreadsheet that has the functions: the cells that follow are calculated."""
    book = ClosedWorkbook.open(copy)
    amount, target = (place(copy, "5", heading, "Targets") for heading in ("Amount", "Target"))
    book = book.with_cell("Targets", *cell_position(amount), -0.05)
    follow: dict[str, Value] = {"Target": -0.05, "2008/09 target": "-5%", "Better than target by": 0.1}
    values = {("Scorecard", *cell_position(place(copy, "5", name))): value for name, value in follow.items()}
    book.with_values({**values, ("Targets", *cell_position(target)): -0.05}).save(copy)
    assert printed(demo, copy)[1:] == [
        "Scorecard: 1 of 18 rows differ",
        "  5  target -3% -> -5%   letter G -> G",
        "Typed cells: 1 differs",
        f"  Targets!{amount} (5, Amount): -0.03 -> -0.05",
        "Other calculated cells: 1 differs",
        f"  Targets!{target} (5, Target): -0.03 -> -0.05",
    ]


def test_exit_codes(demo: Path, copy: Path, tmp_path: Path) -> None:
    with_cell(copy, SCORECARD, place(copy, "4b", "RAG"), ' t="inlineStr"><is><t>G</t></is>')
    assert run("diff", demo, copy).exit_code == 0
    assert run("diff", demo, copy, "--exit-code").exit_code == 1
    assert run("diff", demo, copy, "--json", "--exit-code").exit_code == 1
    missing = run("diff", demo, tmp_path / "none.xlsx")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert str(tmp_path / "none.xlsx") in missing.stderr


def test_a_workbook_without_an_entry_is_compared_cell_by_cell(tmp_path: Path) -> None:
    """The small workbook has none of the tables of the configuration that comes with cpa_xl."""
    old, new = small.workbook(tmp_path / "old.xlsx"), small.workbook(tmp_path / "new.xlsx")
    ClosedWorkbook.open(new).with_cell("Scorecard", 4, 2, -0.05).with_cell("Scorecard", 4, 5, "other words").save(new)
    text = printed(old, new)
    assert text[1].startswith(f"note: compared cell by cell: {old} has no tables to refresh that workbooks.yaml knows:")
    assert text[2].startswith(f"note: compared cell by cell: {new} has no tables to refresh that workbooks.yaml knows:")
    assert text[3:] == [
        "Typed cells: 2 differ",
        "  Scorecard!B4: -0.04 -> -0.05",
        '  Scorecard!E4: "typed by hand" -> "other words"',
    ]


# Small workbooks in memory.

SPEC = WorkbookSpec(
    file="small.xlsx",
    as_of="as_of",
    scorecard=Sheet(sheet="Card", columns={"id": "Id", "target": "Target", "actual": "Actual", "rag": "RAG"}),
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
    return list(lines(compared(before, after, spec), "A", "B"))[1:]


def changed(row: int, column: int, value: Value, of: Rows = CARD) -> Rows:
    """Rows with one cell changed; row and column from 1."""
    return [
        [value if (at, place) == (row, column) else cell for place, cell in enumerate(cells, start=1)]
        for at, cells in enumerate(of, start=1)
    ]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (0.1 + 0.2, 0.3, True),
        (1.0, 1.0 + 9e-13, True),
        (1.0, 1.0 + 2e-12, False),
        (0.0, 2e-17, True),
        (0.0, 1e-9, False),
        (1.0, True, False),
        (0.0, None, False),
        ("", None, True),
        ("1", 1.0, False),
        ("a", "A", False),
        (cell_error("#N/A"), cell_error("#N/A"), True),
        (cell_error("#N/A"), cell_error("#NUM!"), False),
        (cell_error("#N/A"), "#N/A", False),
    ],
)
def test_what_is_the_same(one: Value, other: Value, *, alike: bool) -> None:
    assert same(one, other) is alike
    assert same(other, one) is alike


def test_nothing_differs() -> None:
    answer = compared(book(), book())
    assert not answer.any
    assert list(lines(answer, "A", "B")) == [
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
    """A row of the scorecard that came: the rows below it stand one lower, and so do the cells that they read."""
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
