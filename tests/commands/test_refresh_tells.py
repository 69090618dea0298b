"""What a refresh puts right or takes away without refusing it: told each time, in true words."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cpa_xl.cli.main import main
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import small

DATA, TABLE = "xl/worksheets/sheet2.xml", "xl/tables/table1.xml"


def run(command: str, book: Path, *options: object) -> Result:
    arguments = [command, str(book), "--config", str(book.parent / "config"), *map(str, options)]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The small workbook after its first refresh: months in A2:A25, two series beside them."""
    made = small.force(tmp_path)
    assert run("refresh", made).exit_code == 0
    return made


def changed(book: Path, **parts: Callable[[str], str]) -> None:
    """The file with its sheet of data, its table, or both, changed as another program writes them."""
    names = {"data": DATA, "table": TABLE}
    with zipfile.ZipFile(book) as file:
        held = {name: file.read(name) for name in file.namelist()}
    for which, change in parts.items():
        text = held[names[which]].decode()
        assert change(text) != text
        held[names[which]] = change(text).encode()
    with zipfile.ZipFile(book, "w") as file:
        for name, data in held.items():
            file.writestr(name, data)


def notes(done: Result) -> list[str]:
    assert done.exit_code == 0, done.output
    return [line.removeprefix("note: ") for line in done.stdout.splitlines() if line.startswith("note: ")]


# A calculated column D of the 24 months, as Excel saves it: the double of column B.
FORMULA = "Monthly[[#This Row],[Robbery]]*2"


def with_calculated(text: str) -> str:
    for row in range(2, 26):
        cell = f'<c r="D{row}"><f>{FORMULA}</f><v>0</v></c></row>'
        text = re.sub(rf'(<row r="{row}"[^>]*>.*?)</row>', rf"\g<1>{cell}", text)
    return text.replace('</row><row r="2"', '<c r="D1" t="inlineStr"><is><t>Double</t></is></c></row><row r="2"', 1)


def with_column(text: str) -> str:
    column = (
        f'<tableColumn id="4" name="Double"><calculatedColumnFormula>{FORMULA}</calculatedColumnFormula></tableColumn>'
    )
    text = text.replace("</tableColumns>", f"{column}</tableColumns>").replace('count="3"', 'count="4"')
    return text.replace("A1:C25", "A1:D25")


@pytest.mark.parametrize(
    ("row", "typed", "said"),
    [
        (7, "<v>12</v>", "12"),
        (2, "<v>0</v>", "0"),
        (25, "<v>-3.5</v>", "-3.5"),
        (9, '<is><t>n/a</t></is>|t="inlineStr"', "'n/a'"),
        (11, f"<f>{FORMULA}+1</f><v>9</v>", f"={FORMULA}+1"),
    ],
)
def test_a12_a_value_typed_over_a_formula_is_told(book: Path, row: int, typed: str, said: str) -> None:
    """The refresh puts the formula back, as Excel fills a calculated column; the figure that was typed is named."""
    content, _, kind = typed.partition("|")
    old = f'<c r="D{row}"><f>{FORMULA}</f><v>0</v></c>'
    changed(
        book,
        table=with_column,
        data=lambda text: with_calculated(text).replace(old, f'<c r="D{row}" {kind}>{content}</c>'),
    )
    told = [note for note in notes(run("refresh", book)) if "typed over" in note]
    assert told == [
        "table Monthly: the refresh puts the formula of column Double back where something else was typed over it:"
        f" Data!D{row} ({said}); a figure of your own needs a column that is not calculated"
    ]
    assert ClosedWorkbook.open(book).cells("Data")[row, 4].formula == FORMULA
    assert not notes(run("refresh", book))


@pytest.mark.parametrize("heading", ["Robberies", "ROBBERY COUNT", "2008", "Robbery2"])
def test_a12_a_heading_cell_that_is_not_its_column_s_name_is_told(book: Path, heading: str) -> None:
    changed(
        book,
        data=lambda text: re.sub(
            r'<c r="B1"[^>]*>.*?</c>', f'<c r="B1" t="inlineStr"><is><t>{heading}</t></is></c>', text
        ),
    )
    assert notes(run("refresh", book)) == [
        f"table Monthly: the heading in Data!B1 reads '{heading}', and the table calls this column 'Robbery', which the"
        " refresh goes by; type that name into the cell"
    ]


@pytest.mark.parametrize("heading", ["Robbery", "robbery", " Robbery ", "Robbery\n"])
def test_a12_a_heading_that_reads_the_same_is_none_to_tell_of(book: Path, heading: str) -> None:
    new = f'<c r="B1" t="inlineStr"><is><t xml:space="preserve">{heading}</t></is></c>'
    changed(book, data=lambda text: re.sub(r'<c r="B1"[^>]*>.*?</c>', new, text))
    assert not notes(run("refresh", book))


FILTER = '<filterColumn colId="{}"><filters><filter val="330"/></filters></filterColumn>'


