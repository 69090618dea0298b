"""Extracts as files: which file is which source's, its encoding, its headings, its lines."""

import datetime as dt
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from cpa_xl.errors import Refusal
from cpa_xl.extracts import ExtractsRefused, month_in_name
from cpa_xl.facts import read_facts
from cpa_xl.faults import Fault, Findings, Level
from cpa_xl.periods import Month
from tests.extract_files import (
    CRIME,
    EVENTS,
    EVENTS_HEAD,
    KINDS,
    SURVEY,
    catalogue,
    crime_rows,
    event_rows,
    faults,
    noticed,
    read,
    survey_rows,
    write,
)

THEFT = {"theft": {"title": "Theft", "source": "it", "sum": "count", "where": "kind = 'Theft'"}}
EVERY = {"every": {"title": "Every event", "source": "it", "count": "rows"}}
ENDED = "END OF EXTRACT"


# What a fault says


def test_a_fault_says_what_where_and_what_would_do() -> None:
    fault = Fault(
        "V1", Level.STOP, "recorded_crime_2009-01.csv", "'1,2O4' is not a number", 214, "200811", "1,2O4",
        "Write digits only.",
    )  # fmt: skip
    assert str(fault) == (
        "recorded_crime_2009-01.csv, row 214, column 200811: '1,2O4' is not a number (V1). Write digits only."
    )


def test_a_fault_of_a_whole_file_has_no_row() -> None:
    assert str(Fault("P2", Level.NOTE, "a.csv", "ends in Sep-08")) == "a.csv: ends in Sep-08 (P2)."


def test_a_refusal_lists_twenty_faults_and_counts_the_others() -> None:
    faults = [Fault("K2", Level.STOP, "a.csv", f"fault {n}") for n in range(1, 24)]
    lines = str(ExtractsRefused(faults)).splitlines()
    assert lines[0] == "The extracts cannot be used (23 faults); nothing was changed."
    assert lines[1] == "  a.csv: fault 1 (K2)."
    assert lines[20:] == ["  a.csv: fault 20 (K2).", "  and 3 more faults"]


def test_more_than_twenty_rows_with_one_fault_are_counted() -> None:
    findings = Findings("a.csv")
    for row in range(1, 22):
        findings.add("V1", "is wrong", row=row)
    findings.add_unlisted("V1", 1000)
    assert noticed(findings.listed()) == [
        *(f"a.csv, row {row}: is wrong (V1)." for row in range(1, 6)),
        "a.csv: 1,016 more rows have faults of this kind (V1).",
    ]


# Which file is which source's


def test_columns_are_found_in_any_order_by_heading_or_alias(tmp_path: Path) -> None:
    rows = [[row[1], *reversed(row[2:]), "ignored", row[0]] for row in crime_rows()]
    rows[0][-1] = " dist-RICT: ".replace("-", "")
    write(tmp_path / "crime.csv", rows)
    assert read(tmp_path, CRIME, series=THEFT).areas("theft")["South"] == {
        Month(2008, 11): 137, Month(2008, 12): 139, Month(2009, 1): 141,
    }  # fmt: skip


def test_headings_may_stand_below_twenty_lines_of_title(tmp_path: Path) -> None:
    title = ["# SYNTHETIC sample data", "", '"A title, with', 'two lines"', *["#"] * 16]
    write(tmp_path / "crime.csv", [*title, *crime_rows()])
    assert read(tmp_path, CRIME, series=THEFT).extracts[0].rows == 12


def test_headings_below_more_lines_are_not_found(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", [*["# title"] * 21, *crime_rows()])
    assert faults(tmp_path, CRIME) == [
        "crime.csv: no heading row in the first 21 rows; the first row holds '# title' (F5)."
        " It must hold 'Area', 'Kind'; or other headings that sources.yaml names."
    ]


def test_the_name_of_a_file_fits_in_any_case(tmp_path: Path) -> None:
    write(tmp_path / "Crime extract.CSV", crime_rows())
    assert read(tmp_path, CRIME).extracts[0].file == "Crime extract.CSV"


def test_a_downloaded_copy_with_brackets_in_its_name_is_read(tmp_path: Path) -> None:
    write(tmp_path / "crime[1].csv", crime_rows())
    assert read(tmp_path, CRIME).extracts[0].rows == 12


def test_lock_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows())
    (tmp_path / "~$crime.csv").write_text("lock")
    (tmp_path / "crime older.csv").mkdir()
    assert len(read(tmp_path, CRIME).extracts) == 1


