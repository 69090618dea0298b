"""A workbook calculated in LibreOffice with the add-in, and only its values taken over."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from xlsxwriter import Workbook

import cpa_xl
from cpa_xl.cli.main import main
from cpa_xl.commands.calculate import calculate
from cpa_xl.errors import Refusal
from cpa_xl.formulas.calculator import Kept
from cpa_xl.formulas.kept import not_calculated, with_kept
from cpa_xl.libreoffice.soffice import Office, find_office
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.package import compare
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import kinds, small
from tests.support.calc import require_calc


@pytest.fixture(scope="module")
def office() -> Office:
    """The LibreOffice of this machine."""
    require_calc()
    return find_office()


def test_the_demo_is_the_same_cell_by_cell(office: Office, demo: Path, tmp_path: Path) -> None:
    """What the embedded calculator wrote, LibreOffice comes to as well, in every formula cell; two wrong values,
    put in by hand, are found and named, and the lost value of another cell comes back."""
    path, sheet = tmp_path / "demo.xlsx", "Scorecard"
    right = ClosedWorkbook.open(demo)
    cells = right.cells(sheet)
    letter = next(at for at, cell in cells.items() if cell.formula and "CPA_RAG(" in cell.formula)
    plain = next(at for at, cell in cells.items() if cell.formula and "CPA_" not in cell.formula and cell.value)
    wrong: dict[tuple[str, int, int], object] = {(sheet, *letter): "Z", (sheet, *plain): "as it was last month"}
    lost = max(at for at, cell in cells.items() if cell.formula and "CPA_TARGET_GAP(" in cell.formula)
    wrong[sheet, *lost] = None
    right.with_values(wrong).finished().save(path)
    before = ClosedWorkbook.open(path)

    done = calculate(path, office)
    named = {(one.sheet, one.cell): one.reason for one in done.kept}
    for at in (letter, plain):
        there, found = wrong[sheet, *at], cells[at].value
        reason = f"LibreOffice gets {found!r} where the workbook has {there!r}, and nothing that it reads has changed"
        assert named[sheet, cell_name(*at)] == reason
    assert done.cells == sum(
        cell.formula is not None for name in right.sheet_names for cell in right.cells(name).values()
    )
    assert done.cells > 1500
    assert done.values[sheet, *lost] == pytest.approx(cells[lost].value, rel=1e-12)
    assert not done.values.keys() & {(sheet, *letter), (sheet, *plain)}
    after = ClosedWorkbook.open(path)
    assert len(compare(before.package, after.package)) == 1


def test_measures_of_every_kind_are_the_same_cell_by_cell(office: Office, tmp_path: Path) -> None:
    """Totals, money, ratios, means, medians, rates per residents, weeks: what the embedded calculator wrote."""
    path = kinds.force(tmp_path)
    cpa_xl.refresh(path, config=tmp_path / "config", as_of="2009-01")
    done = calculate(path, office, dry_run=True)
    assert (done.same, done.kept, done.values) == (done.cells, (), {})
    assert done.cells > 500


def made(path: Path, formulas: Mapping[str, tuple[str, object]]) -> Path:
    """A workbook with formulas and the values that they show."""
    book = Workbook(path)
    sheet = book.add_worksheet("Sheet1")
    for cell, (formula, value) in formulas.items():
        sheet.write_formula(cell, formula, None, value)
    book.close()
    return path


def test_what_libreoffice_cannot_calculate_keeps_its_value(office: Office, tmp_path: Path) -> None:
    path = made(
        tmp_path / "book.xlsx",
        {
            "A1": ("=_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)(21)", 42),
            "A2": ("=A1+1", 43),
            "A3": ("=1/4", ""),
            "A4": ("=CPA_RATE(B1:B2,C1:C2,D1:D2,39814)", ""),
            "A5": ("=NA()", ""),
            "A6": ("=2+2", 5),
        },
    )
    before = path.read_bytes()
    dry = calculate(path, office, dry_run=True)
    assert path.read_bytes() == before
    done = calculate(path, office)
    assert (done.cells, dry.values.keys()) == (6, done.values.keys())
    assert done.values[("Sheet1", 3, 1)] == 0.25
    assert {at[1] for at in done.values} == {3, 4, 5}
    first, second, third = done.kept
    assert str(first).startswith("Sheet1!A1 (=_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)(21)): LibreOffice ")
    assert str(second) == "Sheet1!A2 (=A1+1): what it is calculated from was not calculated"
    same = "Sheet1!A6 (=2+2): LibreOffice gets 4 where the workbook has 5, and nothing that it reads has changed"
    assert str(third) == same
    cells = ClosedWorkbook.open(path).cells("Sheet1")
    assert [cells[(row, 1)].value for row in (1, 2, 3)] == [42, 43, 0.25]
    assert [getattr(cells[(row, 1)].value, "code", None) for row in (4, 5)] == ["#N/A", "#N/A"]


SHEET = {"A1": 1, "A2": "1", "B1": 10, "B2": 20, "C1": "a", "C2": "b", "D1": None, "E1": True, "E2": 6.05}
A6 = {  # what Excel gives (support.microsoft.com, the page of each function); LibreOffice 25.2 gives something else
    "SUMIFS(B1:B2,A1:A2,1)": 30,  # a number equals a text of that number
    'SUMIFS(B1:B2,A1:A2,"1")': 30,
    'COUNTIF(C1:E1,"*")': 1,
    "INT(0.57*100)": 56,  # 56.99999999999999
    'TEXT(D1,"mmm-yy")': "Jan-00",
    "YEAR(D1)": 1900,
    'SUMPRODUCT((C1:C2="a"),B1:B2)': 0,  # truth values count as 0
    '(1=1)&""': "TRUE",
    "MROUND(E2,0.1)": 6.0,
    "MONTH(D1)": 1,
}


def a6_book(path: Path, *, calculated: bool) -> Path:
    book = Workbook(path)
    sheet = book.add_worksheet("Sheet1")
    for cell, value in SHEET.items():
        sheet.write(cell, value) if not isinstance(value, str) else sheet.write_string(cell, value)
    for row, (formula, value) in enumerate(A6.items()):
        sheet.write_formula(row, 9, f"={formula}", None, value if calculated else "")
    book.close()
    return path


def test_a6_a_value_of_excel_stays_where_nothing_that_it_reads_has_changed(office: Office, tmp_path: Path) -> None:
    path = a6_book(tmp_path / "book.xlsx", calculated=True)
    before = path.read_bytes()
    done = calculate(path, office)
    assert (dict(done.values), path.read_bytes()) == ({}, before)
    named = [one.reason for one in done.kept]
    assert named
    assert all(" where the workbook has " in reason for reason in named)


def test_a6_a_value_that_libreoffice_alone_gets_is_named(office: Office, tmp_path: Path) -> None:
    """Cells without a value: each gets Excel's, or none."""
    path = a6_book(tmp_path / "book.xlsx", calculated=False)
    done = calculate(path, office)
    found = dict(done.values)
    expected = {("Sheet1", row, 10): value for row, value in enumerate(A6.values(), 1)}
    assert found
    assert found == {place: expected[place] for place in found}
    assert len(found) + len(done.kept) == len(A6)