@pytest.mark.parametrize(("columns", "said"), [((1,), "Robbery"), ((0, 2), "Month, Burglary")])
def test_a12_a_filter_is_told(book: Path, columns: tuple[int, ...], said: str) -> None:
    filters = "".join(map(FILTER.format, columns))
    changed(
        book,
        table=lambda text: text.replace(
            '<autoFilter ref="A1:C25"/>', f'<autoFilter ref="A1:C25">{filters}</autoFilter>'
        ),
        data=lambda text: text.replace('<row r="3"', '<row r="3" hidden="1"'),
    )
    assert notes(run("refresh", book)) == [
        f"table Monthly: it was filtered by {said}; the refresh shows all rows: set the filter again"
    ]
    with zipfile.ZipFile(book) as file:
        assert b"hidden" not in file.read(DATA)


def exceljs(text: str) -> str:
    """As exceljs 4.4.0 saves a table that it has read."""
    buttons = "".join(f'<filterColumn colId="{place}" hiddenButton="1"/>' for place in range(3))
    text = text.replace('<autoFilter ref="A1:C25"/>', f'<autoFilter ref="A1:C25">{buttons}</autoFilter>')
    return text.replace('totalsRowShown="0"', 'totalsRowShown="1" headerRowCount="0"')


def test_a16_a_table_whose_mark_of_a_header_row_is_gone(book: Path) -> None:
    """exceljs takes the mark away and leaves the headings: each command sees them, and the refresh mends the file."""
    before = book.with_name("before.xlsx")
    before.write_bytes(book.read_bytes())
    changed(book, table=exceljs)
    assert run("diff", before, book, "--exit-code").exit_code == 0
    assert run("plan", book).exit_code == 0
    done = run("refresh", book)
    assert notes(done) == [
        "table Monthly: its part says that it has no header row, and its first row holds the headings, as programs that"
        " are not Excel leave it (exceljs does); the refresh takes the first row as header row, and says so in the file"
    ]
    assert "Monthly: 24 rows before, 24 now" in done.stdout
    with zipfile.ZipFile(book) as file:
        assert b"headerRowCount" not in file.read(TABLE)
    assert not notes(run("refresh", book))


def test_a16_a_table_that_shows_no_header_row(book: Path) -> None:
    """Switched off in Excel: the row of headings is no part of the table, and every command says the same."""
    changed(
        book,
        table=lambda text: text.replace("A1:C25", "A2:C25").replace(
            "totalsRowShown", 'headerRowCount="0" totalsRowShown'
        ),
    )
    said = "table Monthly shows no header row; switch it on in Excel (Table Design, Header Row)"
    for command in ("refresh", "plan"):
        done = run(command, book)
        assert done.exit_code == 1
        assert said in done.stderr


def test_a16_a_table_that_lost_columns(book: Path) -> None:
    """exceljs leaves columns with a formula of their own out of the list: one story, and no fault of cpa_xl's own."""
    changed(book, table=with_column, data=with_calculated)
    changed(book, table=lambda text: re.sub(r'<tableColumn id="4".*?</tableColumn>', "", text))
    said = (
        "table Monthly on sheet Data has 4 columns (A1:D25), and its part lists 3: the program that saved the workbook"
    )
    for command in ("refresh", "plan"):
        done = run(command, book)
        assert done.exit_code == 1
        assert said in done.stderr


def sorted_newest_first(text: str) -> str:
    rows = re.findall(r'<row r="\d+"[^>]*>.*?</row>', text)
    body = [re.sub(r'(?<=[A-Z])\d+(?=")', "{0}", re.sub(r'<row r="\d+"', '<row r="{0}"', row)) for row in rows[1:]]
    turned = "".join(row.format(number) for number, row in enumerate(reversed(body), 2))
    return text.replace("".join(rows[1:]), turned)


def test_a16_a_table_that_was_sorted_is_told(book: Path) -> None:
    """INDEX(Monthly[Robbery],1) was the newest month for its user, and is the oldest after the refresh."""
    changed(book, data=sorted_newest_first)
    newest = ClosedWorkbook.open(book).cells("Data")[2, 1].value
    assert notes(run("refresh", book)) == [
        "table Monthly: its rows were in another order than that of Month, as after sorting it; the refresh puts them"
        " back, so a formula that takes a row by its number, such as INDEX(Monthly[Burglary],1), reads another row now:"
        " sort it again, or look rows up"
    ]
    assert ClosedWorkbook.open(book).cells("Data")[25, 1].value == newest
    assert not notes(run("refresh", book))


def test_a16_an_id_that_a_program_made_a_number(book: Path) -> None:
    """xlsx-populate 1.21 reads the text 1 as the number 1, and writes that."""
    saved = ClosedWorkbook.open(book).with_cell("Scorecard", 4, 1, 1.0)
    saved.save(book)
    assert notes(run("refresh", book)) == [
        "row 4: the id 1 is a number, as some programs leave it (xlsx-populate does), and an id is a text: type '1 with"
        " the apostrophe"
    ]