def test_two_files_for_one_source_are_refused(tmp_path: Path) -> None:
    for name in ("crime a.csv", "crime b.csv"):
        write(tmp_path / name, crime_rows())
    assert faults(tmp_path, CRIME) == [
        "crime a.csv: 2 files fit 'crime*.csv' (Crime): crime a.csv and crime b.csv (F3)."
        " Leave the one to be read in the folder."
    ]


def test_a_file_that_two_sources_take_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows())
    with pytest.raises(ExtractsRefused) as caught:
        read_facts(catalogue({"one": CRIME, "two": CRIME}), tmp_path)
    assert noticed(caught.value.faults) == [
        "crime.csv: two sources take this file: its name and its headings fit 'crime*.csv' (one) and 'crime*.csv' (two)"
        " (F3). Narrow `files` in sources.yaml."
    ]


def test_the_headings_decide_between_sources_whose_names_fit(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows())
    write(tmp_path / "crime events.csv", [EVENTS_HEAD, *event_rows()])
    both = catalogue({"counts": CRIME, "events": {**EVENTS, "files": "crime*.csv"}})
    assert [(extract.source, extract.file) for extract in read_facts(both, tmp_path).extracts] == [
        ("counts", "crime.csv"), ("events", "crime events.csv"),
    ]  # fmt: skip


def test_a_source_without_a_file_is_named(tmp_path: Path) -> None:
    write(tmp_path / "other.csv", ["a,b", "1,2"])
    [fault] = faults(tmp_path, CRIME)
    assert (
        fault
        == f"{tmp_path.name}: no file fits 'crime*.csv' (Crime) (F3). Put it in the folder, which holds other.csv."
    )


def test_a_file_under_another_name_is_pointed_out(tmp_path: Path) -> None:
    write(tmp_path / "January.csv", crime_rows())
    [fault] = faults(tmp_path, CRIME)
    assert fault.endswith("January.csv has its headings: rename it, or change `files` of it in sources.yaml.")


def test_only_the_sources_asked_for_are_read(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows())
    facts = read_facts(catalogue({"counts": CRIME, "events": EVENTS}), tmp_path, sources={"counts"})
    assert [extract.source for extract in facts.extracts] == ["counts"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="there is no such folder; name the folder that holds the extracts"):
        read(tmp_path / "nowhere", CRIME)


# Encoding and lines


def test_a_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    path = write(tmp_path / "crime.csv", crime_rows())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(tmp_path, CRIME).extracts[0].rows == 12


def test_windows_1252_is_recognised_and_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "crime.csv", crime_rows())
    path.write_bytes(path.read_bytes().replace(b"South,Arson", "South,Caf\u00e9".encode("cp1252")))
    place = path.read_bytes().index(b"\xe9") + 1
    assert faults(tmp_path, CRIME) == [
        f"crime.csv, row 7: byte {place} (0xE9) is not UTF-8; in Windows-1252, which the file seems to be, it is"
        " '\u00e9' (F4). Save it again as CSV UTF-8."
    ]


def test_utf_16_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "crime.csv", crime_rows())
    path.write_bytes(path.read_text().encode("utf-16"))
    assert faults(tmp_path, CRIME) == [
        'crime.csv: the file is UTF-16 ("Unicode text" in Excel), not UTF-8 (F4). Save it again as CSV UTF-8.'
    ]


def test_nul_bytes_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "crime.csv", crime_rows())
    path.write_bytes(path.read_bytes() + b"\0\0")
    [fault] = faults(tmp_path, CRIME)
    assert fault == (
        f"crime.csv: byte {path.stat().st_size - 1} is NUL: the file is damaged, or no text (F4)."
        " Save it again as CSV UTF-8."
    )


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"PK\x03\x04", "this is an Excel workbook (.xlsx), not a CSV file (F4). Save it as CSV UTF-8."),
        (b"\xd0\xcf\x11\xe0", "this is an old or encrypted Excel workbook, not a CSV file (F4). Save it as CSV UTF-8."),
    ],
)
def test_a_workbook_under_a_csv_name_is_refused(tmp_path: Path, start: bytes, what: str) -> None:
    (tmp_path / "crime.csv").write_bytes(start + b"anything")
    assert faults(tmp_path, CRIME) == [f"crime.csv: {what}"]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_bytes(b"")
    assert faults(tmp_path, CRIME) == ["crime.csv: the file is empty (F2). Ask for the extract again."]
    (tmp_path / "survey.xlsx").write_bytes(b"")
    assert faults(tmp_path, SHEET) == ["survey.xlsx: the file is empty (F2). Ask for the extract again."]


