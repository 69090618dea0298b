"""The refresh of a document that is open in LibreOffice Calc, tried in a LibreOffice."""

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from cpa_xl.errors import Refusal
from cpa_xl.libreoffice.document import OfficeServices, check_document, refresh_document, write_plan
from cpa_xl.libreoffice.soffice import Ran
from cpa_xl.scorecard.history import read_rows_of, store_of
from tests.support.officeprocess import PROGRAM, office, uno_module

DEC_08, JAN_09 = 39783, 39814  # serial numbers of the first days
SHEETS = ("Monthly", "Satisfaction", "Confidence", "Areas", "Trend data", "Measures", "Milestones", "Extracts")
TABLES = {"Monthly": 36, "Areas": 1152, "Trend": 13, "Measures": 18, "Milestones": 10, "Extracts": 9}


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A LibreOffice without windows and without the add-in: what is tried here is who writes, not who calculates."""
    try:
        uno_module()
    except ImportError:
        missing = "python3-uno"
    else:
        missing = "" if PROGRAM else "LibreOffice (soffice)"
    if missing:
        reason = f"{missing} is not installed; no document could be opened in Calc"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    with office(tmp_path_factory.mktemp("calc")) as found:
        yield found


def property_of(name: str, value: object) -> Any:
    made = uno_module().createUnoStruct("com.sun.star.beans.PropertyValue")
    made.Name, made.Value = name, value
    return made


def run(arguments: Sequence[str]) -> Ran:
    done = subprocess.run([sys.executable, "-m", "cpa_xl", *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    return Ran(done.returncode, done.stdout, done.stderr)


def enum_of(kind: str, word: str) -> object:
    return uno_module().Enum(kind, word)


HOST = OfficeServices(run, property_of, enum_of)


def opened(desktop: Any, path: Path) -> Any:
    return desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, (property_of("Hidden", True),))


@pytest.fixture
def document(desktop: Any, root: Path, demo: Path, tmp_path: Path) -> Iterator[Any]:
    """The template, open in Calc, with the sample extracts beside it."""
    shutil.copyfile(root / "workbooks/cpa_scorecard.xlsx", tmp_path / "scorecard.xlsx")
    (tmp_path / "extracts").symlink_to(demo.parent / "extracts")
    found = opened(desktop, tmp_path / "scorecard.xlsx")
    yield found
    found.close(True)


@pytest.fixture(scope="module")
def plans(root: Path, demo: Path) -> dict[int, Any]:
    """What is to be written for a month, by its serial number."""
    template, extracts = root / "workbooks/cpa_scorecard.xlsx", demo.parent / "extracts"
    made = {}
    for serial, month in ((JAN_09, "2009-01"), (DEC_08, "2008-12")):
        ran = run(["plan", str(template), "--extracts", str(extracts), "--as-of", month])
        assert ran.exit_code == 0, ran.errors
        made[serial] = json.loads(ran.output)
    return made


def counts(document: Any) -> dict[str, int]:
    """The rows of some tables."""
    areas = {name: document.DatabaseRanges.getByName(name).getDataArea() for name in TABLES}
    return {name: area.EndRow - area.StartRow for name, area in areas.items()}


def contents(document: Any) -> dict[str, Any]:
    """The cells of the data sheets: their formulas, or what was typed."""
    sheets = {name: document.Sheets.getByName(name) for name in SHEETS}
    last = {"Areas": "N1300"}
    return {
        name: sheet.getCellRangeByName(f"A1:{last.get(name, 'AZ60')}").getFormulaArray()
        for name, sheet in sheets.items()
    }


def chart_ranges(document: Any) -> list[list[tuple[int, ...]]]:
    charts = document.Sheets.getByName("Trends").Charts
    ranges = [charts.getByName(name).getRanges() for name in charts.ElementNames]
    return [[(one.StartColumn, one.StartRow, one.EndColumn, one.EndRow) for one in each] for each in ranges]


def month_cell(document: Any) -> Any:
    return document.NamedRanges.getByName("as_of").getReferredCells().getCellByPosition(0, 0)


def test_the_open_document_gets_what_a_closed_file_gets(desktop: Any, document: Any, demo: Path) -> None:
    said = refresh_document(document, HOST)
    assert said.startswith("Refreshed to Jan-09 from 490,692 records: Monthly (1 row, now 36), ")
    assert "\nUndo (Ctrl+Z) takes all of it back.\n\nNoticed:\n• " in said
    assert counts(document) == TABLES
    closed = opened(desktop, demo)
    try:
        assert contents(document) == contents(closed)
        assert chart_ranges(document) == chart_ranges(closed)
    finally:
        closed.close(True)
    log = document.Sheets.getByName("Refresh log").getCellRangeByName("A5:H5").getDataArray()[0]
    assert log[2] == JAN_09
    assert "recorded_crime_2009-01.csv" in log[3]
    assert log[4:] == (490692.0, "", "", 3.0)
    assert refresh_document(document, HOST).startswith("Everything is up to date (Jan-09).\n")


def test_the_history_is_kept_beside_the_document(document: Any, demo: Path, tmp_path: Path) -> None:
    """As beside a closed file; a check keeps none."""
    store = tmp_path / "scorecard.history.parquet"
    check_document(document, HOST)
    assert not store.exists()
    refresh_document(document, HOST)
    assert [row[:5] for row in read_rows_of(store)] == [row[:5] for row in read_rows_of(store_of(demo))]
    store.unlink()
    store.mkdir()
    (store / "in the way").touch()
    with pytest.raises(Refusal, match="cannot be read as its history"):
        refresh_document(document, HOST)


def test_a_history_that_cannot_be_written_is_a_note(document: Any, tmp_path: Path) -> None:
    def run_and_shut(arguments: Sequence[str]) -> Ran:
        ran = run(arguments)
        (tmp_path / "scorecard.history.parquet").mkdir()  # what is a folder takes no file's place
        return ran

    said = refresh_document(document, OfficeServices(run_and_shut, property_of, enum_of))
    assert said.startswith("Refreshed to Jan-09 from 490,692 records: ")
    assert said.endswith(
        "• the history was not kept: scorecard.history.parquet cannot be written (Is a directory). The next refresh"
        " goes on from the workbook's tables"
    )


def test_one_undo_takes_the_whole_refresh_back(document: Any, plans: dict[int, Any]) -> None:
    before, rows = contents(document), counts(document)
    write_plan(document, HOST, plans[JAN_09])
    undo = document.getUndoManager()
    assert undo.getAllUndoActionTitles() == ("CPA: refresh",)
    undo.undo()
    assert (contents(document), counts(document)) == (before, rows)
    undo.redo()
    assert counts(document) == TABLES


def test_another_month_and_back(document: Any, plans: dict[int, Any]) -> None:
    write_plan(document, HOST, plans[JAN_09])
    january = contents(document)
    changed = write_plan(document, HOST, plans[DEC_08])
    assert changed[:3] == ["Monthly (36 rows, now 35)", "Areas (1,152 rows, now 1,120)", "Trend"]
    assert changed[-1] == "as-of month set to Dec-08"
    assert month_cell(document).getValue() == DEC_08
    assert counts(document) == TABLES | {"Monthly": 35, "Areas": 1120, "Milestones": 9}
    write_plan(document, HOST, plans[JAN_09])
    month_cell(document).setValue(JAN_09)
    assert contents(document) == january


def test_a_failure_half_way_leaves_the_document_as_it_was(document: Any, plans: dict[int, Any]) -> None:
    write_plan(document, HOST, plans[JAN_09])
    before, steps = contents(document), len(document.getUndoManager().getAllUndoActionTitles())
    plan = copy.deepcopy(plans[JAN_09])
    monthly, areas = (next(one for one in plan["tables"] if one["name"] == name) for name in ("Monthly", "Areas"))
    monthly["rows"] = [[row[0], *(1 for _ in row[1:])] for row in monthly["rows"][:20]]
    areas["rows"] = [[JAN_09, "Camden"]]  # a row that ends too soon: it fails when the first table is filled already
    with pytest.raises(IndexError):
        write_plan(document, HOST, plan)
    assert contents(document) == before
    assert len(document.getUndoManager().getAllUndoActionTitles()) == steps
    assert document.isAutomaticCalculationEnabled()


def test_checking_changes_nothing(document: Any, plans: dict[int, Any]) -> None:
    before = contents(document)
    said = check_document(document, HOST)
    assert said.startswith("The extracts are good: 490,692 records.\nA refresh would change Monthly (36 rows), ")
    assert contents(document) == before
    write_plan(document, HOST, plans[JAN_09])
    said = check_document(document, HOST)
    assert said.startswith("The extracts are good: 490,692 records.\nThe tables are up to date.\n")


def test_rows_that_a_filter_hid_are_shown(document: Any, plans: dict[int, Any]) -> None:
    write_plan(document, HOST, plans[JAN_09])
    rows = document.Sheets.getByName("Monthly").getRows()
    rows.getByIndex(10).IsVisible = False
    write_plan(document, HOST, plans[DEC_08])
    assert rows.getByIndex(10).IsVisible


def test_what_is_wrong_with_an_extract_is_said(document: Any, tmp_path: Path, demo: Path) -> None:
    """The message is that of the command, and nothing is changed."""
    (tmp_path / "extracts").unlink()
    shutil.copytree(demo.parent / "extracts", tmp_path / "extracts")
    (tmp_path / "extracts/asset_cases_2009-01.csv").unlink()
    before = contents(document)
    with pytest.raises(Refusal, match=r"nothing was changed\.\n  extracts: no file fits 'asset_cases\*\.csv'"):
        refresh_document(document, HOST)
    assert contents(document) == before


def test_a_document_without_a_place_is_refused(desktop: Any) -> None:
    unsaved = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (property_of("Hidden", True),))
    try:
        with pytest.raises(Refusal) as refused:
            refresh_document(unsaved, HOST)
    finally:
        unsaved.close(True)
    assert str(refused.value) == (
        "This document has no place on disk yet, and its extracts are looked for in the folder extracts beside it: "
        "save it first."
    )


def test_a_protected_sheet_is_refused(document: Any, plans: dict[int, Any]) -> None:
    document.Sheets.getByName("Areas").protect("")
    before = contents(document)
    with pytest.raises(Refusal, match=r"^sheet 'Areas' is protected: remove the protection \(Tools, Protect Sheet\)$"):
        write_plan(document, HOST, plans[JAN_09])
    assert contents(document) == before


def test_a_renamed_heading_is_refused(document: Any, plans: dict[int, Any]) -> None:
    document.Sheets.getByName("Monthly").getCellRangeByName("B4").setString("Burglaries")
    with pytest.raises(
        Refusal, match=r"^table Monthly has no column Residential burglary; its columns are Month, Burgla"
    ):
        write_plan(document, HOST, plans[JAN_09])


def test_a_missing_table_is_refused(document: Any, plans: dict[int, Any]) -> None:
    document.DatabaseRanges.removeByName("Areas")
    with pytest.raises(Refusal, match=r"^no table Areas in the document; its tables are Accepted, BoroughMeasures, "):
        write_plan(document, HOST, plans[JAN_09])
