"""Extracts as files: what a fault says, which file is which source's, and what is not all there."""

from pathlib import Path

import pytest

from cpa_xl.errors import Level, Refusal
from cpa_xl.extracts.facts import read_facts
from cpa_xl.extracts.faults import ExtractsRefused, Fault, Findings
from cpa_xl.extracts.files.find import month_in_name
from cpa_xl.measures.periods import Month
from tests.support.extract_files import (
    CRIME,
    EVENTS,
    EVENTS_HEAD,
    SURVEY,
    THEFT,
    catalogue,
    crime_rows,
    event_rows,
    faults,
    noticed,
    read,
    survey_rows,
    write,
)

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


def test_a_file_of_another_format_is_not_to_be_renamed(tmp_path: Path) -> None:
    write(tmp_path / "crime.tsv", ["\t".join(row) for row in crime_rows()])
    [fault] = faults(tmp_path, CRIME)
    assert fault.endswith("crime.tsv has its headings: add its name to `files` of it in sources.yaml.")


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "crime.csv", crime_rows())
    with pytest.raises(Refusal, match=f"crime.csv is a file; name the folder that holds it, {tmp_path}"):
        read(path, CRIME)


def test_only_the_sources_asked_for_are_read(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows())
    facts = read_facts(catalogue({"counts": CRIME, "events": EVENTS}), tmp_path, sources={"counts"})
    assert [extract.source for extract in facts.extracts] == ["counts"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="there is no such folder; name the folder that holds the extracts"):
        read(tmp_path / "nowhere", CRIME)


# F1 and F2: what is not all there


@pytest.mark.parametrize(("rows", "kind"), [(65_536, ".xls"), pytest.param(1_048_576, ".xlsx", marks=pytest.mark.slow)])
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
