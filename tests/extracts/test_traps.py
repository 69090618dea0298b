"""The traps of extracts as they really come, for sources of a force's own; those of public sites: test_layouts."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cpa_xl.extracts.facts import Facts, read_facts
from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.extracts.files.staging import Staging
from cpa_xl.measures.periods import Month
from tests.support.binarybook import write_xlsb
from tests.support.extract_files import catalogue, noticed
from tests.support.opendocument import write_ods
from tests.support.programs import convert

APR, MAY, JUN = Month(2024, 4), Month(2024, 5), Month(2024, 6)
WIDE: dict[str, Any] = {
    "title": "Crime", "files": "crime*", "shape": "wide", "months": "any", "area": "area", "keys": ["area", "kind"],
    "columns": {"area": {"header": "Area", "type": "text"}, "kind": {"header": "Kind", "type": "text"}},
}  # fmt: skip
COUNTS: dict[str, Any] = {
    "title": "Crime", "files": "crime*", "shape": "counts", "month": "month", "area": "area",
    "keys": ["month", "area"],
    "columns": {
        "month": {"header": "Month", "type": "month"},
        "area": {"header": "Area", "type": "text"},
        "count": {"header": "Count", "type": "count"},
    },
}  # fmt: skip
ALL = {"all": {"title": "All", "source": "it", "sum": "count"}}


def read(folder: Path, source: Mapping[str, Any], **changed: object) -> Facts:
    """The facts of one source, whose figures are added up."""
    series = changed.pop("series", ALL)
    assert isinstance(series, dict)
    return read_facts(catalogue({"it": {**source, **changed}}, series), folder)


def refused(folder: Path, source: Mapping[str, Any], **changed: object) -> list[str]:
    with pytest.raises(ExtractsRefused) as caught:
        read(folder, source, **changed)
    return noticed(caught.value.faults)


def column(source: Mapping[str, Any], **changed: Mapping[str, object]) -> dict[str, Any]:
    """The source with fields of some of its columns changed."""
    columns: dict[str, Any] = dict(source["columns"])
    for name, fields in changed.items():
        columns[name] = {**columns.get(name, {}), **fields}
    return {**source, "columns": columns}


# --- months as headings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Apr-24", "May-24"), ("2024-04", "2024-05"), ("202404", "202405"), ("April 2024", "MAY 2024"),
        ("2024/04", "05/2024"), ("01/04/2024", "01/05/2024"), ("4/1/2024", "5/1/2024"), ("30/04/2024", "31/05/2024"),
        ("2024-04-01", "2024-05-01 00:00:00"), ("Apr-24", "202405"),
    ],
)  # fmt: skip
def test_trap_months_are_headed_in_any_writing_with_one_meaning(tmp_path: Path, first: str, second: str) -> None:
    """Of days such as 01/04/2024 only one reading makes all of them first days."""
    (tmp_path / "crime.csv").write_text(f"Kind,{second},Area,{first}\nA,6,N,5\nA,8,S,7\n", encoding="utf-8")
    found = read(tmp_path, WIDE)
    assert found.monthly("all") == {APR: 12, MAY: 14}
    assert found.areas("all") == {"N": {APR: 5, MAY: 6}, "S": {APR: 7, MAY: 8}}


def test_trap_one_heading_that_is_a_day_has_two_meanings(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text("Area,Kind,01/02/2024\nN,A,5\n", encoding="utf-8")
    assert refused(tmp_path, WIDE) == [
        "crime.csv, row 1: '01/02/2024' may be one month or another: which number is the day? (F5)."
        " Head each month's column with one month: 200901, 2009-01 or Jan-09."
    ]


def test_two_headings_of_one_month_are_named(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text("Area,Kind,Apr-24,2024-04\nN,A,5,6\n", encoding="utf-8")
    assert refused(tmp_path, WIDE) == [
        "crime.csv, row 1: two columns are headed Apr-24, 'Apr-24' and '2024-04' (columns 3 and 4) (K1)."
        " Leave one of them."
    ]


@pytest.mark.parametrize("years", [("2010-11", "2011-12"), ("2010/11", "2011/12")])
def test_trap_financial_years_are_no_months(tmp_path: Path, years: tuple[str, str]) -> None:
    (tmp_path / "crime.csv").write_text(f"Area,Kind,{years[0]},{years[1]}\nN,A,5,6\n", encoding="utf-8")
    assert refused(tmp_path, WIDE) == [
        f"crime.csv, row 1: the columns are headed with financial years, not months: '{years[0]}', '{years[1]}' (F5)."
        " Head each month's column with one month: 200901, 2009-01 or Jan-09."
    ]


def test_trap_integers_as_12_0(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text("Area,Kind,Apr-24\nN,A,12.0\nS,A,7\n", encoding="utf-8")
    assert read(tmp_path, WIDE).monthly("all") == {APR: 19}


@pytest.mark.parametrize(
    ("blank", "monthly", "said"),
    [
        ("zero", {APR: 12, MAY: 8}, "counted as none"),
        ("unknown", {APR: 12}, "unknown, and not counted as 0"),
    ],
)
def test_trap_blank_cells_in_a_wide_file(tmp_path: Path, blank: str, monthly: dict[Month, int], said: str) -> None:
    (tmp_path / "crime.csv").write_text("Area,Kind,Apr-24,May-24\nN,A,5,\nS,A,7,8\n", encoding="utf-8")
    found = read(tmp_path, WIDE, figure={"blank": blank})
    assert found.monthly("all") == monthly
    assert noticed(found.faults) == [f"crime.csv: 1 empty cell among the figures: {said} (U1)."]
    assert refused(tmp_path, WIDE) == [
        "crime.csv, row 2, column May-24: the cell is empty (V1). Write the number: a blank is missing, never zero."
    ]


# --- formats ----------------------------------------------------------------------------------------------------------

LINES = ("Month,Area,Count", "2024-04,N,5", "2024-04,S,7", "2024-05,N,6", "2024-05,S,8")


@pytest.mark.parametrize(
    ("name", "delimiter"), [("crime.csv", ","), ("crime.tsv", "\t"), ("crime.txt", "|"), ("crime.csv", ";")]
)
def test_trap_text_with_any_delimiter(tmp_path: Path, name: str, delimiter: str) -> None:
    text = "\r\n".join(line.replace(",", delimiter) for line in LINES)
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read(tmp_path, COUNTS).monthly("all") == {APR: 12, MAY: 14}


def test_trap_json_lines(tmp_path: Path) -> None:
    """Keys in any order, a record a line, null and a missing key are empty cells."""
    records = [
        {"Month": "2024-04", "Area": "N", "Count": 5}, {"Count": 7, "Area": "S", "Month": "2024-04"},
        {"Month": "2024-05", "Area": None, "Count": 6.0}, {"Month": "2024-05", "Count": 8},
    ]  # fmt: skip
    text = "\n".join(json.dumps(record) for record in records) + "\n\n"
    (tmp_path / "crime.jsonl").write_text(text, encoding="utf-8")
    found = read(tmp_path, column(COUNTS, area={"optional": True}), absent="zero", repeated="count")
    assert found.monthly("all") == {APR: 12, MAY: 14}
    assert found.areas("all") == {"N": {APR: 5, MAY: 0}, "S": {APR: 7, MAY: 0}}


def test_trap_a_parquet_file(tmp_path: Path) -> None:
    rows = "('2024-04-01'::DATE, 'N', 5), ('2024-04-01'::DATE, 'S', 7), ('2024-05-01'::DATE, 'N', NULL)"
    with Staging() as staging:
        target = str(tmp_path / "crime.parquet")
        staging.run("COPY (SELECT * FROM (VALUES {rows}) AS t(\"Month\", \"Area\", \"Count\")) TO '{target}'",
                    rows=rows, target=target)  # fmt: skip
    found = read(tmp_path, column(COUNTS, count={"optional": True}), absent="zero")
    assert found.monthly("all") == {APR: 12}  # an empty cell is unknown, and so is the total of its month
    assert refused(tmp_path, COUNTS, absent="zero") == [
        "crime.parquet, row 4, column Count: the cell is empty (V1). Write the number: a blank is missing, never zero."
    ]


def sheet(path: Path, rows: Iterable[Iterable[object]], name: str = "Data") -> Path:
    """A sheet in the format that the file's name ends with."""
    if path.suffix == ".ods":
        return write_ods(path, {name: [list(row) for row in rows]})
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    page = book.create_sheet(name)
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def test_trap_a_binary_workbook(tmp_path: Path) -> None:
    rows: list[list[str | float | None]] = [["Month", "Area", "Count"], ["2024-04", "N", 5.0], ["2024-04", "S", 7]]
    write_xlsb(tmp_path / "crime.xlsb", rows)
    assert read(tmp_path, COUNTS).areas("all") == {"N": {APR: 5}, "S": {APR: 7}}


