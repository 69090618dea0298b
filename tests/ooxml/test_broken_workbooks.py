"""Workbooks with all that can be wrong with a file: people read a message, and no file is changed by what is refused.

The faults are made the same in every run, so that a red run names the fault that is to be looked at.
"""

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from cpa_xl.cli import options
from cpa_xl.cli.main import main
from cpa_xl.errors import CpaXlError, Refusal
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import handmade, mutations, small
from tests.support.mutations import BOOK, SHEET, TABLE, WORKBOOK_LINKS, Fault, packed, parts_of

REPAIR = "open the workbook in Excel, let it be repaired, and save it"
FAMILIES = ("no_workbooks", "zip_faults", "missing_parts", "rewritten_parts", "odd_cells", "odd_attributes")
WHOLE = ("no_workbooks", "zip_faults", "odd_cells")  # families that every command meets


def board(path: Path) -> Path:
    """The small force's scorecard with what a real one has beside it."""
    with xlsxwriter.Workbook(str(path)) as file:
        card, data = file.add_worksheet("Scorecard"), file.add_worksheet("Data")
        date, bold = file.add_format({"num_format": "mmm-yy"}), file.add_format({"bold": True, "bg_color": "#003366"})
        card.write_datetime("B1", dt.datetime(2009, 1, 1), date)
        file.define_name("as_of", "=Scorecard!$B$1")
        card.write_row("A3", ["Id", "Target", "Actual", "RAG", "Comment"], bold)
        card.write("A4", "1")
        card.write_number("B4", -0.04)
        card.write_formula("C4", "=CPA_CHANGE(Monthly[Robbery],Monthly[Month],as_of)", None, "")
        card.write_formula("D4", '=CPA_RAG(C4,B4,"lower",0.02,"points")', None, "")
        card.write_rich_string("E4", "down ", bold, "by 3%", " of late")
        card.write_comment("E4", "as agreed", {"author": "analyst"})
        card.write_url("E6", "https://example.com/", None, "source")
        card.merge_range("A8:C9", "note")
        card.set_column("H:H", 3, None, {"hidden": True})
        card.conditional_format("D4:D5", {"type": "cell", "criteria": "==", "value": '"R"', "format": bold})
        card.data_validation("B5", {"validate": "list", "source": ["a", "b"]})
        card.print_area("A1:E9")
        chart = file.add_chart({"type": "line"})
        chart.add_series({"values": "=Scorecard!$B$4:$B$5"})
        card.insert_chart("A12", chart)
        card.add_sparkline("F4", {"range": "Scorecard!B4:B5"})
        names = [{"header": name} for name in ("Month", "Robbery", "Burglary")]
        data.add_table("A1:C2", {"name": "Monthly", "columns": names})
        data.write_blank("A2", None, date)
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with configuration, extract and the workbook, refreshed: not to be changed."""
    folder = tmp_path_factory.mktemp("broken")
    small.configuration(folder / "config")
    small.extract(folder / "extracts")
    book = board(folder / "book.xlsx")
    result = CliRunner().invoke(main, ["refresh", str(book), "--config", str(folder / "config")])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def unforeseen(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """The unforeseen errors of all commands; publication ignores the checks here, so that its later steps run too."""
    met: list[Exception] = []

    def words(error: Exception) -> str:
        if not isinstance(error, CpaXlError):
            met.append(error)
        return str(error) or type(error).__name__

    monkeypatch.setattr(options, "in_words", words)
    monkeypatch.setattr(import_module("cpa_xl.publish.pipeline"), "_refuse_stopped", lambda *_: None)
    return met


def commands(home: Path, book: Path, family: str) -> Iterator[list[str]]:
    """What is run on a workbook: all that reads one, or those that read most of it; one of them on a long family."""
    config = ["--config", str(home / "config")]
    if family == "odd_attributes":
        yield ["check", str(book), "--release", *config]
        return
    yield ["refresh", str(book), "--extracts", str(home / "extracts"), *config]
    yield ["publish", str(book), "--page", "--no-since", "--force", *config]
    if family in WHOLE:
        yield ["show", str(book), *config]
        yield ["explain", str(book), "Scorecard!D4"]
        yield ["calculate", str(book)]
        yield ["diff", str(home / "book.xlsx"), str(book), *config]
        yield ["check", str(book), "--release", *config]
        book.with_suffix(".json").write_text('{"format": "cpa_xl statement 1"}', encoding="utf-8")
        yield ["verify", str(book), *config]


def faults(family: str, content: bytes) -> Iterator[Fault]:
    """The faults of a family."""
    if family == "no_workbooks":
        return mutations.no_workbooks()
    made = getattr(mutations, family)
    found: Iterator[Fault] = made(content if family == "zip_faults" else parts_of(content))
    return found


def contents(folder: Path) -> dict[str, str]:
    """The files of a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.slow