def test_a14_a_table_named_alone_is_named_or_right(office: Office, tmp_path: Path) -> None:
    """LibreOffice takes the heading row along: 3 rows become 4."""
    formulas = {"ROWS(T)": 3, "COUNTA(T)": 6, "INDEX(T,1,2)": 10, 'MATCH("y",INDEX(T,0,1),0)': 2, "SUM(T)": 60}
    path = tmp_path / "book.xlsx"
    book = Workbook(path)
    sheet = book.add_worksheet("Sheet1")
    sheet.add_table("A1:B4", {"name": "T", "columns": [{"header": "k"}, {"header": "v"}],
                              "data": [["x", 10], ["y", 20], ["z", 30]]})  # fmt: skip
    for row, formula in enumerate(formulas):
        sheet.write_formula(row, 5, f"={formula}", None, "")
    book.close()
    done = calculate(path, office, dry_run=True)
    assert dict(done.values) == {}
    reason = "it names the table T alone, and LibreOffice takes the headings along; write T[#Data]"
    assert {one.cell: one.reason for one in done.kept} == {f"F{row}": reason for row in range(1, 6)}
    embedded = calculate(path)
    assert list(embedded.values.values()) == list(formulas.values())


def test_the_command_says_what_it_did(office: Office, tmp_path: Path) -> None:
    path = made(tmp_path / "book.xlsx", {"A1": ('=CPA_RAG(0.778,0.789,"higher")', ""), "A2": ("=2+2", 4)})
    result = CliRunner().invoke(main, ["calculate", str(path), "--with", "libreoffice"], catch_exceptions=False)
    assert result.output == f"2 cells calculated: 1 as before, 1 new\n  Sheet1!A1: 'A'\nCalculated {path}\n"
    again = CliRunner().invoke(main, ["calculate", str(path)], catch_exceptions=False)
    assert again.output == f"0 cells calculated: 0 as before, 0 new\n{path}: nothing was changed\n"


def test_without_libreoffice_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        Refusal, match=r"^/gone/soffice cannot be started \(No such file or directory\); set CPA_XL_SOFFICE"
    ):
        find_office({"CPA_XL_SOFFICE": "/gone/soffice"})
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho LibreOffice 7.4.7.2 40 Build\n")
    program.chmod(0o755)
    with pytest.raises(Refusal) as refused:
        find_office({"CPA_XL_SOFFICE": str(program)})
    assert str(refused.value) == (
        f"LibreOffice 7.4 ({program}) is too old: CPA_ functions in Excel files need 25.2 or later"
    )
    program.write_text("#!/bin/sh\necho hello\n")
    with pytest.raises(Refusal, match=r"does not say that it is LibreOffice; set CPA_XL_SOFFICE to"):
        find_office({"CPA_XL_SOFFICE": str(program)})


