"""Workbooks as extracts."""

import datetime as dt
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.measures.periods import Month
from tests.support.extract_files import CRIME, KINDS, SURVEY, crime_rows, faults, read, survey_rows, write


def book(path: Path, sheet: str = "Results", top: int = 1) -> Path:
    """The survey as a workbook, its headings in row `top`; quarters as dates."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.create_sheet("Cover")
    page = workbook.create_sheet(sheet)
    for column, heading in enumerate(("Quarter ending", "Group", "Asked", "Pleased"), start=1):
        page.cell(top, column, heading)
    for place, line in enumerate(survey_rows(), start=top + 1):
        quarter, group, asked, pleased = line.split(",")
        cells = (Month.read(quarter).last_day, group, int(asked), int(pleased))
        for column, value in enumerate(cells, start=1):
            page.cell(place, column, value)
    workbook.save(path)
    return path


SHEET = {**SURVEY, "sheet": "Results"}
ASKED = {"asked": {"title": "Asked", "source": "it", "sum": "asked"}}


def test_a_sheet_is_read_with_its_dates(tmp_path: Path) -> None:
    book(tmp_path / "survey.xlsx", top=4)
    facts = read(tmp_path, SHEET, series=ASKED)
    assert facts.monthly("asked") == {
        Month(2008, 3): 290, Month(2008, 6): 292, Month(2008, 9): 294, Month(2008, 12): 296,
    }  # fmt: skip
    assert facts.counts["asked"][Month(2008, 3), None] == 290


def test_rows_are_those_of_the_sheet(tmp_path: Path) -> None:
    path = book(tmp_path / "survey.xlsx", top=4)
    workbook = openpyxl.load_workbook(path)
    workbook["Results"]["C7"] = 30.5
    workbook["Results"]["D8"] = "1,204"
    workbook["Results"]["C9"] = "#N/A"
    workbook["Results"]["A10"] = dt.date(2108, 9, 30)
    workbook.save(path)
    assert faults(tmp_path, SHEET) == [
        "survey.xlsx, row 10, column Quarter ending: '2108-09-30 00:00:00' is in the year 2108, outside 1950 to 2100"
        ' (V2). Write a month such as 2009-01 or "Jan-09", or a date.',
        "survey.xlsx, row 7, column Asked: '30.5' is not a whole number (V4)."
        " Counts are whole: is it a rate, a mean or a percentage?",
        "survey.xlsx, row 9, column Asked: '#N/A' is an Excel error (V1). Correct the formula where the file was made.",
        "survey.xlsx, row 8, column Pleased: '1,204' is text with a thousands separator (V1). Write digits only: 1204.",
    ]


def test_a_sheet_that_is_not_there_is_refused_with_what_there_is(tmp_path: Path) -> None:
    book(tmp_path / "survey.xlsx", "Result")
    assert faults(tmp_path, SHEET) == [
        "survey.xlsx: there is no sheet 'Results'; there is 'Cover', 'Result' (F5)."
        " Give the sheet that name, or change `sheet` in sources.yaml."
    ]


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "survey.xlsx").write_bytes(b"\xd0\xcf\x11\xe0 and no more")
    [fault] = faults(tmp_path, SHEET)
    assert fault.startswith("survey.xlsx: this cannot be opened as a workbook (")
    assert fault.endswith(
        "); it may be damaged or protected by a password (F4). Open it in Excel and save it again, without a password."
    )


@pytest.mark.parametrize("place", range(100, 5000, 700))
def test_a_damaged_workbook_is_refused_or_read_as_it_was(tmp_path: Path, place: int) -> None:
    path = book(tmp_path / "survey.xlsx")
    whole = read(tmp_path, SHEET, series=ASKED).counts
    content = bytearray(path.read_bytes())
    content[place : place + 20] = b"x" * 20
    path.write_bytes(content)
    with suppress(ExtractsRefused):
        assert read(tmp_path, SHEET, series=ASKED).counts == whole
        return
    found = faults(tmp_path, SHEET)
    assert found[0].startswith("survey.xlsx: this cannot be opened as a workbook (")


def test_a_cell_too_long_to_be_one_is_no_reason_to_stumble(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", ["x" * 200_000, *crime_rows()])
    assert faults(tmp_path, CRIME)[0].startswith("crime.csv: no heading row in the first 21 rows")


def test_a_stray_cell_far_away_is_refused_before_memory_runs_out(tmp_path: Path) -> None:
    path = book(tmp_path / "survey.xlsx")
    workbook = openpyxl.load_workbook(path)
    workbook["Results"]["XFD1048576"] = "stray"
    workbook.save(path)
    assert faults(tmp_path, SHEET) == [
        "survey.xlsx: a sheet reaches to row 1,048,576 and column 16,384 (F4)."
        " Delete the rows and columns beyond the data, and save it again."
    ]


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    book(tmp_path / "survey.xlsx")
    assert faults(tmp_path, {**SHEET, "sheet": "Cover"})[0].startswith(
        "survey.xlsx: no heading row in the first 21 rows (F5)."
    )


def test_kinds_of_the_small_extract_differ() -> None:
    """The shifted rows above rest on figures that could be nothing else."""
    assert len({cell for row in crime_rows()[1:] for cell in row[2:]}) > 3 * len(KINDS)
