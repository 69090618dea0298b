"""Refresh from the command line: what is refused, and that a refusal changes nothing."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from cpa_xl.cli.main import main
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import small

Lines = list[str]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The small workbook with its extract and its configuration beside it."""
    return small.force(tmp_path)


def run(command: str, book: Path, *options: object) -> Result:
    """A command on the small workbook, whatever comes of it."""
    arguments = [command, str(book), "--config", str(book.parent / "config"), *map(str, options)]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def refused(book: Path, *options: object) -> str:
    """The message of a refresh that must be refused, and must have changed nothing."""
    before = {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()}
    result = run("refresh", book, *options)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()} == before
    return result.stderr


def shown(book: Path) -> Any:
    return json.loads(run("show", book, "--json").stdout)


def test_a_refresh_fills_the_table_and_keeps_a_backup(book: Path) -> None:
    before = book.read_bytes()
    result = run("refresh", book)
    assert result.exit_code == 0, result.stderr
    assert "Monthly: 0 rows before, 24 now" in result.stdout
    assert "As of Jan-09: 2 cells calculated" in result.stdout
    assert book.with_name("small.backup.xlsx").read_bytes() == before
    # Both years hold the same twelve numbers (24 months, repeating every 12): no change, which is worse than -4 %.
    assert shown(book) == [{"id": "1", "target": -0.04, "actual": 0.0, "rag": "R"}]


def replaced(old: str, new: str) -> Callable[[Lines], Lines]:
    """Spoil the extract's first place that holds `old`."""

    def spoil(text: Lines) -> Lines:
        whole = "\n".join(text)
        assert old in whole
        return whole.replace(old, new, 1).split("\n")

    return spoil


def cells(row: int, change: Callable[[list[str]], list[str]]) -> Callable[[Lines], Lines]:
    """Spoil the cells of one line (the header is line 0)."""
    return lambda text: [",".join(change(line.split(","))) if at == row else line for at, line in enumerate(text)]


def with_total(text: Lines) -> Lines:
    rows = [line.split(",") for line in text[1:] if ",Robbery," in line]
    sums = [str(sum(int(row[at]) for row in rows)) for at in range(2, 26)]
    return [*text, ",".join(["Inner London", "Robbery", *sums])]