def test_a_file_of_blank_lines_is_refused(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_bytes(b"  \n \n")
    [fault] = faults(tmp_path, CRIME)
    assert fault.startswith("crime.csv: no heading row in the first 21 rows (F5). It must hold ")


def test_headings_without_rows_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows()[:1])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1: there is no row below the headings (F2). Ask for the extract again."
    ]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_are_read_where_the_headings_fit_wholly(tmp_path: Path, delimiter: str) -> None:
    write(tmp_path / "crime.csv", [delimiter.join(row) for row in crime_rows()])
    assert read(tmp_path, CRIME).extracts[0].rows == 12


def test_other_delimiters_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", ["|".join(row) for row in crime_rows()])
    [fault] = faults(tmp_path, CRIME)
    assert fault.startswith("crime.csv: no heading row in the first 21 rows; the first row holds 'Area|Kind|200811|")


def test_line_numbers_are_those_of_an_editor(tmp_path: Path) -> None:
    """Below a title of several lines, blank lines, and a cell that goes on over three lines."""
    events = event_rows()
    events[3] = events[3].replace("E0004", '"E\n00\n04"')
    lines = [
        "# title",
        "",
        EVENTS_HEAD,
        *events[:2],
        "",
        "",
        *events[2:8],
        "E9999,31/12/2008,South,Theft,2O,N",
        *events[8:],
    ]
    write(tmp_path / "events.csv", lines)
    text = (tmp_path / "events.csv").read_text().splitlines()
    row = text.index("E9999,31/12/2008,South,Theft,2O,N") + 1
    assert row == 16
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 16, column Age: '2O' is not a number: it holds the letter O (V1)."
        " Write digits only: 20, if that is what is meant."
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_end_in_either_way(tmp_path: Path, end: str) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(), "", ",,,,,"], end)
    assert read(tmp_path, EVENTS, series=EVERY).monthly("every") == {Month(2008, 12): 8, Month(2009, 1): 8}


def test_lines_that_end_in_both_ways_are_read_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows()], "\r\n")
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n", 5))
    assert read(tmp_path, EVENTS, series=EVERY).monthly("every") == {Month(2008, 12): 8, Month(2009, 1): 8}


def test_old_macintosh_line_ends_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows()], "\r")
    assert faults(tmp_path, EVENTS) == [
        "events.csv: lines end with a carriage return alone, as on old Macintosh computers (F4)."
        " Save it again as CSV UTF-8."
    ]


@pytest.mark.parametrize("cell", ['"E0002', '"E0002" x'])
def test_quotation_marks_that_do_not_close_are_refused(tmp_path: Path, cell: str) -> None:
    events = event_rows()
    write(tmp_path / "events.csv", [EVENTS_HEAD, events[0], events[1].replace("E0002", cell), *events[2:]])
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 3: a quotation mark opens that does not close, or closes in the middle of a cell (F4)."
        " Correct it, or save the file again as CSV UTF-8."
    ]


def test_quoted_cells_keep_their_commas(tmp_path: Path) -> None:
    write(
        tmp_path / "events.csv",
        [EVENTS_HEAD, *(",".join(f'"{cell}"' for cell in line.split(",")) for line in event_rows())],
    )
    assert read(tmp_path, EVENTS).extracts[0].rows == 16


# F1 and F2: what is not all there


@pytest.mark.parametrize(("rows", "kind"), [(65_536, ".xls"), (1_048_576, ".xlsx")])
def test_a_file_that_ends_where_a_sheet_ends_is_refused(tmp_path: Path, rows: int, kind: str) -> None:
    source = {**EVENTS, "keys": []}
    line = event_rows()[0]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *[line] * (rows - 1)])
    assert (
        f"events.csv: the file ends at row {rows:,}, where a sheet of an {kind} file ends: rows are probably lost (F1)."
        " Ask for the extract again as CSV." in faults(tmp_path, source)
    )


def test_as_many_columns_as_an_old_sheet_holds_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows(254, "1990-01"))
    assert faults(tmp_path, CRIME) == [
        "crime.csv: the file has 256 columns, all that an .xls sheet can hold: columns are probably lost (F1)."
        " Ask for the extract again as CSV."
    ]


ENDING = {**EVENTS, "trailer": ENDED}


@pytest.mark.parametrize("last", [f"{ENDED},16", f"{ENDED} 16 rows", "end of extract,16,,,,", f'"{ENDED}: 16"'])
def test_the_control_line_says_how_many_rows_there_are(tmp_path: Path, last: str) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(), last])
    assert read(tmp_path, ENDING).extracts[0].rows == 16