@pytest.mark.office
def test_trap_an_old_workbook(tmp_path: Path) -> None:
    """As LibreOffice writes it."""
    path = sheet(
        tmp_path / "made.xlsx", [["Month", "Area", "Count"], [dt.date(2024, 4, 1), "N", 5], ["Apr-24", "S", 7]]
    )
    convert("xls", tmp_path, path)
    (tmp_path / "made.xls").rename(tmp_path / "crime.xls")
    assert read(tmp_path, COUNTS).areas("all") == {"N": {APR: 5}, "S": {APR: 7}}


@pytest.mark.parametrize("suffix", ["xlsx", "xlsm", "ods"])
def test_trap_title_and_run_line_above_and_a_total_row_below(tmp_path: Path, suffix: str) -> None:
    rows: list[list[object]] = [["Monthly crime"], ["Run 3 June 2024"], [], ["Month", "Area", "Count"],
            ["2024-04", "N", 5], ["2024-04", "S", 7], ["Total", None, 12]]  # fmt: skip
    sheet(tmp_path / f"crime.{suffix}", rows)
    found = read(tmp_path, COUNTS, totals={"month": ["Total"]})
    assert found.monthly("all") == {APR: 12}
    assert found.extracts[0].note == "Monthly crime; Run 3 June 2024; 1 total checked"