# Code, how the extract is spoilt, and what the message must say: where, what was there, what would do.
BAD: list[tuple[str, Callable[[Lines], Lines], list[str]]] = [
    ("F2", lambda text: text[:-1], ["Hackney", "Burglary"]),
    ("F2", lambda text: [*text[:-1], text[-1][:30]], ["row 7", "breaks off"]),
    ("F5", replaced("Category", "Sort"), ["no column is headed 'Category'", "'Sort'", "aliases"]),
    ("F5", replaced("Category", "Category,Category"), ["2 columns are headed 'Category'"]),
    ("F6", cells(3, lambda row: [*row[:1], *row[2:], ""]), ["row 4", "left"]),
    ("K1", lambda text: [*text, text[2]], ["row 8", "row 3", "Barnet"]),
    ("K1", replaced("200703", "200702"), ["two columns are headed 200702"]),
    ("K2", lambda text: [",".join(line.split(",")[:-1]) for line in text], ["Jan-09"]),
    ("K2", lambda text: [",".join(line.split(",")[:9] + line.split(",")[10:]) for line in text], ["Sep-07"]),
    ("K2", lambda text: [line for line in text if not line.startswith("Camden")], ["Camden"]),
    ("K3", with_total, ["row 8", "Inner London"]),
    ("K4", replaced("Hackney", "Hackny"), ["row 6", "'Hackny'", "Hackney"]),
    ("K4", replaced("Hackney", "H\u0430ckney"), ["row 6", "Cyrillic"]),
    ("V1", cells(1, lambda row: [*row[:-1], "1O4"]), ["row 2", "column 200901", "'1O4'"]),
    ("V1", cells(1, lambda row: [*row[:-1], "12.3%"]), ["row 2", "column 200901", "'12.3%'"]),
    ("V1", cells(1, lambda row: [*row[:-1], ""]), ["row 2", "column 200901"]),
    ("V2", replaced("200703", "200713"), ["'200713' is not a month"]),
    ("V3", lambda text: [",".join([*line.split(",")[:-1], "9999"]) if at else line for at, line in enumerate(text)],
     ["200901", "100"]),
    ("V4", cells(2, lambda row: [*row[:5], "-5", *row[6:]]), ["row 3", "'-5'"]),
    ("V4", cells(2, lambda row: [*row[:5], "10.5", *row[6:]]), ["row 3", "'10.5'"]),
    ("V5", lambda text: [",".join([*line.split(",")[:-1], "0"]) if at else line for at, line in enumerate(text)],
     ["Jan-09 has 0 where Jan-08 had 345, below half in 3 of 3 areas"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "spoil", "said"), BAD, ids=[f"{code}-{at}" for at, (code, _, _) in enumerate(BAD)])
def test_bad_extracts_are_refused_and_nothing_is_changed(
    book: Path, code: str, spoil: Callable[[Lines], Lines], said: list[str]
) -> None:
    small.extract(book.parent / "extracts", spoil(small.lines()))
    message = refused(book)
    assert "crime_2009-01.csv" in message
    assert f"({code})" in message, message
    for words in said:
        assert words in message, message


def test_files_that_are_not_what_they_say_are_refused(book: Path) -> None:
    folder = book.parent / "extracts"
    text = (folder / "crime_2009-01.csv").read_text(encoding="utf-8")
    (folder / "crime_2009-01.csv").write_bytes(text.replace("Camden", "Camdén").encode("cp850"))
    assert "(F4)" in refused(book)
    (folder / "crime_2009-01.csv").write_text(text, encoding="utf-8")
    small.extract(folder, name="crime_2008-12.csv")
    assert "(F3)" in refused(book)
    (folder / "crime_2009-01.csv").unlink()
    assert "(F3)" in refused(book)
    (folder / "crime_2008-12.csv").unlink()
    assert "no file fits 'crime*.csv' (Recorded crime)" in refused(book)


def test_an_older_extract_than_the_workbook_holds_is_not_taken(book: Path) -> None:
    """The small workbook keeps no table of extracts; its as-of month is what an old file falls short of."""
    shorter = [",".join(line.split(",")[:-1]) for line in small.lines()]
    (book.parent / "extracts/crime_2009-01.csv").unlink()
    small.extract(book.parent / "extracts", shorter, name="crime_2008-12.csv")
    assert "(K2)" in refused(book)
    result = run("refresh", book, "--as-of", "2008-12", "--dry-run")
    assert result.exit_code == 0, result.stderr


def test_a_missing_folder_is_named(book: Path) -> None:
    assert f"{book.parent / 'none'}: there is no such folder" in refused(book, "--extracts", book.parent / "none")


def test_a_workbook_open_in_excel_is_refused(book: Path) -> None:
    """Excel leaves a lock file beside a workbook that it has open."""
    lock = book.with_name("~$small.xlsx")
    lock.write_bytes(b"\x07Analyst" + b" " * 157)
    message = refused(book)
    assert "small.xlsx" in message
    assert "open in Excel" in message
    assert "close it" in message.lower()


def test_a_workbook_that_is_none_is_refused(book: Path) -> None:
    book.write_text("Borough,Category\n", encoding="utf-8")
    assert "small.xlsx" in refused(book)
    book.unlink()
    assert "small.xlsx" in refused(book)


def test_a_workbook_without_the_tables_is_refused(book: Path) -> None:
    with xlsxwriter.Workbook(str(book)) as file:
        file.add_worksheet("Scorecard").add_table("A1:B3", {"name": "Other"})
    message = refused(book)
    assert "has no tables to refresh that workbooks.yaml knows: small needs Monthly; its tables are Other" in message


def test_an_as_of_cell_that_says_no_month_is_refused(book: Path) -> None:
    with xlsxwriter.Workbook(str(book)) as file:
        card = file.add_worksheet("Scorecard")
        card.write("B1", "last month")
        file.define_name("as_of", "=Scorecard!$B$1")
        card.add_table(
            "A5:C6", {"name": "Monthly", "columns": [{"header": n} for n in ("Month", "Robbery", "Burglary")]}
        )
    message = refused(book)
    assert "the as-of cell (as_of, sheet 'Scorecard') holds 'last month'" in message


def test_other_columns_than_the_configuration_s_are_refused(book: Path) -> None:
    path = book.parent / "config/workbooks.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("[robbery, burglary]", "[robbery]"), encoding="utf-8")
    message = refused(book)
    assert "Monthly" in message
    assert "Burglary" in message


def test_a_bad_configuration_is_refused(book: Path) -> None:
    path = book.parent / "config/measures.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("unit: change", "unit: changes"), encoding="utf-8")
    assert "measures.yaml: measures > 1 > unit: " in refused(book)


def test_another_target_than_the_agreed_one_is_noted(book: Path) -> None:
    path = book.parent / "config/measures.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("-0.04", "-0.05"), encoding="utf-8")
    assert (
        "note: 1: the workbook's target is -0.04, the agreed target of the configuration -0.05;"
        " change the one that is wrong (sheet Targets, or measures.yaml)" in run("refresh", book).stdout
    )


def test_a_month_that_can_be_read_two_ways_is_a_usage_error(book: Path) -> None:
    result = run("refresh", book, "--as-of", "2008/09")
    assert result.exit_code == 2
    assert "2008/09" in result.stderr
    assert "Traceback" not in result.stderr


def test_check_changes_nothing_and_says_what_a_refresh_would_do(book: Path) -> None:
    before = book.read_bytes()
    result = run("check", book)
    assert result.exit_code == 0
    assert "1 sources, 2 series, 1 measures, in order." in result.stdout
    assert "Dry run: would change" in result.stdout
    assert book.read_bytes() == before


def test_show_says_which_heading_is_missing(book: Path) -> None:
    path = book.parent / "config/workbooks.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("rag: RAG", "rag: Letter"), encoding="utf-8")
    result = run("show", book, "--json")
    assert result.exit_code == 1
    assert "sheet 'Scorecard': no heading 'Letter' in its first 20 rows" in result.stderr


def test_a_sample_is_not_written_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("x", encoding="utf-8")
    result = CliRunner().invoke(main, ["sample", str(tmp_path)])
    assert result.exit_code == 1
    assert "is not empty; name a new folder" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_a_fault_of_our_own_is_one_message_too(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("cpa_xl.cli.refresh.refresh", fails)
    message = refused(book)
    assert message.startswith("cpa_xl failed because of a fault of its own; send ")
    report = Path(message.split("send ")[1].split(" to the people")[0])
    assert "ZeroDivisionError" in report.read_text(encoding="utf-8")
    report.unlink()


def test_a_row_that_the_configuration_does_not_know_is_noted(book: Path) -> None:
    path = book.parent / "config/measures.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('id: "1"', 'id: "2"'), encoding="utf-8")
    assert "note: row 4: 1 is not a measure of the configuration" in run("refresh", book).stdout


def test_warnings_come_first_and_look_like_warnings(book: Path) -> None:
    """Twice the robberies of a usual January: nobody should read over it."""
    doubled = [
        ",".join([*cells[:-1], str(2 * int(cells[-1]))]) if "Robbery" in line else line
        for line in small.lines() for cells in [line.split(",")]
    ]  # fmt: skip
    small.extract(book.parent / "extracts", doubled)
    told = [line for line in run("refresh", book).stdout.splitlines() if line.startswith(("warn: ", "note: "))]
    assert told[0].startswith("warn: crime_2009-01.csv: Robbery is far from its own past: Jan-09 ")
    assert [line for line in told[1:] if line.startswith("warn: ")] == []


def test_an_error_that_a_cell_shows_is_noted_with_its_reason(book: Path) -> None:
    """A year before the first month of the extract: there is nothing to compare with."""
    shorter = [",".join([*line.split(",")[:2], *line.split(",")[8:]]) for line in small.lines()]
    small.extract(book.parent / "extracts", shorter)
    printed = run("refresh", book).stdout
    assert re.search(r"note: Scorecard!C4, and 1 cell that builds on it, show #N/A: .*Feb-07", printed), printed
    assert shown(book)[0]["actual"] == "#N/A"


def test_a_workbook_that_fits_two_entries_is_refused(book: Path) -> None:
    path = book.parent / "config/workbooks.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.removeprefix("workbooks:\n").replace("small:", "other:"), encoding="utf-8")
    assert "fits 2 entries of workbooks.yaml (small, other); keep one" in refused(book)


def test_show_says_which_sheet_is_missing(book: Path) -> None:
    path = book.parent / "config/workbooks.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("sheet: Scorecard", "sheet: Card"), encoding="utf-8")
    assert "no sheet 'Card' in the workbook; its sheets are Scorecard, Data" in run("show", book).stderr
    start, end = text.index("    scorecard:"), text.index("    tables:")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    assert "workbooks.yaml names no scorecard for this workbook" in run("show", book).stderr


def test_what_cannot_be_calculated_keeps_its_value_and_is_named(book: Path) -> None:
    small.workbook(book, beside='=INDIRECT("C4")')
    printed = run("refresh", book).stdout
    assert (
        "1 cell could not be calculated and keeps its value; publish refuses it until something calculates it: open the"
        " workbook in Excel, which calculates it, and save it there, or run cpa_xl calculate --with libreoffice:"
    ) in printed
    assert re.search(r"^  Scorecard!E4: the calculator gets 0 where the workbook has 7", printed, re.MULTILINE), printed
    refreshed = ClosedWorkbook.open(book)
    assert refreshed.cells("Scorecard")[4, 5].value == 7
    assert b'fullCalcOnLoad="1"' in refreshed.package.part("xl/workbook.xml")


def test_a_month_that_is_none_is_shown_as_it_stands(tmp_path: Path) -> None:
    """A spreadsheet without the functions may leave 0 where a month should be."""
    small.configuration(tmp_path / "config")
    path = tmp_path / "config/workbooks.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("rag: RAG", "rag: RAG, as_of: Comment"), encoding="utf-8")
    book = small.workbook(tmp_path / "small.xlsx", beside="=0+0")
    with_zero = ClosedWorkbook.open(book).with_values({("Scorecard", 4, 5): 0.0})
    with_zero.save(book)
    assert shown(book)[0]["as_of"] == 0


def test_the_parts_that_change_are_told_by_kind(book: Path) -> None:
    printed = run("refresh", book).stdout
    assert "Parts changed: xl/tables/table1.xml, 2 worksheets, xl/workbook.xml\n" in printed