def test_a_control_line_with_another_number_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(), f"{ENDED},17"])
    assert faults(tmp_path, ENDING) == [
        "events.csv, row 18: the last line says 17 rows, but 16 are there (F2). Ask for the extract again."
    ]


def test_a_control_line_without_a_number_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(), ENDED])
    assert faults(tmp_path, ENDING) == [
        "events.csv, row 18: the last line does not give one number of rows: 'END OF EXTRACT' (F2)."
        " Ask for the extract again."
    ]


def test_a_file_without_its_control_line_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", ["# title", EVENTS_HEAD, *event_rows()])
    assert faults(tmp_path, ENDING) == [
        "events.csv: there is no last line 'END OF EXTRACT' with the number of rows: the file is cut off after row 18"
        " (F2). Ask for the extract again."
    ]


def test_rows_below_the_control_line_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(), f"{ENDED},16", "E1,01/01/2009,South,Theft,,N"])
    assert faults(tmp_path, ENDING) == [
        "events.csv, row 18: 'END OF EXTRACT' is not the last line: there are rows below it (F2)."
        " Ask for the extract again."
    ]


def test_a_last_line_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows()])
    path.write_bytes(path.read_bytes().rstrip()[:-9])
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 17: the last row breaks off after 4 of 6 fields (F2)."
        " Ask for the extract again: it is cut off."
    ]


def test_an_area_without_some_of_its_rows_is_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    write(tmp_path / "crime.csv", rows[:-2])
    assert faults(tmp_path, CRIME) == [
        "crime.csv: Westminster lacks 2 rows that others have: Arson; Robbery (F2)."
        " Ask for the extract again: a part of it is missing."
    ]


def test_a_period_without_one_of_its_groups_is_refused(tmp_path: Path) -> None:
    rows = survey_rows()
    del rows[3]
    write(tmp_path / "survey.csv", ["Quarter ending,Group,Asked,Pleased", *rows])
    assert faults(tmp_path, SURVEY) == [
        "survey.csv: Jun-08 lacks 1 row that others have: B (F2). Ask for the extract again: a part of it is missing."
    ]


# F3: the wrong file


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("crime_2009-01.csv", Month(2009, 1)),
        ("crime 200901.csv", Month(2009, 1)),
        ("crime_2006-02_2009-01.csv", Month(2009, 1)),
        ("Crime January 2009.csv", Month(2009, 1)),
        ("crime Jan09.csv", None),
        ("crime_20090212.csv", None),  # the day it was made
        ("crime_2009-02-12.csv", None),
        ("crime_2008-2016.csv", None),
        ("crime_200913.csv", None),
    ],
)
def test_the_month_in_a_file_name(name: str, month: Month | None) -> None:
    assert month_in_name(name) == month


def test_a_file_whose_name_says_another_month_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime_2009-02.csv", crime_rows())
    assert faults(tmp_path, CRIME) == [
        "crime_2009-02.csv: the file's name says 2009-02, but its last month is 2009-01 (F3)."
        " Give the right file, or rename it."
    ]


def test_a_source_with_a_lag_may_be_named_after_the_month_it_was_made_for(tmp_path: Path) -> None:
    rows = ["Quarter ending,Group,Asked,Pleased", *survey_rows()]
    write(tmp_path / "survey_2009-01.csv", rows)
    assert read(tmp_path, SURVEY).extracts[0].last == Month(2008, 12)
    (tmp_path / "survey_2009-01.csv").rename(tmp_path / "survey_2009-04.csv")
    assert faults(tmp_path, SURVEY) == [
        "survey_2009-04.csv: the file's name says 2009-04, but its last month is 2008-12 (F3)."
        " Give the right file, or rename it."
    ]


def test_a_file_older_than_what_the_workbook_holds_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows())
    assert read(tmp_path, CRIME, known={"it": Month(2009, 1)}).extracts
    assert faults(tmp_path, CRIME, known={"it": Month(2009, 2)}) == [
        "crime.csv: the file ends in Jan-09, but the workbook already holds Feb-09 (F3). Give the latest extract."
    ]


# F5: headings


def test_a_renamed_heading_is_refused_with_what_there_is(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD.replace("Reference", "Referense"), *event_rows()])
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 1: no column is headed 'Reference'; there is 'Referense', 'Day', 'Area', 'Kind',"
        " 'Age', 'Armed'"
        " (F5). Is it 'Referense'? Head the column 'Reference', or add its heading to the aliases of ref in"
        " sources.yaml."
    ]