def test_what_is_broken_is_said_in_words(family: str, home: Path, unforeseen: list[Exception], tmp_path: Path) -> None:
    bad, count = [], 0
    for name, content in faults(family, (home / "book.xlsx").read_bytes()):
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        book = tmp_path / "book.xlsx"
        book.write_bytes(content)
        for command in commands(home, book, family):
            before = contents(tmp_path)
            result = CliRunner().invoke(main, command)
            count += 1
            bad += [f"{name}, {command[0]}: {error!r}" for error in unforeseen]
            unforeseen.clear()
            if result.exit_code not in (0, 1) or not isinstance(result.exception, SystemExit | None):
                bad.append(f"{name}, {command[0]}: {result.exit_code} {result.exception!r}")
            if result.exit_code == 1 and (not result.output.strip() or contents(tmp_path) != before):
                bad.append(f"{name}, {command[0]}: without a word, or with another file: {result.output}")
    assert not bad
    assert count >= 16


def changed(home: Path, folder: Path, part: str, old: str, new: str) -> Path:
    """The workbook with something else in a part."""
    parts = parts_of((home / "book.xlsx").read_bytes())
    assert old.encode() in parts[part], parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    book = folder / "book.xlsx"
    book.write_bytes(packed(parts))
    return book


def said(*command: object) -> str:
    """What a command that is refused says."""
    result = CliRunner().invoke(main, [str(argument) for argument in command])
    assert result.exit_code == 1, result.output
    return result.output.strip()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((SHEET, '<col min="8"', '<col min="x"'),
         "<col> has 'x' for its min, where the number of a column, 1 to 16,384 belongs"),
        ((SHEET, '<mergeCell ref="A8:C9"/>', "<mergeCell/>"), "<mergeCell> has no ref"),
        ((SHEET, 'sqref="B5"', 'sqref="#REF!"'),
         "<dataValidation> has '#REF!' for its sqref, where a list of cells and ranges belongs"),
        ((SHEET, '<row r="4"', '<row r="1048577"'), "it has a row 1048577, and sheets have rows 1 to 1,048,576"),
        (("xl/comments1.xml", ' ref="E4"', ' ref="E4:E5"'), "<comment> has 'E4:E5' for its ref, where a cell belongs"),
        ((TABLE, ' id="1"', ""), "<table> has no id"),
        ((TABLE, ' ref="A1:C25"', ' ref="A1:C"'),
         "<table> has 'A1:C' for its ref, where a range such as A1:C9 belongs"),
        ((BOOK, '<definedName name="as_of"', "<definedName"), "<definedName> has no name"),
        ((WORKBOOK_LINKS, 'Id="rId1"', ""), "<Relationship> has no Id"),
        (("xl/styles.xml", '<sz val="11"/>', '<sz val="big"/>'), "<sz> has 'big' for its val, where a number belongs"),
    ],
)  # fmt: skip
def test_an_element_that_cannot_be_read_is_named_with_its_part(
    change: tuple[str, str, str], message: str, home: Path, tmp_path: Path
) -> None:
    book = changed(home, tmp_path, *change)
    text = said("publish", book, "--config", home / "config")
    assert text.startswith(f"{book}, part {change[0]}: ")
    assert message in text


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ('<c r="A900" s="x"><v>1</v></c>', "A900: 'x' is not the number of a style"),
        ('<c r="A900" t="s"><v>99</v></c>', "A900: it shows the shared text 99, and the workbook has 12 of them"),
        ('<c r="A900"><v>1e999</v></c>', "A900: '1e999' is not a number that a cell can hold"),
        ('<c r="A900"><f t="shared" si="7"/><v>1</v></c>', "A900: it shares the formula '7', which no cell holds"),
        ('<c r="A900"><f t="array" ref="A900:XFD901">1</f><v>1</v></c>', None),
        ('<c r="A900"><f t="array" ref="A900:XFD999">1</f><v>1</v></c>',
         "A900: its formula fills A900:XFD999; let it fill no more than a column"),
        ('<c r="XFE900"><v>1</v></c>', "XFE900 lies beyond the sheet's edge"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named(cell: str, message: str | None, home: Path, tmp_path: Path) -> None:
    book = changed(home, tmp_path, SHEET, "</sheetData>", f'<row r="900">{cell}</row></sheetData>')
    if message is None:
        assert ClosedWorkbook.open(book).cells("Scorecard")[900, 1].array == "A900:XFD901"
        return
    text = said("show", book, "--config", home / "config")
    assert text == f"{book}, sheet Scorecard: a cell cannot be read ({message}); {REPAIR}"


def test_a_table_whose_months_have_another_heading_is_checked(home: Path, tmp_path: Path) -> None:
    book = changed(home, tmp_path, TABLE, 'name="Month"', 'name="When"')
    assert "Not to be published yet" in said("check", book, "--release", "--config", home / "config")


def test_a_table_that_reaches_to_the_sheets_end(home: Path, tmp_path: Path) -> None:
    """LibreOffice 25.2 writes C:C for what XlsxWriter has as C1:C1048576."""
    book = changed(home, tmp_path, TABLE, ' ref="A1:C25"', ' ref="A:C"')
    assert ClosedWorkbook.open(book).tables["Monthly"].ref == "A1:C1048576"


def test_a_link_on_a_column(home: Path, tmp_path: Path) -> None:
    """ECMA-376 part 1, CT_Hyperlink: ref is a cell or a range."""
    book = changed(home, tmp_path, SHEET, '<hyperlink ref="E6"', '<hyperlink ref="E:E"')
    text = said("check", book, "--release", "--config", home / "config")
    assert "Scorecard!E1: the link says 'nothing': write where it leads" in text


def test_a_part_that_is_not_there_is_named(home: Path, tmp_path: Path) -> None:
    parts = parts_of((home / "book.xlsx").read_bytes())
    del parts[SHEET]
    book = tmp_path / "book.xlsx"
    book.write_bytes(packed(parts))
    assert said("show", book, "--config", home / "config") == f"{book} lacks the part {SHEET}; {REPAIR}"


def test_a_sheet_that_no_link_leads_to_is_named(home: Path, tmp_path: Path) -> None:
    book = changed(home, tmp_path, WORKBOOK_LINKS, 'Id="rId1"', 'Id="rId77"')
    assert said("explain", book, "Data!A1") == f"{book}: no link leads to the sheet Scorecard; {REPAIR}"


def test_a_sheet_without_cells_is_named_before_it_is_published(home: Path, tmp_path: Path) -> None:
    parts = parts_of((home / "book.xlsx").read_bytes())
    book = tmp_path / "book.xlsx"
    book.write_bytes(packed({**parts, SHEET: parts[SHEET].replace(b"sheetData", b"sheetDate")}))
    text = said("publish", book, "--config", home / "config")
    assert text == f"{book}, part {SHEET}: no sheet can be read from it (no sheetData)"


def test_cell_formats_that_no_link_leads_to(home: Path, unforeseen: list[Exception], tmp_path: Path) -> None:
    """A copy would get other cell formats, of which its cells have numbers that are not there."""
    book = changed(home, tmp_path, WORKBOOK_LINKS, 'relationships/styles"', 'relationships/theme"')
    text = said("publish", book, "--config", home / "config")
    assert text == f"{book}: no link leads to the cell formats in xl/styles.xml; {REPAIR}"
    assert not unforeseen


def test_a_sheet_that_is_something_else(tmp_path: Path) -> None:
    rows = f'<dialogsheet xmlns="{handmade.MAIN}"><sheetData/></dialogsheet>'
    with pytest.raises(Refusal, match=r"sheet2\.xml: no sheet can be read from it \(it is a <dialogsheet> of 0 rows\)"):
        handmade.opened(tmp_path, board=rows).cells("Board")


def test_an_encoding_that_is_none_of_texts(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="rot13"?>' + handmade.BOARD
    with pytest.raises(Refusal, match=r"sheet2\.xml: unknown encoding: 'rot-13' is not a text encoding"):
        handmade.opened(tmp_path, board=text).cells("Board")


def test_a_zip_file_with_a_nameless_part(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    book.write_bytes(packed({**{name: str(text).encode() for name, text in handmade.parts().items()}, "": b"x"}))
    with pytest.raises(Refusal, match=r"is not a workbook: .* \(a part in it has no name\)$"):
        ClosedWorkbook.open(book)