def test_trap_real_dates_as_headings_of_a_sheet(tmp_path: Path) -> None:
    sheet(tmp_path / "crime.xlsx", [["Area", "Kind", dt.date(2024, 4, 1), dt.datetime(2024, 5, 31, 12)],
                                    ["N", "A", 5.0, 6], ["S", "A", 7, 8]])  # fmt: skip
    assert read(tmp_path, WIDE).monthly("all") == {APR: 12, MAY: 14}


def test_trap_hidden_rows_count_and_are_said(tmp_path: Path) -> None:
    path = sheet(tmp_path / "crime.xlsx", [["Month", "Area", "Count"], ["2024-04", "N", 5], ["2024-04", "S", 7]])
    book = openpyxl.load_workbook(path)
    book["Data"].row_dimensions[3].hidden = True
    book.save(path)
    found = read(tmp_path, COUNTS)
    assert found.monthly("all") == {APR: 12}
    assert found.extracts[0].note == "1 hidden row counted too"


@pytest.mark.parametrize(("cell", "shown", "remedy"), [
    ("#N/A", "'#N/A' is an Excel error", "Correct the formula where the file was made."),
    ("=1+1", "'a formula without a saved result' is not a number", "Write digits only."),
])  # fmt: skip
def test_trap_errors_and_formulas_without_a_result_are_no_blanks(
    tmp_path: Path, cell: str, shown: str, remedy: str
) -> None:
    """Even where a cell may be empty."""
    sheet(tmp_path / "crime.xlsx", [["Month", "Area", "Count"], ["2024-04", "N", 5], ["2024-04", "S", cell]])
    asked = column(COUNTS, count={"optional": True})
    assert refused(tmp_path, asked) == [f"crime.xlsx, row 3, column Count: {shown} (V1). {remedy}"]


TIME_CELL = (
    '<table:table-cell office:value-type="time" office:time-value="PT26H01M05S"><text:p>26:01:05</text:p>'
    "</table:table-cell>"
)


@pytest.mark.parametrize(("suffix", "long"), [("xlsx", dt.timedelta(hours=26, minutes=1, seconds=5)),
                                              ("ods", TIME_CELL)])  # fmt: skip
def test_trap_durations_as_text_and_as_a_sheets_own_cells(tmp_path: Path, suffix: str, long: object) -> None:
    sheet(
        tmp_path / f"crime.{suffix}", [["Month", "Area", "Count"], ["2024-04", "N", long], ["2024-04", "S", "0:12:30"]]
    )
    found = read(tmp_path, column(COUNTS, count={"type": "duration"}))
    assert found.areas("all") == {"N": {APR: 26 * 3600 + 65}, "S": {APR: 12 * 60 + 30}}
    asked = column(COUNTS, count={"type": "duration", "max": 7200})
    [fault] = refused(tmp_path, asked)
    assert fault.startswith(f"crime.{suffix}, row 2, column Count: ")
    assert fault.endswith(" is above 7200 seconds, the most allowed (V4). Correct the time.")