@pytest.mark.slow
def test_a_conversion_that_gives_nothing_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho no such luck\n")
    program.chmod(0o755)
    path = made(tmp_path / "book.xlsx", {"A1": ("=1", 1)})
    with pytest.raises(Refusal) as refused:
        calculate(path, Office(program, (25, 2)))
    assert str(refused.value) == f"LibreOffice ({program}) did not calculate the workbook: no such luck"


def test_libreoffice_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    with pytest.raises(Refusal) as refused:
        Office(program, (25, 2)).run([], tmp_path / "profile", seconds=0.2)
    assert str(refused.value) == f"LibreOffice ({program}) did not answer within 0.2 seconds"
    shutil.rmtree(tmp_path / "profile", ignore_errors=True)


def outdated(folder: Path) -> Path:
    """The small workbook after a refresh that did not believe the engines about Scorecard!E4, which shows 7."""
    book = small.workbook(small.force(folder), beside="=SUM(Monthly[Robbery])+1")
    config = ["--config", str(folder / "config")]
    assert CliRunner().invoke(main, ["refresh", str(book), *config], catch_exceptions=False).exit_code == 0
    assert [cell.cell for cell in not_calculated(ClosedWorkbook.open(book))] == ["E4"]
    return book


def test_a1_a_plain_save_in_libreoffice_proves_nothing(office: Office, tmp_path: Path) -> None:
    """LibreOffice drops the request to calculate, and shows the old values: the list stays with the workbook."""
    book = outdated(tmp_path)
    office.run(["--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(book)], tmp_path / "profile")
    saved = ClosedWorkbook.open(tmp_path / "out" / book.name)
    assert b"fullCalcOnLoad" not in saved.package.part("xl/workbook.xml")
    assert saved.cells("Scorecard")[4, 5].value == 7
    assert [cell.cell for cell in not_calculated(saved)] == ["E4"]


def test_a1_what_libreoffice_calculates_leaves_the_list(office: Office, tmp_path: Path) -> None:
    book = outdated(tmp_path)
    done = calculate(book, office)
    total = sum(small.count(borough, "Robbery", month) for borough in range(3) for month in range(24))
    assert done.values["Scorecard", 4, 5] == total + 1
    after = ClosedWorkbook.open(book)
    assert not_calculated(after) == ()
    assert b"_cpa_xl_kept" not in after.package.part("xl/workbook.xml")
    assert b"fullCalcOnLoad" not in after.package.part("xl/workbook.xml")


def test_a1_a_value_that_was_right_all_along_leaves_the_list_too(office: Office, tmp_path: Path) -> None:
    """LibreOffice gets what the cell shows: nothing new is written into it, and nothing stops its publication."""
    book = outdated(tmp_path)
    total = sum(small.count(borough, "Robbery", month) for borough in range(3) for month in range(24))
    right = ClosedWorkbook.open(book).with_values({("Scorecard", 4, 5): total + 1.0}).finished()
    with_kept(right, [Kept("Scorecard", "E4", "SUM(Monthly[Robbery])+1", "why")]).save(book)
    assert [cell.cell for cell in not_calculated(ClosedWorkbook.open(book))] == ["E4"]
    done = calculate(book, office)
    assert ("Scorecard", 4, 5) not in done.values
    assert not_calculated(ClosedWorkbook.open(book)) == ()


def test_a1_what_iferror_makes_of_a_macro_is_no_value(office: Office, tmp_path: Path) -> None:
    """LibreOffice gets 0, as the cell shows; Excel with the macro gets something else."""
    book = made(
        tmp_path / "book.xlsx",
        {"A1": ("=IFERROR(MyMacro(1+1),0)", 0), "A2": ("=A1+1", 1), "A3": ('=IFERROR(GETPIVOTDATA("n",B1),0)', "")},
    )
    listed = [Kept("Sheet1", "A1", "IFERROR(MyMacro(1+1),0)", "why"), Kept("Sheet1", "A2", "A1+1", "why")]
    with_kept(ClosedWorkbook.open(book), listed).with_full_calculation(True).save(book)
    done = calculate(book, office)
    assert dict(done.values) == {}
    assert [(one.cell, one.reason) for one in done.kept] == [
        ("A1", "LibreOffice does not know MYMACRO"),
        ("A2", "what it is calculated from was not calculated"),
        ("A3", "LibreOffice does not know GETPIVOTDATA"),
    ]
    assert [cell.cell for cell in not_calculated(ClosedWorkbook.open(book))] == ["A1", "A2"]