def test_headings_on_two_rows_are_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    upper = ["Area", "Kind", "", "", ""]
    lower = ["", "", *rows[0][2:]]
    source = {**CRIME, "columns": {**CRIME["columns"], "note": {"header": "Note", "type": "text", "optional": True}}}
    write(tmp_path / "crime.csv", [[*upper, ""], [*lower, "Note"], *([*row, ""] for row in rows[1:])])
    assert faults(tmp_path, source) == [
        "crime.csv, row 1: the headings stand on two rows (1 and 2) (F5)."
        " Put every heading on one row, without merged cells."
    ]


def test_a_heading_that_stands_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", [[*row, row[1]] for row in crime_rows()])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1, column Kind: 2 columns are headed 'Kind' (columns 2 and 6) (F5). Leave one of them."
    ]


def test_headings_that_stand_again_below_are_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    write(tmp_path / "crime.csv", [*rows[:7], rows[0], *rows[7:]])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 8: the headings stand here again (first in row 1) (F5)."
        " Leave one extract in the file, with one heading row."
    ]


def test_months_that_are_not_headed_as_they_should_be_are_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    rows[0][2:4] = ["Nov-08", "200813"]
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1, column Nov-08: 'Nov-08' is not written as the other months are (V2)."
        " Head each month's column yyyymm: 200901.",
        "crime.csv, row 1, column 200813: '200813' is no month (V2). Head each month's column yyyymm: 200901.",
    ]


def test_a_wide_file_without_months_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", [[*row[:2], "1"] for row in crime_rows()])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1: no column is headed with a month; beside its other columns there is '1' (F5)."
        " Head each month's column yyyymm: 200901."
    ]


def test_a_month_with_two_columns_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", [[*row, row[4]] for row in crime_rows()])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1: two columns are headed 200901 (columns 5 and 6) (K1). Leave one of them."
    ]


# F6: cells that stand under the wrong heading


def test_a_row_with_a_field_too_few_or_too_many_is_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    del rows[3][1]
    rows[5].insert(1, "extra")
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 4: the row has 4 fields where the headings are 5: a cell is missing, and the cells after it"
        " stand left of their headings (F6). Put the missing cell back, empty or not.",
        "crime.csv, row 6: the row has 6 fields where the headings are 5: a cell is too many, and the cells after it"
        " stand right of their headings (F6). Put cells that hold a comma in quotation marks.",
    ]


def test_a_shift_is_one_fault_and_not_one_for_each_cell(tmp_path: Path) -> None:
    """As many fields as there are headings: only what the cells hold shows that they were moved."""
    rows = crime_rows()
    for row in rows[4:9]:
        del row[0]
        row.append("")
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 5: the cells stand 1 column left of their headings ('Theft' stands under Area);"
        " so it is in 5 rows: 5, 6, 7 and 2 more (F6)."
        " Put the cells back under their headings, or ask for the extract again."
    ]


def test_a_shift_to_the_right_is_seen(tmp_path: Path) -> None:
    events = event_rows(each=3)
    rows = [line.split(",") for line in events]
    rows[4] = ["", *rows[4]][:6]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 6: the cells stand 1 column right of their headings (nothing stands under Reference) (F6)."
        " Put the cells back under their headings, or ask for the extract again."
    ]


def test_a_whole_file_moved_left_of_its_headings_is_refused(tmp_path: Path) -> None:
    """As in the published table of rates of 1999 to 2017: cells deleted from the heading row's left part."""
    rows = crime_rows()
    head = [*rows[0][:2], "", "", *rows[0][2:]]
    write(tmp_path / "crime.csv", [head, *([*row, "", ""] for row in rows[1:])])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1: the cells stand 2 columns left of their headings: the last 2 columns are empty below their"
        " headings, and columns 3 to 4 hold figures under no heading (F6)."
        " Ask for the extract again: cells were deleted in it."
    ]


# Workbooks


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
        "survey.xlsx, row 9, column Asked: the cell is empty (V1). Write the number: a blank is missing, never zero.",
        "survey.xlsx, row 8, column Pleased: '1,204' is text with a thousands separator (V1). Write digits only: 1204.",
    ]


def test_a_sheet_that_is_not_there_is_refused_with_what_there_is(tmp_path: Path) -> None:
    book(tmp_path / "survey.xlsx", "Result")
    assert faults(tmp_path, SHEET) == [
        "survey.xlsx: there is no sheet 'Results'; there is 'Cover', 'Result' (F5)."
        " Give the sheet that name, or change `sheet` in sources.yaml."
    ]


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "survey.xlsx").write_text("Quarter ending,Group")
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