def test_trap_a_sheet_whose_headings_nearly_fit_is_not_passed_over(tmp_path: Path) -> None:
    """May would be lost without a word."""
    book = openpyxl.Workbook()
    for name, heading, month in (("Apr", "Count", "2024-04"), ("May", "Number", "2024-05"), ("Notes", "x", "y")):
        page = book.create_sheet(name)
        page.append(["Month", "Area", heading] if name != "Notes" else ["What these figures are"])
        page.append([month, "N", 5])
    del book["Sheet"]
    book.save(tmp_path / "crime.xlsx")
    assert refused(tmp_path, COUNTS, sheet="*", many=True) == [
        "crime.xlsx, sheet May, row 1: no column is headed 'Count'; there is 'Month', 'Area', 'Number' (F5)."
        " Head the column 'Count', or add its heading to the aliases of count in sources.yaml."
    ]
    book["May"]["C1"] = "Count"
    book.save(tmp_path / "crime.xlsx")
    assert read(tmp_path, COUNTS, sheet="*", many=True).monthly("all") == {APR: 5, MAY: 5}
    assert refused(tmp_path, COUNTS) == [
        "crime.xlsx: 2 sheets have the headings: 'Apr' and 'May' (F5)."
        " Name the one to be read as `sheet` in sources.yaml, or all of them by a pattern with `many: true`."
    ]


# --- numbers ----------------------------------------------------------------------------------------------------------


def lines(*counts: str) -> str:
    return "Month,Area,Count\n" + "".join(f'2024-04,{chr(65 + n)},"{count}"\n' for n, count in enumerate(counts))


@pytest.mark.parametrize(
    ("kind", "format_", "text", "seconds"),
    [
        ("decimal", None, "0.30000000000000004", 0.3), ("decimal", None, ".5", 0.5),
        ("money", None, "£1,234.50", 1234.5),
        ("duration", "hh:mm:ss", "01:02:03", 3723), ("duration", "mm:ss", "75:10", 4510),
        ("duration", "hh:mm", "25:10", 90600), ("duration", "seconds", "8.5", 8.5),
        ("duration", "minutes", "1.5", 90), ("duration", "hours", "2", 7200),
    ],
)  # fmt: skip
def test_trap_decimals_money_and_durations(
    tmp_path: Path, kind: str, format_: str | None, text: str, seconds: float
) -> None:
    (tmp_path / "crime.csv").write_text(lines(text), encoding="utf-8")
    fields = {"type": kind, **({"format": format_} if format_ else {})}
    assert read(tmp_path, column(COUNTS, count=fields)).monthly("all") == {APR: seconds}


@pytest.mark.parametrize(
    ("fields", "text", "message"),
    [
        ({"type": "count", "negative": True}, "(8)",
         "'(8)' is below zero, but not written with a hyphen (V1). Write -8."),
        ({"type": "count", "negative": True}, "\u22128",
         "'\u22128' is below zero, but not written with a hyphen (V1). Write -8."),
        ({"type": "money"}, "-£8", "'-£8' is below zero (V4)."
                                   " A count cannot be negative; correct it where the file was made."),
        ({"type": "money"}, "€8", "'€8' is not an amount in pounds (V1). Write 1234.50, £1234.50 or £1,234.50."),
        ({"type": "duration"}, "1:00", "'1:00' is not a duration in hh:mm:ss (V1). Write it in hh:mm:ss."),
        ({"type": "decimal"}, "8,25", "'8,25' is not a number (V1). Write digits and a decimal point."),
        ({"type": "money", "max": 1000}, "£1,234.50", "£1,234.50 is above 1000, the largest number allowed (V4)."
                                                      " Correct the number."),
    ],
)  # fmt: skip
def test_numbers_that_do_not_fit(tmp_path: Path, fields: dict[str, object], text: str, message: str) -> None:
    (tmp_path / "crime.csv").write_text(lines(text), encoding="utf-8")
    assert refused(tmp_path, column(COUNTS, count=fields)) == [f"crime.csv, row 2, column Count: {message}"]


@pytest.mark.parametrize("mark", ["-1", "-1.0", "[x]", "[X]"])
def test_trap_marks_are_unknown_and_never_0(tmp_path: Path, mark: str) -> None:
    (tmp_path / "crime.csv").write_text(lines("5", mark), encoding="utf-8")
    found = read(tmp_path, column(COUNTS, count={"missing": ["-1", "[x]"], "negative": True}))
    assert found.areas("all") == {"A": {APR: 5}}
    assert found.monthly("all") == {}
    assert noticed(found.faults) == [
        f"crime.csv, row 3, column Count: 1 cell marked as missing ('{mark}'): unknown, and not counted as 0 (U1)."
    ]


def test_a_date_number_is_no_month(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text("Month,Area,Count\n39721,N,5\n", encoding="utf-8")
    assert refused(tmp_path, COUNTS) == [
        "crime.csv, row 2, column Month: '39721' is a date number of a spreadsheet, not a month (V2). Write a month"
        ' such as 2009-01 or "Jan-09", or format the column as dates where the file was made.'
    ]


def test_money_may_jump(tmp_path: Path) -> None:
    """Only among counts is a figure of 50 times its neighbour a mistake."""
    (tmp_path / "crime.csv").write_text('Area,Kind,Apr-24,May-24\nN,A,£20,"£20,000"\n', encoding="utf-8")
    assert read(tmp_path, WIDE, figure={"type": "money"}).monthly("all") == {APR: 20, MAY: 20000}
    (tmp_path / "crime.csv").write_text("Area,Kind,Apr-24,May-24\nN,A,20,20000\n", encoding="utf-8")
    [fault] = refused(tmp_path, WIDE)
    assert "20,000 in May-24 is 1,000 times the 20 of the period before (V3)" in fault


# --- totals and footers -----------------------------------------------------------------------------------------------

TABLE = "Area,Kind,Apr-24,May-24\nN,A,5,6\nS,A,7,8\nN,B,1,2\nS,B,3,4\n"
TOTALS = {"area": ["Total"], "kind": ["All kinds"]}


@pytest.mark.parametrize(
    ("below", "checked"),
    [
        ("Total,A,12,14\n", 2), ("Total,,16,20\n", 2), ("TOTAL,All kinds,16,20\n", 2), ("Total,-,16,20\n", 2),
        ("Total,A,12,14\nN,All kinds,6,8\nTotal,All kinds,16,20\n", 6), ("Total,A,..,14\n", 1),
    ],
)  # fmt: skip
def test_trap_declared_totals_must_agree(tmp_path: Path, below: str, checked: int) -> None:
    (tmp_path / "crime.csv").write_text(TABLE + below, encoding="utf-8")
    found = read(tmp_path, WIDE, totals=TOTALS)
    assert found.monthly("all") == {APR: 16, MAY: 20}
    assert found.extracts[0].note == f"{checked} total{'s' if checked > 1 else ''} checked"


@pytest.mark.parametrize(
    ("below", "message"),
    [
        ("Total,A,13,14\n", "the total says 13, but the rows add up to 12 (T1)."
                            " Rows or figures are missing or wrong: ask for the extract again."),
        ("Total,C,13,0\n", "the total says 13, but no row belongs to it: Area 'Total', Kind 'C' (T1)."
                           " Name its other texts in `totals` in sources.yaml too, or ask for the extract again."),
        ("Total,A,\"1,200\",14\n", "'1,200' is text with a thousands separator (V1). Write digits only: 1200."),
    ],
)  # fmt: skip
def test_a_total_that_does_not_agree(tmp_path: Path, below: str, message: str) -> None:
    (tmp_path / "crime.csv").write_text(TABLE + below, encoding="utf-8")
    assert refused(tmp_path, WIDE, totals=TOTALS) == [f"crime.csv, row 6, column Apr-24: {message}"]


def test_a_total_over_an_unknown_figure_is_not_checked_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text(TABLE.replace("5,6", "..,6") + "Total,A,12,14\n", encoding="utf-8")
    found = read(tmp_path, WIDE, totals=TOTALS, figure={"missing": [".."]})
    assert found.monthly("all") == {MAY: 20}
    assert noticed(found.faults)[0] == (
        "crime.csv, row 6, column Apr-24: the total 12 cannot be checked: figures that it adds up are unknown (T1)."
    )


def test_a_file_without_its_totals_may_be_cut_off(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text(TABLE, encoding="utf-8")
    assert noticed(read(tmp_path, WIDE, totals=TOTALS).faults) == [
        "crime.csv: there is no total row ('Total', 'All kinds'), so nothing says whether the file is whole (T1)."
        " Is its end cut off? Else take `totals` out in sources.yaml."
    ]


def test_lines_below_the_rows_are_cut_off_and_kept_as_a_note(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text(TABLE + "Source: MPS\nRun by N\n", encoding="utf-8")
    found = read(tmp_path, WIDE, footer=["Source"])
    assert found.monthly("all") == {APR: 16, MAY: 20}
    assert found.extracts[0].note == "Source: MPS; Run by N"


def test_rows_below_a_line_that_ends_them_are_not_lost(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text(TABLE.replace("N,B", "Source: MPS\nN,B"), encoding="utf-8")
    assert refused(tmp_path, WIDE, footer=["Source"]) == [
        "crime.csv, row 5: 2 whole rows below row 4, which begins with 'Source' as the last lines do (F2)."
        " Leave that line out, or correct `footer` in sources.yaml."
    ]
